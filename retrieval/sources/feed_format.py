"""Which kind of feed some bytes are, and how that kind is read; runs in the killable process."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from typing import Any

from retrieval.errors import ArticleUnreadable
from retrieval.sources import json_feed, sitemap, syndication
from retrieval.sources.archive import DAMAGED
from retrieval.sources.entry import Parsed
from retrieval.sources.feed_links import feed_links

# What the sitemap protocol allows a sitemap before compression.
LARGEST_UNPACKED = 52_428_800
# The first element, behind everything that may stand before it. Atomic, so that no page makes it try twice.
FIRST_ELEMENT = re.compile(
    rb"(?>(?:[\xef\xbb\xbf\xfe\xff\s]|<\?.*?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)*)<([\w:.-]+)",
    re.IGNORECASE | re.DOTALL,
)
SITEMAPS = {"urlset": "sitemap", "sitemapindex": "sitemap index"}
HTML_DOCTYPE = re.compile(rb"[\xef\xbb\xbf\s]*(?:<!--.*?-->\s*)?<!doctype\s+html", re.IGNORECASE | re.DOTALL)
HTML_ELEMENTS = frozenset({"html", "head", "body", "meta", "title", "link", "script", "style", "div", "p", "table"})


def extract(content: bytes, url: str, media_type: str) -> Parsed | dict[str, Any]:
    """The parsed feed; of anything else what it is `instead`, and the `links` to feeds of a web page."""
    content = _unpacked(content)
    # Without NULs, UTF-16 reads like ASCII.
    plain = content.replace(b"\0", b"")
    match = FIRST_ELEMENT.match(plain)
    root = match[1].decode("ascii", errors="replace").lower() if match else ""
    if kind := SITEMAPS.get(root.rpartition(":")[2]):
        return sitemap.read(content, url, kind)
    if root in HTML_ELEMENTS or HTML_DOCTYPE.match(plain):
        return {"instead": "an HTML page", "links": feed_links(content, url)}
    if not root and plain.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")[:1] in (b"{", b"["):
        return json_feed.read(content, url) or _instead("JSON without the members of a JSON Feed")
    if root:
        return syndication.read(content, url) or _instead(f"XML of another kind (<{root[:50]}>)")
    if plain.startswith(b"%PDF-"):
        return _instead("a PDF")
    return _instead(f"empty or of another kind ({media_type[:100]})" if media_type else "empty or of another kind")


def _instead(what: str) -> dict[str, Any]:
    return {"instead": what, "links": []}


def _unpacked(content: bytes) -> bytes:
    """The content itself, or what is gzipped in it; raises ArticleUnreadable for a bomb."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(LARGEST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ArticleUnreadable(DAMAGED) from error
    if len(unpacked) > LARGEST_UNPACKED:
        raise ArticleUnreadable(f"the feed unpacks to more than the limit of {LARGEST_UNPACKED / 1e6:.0f} MB.")
    return unpacked
