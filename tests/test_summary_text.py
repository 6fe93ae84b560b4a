"""A summary as Discord messages and in the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from bot.render import MESSAGE_LIMIT
from bot.summary_text import render_summary
from evals.summaries import as_many_words, lexrank, rouge_l
from retrieval.answers.answer import Quote, Sentence
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.articles import ArticleRecord, Passage
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.summaries.summary import Summary
from tests.running import ROOT, footnote

HOSTILE = "@everyone **see** [x](https://evil.example) <@123456789012345678> discord.gg/abc"


def point(text: str, start: int = 0) -> Sentence:
    passage = Passage(1, "k", 1, 0, 0, 10_000, text, HOSTILE, "https://news.example/a", "News", "2024-05-02", None)
    return Sentence(text, (Quote(passage, text, start, start + len(text), 1.0),), "\n")


def summary(*points: Sentence, model: str = "m", title: str = "Title", **about: object) -> Summary:
    article = ArticleRecord(1, "i", title, None, "News", None, "2024-05-02T10:00:00", None, "2024-05-03", 1)
    return Summary(None, "medium", (article,), points, model=model, **about)  # type: ignore[arg-type]


def test_a_summary_has_title_source_date_points_and_footnotes() -> None:
    (message,) = render_summary(summary(point("It opened."), point("It closed.", 99), unanswered=("what it costs",)))
    lines = message.split("\n")
    assert lines[:4] == ["**Title**", "-# 2024-05-02 · News", "- It opened. [1]", "- It closed. [2]"]
    assert lines[4] == "*The article does not say:* what it costs."
    assert lines[-1].startswith("-# [2] [")
    assert "#:~:text=It%20closed.>)" in lines[-1]


def test_the_article_s_own_sentences_are_marked_as_quotes() -> None:
    (message,) = render_summary(summary(point("It opened."), model=QUOTES))
    assert "- “It opened.” [1]" in message


def test_text_from_outside_has_no_meaning_and_no_message_is_too_long() -> None:
    messages = render_summary(summary(*(point(HOSTILE * 6, n) for n in range(7)), title=HOSTILE, notices=(HOSTILE,)))
    assert len(messages) > 1
    assert all(len(message) <= MESSAGE_LIMIT for message in messages)
    for message in messages:
        shown = re.sub(r"\(<https://news\.example/a#[^>]*>\)", "", message)
        assert not re.search(r"@everyone|<@\d|https:/\w|discord\.gg|(?<!\\)\*\*see", shown)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("samples") / "data"
    done = footnote(data, "ingest", str(ROOT / "articles"))
    assert done.returncode == 0, done.stderr
    return data


def test_the_terminal_summarises_an_article_by_title_and_by_path(samples: Path) -> None:
    done = footnote(samples, "summarize", "azure stays", "--length", "short")
    assert done.returncode == 0, done.stderr
    assert "2025-02-18 · Footnote samples" in done.stdout
    assert len(re.findall(r"^• “.+” \[\d\]$", done.stdout, re.MULTILINE)) == 3
    file = ROOT / "articles" / "azure-stays.md"
    value = json.loads(footnote(samples, "summarize", str(file), "--length", "short", "--json").stdout)
    assert value["cached"]
    body = file.read_text().split("---\n", 2)[2].strip()
    for citation in value["citations"]:
        assert body[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.slow
def test_the_terminal_summarises_a_topic_and_refuses_what_it_cannot_do_in_a_sentence(samples: Path) -> None:
    done = footnote(samples, "summarize", "--topic", "control of the data centers")
    assert "The articles disagree:" in done.stdout
    refused = footnote(samples, "summarize", "Mongolia")
    assert refused.returncode == 1
    assert refused.stderr.strip() == "footnote: No article of the library is called “Mongolia”."


def test_the_measure_counts_what_is_held_in_order_and_the_baselines_rank(embeddings: MiniLMEmbeddings) -> None:
    assert rouge_l("a b c d".split(), ["a x c".split(), "d".split()]) == 0.75
    assert rouge_l("a b".split(), ["b a".split()]) == 0.5
    assert rouge_l(["a"], []) == 0.0
    assert as_many_words(["one two three", "four five"], 4) == ["one two three", "four"]
    texts = ["The cat sat on the mat.", "A cat is on a mat.", "Cats sit on mats.", "Shares fell in Tokyo."]
    assert lexrank(np.asarray(embeddings.embed_documents(texts), dtype=np.float32))[-1] == 3
