"""Reading and writing followed feeds as rows. Every function runs in its caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.store import now
from retrieval.index.tables import feed_items, libraries
from retrieval.index.tables import feeds as feeds_table

Value = TypeVar("Value")
# Rows a statement; SQLite takes at most 32,766 parameters.
ROWS = 1_000


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """A feed a library follows. Times are ISO 8601 in UTC; `failures` counts polls since the last good one."""

    id: int
    library_id: int
    library_key: str
    url: str
    title: str
    added_by: str | None
    channel_id: str | None
    added_at: str
    checked_at: str | None
    next_at: str
    etag: str | None
    last_modified: str | None
    failures: int
    failure: str | None
    reported: bool

    @property
    def name(self) -> str:
        """Who brought an article, where the feed did."""
        return f"feed:{self.id}"


async def insert_feed(
    connection: AsyncConnection,
    library_id: int,
    url: str,
    title: str,
    added_by: str | None,
    channel_id: str | None,
    next_at: str,
) -> int:
    """A feed that is followed from now on; gives its id."""
    values = {"library_id": library_id, "url": url, "title": title, "added_by": added_by, "channel_id": channel_id}
    moment = now()
    created = await connection.execute(
        insert(feeds_table).values(**values, added_at=moment, checked_at=moment, next_at=next_at)
    )
    assert created.inserted_primary_key is not None
    return int(created.inserted_primary_key[0])


async def is_followed(connection: AsyncConnection, library_id: int, url: str) -> bool:
    """Does the library follow that address?"""
    here = (feeds_table.c.library_id == library_id, feeds_table.c.url == url)
    return (await connection.execute(select(feeds_table.c.id).where(*here))).first() is not None


async def feeds(connection: AsyncConnection, library_id: int, feed_id: int | None = None) -> list[FollowedFeed]:
    """The feeds of a library by title, or only the one of that id."""
    chosen = [feeds_table.c.library_id == library_id]
    if feed_id is not None:
        chosen.append(feeds_table.c.id == feed_id)
    rows = await connection.execute(_select().where(*chosen).order_by(feeds_table.c.title, feeds_table.c.id))
    return [FollowedFeed(**row._mapping) for row in rows]


async def due(connection: AsyncConnection, moment: str) -> list[FollowedFeed]:
    """The feeds to be polled by then, longest due first; those of servers that were left rest."""
    chosen = _select().where(feeds_table.c.next_at <= moment, libraries.c.left_at.is_(None))
    return [FollowedFeed(**row._mapping) for row in await connection.execute(chosen.order_by(feeds_table.c.next_at))]


async def next_at(connection: AsyncConnection) -> str | None:
    """When the next feed is due."""
    chosen = select(func.min(feeds_table.c.next_at)).join(libraries, libraries.c.id == feeds_table.c.library_id)
    found: str | None = (await connection.execute(chosen.where(libraries.c.left_at.is_(None)))).scalar()
    return found


async def delete_feed(connection: AsyncConnection, library_id: int, feed_id: int) -> bool:
    """Forget a feed; False when the library has none of that id."""
    here = (feeds_table.c.library_id == library_id, feeds_table.c.id == feed_id)
    return bool((await connection.execute(delete(feeds_table).where(*here))).rowcount)


async def note_poll(connection: AsyncConnection, feed_id: int, next_at: str) -> bool:
    """A poll that went well; False when the feed is not followed any more."""
    values = {"checked_at": now(), "next_at": next_at, "failures": 0, "failure": None, "reported": False}
    changed = await connection.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(values))
    return bool(changed.rowcount)


async def note_validators(
    connection: AsyncConnection, feed_id: int, etag: str | None, last_modified: str | None
) -> None:
    """What the next poll asks with."""
    values = {"etag": etag, "last_modified": last_modified}
    await connection.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(values))


async def note_failure(
    connection: AsyncConnection, feed_id: int, failures: int, reason: str, next_at: str, reported: bool
) -> None:
    """A poll that failed."""
    values = {"failures": failures, "failure": reason, "next_at": next_at, "reported": reported}
    await connection.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(values))


async def has_retries(connection: AsyncConnection, feed_id: int) -> bool:
    """Is there an item that is to be tried again?"""
    here = (feed_items.c.feed_id == feed_id, feed_items.c.state == "again")
    return (await connection.execute(select(feed_items.c.id).where(*here).limit(1))).first() is not None


async def wanted(connection: AsyncConnection, feed_id: int, ids: Sequence[str]) -> list[str]:
    """Those of a feed's item ids that were never read, or are to be tried again."""
    known: set[str] = set()
    keys = {_key(item_id): item_id for item_id in ids}
    for some in _chunks(list(keys)):
        here = (feed_items.c.feed_id == feed_id, feed_items.c.key.in_(some), feed_items.c.state != "again")
        known.update((await connection.execute(select(feed_items.c.key).where(*here))).scalars())
    return [item_id for key, item_id in keys.items() if key not in known]


async def insert_item(connection: AsyncConnection, feed_id: int, item_id: str, state: str) -> int:
    """Note an item that is being read, once more if it was tried before; gives its row's id."""
    here = (feed_items.c.feed_id == feed_id, feed_items.c.key == _key(item_id))
    row = (await connection.execute(select(feed_items.c.id).where(*here))).scalar()
    if row is None:
        values = {"feed_id": feed_id, "key": _key(item_id), "state": state, "tries": 1, "seen_at": now()}
        created = await connection.execute(insert(feed_items).values(values))
        assert created.inserted_primary_key is not None
        return int(created.inserted_primary_key[0])
    await connection.execute(
        update(feed_items).where(feed_items.c.id == row).values(state=state, tries=feed_items.c.tries + 1)
    )
    return int(row)


async def insert_known(connection: AsyncConnection, feed_id: int, ids: Sequence[str]) -> None:
    """Note items that need not be read."""
    moment = now()
    rows = [{"feed_id": feed_id, "key": key, "state": "done", "seen_at": moment} for key in {_key(i) for i in ids}]
    for some in _chunks(rows):
        await connection.execute(insert(feed_items), some)


def _select() -> Select[Any]:
    columns = [feeds_table.c[name] for name in FollowedFeed.__slots__ if name != "library_key"]
    return select(*columns, libraries.c.key.label("library_key")).join(
        libraries, libraries.c.id == feeds_table.c.library_id
    )


def _key(item_id: str) -> str:
    return hashlib.sha256(item_id.encode()).hexdigest()


def _chunks(values: Sequence[Value]) -> list[Sequence[Value]]:
    return [values[start : start + ROWS] for start in range(0, len(values), ROWS)]
