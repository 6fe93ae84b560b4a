"""Ingestion as jobs: rows in the database first, so that what was asked for is done even if the bot dies.

A job is a list of requests. Each one is read (fetched, parsed), indexed in slices with fair turns between libraries,
and marked done with what came of it. A job that was interrupted goes on with the requests that are not done; one that
was done but not marked is found unchanged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import FootnoteError
from retrieval.index import store
from retrieval.index.writer import Added
from retrieval.ingestion import job_rows
from retrieval.ingestion.job import (
    AddressRequest,
    FileRequest,
    ItemProgress,
    Job,
    Outcome,
    Progress,
    RefusedRequest,
    Request,
    Stage,
    TextRequest,
    TooManyJobs,
    outcomes_text,
)
from retrieval.ingestion.turns import FairTurns
from retrieval.library import Libraries, Library
from retrieval.sources.fetcher import Fetcher
from retrieval.sources.files import read_attachment
from retrieval.sources.web import read_fetched

log = logging.getLogger(__name__)

# Requests of one library that are read at once, and slices that are indexed at once over all libraries.
READ_AT_ONCE = 4
# Documents parsed at once over all libraries: each one is a process that wants a core.
PARSED_AT_ONCE = 2
INDEXED_AT_ONCE = 2
# A file of a hundred thousand articles gives the others a turn this often.
SLICE = 25
REMEMBERED = timedelta(days=7)
# Of an address in a sentence; it may have thousands of characters.
LONGEST_NAME = 200
UNEXPECTED = "something went wrong on my side; the log of this bot has the details."


class Jobs:
    """All ingestion jobs of an installation."""

    def __init__(self, libraries: Libraries, fetcher: Fetcher, most_jobs: int) -> None:
        """`most_jobs` unfinished ones a library may have."""
        self._libraries = libraries
        self._database = libraries.database
        self._fetcher = fetcher
        self._most_jobs = most_jobs
        self._turns = FairTurns(INDEXED_AT_ONCE)
        self._parsing = asyncio.Semaphore(PARSED_AT_ONCE)
        self._reading: dict[str, asyncio.Semaphore] = {}
        self._running: dict[int, _Running] = {}
        self._closed = False

    async def submit(
        self, library: Library, requests: Sequence[Request], asked_by: str | None = None, channel_id: str | None = None
    ) -> Job:
        """Start a job. Raises TooManyJobs, and LibraryRemoved."""
        if sum(running.job.library_key == library.key for running in self._running.values()) >= self._most_jobs:
            raise TooManyJobs(
                f"This server has {self._most_jobs} ingestions under way already; try again when one is done."
            )
        async with self._database.write() as connection:
            await store.require_library(connection, library.id)
            job_id = await job_rows.insert_job(connection, library.id, requests, asked_by, channel_id)
        job = Job(job_id, library.key, asked_by, channel_id, "")
        await self.start(job)
        return job

    async def start(self, job: Job) -> None:
        """Run a job that has its rows; once this is closed, the next start does."""
        if self._closed:
            return
        async with self._database.read() as connection:
            items = await job_rows.items(connection, job.id)
        running = _Running(job, items)
        self._running[job.id] = running
        running.task = asyncio.create_task(self._run(running))

    async def resume(self) -> list[Job]:
        """Go on with the jobs that an earlier run did not finish; gives them."""
        forgotten = (datetime.now(UTC) - REMEMBERED).isoformat(timespec="seconds")
        async with self._database.write() as connection:
            await job_rows.forget_jobs(connection, forgotten)
            unfinished = [job for job in await job_rows.running_jobs(connection) if job.id not in self._running]
        for job in unfinished:
            log.info("Going on with job %d of library %s", job.id, job.library_key)
            await self.start(job)
        return unfinished

    async def watch(self, job_id: int) -> AsyncIterator[Progress]:
        """The job's progress whenever it changes, the last one finished; nothing for a job that does not run.

        Who is slow sees only the newest.
        """
        running = self._running.get(job_id)
        if running is None:
            return
        changed = asyncio.Event()
        running.watchers.add(changed)
        try:
            while True:
                changed.clear()
                progress = running.progress()
                yield progress
                if progress.finished:
                    return
                await changed.wait()
        finally:
            running.watchers.discard(changed)

    async def stop(self, job_id: int, library: Library) -> bool:
        """Stop a job of that library; what is added already stays. False when it does not run."""
        running = self._running.get(job_id)
        if running is None or running.job.library_key != library.key or running.task is None:
            return False
        running.stopped = True
        running.task.cancel()
        await asyncio.wait([running.task])
        return True

    async def close(self) -> None:
        """Interrupt all jobs; the next start goes on with them, and with what is submitted from now on."""
        self._closed = True
        tasks = [running.task for running in self._running.values() if running.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, running: _Running) -> None:
        job = running.job
        try:
            library = await self._libraries.open(job.library_key)
            async with asyncio.TaskGroup() as group:
                for item_id, item in running.items.items():
                    if item.stage != "done":
                        group.create_task(self._item(running, library, item_id))
            await self._finish(running, "done")
        except asyncio.CancelledError:
            if not running.stopped:
                raise  # The bot is stopped: the job stays `running` and is gone on with.
            library = await self._libraries.open(job.library_key)
            await library.settle()
            await self._finish(running, "stopped")
        except (FootnoteError, ExceptionGroup) as error:
            log.exception("Job %d of library %s failed", job.id, job.library_key)
            known = _known(error)
            running.failed(str(known) if known else UNEXPECTED)
            # What is down may be up at the next start, which goes on; a defect of ours would be met again.
            if known is None:
                await self._finish(running, "failed")
        finally:
            self._running.pop(job.id, None)
            running.finish()

    async def _finish(self, running: _Running, state: str) -> None:
        async with self._database.write() as connection:
            await job_rows.finish_job(connection, running.job.id, state)

    async def _item(self, running: _Running, library: Library, item_id: int) -> None:
        """One request from its row to its outcome."""
        async with self._reading.setdefault(library.key, asyncio.Semaphore(READ_AT_ONCE)):
            async with self._database.read() as connection:
                request = await job_rows.request(connection, item_id)
            try:
                found = await self._read(request, lambda stage: running.set(item_id, stage=stage))
            except FootnoteError as error:
                log.info("An ingestion into library %s failed: %s", library.key, error)
                # A sentence about a file begins with its name; one about a page does not know who asked for it.
                of = f"{request.name[:LONGEST_NAME]}: " if isinstance(request, AddressRequest) else ""
                found = [Unreadable(request.name, f"{of}{error}")]
            outcomes: list[Outcome] = [item for item in found if isinstance(item, Unreadable)]
            drafts = [item for item in found if isinstance(item, ArticleDraft)]
            if len(drafts) == 1:
                running.set(item_id, name=drafts[0].title)
            async for added in self._index(running, library, item_id, drafts):
                outcomes.append(added)
        kept = any(isinstance(outcome, Added) and outcome.kept for outcome in outcomes)
        if kept:
            await library.mark_started()
        # A file of many articles has a long report.
        stored = await asyncio.to_thread(outcomes_text, outcomes)
        async with self._database.write() as connection:
            await job_rows.finish_item(connection, item_id, stored, kept)
        running.set(item_id, stage="done", outcomes=tuple(outcomes))

    async def _read(self, request: Request, at: Callable[[Stage], None]) -> list[ArticleDraft | Unreadable]:
        match request:
            case TextRequest(draft):
                return [draft]
            case RefusedRequest(name, reason):
                return [Unreadable(name, reason)]
            case FileRequest(name, content):
                return await self._parsed(at, read_attachment, content, name)
            case AddressRequest(address, fallback):
                try:
                    at("fetching")
                    return await self._parsed(at, read_fetched, await self._fetcher.fetch(address))
                except FootnoteError as error:
                    if fallback is None:
                        raise
                    log.info("A feed's page cannot be read, so its own text is taken: %s", error)
                    return [fallback]

    async def _parsed(
        self, at: Callable[[Stage], None], read: Callable[..., list[ArticleDraft | Unreadable]], *arguments: object
    ) -> list[ArticleDraft | Unreadable]:
        async with self._parsing:
            at("reading")
            return await asyncio.to_thread(read, *arguments)

    async def _index(
        self, running: _Running, library: Library, item_id: int, drafts: Sequence[ArticleDraft]
    ) -> AsyncIterator[Added]:
        running.set(item_id, stage="indexing")
        for start in range(0, len(drafts), SLICE):
            async with self._turns.turn(library.key):
                async for added in library.add(
                    drafts[start : start + SLICE],
                    running.job.asked_by,
                    lambda done, total: running.set(item_id, passages=(done, total)),
                ):
                    yield added


class _Running:
    """A job of this process, and who watches it."""

    def __init__(self, job: Job, items: dict[int, ItemProgress]) -> None:
        self.job = job
        self.items = items
        self.watchers: set[asyncio.Event] = set()
        self.task: asyncio.Task[None] | None = None
        self.stopped = False
        self._finished = False

    def progress(self) -> Progress:
        return Progress(tuple(self.items.values()), self._finished, self.stopped)

    def set(self, item_id: int, **values: object) -> None:
        self.items[item_id] = replace(self.items[item_id], **values)  # type: ignore[arg-type]
        self._tell()

    def failed(self, reason: str) -> None:
        for item_id, item in self.items.items():
            if item.stage != "done":
                self.set(item_id, stage="done", outcomes=(Unreadable(item.name, reason),))

    def finish(self) -> None:
        self._finished = True
        self._tell()

    def _tell(self) -> None:
        for changed in self.watchers:
            changed.set()


def _known(error: Exception) -> FootnoteError | None:
    """The error that has a sentence for people, if that is what stopped a job."""
    if isinstance(error, ExceptionGroup):
        return next((found for found in map(_known, error.exceptions) if found), None)
    return error if isinstance(error, FootnoteError) else None
