"""A page on the web becomes article drafts: fetched through the guard, read by what it says it is."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import ArticleUnreadable, NotAFeed
from retrieval.sources.decode import bounded_identity
from retrieval.sources.feed import read_feed
from retrieval.sources.fetcher import Fetched, Fetcher
from retrieval.sources.files import READERS, read_document

# What a content type is read as, where the address does not end in a known format.
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "application/jsonl": ".jsonl",
}

TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_cid|mc_eid)(?:=|$)", re.IGNORECASE)


async def read_page(fetcher: Fetcher, address: str) -> list[ArticleDraft | Unreadable]:
    """The articles at an address, usually one.

    Raises AddressRefused, FetchFailed or ArticleUnreadable.
    """
    return await asyncio.to_thread(read_fetched, await fetcher.fetch(address))


def read_fetched(page: Fetched) -> list[ArticleDraft | Unreadable]:
    """The articles of a page that was fetched. Blocking: call it from a thread. Raises ArticleUnreadable."""
    path = PurePosixPath(urlsplit(page.url).path)
    by_path = path.suffix.lower()
    by_type = SUFFIXES.get(page.content_type)
    generic = page.content_type in ("application/octet-stream", "text/plain") and by_path in READERS
    suffix = by_path if generic or by_type is None else by_type
    if suffix not in READERS and _is_feed(page):
        raise ArticleUnreadable("this is a feed, not an article; in Discord, /ingest feed follows it.")
    name = f"{path.stem or 'page'}{suffix}"
    try:
        found = list(read_document(page.content, name, f"{page.url}/{name}"))
    except ArticleUnreadable as error:
        # Nobody gave the page that name; who asked for it knows its address.
        raise ArticleUnreadable(str(error).removeprefix(f"{name}: ")) from error
    if len(found) == 1 and isinstance(found[0], ArticleDraft):
        draft = _at(found[0], page.url)
        return [replace(draft, etag=page.etag, last_modified=page.last_modified)]
    return found  # A collection at one address: its articles keep the addresses they give themselves.


def _at(draft: ArticleDraft, url: str) -> ArticleDraft:
    """The draft under its address: the canonical one if the page names one on its own site, else where it was."""
    address = draft.url if draft.url and _site(draft.url) == _site(url) else _without_tracking(url)
    if url.startswith("https://"):
        address = re.sub(r"^http://", "https://", address)  # What a page has said since before it was encrypted.
    return replace(draft, url=address, identity=bounded_identity(address), source=draft.source or _site(url))


def _without_tracking(url: str) -> str:
    """The address without what only says where a link was shared: the same page again is the same article."""
    address, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if not TRACKING.match(part))
    return f"{address}?{kept}" if kept else address


def _is_feed(page: Fetched) -> bool:
    try:
        read_feed(page.content, page.url, page.content_type)
    except (NotAFeed, ArticleUnreadable):
        return False
    return True


def _site(url: str) -> str:
    """The host, without what only says for which device or how a page is sent."""
    return re.sub(r"^(?:www|m|mobile|amp)\.", "", urlsplit(url).hostname or "")
