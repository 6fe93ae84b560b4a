"""JSON Feed 1.0 and 1.1 (jsonfeed.org); runs in the killable process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import decode
from retrieval.sources.entry import Entry, Parsed, bounded, entry, heading, iso_moment, prose, web_link

VERSION = "jsonfeed.org/version/"


def read(content: bytes, url: str) -> Parsed | None:
    """The feed, or None for JSON of another kind. Raises ArticleUnreadable for what is not JSON."""
    try:
        feed = json.loads(decode(content, "feed"))
    except (ValueError, RecursionError) as error:
        raise ArticleUnreadable("the feed begins like JSON and is none (it may be cut off).") from error
    if not isinstance(feed, dict) or VERSION not in _text(feed.get("version")):
        return None
    return Parsed(
        title=heading(_text(feed.get("title"))),
        items=bounded(_entries(feed, url)),
        kind="json",
        refresh_after=None,
        sitemaps=[],
    )


def _entries(feed: dict[str, Any], url: str) -> Iterator[Entry]:
    author = _author(feed)
    items = [item for item in _list(feed.get("items")) if isinstance(item, dict)]
    for item in sorted(items, key=lambda item: _moment(item) or "", reverse=True):
        yield entry(
            identity=_text(item.get("id")),
            url=web_link(item.get("url"), url) or web_link(item.get("external_url"), url),
            title=heading(_text(item.get("title"))),
            published_at=_moment(item),
            author=_author(item) or author,
            summary=prose(_text(item.get("summary"))),
            content=prose(_text(item.get("content_html")), "text/html") or prose(_text(item.get("content_text"))),
        )


def _moment(item: dict[str, Any]) -> str | None:
    return iso_moment(item.get("date_published")) or iso_moment(item.get("date_modified"))


def _author(of: dict[str, Any]) -> str | None:
    """Version 1.1 has a list of authors, version 1.0 one; a feed's are its items' unless those have their own."""
    people = [*_list(of.get("authors")), of.get("author")]
    return (
        ", ".join(name for who in people if isinstance(who, dict) and (name := heading(_text(who.get("name"))))) or None
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """The text; ids are numbers in many feeds, against the specification's advice."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
