"""Which article somebody means by a title, an address or a number."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.answers.sanitize import printable
from retrieval.articles import ArticleRecord
from retrieval.errors import FootnoteError, NothingFound
from retrieval.text import terms

MOST_NAMED = 5
MOST_NEAR = 3
# Of what somebody wrote, and of a title, in a sentence about it.
LONGEST_NAME = 150


def find_article(records: Sequence[ArticleRecord], wanted: str) -> ArticleRecord:
    """The article of that number, address, identity or title; a part of a title is enough when only one article has it.

    Raises NothingFound when there is none, and FootnoteError when several fit.
    """
    wanted = wanted.strip()
    exact = [record for record in records if wanted in (str(record.id), record.url, record.identity)]
    folded = " ".join(wanted.split()).casefold()
    titled = [record for record in records if " ".join(record.title.split()).casefold() == folded]
    asked = set(terms(wanted))
    partly = [record for record in records if asked and asked <= set(terms(record.title))]
    found = exact or titled or partly
    if len(found) == 1:
        return found[0]
    if not found:
        near = ", ".join(_named(record.title) for record in _near(records, asked))
        raise NothingFound(
            f"No article of the library is called {_named(wanted)}.{f' Near to it: {near}.' if near else ''}"
        )
    some = "; ".join(f"{record.id}: {_named(record.title)}" for record in found[:MOST_NAMED])
    raise FootnoteError(f"{len(found)} articles fit {_named(wanted)}; say the number of one: {some}.")


def _near(records: Sequence[ArticleRecord], asked: set[str]) -> list[ArticleRecord]:
    """The articles whose titles share most words with what was asked for, if any does."""
    shared = [(len(asked.intersection(terms(record.title))), record) for record in records]
    best = sorted((pair for pair in shared if pair[0]), key=lambda pair: pair[0], reverse=True)
    return [record for _, record in best[:MOST_NEAR]]


def _named(text: str) -> str:
    cut = text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
    return f"“{printable(cut)}”"
