"""Feeds that libraries follow: what is new in them becomes ingestion jobs.

A poll writes the new items, their job and the feed's next time in one transaction, so a crash neither loses an item nor
brings it twice.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from retrieval.articles import ArticleDraft
from retrieval.errors import DatabaseUnavailable, FootnoteError, NotAFeed
from retrieval.index import store
from retrieval.ingestion import feed_rows, job_rows
from retrieval.ingestion.feed_rows import FollowedFeed
from retrieval.ingestion.job import AddressRequest, Job, Request, TextRequest
from retrieval.ingestion.jobs import Jobs
from retrieval.library import Libraries, Library
from retrieval.rounds import all_done, repeat
from retrieval.sources.decode import bounded_identity
from retrieval.sources.feed import Feed, FeedItem, read_feed
from retrieval.sources.fetcher import Fetched, Fetcher, FetchFailed, NotModified

log = logging.getLogger(__name__)

# A new feed brings its newest items; a poll brings at most so many, and the next one goes on.
FIRST_ITEMS = 10
MOST_NEW = 50
# Of a site map's index, the newest maps are read.
MOST_MAPS = 3
POLLED_AT_ONCE = 4
# How long the polling waits at most before it looks for due feeds again.
LOOK_SECONDS = 60.0
JITTER = 0.2
LONGEST_PAUSE = timedelta(days=1)
# Polls that must fail before anybody is told: sites are away for an hour now and then.
BROKEN_AFTER = 3

Report = Callable[[FollowedFeed], Awaitable[None]]


class Feeds:
    """Follows feeds for all libraries."""

    def __init__(self, libraries: Libraries, fetcher: Fetcher, jobs: Jobs, pause: timedelta) -> None:
        """`pause` is the shortest time between two polls of a feed."""
        self._libraries = libraries
        self._database = libraries.database
        self._fetcher = fetcher
        self._jobs = jobs
        self._pause = pause
        self._changed = asyncio.Event()

    async def follow(
        self, library: Library, address: str, added_by: str | None = None, channel_id: str | None = None
    ) -> tuple[FollowedFeed, Job | None]:
        """Follow a feed, and ingest its newest items as a job; None when it has no items.

        `address` may be a page that links to its feed. Raises FootnoteError when there is no feed, it is followed
        already, or the library is gone.
        """
        page = await self._fetcher.fetch(address)
        try:
            feed = await _read(page)
        except NotAFeed as error:
            # A page that links to its feeds: sites put their main one first.
            if not error.links:
                raise
            page = await self._fetcher.fetch(error.links[0])
            feed = await _read(page)
        items = await self._items(feed)
        async with self._database.write() as connection:
            await store.require_library(connection, library.id)
            if await feed_rows.is_followed(connection, library.id, page.url):
                raise FootnoteError(f"This server follows {feed.title} already.")
            feed_id = await feed_rows.insert_feed(
                connection, library.id, page.url, feed.title, added_by, channel_id, self._next(feed, 0)
            )
            await feed_rows.note_validators(connection, feed_id, page.etag, page.last_modified)
            requests = []
            for item in items[:FIRST_ITEMS]:
                row = await feed_rows.insert_item(connection, feed_id, item.id, "waiting")
                requests += _requests(item, row, feed)
            # What is older than the following is not news.
            await feed_rows.insert_known(connection, feed_id, [item.id for item in items[FIRST_ITEMS:]])
            job_id = None
            if requests:
                job_id = await job_rows.insert_job(connection, library.id, requests, f"feed:{feed_id}", channel_id)
            followed = (await feed_rows.feeds(connection, library.id, feed_id))[0]
        self._changed.set()
        if job_id is None:
            return followed, None
        job = Job(job_id, library.key, followed.name, channel_id, "")
        await self._jobs.start(job)
        return followed, job

    async def unfollow(self, library: Library, feed_id: int) -> bool:
        """Stop following; articles that came from the feed stay. False when it is not followed."""
        async with self._database.write() as connection:
            return await feed_rows.delete_feed(connection, library.id, feed_id)

    async def of(self, library: Library) -> list[FollowedFeed]:
        """The feeds a library follows, by title."""
        async with self._database.read() as connection:
            return await feed_rows.feeds(connection, library.id)

    async def run(self, report: Report) -> None:
        """Poll what is due until cancelled; `report` tells people that a feed is broken, once."""
        await repeat(partial(self._round, report), "The polling of feeds")

    async def _round(self, report: Report) -> None:
        """Poll what is due; where nothing is, wait until something is."""
        self._changed.clear()
        few = asyncio.Semaphore(POLLED_AT_ONCE)
        async with self._database.read() as connection:
            due = await feed_rows.due(connection, _moment(datetime.now(UTC)))
            next_at = await feed_rows.next_at(connection)
        if due:
            await all_done(self._poll_one(feed, few, report) for feed in due)
            return
        pause = LOOK_SECONDS
        if next_at:
            left = (datetime.fromisoformat(next_at) - datetime.now(UTC)).total_seconds()
            pause = min(pause, max(left, 0.2))
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._changed.wait()

    async def _poll_one(self, feed: FollowedFeed, few: asyncio.Semaphore, report: Report) -> None:
        async with few:
            try:
                await self.poll(feed)
            except DatabaseUnavailable:
                raise  # That is not the feed's failure.
            except FootnoteError as error:
                await self._failed(feed, error, report)
            except Exception as error:
                # One feed's defect must not stop the others.
                log.exception("Feed %d could not be polled", feed.id)
                await self._failed(feed, error, report)

    async def poll(self, feed: FollowedFeed) -> int:
        """Look for new items and start their job; gives how many are new. Raises FootnoteError."""
        async with self._database.read() as connection:
            retry = await feed_rows.has_retries(connection, feed.id)
        # Items that are to be tried again are only found in the feed itself.
        known = (None, None) if retry else (feed.etag, feed.last_modified)
        page = await self._fetcher.fetch_if_changed(feed.url, *known)
        if isinstance(page, NotModified):
            async with self._database.write() as connection:
                await feed_rows.note_poll(connection, feed.id, self._next(None, 0))
            return 0
        read = await _read(page)
        items = await self._items(read)
        async with self._database.write() as connection:
            if not await feed_rows.note_poll(connection, feed.id, self._next(read, 0)):
                return 0  # Unfollowed meanwhile.
            wanted = set(await feed_rows.wanted(connection, feed.id, [item.id for item in items]))
            chosen = [item for item in items if item.id in wanted]
            requests: list[Request] = []
            for item in chosen[:MOST_NEW]:
                row = await feed_rows.insert_item(connection, feed.id, item.id, "waiting")
                requests += _requests(item, row, read)
            # The rest is read at the next poll, which must then see the feed again.
            complete = len(chosen) <= MOST_NEW
            await feed_rows.note_validators(
                connection, feed.id, page.etag if complete else None, page.last_modified if complete else None
            )
            job_id = None
            if requests:
                job_id = await job_rows.insert_job(connection, feed.library_id, requests, feed.name, None)
        if job_id is not None:
            log.info("Feed %d of library %s has %d new items", feed.id, feed.library_key, len(requests))
            await self._jobs.start(Job(job_id, feed.library_key, feed.name, None, ""))
        return len(requests)

    async def _items(self, feed: Feed) -> Sequence[FeedItem]:
        """The items, newest first; of a site map's index those of its newest maps."""
        items = list(feed.items)
        for address in feed.sitemaps[:MOST_MAPS]:
            items += (await _read(await self._fetcher.fetch(address))).items
        return items

    async def _failed(self, feed: FollowedFeed, error: Exception, report: Report) -> None:
        reason = str(error) if isinstance(error, FootnoteError) else "something went wrong on my side."
        log.warning("Feed %d of library %s cannot be read: %s", feed.id, feed.library_key, reason)
        failures = feed.failures + 1
        next_at = self._next(None, failures, error.retry_after if isinstance(error, FetchFailed) else None)
        tell = failures >= BROKEN_AFTER and not feed.reported
        async with self._database.write() as connection:
            await feed_rows.note_failure(connection, feed.id, failures, reason, next_at, feed.reported or tell)
            found = await feed_rows.feeds(connection, feed.library_id, feed.id)
        if tell and found:
            await report(found[0])

    def _next(self, feed: Feed | None, failures: int, retry_after: float | None = None) -> str:
        """When to poll next: not sooner than the feed asks, later after failures, and not all at the same second."""
        asked = timedelta(seconds=max(feed.refresh_after or 0.0 if feed else 0.0, retry_after or 0.0))
        pause = max(min(self._pause * 2**failures, LONGEST_PAUSE), min(asked, LONGEST_PAUSE))
        return _moment(datetime.now(UTC) + pause * random.uniform(1, 1 + JITTER))


async def _read(page: Fetched) -> Feed:
    return await asyncio.to_thread(read_feed, page.content, page.url, page.content_type)


def _requests(item: FeedItem, row: int, feed: Feed) -> list[Request]:
    """What to read of an item: its page, with what the feed says of it in reserve; else what the feed says."""
    text = item.content or item.summary
    draft = None
    if text:
        identity = bounded_identity(item.url or f"{feed.url}#{item.id}")
        draft = ArticleDraft(
            item.title or feed.title, text, identity, item.url, feed.title, item.author, item.published_at
        )
    if item.url:
        return [AddressRequest(item.url, draft if item.content else None, row)]
    return [TextRequest(draft, row)] if draft else []


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
