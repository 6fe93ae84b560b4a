"""Messages that could not be delivered since the person's DMs are closed: kept an hour for a second try."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from retrieval.index.database import Database
from retrieval.index.tables import deliveries

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Texts for one person, and the server and request that their buttons are made of."""

    user_id: int
    texts: tuple[str, ...]
    request: str | None
    link: str | None


async def keep(database: Database, delivery: Delivery) -> int:
    """Keep a delivery; gives its number. What is older than an hour goes."""
    now = datetime.now(UTC)
    async with database.write() as connection:
        await connection.execute(delete(deliveries).where(deliveries.c.expires_at < _moment(now)))
        created = await connection.execute(
            insert(deliveries).values(
                user_id=str(delivery.user_id),
                texts=json.dumps(delivery.texts),
                request=delivery.request,
                link=delivery.link,
                expires_at=_moment(now + KEPT),
            )
        )
    assert created.inserted_primary_key is not None
    return int(created.inserted_primary_key[0])


async def find(database: Database, number: int, user_id: int) -> Delivery | None:
    """The delivery of that number if it is this person's and not older than an hour."""
    chosen = (deliveries.c.id == number, deliveries.c.user_id == str(user_id))
    fresh = deliveries.c.expires_at >= _moment(datetime.now(UTC))
    async with database.read() as connection:
        row = (await connection.execute(select(deliveries).where(*chosen, fresh))).one_or_none()
    return Delivery(int(row.user_id), tuple(json.loads(row.texts)), row.request, row.link) if row else None


async def forget(database: Database, number: int) -> None:
    """It is delivered."""
    async with database.write() as connection:
        await connection.execute(delete(deliveries).where(deliveries.c.id == number))


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
