"""The feeds a web page announces in its head; runs in the killable process."""

from __future__ import annotations

from lxml import etree, html  # type: ignore[import-untyped]

from retrieval.sources.entry import web_link

FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml"}
)
MOST_LINKS = 20


def feed_links(content: bytes, url: str) -> list[str]:
    """The page's `link rel=alternate` of a feed's type (HTML, 4.6.7.1), absolute, each once, in its order."""
    try:
        page = html.document_fromstring(content, parser=html.HTMLParser(no_network=True, huge_tree=False))
    except etree.ParserError:
        return []
    base = next((link for item in page.iter("base") if (link := web_link(item.get("href"), url))), url)
    links: dict[str, None] = {}
    for item in page.iter("link"):
        kind = (item.get("type") or "").partition(";")[0].strip().lower()
        if kind in FEED_TYPES and "alternate" in (item.get("rel") or "").lower().split():
            link = web_link(item.get("href"), base)
            if link and len(links) < MOST_LINKS:
                links[link] = None
    return list(links)
