"""Comparing an article with its address again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

from retrieval.articles import ArticleDraft, ArticleRecord
from retrieval.errors import FootnoteError
from retrieval.library import Library
from retrieval.sources.fetcher import Fetcher, NotModified
from retrieval.sources.web import read_fetched


async def refresh(fetcher: Fetcher, library: Library, record: ArticleRecord) -> Literal["updated", "unchanged"]:
    """Fetch an article again; the old text stays searchable until the new one is complete.

    Raises FootnoteError when it has no address, cannot be fetched, or is not exactly one article any more.
    """
    if not record.url:
        raise FootnoteError("That article has no address to fetch it from; add its new text instead.")
    page = await fetcher.fetch_if_changed(record.url, record.etag, record.last_modified)
    if isinstance(page, NotModified):
        await library.mark_checked(record.id)
        return "unchanged"
    found = await asyncio.to_thread(read_fetched, page)
    drafts = [item for item in found if isinstance(item, ArticleDraft)]
    if len(drafts) != 1:
        raise FootnoteError("There is not exactly one article at that address any more; nothing was changed.")
    renewed = replace(drafts[0], identity=record.identity)
    outcomes = [added async for added in library.add([renewed])]
    if not outcomes[0].kept:
        raise FootnoteError(outcomes[0].reason or "The article could not be read; nothing was changed.")
    return "unchanged" if outcomes[0].status == "unchanged" else "updated"
