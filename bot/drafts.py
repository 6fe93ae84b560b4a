"""Drafts of answers: known while people see them grow, so that none is left half-written by a bot that was killed."""

from __future__ import annotations

import logging

import discord
from sqlalchemy import delete, insert, select

from bot.connection import AWAY
from bot.render import UNFINISHED
from retrieval.errors import DatabaseUnavailable
from retrieval.index.database import Database
from retrieval.index.tables import facts

log = logging.getLogger(__name__)

# A fact's name: this, the channel's id and the message's.
_PREFIX = "draft "


class Drafts:
    """The messages that show a draft at the moment; without the database answers are written all the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, message: discord.Message) -> None:
        """A message shows a draft from now on."""
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(facts).values(name=_name(message.channel.id, message.id), value=""))
        except DatabaseUnavailable as error:
            log.warning("A draft could not be noted", exc_info=error)

    async def end(self, message: discord.Message) -> None:
        """It shows an answer, or what became of it."""
        try:
            await self._forget(message.channel.id, message.id)
        except DatabaseUnavailable as error:
            log.warning("A draft could not be forgotten; the next start sees that it is complete", exc_info=error)

    async def settle(self, client: discord.Client, text: str) -> None:
        """Say on each message that an earlier run of the bot left as a draft what happened to it."""
        chosen = select(facts.c.name).where(facts.c.name.startswith(_PREFIX))
        async with self._database.read() as connection:
            names = (await connection.execute(chosen)).scalars().all()
        for name in names:
            channel_id, message_id = map(int, name.removeprefix(_PREFIX).split())
            try:
                message = await client.get_partial_messageable(channel_id).fetch_message(message_id)
                if message.content.endswith(UNFINISHED):
                    await message.edit(content=text, view=None)
            except AWAY as error:
                log.warning("A draft of before could not be settled; the next start tries again", exc_info=error)
                continue
            except discord.HTTPException as error:
                log.info("A draft of before is out of reach: %s", error)
            await self._forget(channel_id, message_id)

    async def _forget(self, channel_id: int, message_id: int) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(facts).where(facts.c.name == _name(channel_id, message_id)))


def _name(channel_id: int, message_id: int) -> str:
    return f"{_PREFIX}{channel_id} {message_id}"
