"""Which of a library's articles are listed, and in which order; the same for Discord and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from retrieval.articles import ArticleRecord
from retrieval.errors import FootnoteError

Sort = Literal["newest", "oldest", "title", "added", "source"]


def listed(records: Sequence[ArticleRecord], sort: Sort = "newest", search: str = "") -> list[ArticleRecord]:
    """The articles whose title, source or author contains the search; undated ones last in either order of time."""
    wanted = search.casefold()
    found = [record for record in records if wanted in _searched(record)]
    match sort:
        case "title":
            return sorted(found, key=lambda record: record.title.casefold())
        case "source":
            return sorted(found, key=lambda record: ((record.source or "~").casefold(), record.title.casefold()))
        case "added":
            return sorted(found, key=lambda record: (record.added_at, record.id), reverse=True)
        case "oldest":
            return sorted(found, key=lambda record: (record.published_at is None, record.published_at or ""))
        case "newest":
            dated = [record for record in found if record.published_at]
            dated.sort(key=lambda record: record.published_at or "", reverse=True)
            return dated + [record for record in found if not record.published_at]


def chosen(records: Sequence[ArticleRecord], what: str) -> ArticleRecord:
    """The article of that id, address or title; else the only one whose title contains it.

    Raises FootnoteError when there is none, or more than one.
    """
    text = what.strip().casefold()
    for exact in (
        [record for record in records if what.strip() == str(record.id)],
        [record for record in records if text in (record.title.casefold(), (record.url or "").casefold())],
    ):
        if exact:
            return exact[0]
    parts = [record for record in records if text and text in record.title.casefold()]
    if len(parts) == 1:
        return parts[0]
    if parts:
        raise FootnoteError(f"{len(parts)} articles have “{what.strip()}” in their titles; give more of the title.")
    raise FootnoteError("There is no such article in this library; `articles list` shows them all.")


def _searched(record: ArticleRecord) -> str:
    return "\n".join(part for part in (record.title, record.source, record.author) if part).casefold()
