"""Filling a library from files and addresses: the starter articles, and `footnote ingest`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from pathlib import Path

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import FootnoteError
from retrieval.index.writer import Added
from retrieval.library import Library
from retrieval.sources.fetcher import Fetcher
from retrieval.sources.files import read_paths
from retrieval.sources.web import read_page

# Drafts read ahead of indexing; a JSON Lines file may hold a hundred thousand.
READ_AHEAD = 200

log = logging.getLogger(__name__)

Outcome = Added | Unreadable


async def ingest_paths(library: Library, paths: Sequence[Path]) -> AsyncIterator[Outcome]:
    """Index files and folders; yields what became of every article and every file that gave none."""
    items = read_paths(paths)
    held = False
    while batch := await asyncio.to_thread(_take, items):
        drafts: list[ArticleDraft] = []
        for item in batch:
            if isinstance(item, Unreadable):
                yield item
            else:
                drafts.append(item)
        async for added in library.add(drafts):
            held = held or added.kept
            yield added
    if held:
        await library.mark_started()


async def ingest_addresses(library: Library, addresses: Sequence[str]) -> AsyncIterator[Outcome]:
    """Fetch and index articles from the web; yields what became of each address."""
    fetcher = Fetcher()
    held = False
    try:
        for address in addresses:
            try:
                found = await read_page(fetcher, address)
            except FootnoteError as error:
                yield Unreadable(address, f"{address}: {error}")
                continue
            for item in found:
                if isinstance(item, Unreadable):
                    yield item
            async for added in library.add([item for item in found if isinstance(item, ArticleDraft)]):
                held = held or added.kept
                yield added
    finally:
        await fetcher.close()
    if held:
        await library.mark_started()


async def add_starter_articles(library: Library, folder: Path) -> int:
    """Give a library that has never held an article the ones of the folder; gives how many were added.

    Interrupted half way it is done again in full: what is there already is left alone.
    """
    if await library.started():
        return 0
    added = 0
    async for outcome in ingest_paths(library, [folder]):
        if isinstance(outcome, Added) and outcome.kept:
            added += outcome.status == "added"
        else:
            log.warning("A starter article was left out: %s", outcome.reason)
    return added


def _take(items: Iterator[ArticleDraft | Unreadable]) -> list[ArticleDraft | Unreadable]:
    return list(islice(items, READ_AHEAD))
