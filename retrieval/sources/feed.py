"""Feeds and sitemaps: which items an address announces, newest first.

Understood are RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287), JSON Feed 1.0 and 1.1, and sitemaps with their indexes
(sitemaps.org 0.9, also gzipped). Their bytes come from strangers, so they are parsed in the killable process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from retrieval.errors import NotAFeed
from retrieval.sources.isolated import run_isolated

# How many of a page's feeds a sentence names; a person chooses among a few.
MOST_NAMED = 5
Kind = Literal["rss", "atom", "json", "sitemap", "sitemap index"]


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One announced article. Texts are plain or Markdown; `published_at` is ISO 8601 in UTC.

    `id` tells items of a feed apart: what the feed calls it, else its URL, else a hash of what it says. `summary` is
    the teaser, `content` the whole article where the feed carries it. A sitemap knows of `published_at` only what
    news sitemaps say, else when the page was last changed.
    """

    id: str
    url: str | None
    title: str
    published_at: str | None = None
    author: str | None = None
    summary: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What an address announces. `url` is where it was read; `items` are newest first, undated ones last.

    `refresh_after` are the seconds the feed asks to be left alone (RSS ttl or the syndication module), from five
    minutes to a day. `sitemaps` are the addresses a sitemap index lists, latest changed first; it has no items.
    """

    title: str
    url: str
    items: tuple[FeedItem, ...]
    kind: Kind
    refresh_after: int | None = None
    sitemaps: tuple[str, ...] = ()


def read_feed(content: bytes, url: str, media_type: str | None = None) -> Feed:
    """The feed in these bytes, which came from this address as this media type.

    Blocking: call it from a thread. Raises NotAFeed for bytes of another kind, with the feeds a web page links to, and
    ArticleUnreadable for a feed that is damaged, too large, or takes too long.
    """
    host = urlsplit(url).hostname or url
    found = run_isolated("feed", content, host, url, media_type or "")
    if "instead" in found:
        raise NotAFeed(_not_a_feed(found["instead"], found["links"]), tuple(found["links"]))
    return Feed(
        title=found["title"] or host,
        url=url,
        items=tuple(FeedItem(**item) for item in found["items"]),
        kind=found["kind"],
        refresh_after=found["refresh_after"],
        sitemaps=tuple(found["sitemaps"]),
    )


def _not_a_feed(instead: str, links: list[str]) -> str:
    if links:
        more = f" and {len(links) - MOST_NAMED} more" if len(links) > MOST_NAMED else ""
        named = ", ".join(links[:MOST_NAMED])
        return f"This page is not a feed; it is {instead} that links to these feeds: {named}{more}"
    return f"This is not a feed; it is {instead}{' that links to none' if instead == 'an HTML page' else ''}."
