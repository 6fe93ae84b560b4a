"""Feeds that a library follows: what is new, what failed, what is broken."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from retrieval import rounds
from retrieval.errors import FootnoteError
from retrieval.index.database import Database
from retrieval.ingestion import feed_rows
from retrieval.ingestion.feed_rows import FollowedFeed
from retrieval.ingestion.feeds import Feeds
from retrieval.ingestion.jobs import Jobs
from retrieval.library import Library
from retrieval.sources.fetcher import Fetcher
from tests.conftest import OpenLibraries
from tests.loopback.web_site import Page, Web
from tests.test_jobs import finished, settled, titles

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVER = "123456789012345678"


def rss(*numbers: int) -> Page:
    items = "".join(
        f"<item><title>Report {n}</title><link>http://coast.example/{n}</link><guid>{n}</guid></item>" for n in numbers
    )
    return Page(f'<rss version="2.0"><channel><title>Coast</title>{items}</channel></rss>', "application/rss+xml")


@pytest.mark.usefixtures("without_processes")
class TestFeeds:
    @pytest_asyncio.fixture(loop_scope="module")
    async def coast(self, open_libraries: OpenLibraries, fetcher: Fetcher, web: Web) -> tuple[Feeds, Jobs, Library]:
        for number in range(30):
            web.article(f"coast.example/{number}", f"Report {number}", f"Report {number} tells of {number} boats.")
        libraries = await open_libraries()
        jobs = Jobs(libraries, fetcher, 5)
        return Feeds(libraries, fetcher, jobs, timedelta(minutes=30)), jobs, await libraries.open(SERVER)

    async def test_the_newest_items_come_at_once_and_only_new_ones_later(
        self, coast: tuple[Feeds, Jobs, Library], web: Web
    ) -> None:
        feeds, jobs, library = coast
        web.pages["coast.example/feed"] = rss(*range(20, 0, -1))
        feed, job = await feeds.follow(library, "http://coast.example/feed")
        assert job is not None
        await finished(jobs, job.id)
        assert len(await titles(library)) == 10
        web.pages["coast.example/feed"] = rss(22, 21, *range(20, 0, -1))
        assert await feeds.poll(feed) == 2
        assert await feeds.poll(feed) == 0
        await settled(library)
        assert len(await titles(library)) == 12
        assert {"Report 21", "Report 22"} <= set(await titles(library))

    async def test_an_unchanged_feed_is_not_sent_again(self, coast: tuple[Feeds, Jobs, Library], web: Web) -> None:
        feeds, _, library = coast
        web.pages["coast.example/feed"] = rss(1)
        web.pages["coast.example/feed"].headers["ETag"] = '"a"'
        await feeds.follow(library, "http://coast.example/feed")
        await settled(library)
        (feed,) = await feeds.of(library)
        assert await feeds.poll(feed) == 0
        assert web.requests[-1] == ("coast.example/feed", 304)

    async def test_an_item_that_fails_is_tried_again_and_given_up(
        self, coast: tuple[Feeds, Jobs, Library], web: Web
    ) -> None:
        feeds, _, library = coast
        web.pages["coast.example/feed"] = rss(1, 2)
        web.pages["coast.example/1"] = Page("", status=503)
        await feeds.follow(library, "http://coast.example/feed")
        await settled(library)
        assert await titles(library) == ["Report 2"]
        (feed,) = await feeds.of(library)
        tried = []
        for _ in range(4):
            tried.append(await feeds.poll(feed))
            await settled(library)
        assert tried == [1, 1, 0, 0]

    async def test_items_of_a_job_that_failed_by_a_defect_come_at_the_next_poll(
        self, coast: tuple[Feeds, Jobs, Library], web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        feeds, jobs, library = coast
        web.pages["coast.example/defect"] = rss(3, 4)
        with monkeypatch.context() as broken:
            broken.setattr("retrieval.ingestion.jobs.read_fetched", None)
            feed, job = await feeds.follow(library, "http://coast.example/defect")
            assert job is not None
            await finished(jobs, job.id)
        assert await titles(library) == []
        assert await feeds.poll(feed) == 2
        await settled(library)
        assert await titles(library) == ["Report 3", "Report 4"]

    async def test_a_feed_followed_while_the_bot_leaves_brings_its_items_after_the_next_start(
        self, coast: tuple[Feeds, Jobs, Library], fetcher: Fetcher, web: Web
    ) -> None:
        feeds, jobs, library = coast
        web.pages["coast.example/late"] = rss(5)
        await jobs.close()
        _, job = await feeds.follow(library, "http://coast.example/late", "42", "7")
        assert job is not None
        assert [progress async for progress in jobs.watch(job.id)] == []
        again = Jobs(feeds._libraries, fetcher, 5)
        (resumed,) = await again.resume()
        assert (resumed.id, resumed.channel_id) == (job.id, "7"), "its report has a place"
        await finished(again, job.id)
        assert await titles(library) == ["Report 5"]

    async def test_what_is_no_feed_says_what_it_is(self, coast: tuple[Feeds, Jobs, Library]) -> None:
        feeds, _, library = coast
        with pytest.raises(FootnoteError, match="not a feed"):
            await feeds.follow(library, "http://coast.example/3")
        assert await feeds.of(library) == []

    async def test_a_broken_feed_is_reported_once_and_asked_less_often(
        self, coast: tuple[Feeds, Jobs, Library], web: Web
    ) -> None:
        feeds, _, library = coast
        web.pages["coast.example/feed"] = rss(1)
        await feeds.follow(library, "http://coast.example/feed")
        await settled(library)
        web.pages["coast.example/feed"] = Page("gone", status=404)
        told: list[FollowedFeed] = []

        async def report(feed: FollowedFeed) -> None:
            told.append(feed)

        pauses = []
        for _ in range(5):
            (feed,) = await feeds.of(library)
            await feeds._poll_one(feed, asyncio.Semaphore(1), report)
            (feed,) = await feeds.of(library)
            pauses.append(feed.next_at)
        assert [feed.failures for feed in told] == [3]
        assert "404" in (told[0].failure or "")
        assert pauses == sorted(pauses)

    async def test_polling_goes_on_after_the_database_was_away(
        self,
        coast: tuple[Feeds, Jobs, Library],
        web: Web,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        unused_tcp_port: int,
    ) -> None:
        feeds, _, library = coast
        web.pages["coast.example/feed"] = rss(1)
        feed, _ = await feeds.follow(library, "http://coast.example/feed")
        await settled(library)
        web.pages["coast.example/feed"] = rss(2, 1)
        async with library.retriever.database.write() as connection:
            await feed_rows.note_poll(connection, feed.id, "2026-01-01T00:00:00.000+00:00")
        monkeypatch.setattr(rounds, "RETRY_SECONDS", 0.01)
        away = Database(f"postgresql://footnote@127.0.0.1:{unused_tcp_port}/footnote")

        async def report(_: FollowedFeed) -> None:
            raise AssertionError("the feed is not broken")

        with monkeypatch.context() as outage:
            outage.setattr(feeds, "_database", away)
            polling = asyncio.create_task(feeds.run(report))
            for _ in range(1_500):
                if "cannot be reached" in caplog.text or polling.done():
                    break
                await asyncio.sleep(0.01)
        for _ in range(1_500):
            if len(await titles(library)) == 2 or polling.done():
                break
            await asyncio.sleep(0.01)
        assert await titles(library) == ["Report 1", "Report 2"]
        polling.cancel()
        await asyncio.wait([polling])
        await away.close()
