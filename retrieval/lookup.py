"""Which article somebody means by a title, an address or a number."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.answers.sanitize import printable
from retrieval.articles import ArticleRecord
from retrieval.errors import FootnoteError
from retrieval.text import terms

MOST_NAMED = 5


def find_article(records: Sequence[ArticleRecord], wanted: str) -> ArticleRecord:
    """The article of that number, address, identity or title; a part of a title is enough when only one article has it.

    Raises FootnoteError when there is none, or when several fit.
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
        raise FootnoteError(f"No article of the library is called “{printable(wanted)}”.")
    some = "; ".join(f"{record.id}: “{printable(record.title)}”" for record in found[:MOST_NAMED])
    raise FootnoteError(f"{len(found)} articles fit “{printable(wanted)}”; say the number of one: {some}.")
