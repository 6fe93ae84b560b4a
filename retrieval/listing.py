"""Which of a library's articles are listed, and in which order; the same for Discord and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from retrieval.articles import ArticleRecord

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


def _searched(record: ArticleRecord) -> str:
    return "\n".join(part for part in (record.title, record.source, record.author) if part).casefold()
