"""Ingestion jobs: they survive interruptions, stop cleanly, take fair turns, and follow feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from langchain_core.embeddings import Embeddings

from bot.render import render
from retrieval.answers.answerer import Answerer
from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import LibraryRemoved, VectorIndexUnavailable
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.writer import Added, Limits
from retrieval.ingestion import job_rows
from retrieval.ingestion.feeds import Feeds
from retrieval.ingestion.job import AddressRequest, FileRequest, Progress, TextRequest, TooManyJobs
from retrieval.ingestion.jobs import Jobs
from retrieval.ingestion.turns import FairTurns
from retrieval.library import Libraries, Library
from retrieval.sources.fetcher import Fetcher
from tests.conftest import OpenLibraries
from tests.loopback.web_site import Page, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVER = "123456789012345678"


def note(number: int, words: int = 12) -> TextRequest:
    text = f"Note {number} says that boat {number} carries {number} tonnes. " + "It sails at dawn. " * words
    return TextRequest(ArticleDraft(f"Note {number}", text, f"note/{number}"))


async def finished(jobs: Jobs, job_id: int) -> Progress:
    *_, last = [progress async for progress in jobs.watch(job_id)]
    assert last.finished
    return last


async def titles(library: Library) -> list[str]:
    return sorted(record.title for record in await library.articles())


class TestJobs:
    async def test_progress_goes_from_reading_over_passages_to_the_outcome(
        self, open_libraries: OpenLibraries, fetcher: Fetcher, web: Web
    ) -> None:
        web.article("news.example/1", "The ferry", "\n".join(f"The ferry number {n} leaves at {n}." for n in range(60)))
        libraries = await open_libraries()
        jobs, library = Jobs(libraries, fetcher, 5), await libraries.open(SERVER)
        job = await jobs.submit(library, [AddressRequest("http://news.example/1")], "42")
        stages = [progress.items[0].stage async for progress in jobs.watch(job.id)]
        assert stages[-1] == "done"
        assert next(stage for stage in stages if stage != "waiting") in ("fetching", "reading")
        (record,) = await library.articles()
        assert record.added_by == "42"

    async def test_an_interrupted_job_goes_on_with_what_is_not_done(
        self, open_libraries: OpenLibraries, fetcher: Fetcher
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        jobs = Jobs(libraries, fetcher, 5)
        job = await jobs.submit(library, [note(n, 100) for n in range(12)], "42", "7")
        async for progress in jobs.watch(job.id):
            if progress.done >= 2:
                break
        await jobs.close()
        held = await titles(library)
        assert 2 <= len(held) < 12

        again = Jobs(libraries, fetcher, 5)
        (resumed,) = await again.resume()
        assert (resumed.id, resumed.asked_by, resumed.channel_id) == (job.id, "42", "7")
        progress = await finished(again, job.id)
        assert len(progress.outcomes) == 12
        assert await titles(library) == sorted(f"Note {n}" for n in range(12))
        assert await again.resume() == []

    async def test_a_stopped_job_keeps_what_is_added_and_leaves_nothing_half(
        self, open_libraries: OpenLibraries, fetcher: Fetcher
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        other = await libraries.open("999999999999999999")
        jobs = Jobs(libraries, fetcher, 5)
        job = await jobs.submit(library, [note(n, 300) for n in range(20)])
        async for progress in jobs.watch(job.id):
            if progress.done >= 1:
                break
        assert not await jobs.stop(job.id, other)
        assert await jobs.stop(job.id, library)
        held = await titles(library)
        assert 1 <= len(held) < 20
        assert await jobs.resume() == []
        await assert_agrees(libraries, library)

    async def test_a_library_has_only_so_many_jobs_at_once(
        self, open_libraries: OpenLibraries, fetcher: Fetcher
    ) -> None:
        libraries = await open_libraries()
        library, other = await libraries.open(SERVER), await libraries.open("999999999999999999")
        jobs = Jobs(libraries, fetcher, 1)
        job = await jobs.submit(library, [note(n, 100) for n in range(5)])
        with pytest.raises(TooManyJobs):
            await jobs.submit(library, [note(9)])
        await jobs.submit(other, [note(9)])
        await finished(jobs, job.id)
        await finished(jobs, (await jobs.submit(library, [note(9)])).id)

    async def test_one_bad_request_does_not_spoil_the_others(
        self, open_libraries: OpenLibraries, fetcher: Fetcher, web: Web
    ) -> None:
        web.pages["news.example/gone"] = Page("", status=410)
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        jobs = Jobs(libraries, fetcher, 5)
        requests = [
            AddressRequest("http://news.example/gone"),
            AddressRequest("http://10.0.0.1/"),
            FileRequest("scan.pdf", b"%PDF-1.4 nothing"),
            note(1),
        ]
        progress = await finished(jobs, (await jobs.submit(library, requests)).id)
        reasons = [outcome.reason for outcome in progress.outcomes if isinstance(outcome, Unreadable)]
        assert len(reasons) == 3
        assert reasons[0].startswith("http://news.example/gone: The site answered 410: the page was taken away")
        assert reasons[1].startswith("http://10.0.0.1/: 10.0.0.1 is not on the public web")
        assert reasons[2].startswith("scan.pdf: ")
        assert await titles(library) == ["Note 1"]


class TestTurns:
    async def test_a_small_library_need_not_wait_for_a_large_one(self) -> None:
        turns, served = FairTurns(1), []

        async def work(key: str) -> None:
            async with turns.turn(key):
                served.append(key)
                await asyncio.sleep(0)

        await asyncio.gather(*(work("large") for _ in range(6)), work("small"))
        assert served.index("small") <= 2

    async def test_a_turn_given_to_somebody_who_left_goes_to_the_next(self) -> None:
        turns = FairTurns(1)
        async with turns.turn("a"):
            leaver = asyncio.create_task(_hold(turns, "b"))
            waiter = asyncio.create_task(_hold(turns, "c"))
            await asyncio.sleep(0)
            leaver.cancel()
        await asyncio.wait_for(waiter, 1)
        async with asyncio.timeout(1), turns.turn("d"):
            pass


async def _hold(turns: FairTurns, key: str) -> None:
    async with turns.turn(key):
        pass


class TestLimits:
    async def test_a_full_library_refuses_new_articles_but_takes_new_versions(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        libraries = await open_libraries()
        libraries.limits = Limits(articles=1, characters=1_000)
        library = await libraries.open(SERVER)
        (first,) = [a async for a in library.add([article("One", "The first text.")])]
        (second,) = [a async for a in library.add([article("Two", "The second text.")])]
        (renewed,) = [a async for a in library.add([article("One", "The first text, renewed.")])]
        (long,) = [a async for a in library.add([article("One", "Long. " * 500)])]
        assert (first.status, second.status, renewed.status, long.status) == ("added", "refused", "updated", "refused")
        assert "1 of 1 articles" in (second.reason or "")
        local = await libraries.open("local")
        assert all([a.kept async for a in local.add([article("A", "Text one."), article("B", "Text two.")])])

    async def test_a_version_takes_the_place_of_the_one_before(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        libraries = await open_libraries()
        libraries.limits = Limits(articles=2, characters=89)
        library = await libraries.open(SERVER)
        texts = ["A text of some length, for a small library.", "A text of as much, but in other words, at last."]
        assert [[a.status async for a in library.add([article("One", text)])] for text in texts] == [
            ["added"],
            ["updated"],
        ]
        assert [
            a.status async for a in library.add([article("Two", "Another text, as long as the first one is.")])
        ] == ["added"]
        assert [a.status async for a in library.add([article("One", "A text that is far too long. " * 3)])] == [
            "refused"
        ]


class TestTwins:
    TEXT = (
        "The coast guard said on Monday that the trawler Nordlys had been towed to Bodø after its engine failed. " * 3
        + (
            "All eleven people on board were well, and the owner expects repairs to take three weeks, according to the "
            "harbour master, who added that the weather had been calm and that no oil had leaked into the fjord."
        )
    )

    async def test_nearly_the_same_text_on_two_sites_is_recognised(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        library = await (await open_libraries()).open(SERVER)
        drafts = [
            article("Trawler towed", self.TEXT, source="A"),
            article("Nordlys towed to Bodø", self.TEXT + " Reporting by the agency.", source="B"),
            article("Another story", "The mill opens on Thursdays. " * 20, source="B"),
        ]
        added = [a async for a in library.add(drafts)]
        assert [a.twin for a in added] == [None, "Trawler towed", None]
        records = {record.title: record for record in await library.articles()}
        assert records["Nordlys towed to Bodø"].twin_of == records["Trawler towed"].id

    async def test_the_same_text_on_two_sites_is_cited_once_with_both_links(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], embeddings: MiniLMEmbeddings
    ) -> None:
        library = await (await open_libraries()).open(SERVER)
        for site in ("north", "south"):
            draft = article(f"Trawler towed ({site})", self.TEXT, source=site, url=f"https://{site}.example/trawler")
            [a async for a in library.add([draft])]
        answer = await Answerer(embeddings, None, "none", 10).answer(library, "Why was the trawler Nordlys towed?")
        cited = {citation.quote.passage.source for citation in answer.citations}
        assert len(cited) == 1
        (message,) = render(answer).messages
        assert "https://north.example/trawler" in message
        assert "https://south.example/trawler" in message


class TestRefreshedPassages:
    async def test_only_changed_passages_are_embedded_again(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], embeddings: Embeddings
    ) -> None:
        counting = Counting()
        library = await (await open_libraries(embeddings=counting)).open(SERVER)
        parts = [f"Part {n}. " + f"The boat number {n} sails at dawn and comes home at dusk. " * 40 for n in range(6)]
        [a async for a in library.add([article("Boats", "\n\n".join(parts))])]
        first = counting.texts
        [
            a
            async for a in library.add(
                [article("Boats", "\n\n".join(parts).replace("number 5 sails", "number 5 stays"))]
            )
        ]
        assert 0 < counting.texts - first < first / 2


class Counting(MiniLMEmbeddings):
    """The embedder, counting what it is asked."""

    texts = 0

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        return await super().aembed_documents(texts)


class TestLeaving:
    async def test_a_removed_library_leaves_nothing_and_begins_anew(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        [a async for a in library.add([article("One", "The first text.")])]
        collection = library.retriever.library.collection
        await libraries.left(SERVER, "2026-01-01T00:00:00+00:00")
        await libraries.left(SERVER, "2026-02-01T00:00:00+00:00")
        assert await libraries.left_before("2026-01-02T00:00:00+00:00") == [SERVER]
        await libraries.remove(SERVER, "2026-01-02T00:00:00+00:00")
        assert await libraries.keys() == []
        with pytest.raises(VectorIndexUnavailable):
            await libraries.vectors.count(collection)
        again = await libraries.open(SERVER)
        assert await again.articles() == []
        assert not await again.started()

    @pytest.mark.parametrize("moment", ["while the removal waits", "while the vectors are removed"])
    async def test_a_server_that_invites_the_bot_again_keeps_its_library(
        self,
        moment: str,
        open_libraries: OpenLibraries,
        article: Callable[..., ArticleDraft],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        [a async for a in library.add([article("One", "The first text.")])]
        await libraries.left(SERVER, "2026-01-01T00:00:00+00:00")
        if moment == "while the removal waits":
            async with libraries.writing(SERVER):
                removal = asyncio.create_task(libraries.remove(SERVER, "2026-01-02T00:00:00+00:00"))
                await asyncio.sleep(0)
                await libraries.left(SERVER, None)
            await removal
        else:
            drop = libraries.vectors.drop

            async def invited_again(collection: str) -> None:
                await drop(collection)
                await libraries.left(SERVER, None)

            monkeypatch.setattr(libraries.vectors, "drop", invited_again)
            await libraries.remove(SERVER, "2026-01-02T00:00:00+00:00")
        assert await titles(library) == ["One"]
        await assert_agrees(libraries, library)

    @pytest.mark.parametrize("way", ["an article", "a job", "a feed"])
    async def test_who_adds_to_a_library_that_was_removed_meanwhile_is_told_so(
        self,
        way: str,
        open_libraries: OpenLibraries,
        article: Callable[..., ArticleDraft],
        fetcher: Fetcher,
        web: Web,
    ) -> None:
        web.pages["news.example/feed"] = Page(
            '<rss version="2.0"><channel><title>News</title><item><title>One</title></item></channel></rss>',
            "application/rss+xml",
        )
        libraries = await open_libraries()
        library = await libraries.open(SERVER)
        await libraries.left(SERVER, "2026-01-01T00:00:00+00:00")
        await libraries.remove(SERVER, "2026-01-02T00:00:00+00:00")
        jobs = Jobs(libraries, fetcher, 5)

        async def add() -> None:
            if way == "an article":
                [a async for a in library.add([article("One", "The first text.")])]
            elif way == "a job":
                await jobs.submit(library, [note(1)])
            else:
                await Feeds(libraries, fetcher, jobs, timedelta(hours=1)).follow(library, "http://news.example/feed")

        with pytest.raises(LibraryRemoved, match="was removed just now"):
            await add()
        assert await (await libraries.open(SERVER)).articles() == []


async def settled(library: Library) -> None:
    """Until no job of the library is under way any more."""
    for _ in range(1_500):
        async with library.retriever.database.read() as connection:
            if not await job_rows.running_jobs(connection):
                return
        await asyncio.sleep(0.02)
    raise AssertionError("a job did not end")


async def assert_agrees(libraries: Libraries, library: Library) -> None:
    """Chroma holds exactly the vectors that SQL names."""
    from retrieval.index import store

    async with libraries.database.read() as connection:
        counts = await store.vector_counts(connection, library.id)
        assert await store.unfinished_articles(connection, library.id) == []
    expected = sorted(f"{key}.{n}" for key, count in counts.items() for n in range(count))
    assert sorted(await libraries.vectors.ids(library.retriever.library.collection)) == expected


def test_outcomes_survive_their_row() -> None:
    from retrieval.ingestion.job import outcomes_of, outcomes_text

    outcomes = (Added("A", "added", 3, article_id=1), Unreadable("x", "why"))
    assert outcomes_of(outcomes_text(outcomes)) == outcomes
