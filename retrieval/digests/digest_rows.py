"""Reading and writing digests as rows. Every function runs in its caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.digests.digest import Digest, stamp
from retrieval.index.tables import articles, digests, feeds, libraries

# What a digest looks like while nobody delivers it.
IDLE = {"attempt_for": None, "attempt_until": None, "claimed_until": None}
# Rows a statement; SQLite takes at most 32,766 parameters.
ROWS = 1_000


async def found(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Digest]:
    """The digests that meet all conditions, oldest first."""
    return await _read(connection, _select().where(*conditions).order_by(digests.c.id))


async def lock(connection: AsyncConnection, library_id: int) -> None:
    """Until the transaction ends no other one that asks for this lock goes on; SQLite has a single writer anyway."""
    await connection.execute(select(libraries.c.id).where(libraries.c.id == library_id).with_for_update())


async def insert_digest(connection: AsyncConnection, **values: Any) -> int:
    """A new digest; gives its id."""
    created = await connection.execute(insert(digests).values(values))
    assert created.inserted_primary_key is not None
    return int(created.inserted_primary_key[0])


async def change(connection: AsyncConnection, ids: Sequence[int], **values: Any) -> None:
    """Set columns of digests."""
    for start in range(0, len(ids), ROWS):
        some = digests.c.id.in_(ids[start : start + ROWS])
        await connection.execute(update(digests).where(some).values(**values))


async def delete_digests(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> int:
    """Forget the digests that meet all conditions; gives their number."""
    return int((await connection.execute(delete(digests).where(*conditions))).rowcount)


async def due(connection: AsyncConnection, moment: str, limit: int) -> list[Digest]:
    """Digests to be delivered by then that nobody delivers, longest due first.

    Those of servers that were left rest, and the terminal's own are shown only when they are asked for.
    """
    somebodys = or_(digests.c.user_id.is_not(None), digests.c.channel_id.is_not(None))
    here = (digests.c.next_at <= moment, libraries.c.left_at.is_(None), somebodys, *_free(moment))
    return await _read(connection, _select().where(*here).order_by(digests.c.next_at, digests.c.id).limit(limit))


async def claim(connection: AsyncConnection, digest: Digest, moment: str, until: str) -> bool:
    """Take a due digest for its due moment until then; False when somebody else was faster.

    One conditional statement, so that it holds between processes whatever they have read before.
    """
    again = digest.attempt_for == digest.next_at
    seen = digests.c.attempt_for
    here = (
        digests.c.id == digest.id,
        digests.c.next_at == digest.next_at,
        seen.is_(None) if digest.attempt_for is None else seen == digest.attempt_for,
        *_free(moment),
    )
    values: dict[str, str | None] = {"attempt_for": digest.next_at, "claimed_until": until}
    if not again:
        values["attempt_until"] = None
    return bool((await connection.execute(update(digests).where(*here).values(values))).rowcount)


async def begin(connection: AsyncConnection, digest: Digest, until: str) -> str:
    """Note up to when the issue of an attempt tells what is new; gives what was noted first."""
    here = (digests.c.id == digest.id, digests.c.attempt_for == digest.attempt_for)
    noted = digests.c.attempt_until
    await connection.execute(update(digests).where(*here, noted.is_(None)).values(attempt_until=until))
    return (await connection.execute(select(noted).where(*here))).scalar() or until


async def deliver(connection: AsyncConnection, digest_id: int, until: str, next_at: str) -> None:
    """An issue was delivered: what was added until then is not new any more. It never becomes new again."""
    since = case((digests.c.since < until, until), else_=digests.c.since)
    values = {"since": since, "next_at": next_at, "failures": 0, **IDLE}
    await connection.execute(update(digests).where(digests.c.id == digest_id).values(values))


async def settled_until(connection: AsyncConnection, library_id: int, since: str, moment: datetime) -> str:
    """The latest moment up to which no article is still being indexed: a later one must not be passed over."""
    older = articles.alias()
    # A new version of an article that is there is not new.
    known = exists().where(
        older.c.library_id == library_id, older.c.identity == articles.c.identity, older.c.searchable
    )
    here = (articles.c.library_id == library_id, ~articles.c.searchable, articles.c.added_at > since, ~known)
    # An article that is not searchable yet is added at its own moment, so everything before that one is told.
    first = (await connection.execute(select(func.min(articles.c.added_at)).where(*here))).scalar()
    return stamp(moment) if first is None else min(stamp(moment), _just_before(first))


def _just_before(moment: str) -> str:
    return stamp(datetime.fromisoformat(moment) - datetime.resolution)


def _free(moment: str) -> tuple[ColumnElement[bool], ...]:
    claimed = digests.c.claimed_until
    return (digests.c.state == "on", or_(claimed.is_(None), claimed <= moment))


def _select() -> Select[Any]:
    columns = [digests.c[name] for name in Digest.__slots__ if name not in ("library_key", "feed_title")]
    return (
        select(*columns, libraries.c.key.label("library_key"), feeds.c.title.label("feed_title"))
        .join(libraries, libraries.c.id == digests.c.library_id)
        .outerjoin(feeds, feeds.c.id == digests.c.feed_id)
    )


async def _read(connection: AsyncConnection, chosen: Select[Any]) -> list[Digest]:
    return [Digest(**row._mapping) for row in await connection.execute(chosen)]
