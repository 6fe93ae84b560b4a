"""How an article, and what became of it, looks in Discord, whatever its author wrote where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.beginning import beginning
from bot.cards import card, details, outcome_line
from bot.render import MESSAGE_LIMIT
from retrieval.articles import ArticleRecord, Unreadable
from retrieval.index.writer import Added

FULL = "the library is full (10 of 10 articles); remove some first."


def record(title: str = "The ferry", **facts: str | None) -> ArticleRecord:
    plain = ArticleRecord(
        id=1, identity="x", title=title, url=None, source=None, author=None, published_at=None, language=None,
        added_at="2026-01-01T00:00:00+00:00", passages=1, added_by="42",
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, words",
    [
        (
            "# The ferry\n\nThe ferry leaves at *six*.\n- From the *old* quay.",
            "The ferry leaves at *six*. From the *old* quay.",
        ),
        ("## What it costs\n\nNothing.", "What it costs Nothing."),
        ("# The ferry", "The ferry"),
    ],
)
def test_an_article_begins_with_its_own_words(text: str, words: str) -> None:
    assert beginning("The ferry", text) == words


def test_a_card_fits_a_message_whatever_stands_in_it() -> None:
    long = "[very long] " * 150
    loud = record(long, url=f"https://news.example/{'a' * 250}", source=long, author=long, added_by="feed:1")
    assert len(card(loud, long)) < MESSAGE_LIMIT
    assert len(details(loud, long, {"feed:1": long}, [loud] * 7)) < MESSAGE_LIMIT
    quiet = details(record(), "It leaves.", {}, [record("The bus")] * 7)
    assert quiet.endswith(
        "nearly the same text: **The bus**, **The bus**, **The bus**, **The bus**, **The bus** and 2 more"
    )


def test_what_was_not_added_is_named_once() -> None:
    assert outcome_line(Added("The ferry", "refused", reason=FULL)) == f"✗ The ferry: {FULL}"
    assert outcome_line(Unreadable("a.txt", "a.txt: the file is empty.")) == "✗ a.txt: the file is empty."
    assert len(outcome_line(Unreadable("a.md", "no YAML " * 900))) < MESSAGE_LIMIT
