"""Reading and writing ingestion jobs as rows. Every function runs in its caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.store import now
from retrieval.index.tables import feed_items, job_items, jobs, libraries
from retrieval.ingestion.job import ItemProgress, Job, Request, outcomes_of, request_columns, request_of

# A feed's item that cannot be read is tried at so many polls.
MOST_TRIES = 3
_TRIED = case((feed_items.c.tries >= MOST_TRIES, "failed"), else_="again")


async def insert_job(
    connection: AsyncConnection,
    library_id: int,
    requests: Sequence[Request],
    asked_by: str | None,
    channel_id: str | None,
) -> int:
    """A job that is to be run; gives its id."""
    values = {"library_id": library_id, "state": "running", "asked_by": asked_by, "channel_id": channel_id}
    created = await connection.execute(insert(jobs).values(**values, created_at=now()))
    assert created.inserted_primary_key is not None
    job_id = int(created.inserted_primary_key[0])
    rows = [{"job_id": job_id, "name": r.name, "state": "waiting", **request_columns(r)} for r in requests]
    await connection.execute(insert(job_items), rows)
    return job_id


async def running_jobs(connection: AsyncConnection) -> list[Job]:
    """All jobs that are not finished, oldest first."""
    columns = (jobs.c.id, libraries.c.key.label("library_key"), jobs.c.asked_by, jobs.c.channel_id, jobs.c.created_at)
    chosen = select(*columns).join(libraries, libraries.c.id == jobs.c.library_id).where(jobs.c.state == "running")
    return [Job(**row._mapping) for row in await connection.execute(chosen.order_by(jobs.c.id))]


async def items(connection: AsyncConnection, job_id: int) -> dict[int, ItemProgress]:
    """How far each item of a job is, by the item's id, in order."""
    chosen = select(job_items.c.id, job_items.c.name, job_items.c.outcomes).where(job_items.c.job_id == job_id)
    return {
        int(row.id): ItemProgress(row.name)
        if row.outcomes is None
        else ItemProgress(row.name, "done", outcomes=outcomes_of(row.outcomes))
        for row in await connection.execute(chosen.order_by(job_items.c.id))
    }


async def request(connection: AsyncConnection, item_id: int) -> Request:
    """What an item asks for."""
    columns = [job_items.c[name] for name in ("kind", "name", "request", "content", "feed_item_id")]
    row = (await connection.execute(select(*columns).where(job_items.c.id == item_id))).one()
    return request_of(*row)


async def finish_item(connection: AsyncConnection, item_id: int, outcomes: str, kept: bool) -> None:
    """What came of an item; what it asked for is forgotten. A feed's item is known from now on, or tried again."""
    values = {"state": "done", "outcomes": outcomes, "request": None, "content": None}
    await connection.execute(update(job_items).where(job_items.c.id == item_id).values(values))
    feed_item = select(job_items.c.feed_item_id).where(job_items.c.id == item_id).scalar_subquery()
    await connection.execute(
        update(feed_items).where(feed_items.c.id == feed_item).values(state="done" if kept else _TRIED)
    )


async def finish_job(connection: AsyncConnection, job_id: int, state: str) -> None:
    """The job is over: `done`, `stopped` or `failed`; then what was not read yet is forgotten.

    A feed's items that a failure kept from being read are tried again.
    """
    await connection.execute(update(jobs).where(jobs.c.id == job_id).values(state=state, finished_at=now()))
    waiting = (job_items.c.job_id == job_id, job_items.c.state == "waiting")
    if state == "failed":
        unread = feed_items.c.id.in_(select(job_items.c.feed_item_id).where(*waiting))
        await connection.execute(update(feed_items).where(unread).values(state=_TRIED))
    await connection.execute(update(job_items).where(*waiting).values(state="stopped", request=None, content=None))


async def forget_jobs(connection: AsyncConnection, before: str) -> None:
    """Remove the rows of jobs that were over before a moment."""
    await connection.execute(delete(jobs).where(jobs.c.finished_at < before))
