"""Sitemaps and their indexes (sitemaps.org 0.9, with the news extension); runs in the killable process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import ArticleUnreadable
from retrieval.sources.entry import Entry, Parsed, bounded, entry, iso_moment, one_line, web_link
from retrieval.sources.markup import local_name

# What the protocol allows in one sitemap.
MOST_PAGES = 50_000


def read(content: bytes, url: str, kind: str) -> Parsed:
    """The pages of a `sitemap`, or the sitemaps of a `sitemap index`, latest changed first.

    One that is cut off is read to where it ends. Raises ArticleUnreadable when nothing can be read.
    """
    listed = bounded(_entries(content, url, "url" if kind == "sitemap" else "sitemap"), MOST_PAGES)
    return Parsed(
        title="",
        items=listed if kind == "sitemap" else [],
        kind=kind,
        refresh_after=None,
        sitemaps=[] if kind == "sitemap" else [item["id"] for item in listed],
    )


def _entries(content: bytes, url: str, name: str) -> Iterator[Entry]:
    for facts in sorted(_listed(content, name), key=lambda facts: _moment(facts) or "", reverse=True):
        if link := web_link(facts.get("loc"), url):
            yield entry(link, link, one_line(facts.get("title", "")), _moment(facts))


def _moment(facts: dict[str, str]) -> str | None:
    return iso_moment(facts.get("publication_date")) or iso_moment(facts.get("lastmod"))


def _listed(content: bytes, name: str) -> Iterator[dict[str, str]]:
    """For each element of this name the texts of what it holds."""
    elements = etree.iterparse(
        io.BytesIO(content), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        for _, element in elements:
            if local_name(element) == name:
                yield _texts(element)
                # What has been read is let go, with the siblings before it.
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ArticleUnreadable("the sitemap is not well-formed XML, and cannot be read.") from error


def _texts(element: Any) -> dict[str, str]:
    """The element's own facts and those of its news, by local name; images and videos have titles of their own."""
    news = (fact for child in element if local_name(child) == "news" for fact in child)
    return {local_name(fact): fact.text for fact in (*news, *element) if fact.text}
