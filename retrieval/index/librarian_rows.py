"""Who may ingest into a library, as an admin named them. Runs in its caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.tables import librarians, libraries

Kind = Literal["role", "channel"]


@dataclass(frozen=True, slots=True)
class Librarians:
    """Ids of roles and channels; both empty means that nobody was named."""

    roles: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()


async def named(connection: AsyncConnection, key: str) -> Librarians:
    """Who was named for the library of that key."""
    chosen = select(librarians.c.kind, librarians.c.discord_id).join(
        libraries, libraries.c.id == librarians.c.library_id
    )
    rows = [(str(kind), int(found)) for kind, found in await connection.execute(chosen.where(libraries.c.key == key))]
    roles = frozenset(found for kind, found in rows if kind == "role")
    return Librarians(roles, frozenset(found for kind, found in rows if kind == "channel"))


async def name(connection: AsyncConnection, library_id: int, kind: Kind, discord_id: int) -> None:
    """Name a role or a channel; naming it twice changes nothing."""
    await forget(connection, library_id, kind, discord_id)
    values = {"library_id": library_id, "kind": kind, "discord_id": str(discord_id)}
    await connection.execute(insert(librarians).values(values))


async def forget(connection: AsyncConnection, library_id: int, kind: Kind, discord_id: int) -> None:
    """Name a role or a channel no longer."""
    here = (librarians.c.library_id == library_id, librarians.c.kind == kind)
    await connection.execute(delete(librarians).where(*here, librarians.c.discord_id == str(discord_id)))
