"""Work that goes on beside the questions, round after round: feeds, digests, the removal of libraries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

from retrieval.errors import FootnoteError

log = logging.getLogger(__name__)

# What is away comes back: the database, Chroma, a model.
PASSING = (FootnoteError, SQLAlchemyError)
RETRY_SECONDS = 15.0


async def repeat(work: Callable[[], Awaitable[None]], name: str) -> None:
    """Do rounds of work until cancelled, also after one that failed for a while; a round ends with its own pause."""
    while True:
        try:
            await work()
        except PASSING as error:
            log.error("%s failed, trying again in %.0f s: %s", name, RETRY_SECONDS, error, exc_info=error)
            await asyncio.sleep(RETRY_SECONDS)


async def all_done(work: Iterable[Awaitable[None]]) -> None:
    """Wait for all, then raise what failed first: nothing of a round goes on beside the next one."""
    for failure in await asyncio.gather(*work, return_exceptions=True):
        if failure is not None:
            raise failure
