"""RSS 0.9x, 1.0 and 2.0, and Atom, by feedparser; runs in the killable process."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]

from retrieval.sources.entry import (
    HTML,
    LEAST_REFRESH,
    LONGEST_AUTHOR,
    MOST_REFRESH,
    Entry,
    Parsed,
    bounded,
    entry,
    heading,
    prose,
    utc,
    web_link,
)

PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
# `a@b.example (Ann)` is how RSS writes an author, `Ann <a@b.example>` how many write it instead.
EMAIL = re.compile(r"[<(]?(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+[>)]?")


def read(content: bytes, url: str) -> Parsed | None:
    """The feed, or None for XML of another kind. Damaged feeds are read as far as they go."""
    # Entities: feedparser removes their declarations where each has a line of its own, expat stops what is left when it
    # grows a hundredfold (2.4.1 and later), and the process has its limits. Files and addresses are never opened.
    # A stream, since feedparser takes other bytes for a file's name first. The media type servers give is often wrong
    # about the encoding, so the document's own declaration decides (the type of XML without a charset).
    parsed = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml", "content-location": url},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not parsed.version and not parsed.entries:
        return None
    feed = parsed.feed
    return Parsed(
        title=_heading(feed, "title"),
        items=bounded(_entries(parsed, url)),
        kind="atom" if parsed.version.startswith("atom") else "rss",
        refresh_after=_refresh_after(feed),
        sitemaps=[],
    )


def _entries(parsed: Any, url: str) -> Iterator[Entry]:
    # An Atom entry without an author has its feed's (RFC 4287, 4.2.1); a channel's editor wrote no item of RSS.
    author = _author(parsed.feed) if parsed.version.startswith("atom") else None
    for item in sorted(parsed.entries, key=lambda item: _moment(item) or "", reverse=True):
        yield entry(
            identity=item.get("id"),
            url=web_link(item.get("link"), url),
            title=_heading(item, "title"),
            published_at=_moment(item),
            author=_author(item) or author,
            summary=_prose(item.get("summary_detail") or {"value": item.get("summary") or "", "type": "text/html"}),
            content=max(filter(None, map(_prose, item.get("content", []))), key=len, default=None),
        )


def _heading(of: Any, name: str) -> str:
    return heading(of.get(name) or "", (of.get(f"{name}_detail") or {}).get("type"))


def _prose(detail: Any) -> str | None:
    """The text of an element; None when it holds something other than text, such as an image in base64."""
    kind = detail.get("type") or "text/html"
    return prose(detail.get("value") or "", kind) if kind in HTML or kind == "text/plain" else None


def _author(of: Any) -> str | None:
    written = (of.get("author") or "")[: 2 * LONGEST_AUTHOR]
    return heading(EMAIL.sub("", written)).strip(" ()<>,") or heading(written) or None


def _moment(item: Any) -> str | None:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if parsed := item.get(name):
            try:
                return utc(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _refresh_after(feed: Any) -> int | None:
    """Seconds between two visits: RSS says minutes, the syndication module so many times in a period."""
    try:
        if feed.get("ttl"):
            seconds = 60 * int(feed["ttl"])
        else:
            seconds = PERIODS[feed["sy_updateperiod"].strip()] // int(feed.get("sy_updatefrequency") or 1)
    except (KeyError, ValueError, ZeroDivisionError):
        return None
    return min(max(seconds, LEAST_REFRESH), MOST_REFRESH)
