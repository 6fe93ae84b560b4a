"""Which library answers: one a server, filled with starter articles when it is new."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.app import App
from bot.ingest import add_starter_articles
from bot.members import Members
from retrieval.errors import FootnoteError
from retrieval.library import Library

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

# Membership requests under way for one DM.
AT_ONCE = 5


class Servers(commands.Cog):
    """Prepares the library of each server the bot is on."""

    def __init__(self, bot: FootnoteBot, app: App) -> None:
        self._bot = bot
        self._app = app
        self._preparing: dict[int, asyncio.Task[Library]] = {}
        self._leaving = False
        self.members = Members()

    async def library(self, guild_id: int) -> Library:
        """The server's library, ready to answer; waits while its starter articles are indexed.

        Raises FootnoteError when it cannot be opened.
        """
        if self._leaving:
            raise FootnoteError("I am just being stopped; please ask again in a moment.")
        task = self._preparing.get(guild_id)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(self._prepare(guild_id))
            self._preparing[guild_id] = task
        # Shielded: a person who gives up must not stop the preparation for everyone.
        return await asyncio.shield(task)

    async def libraries_of(self, user: discord.abc.User) -> list[tuple[discord.Guild, Library]]:
        """The libraries a person may see: those of the servers they and the bot are on."""
        few = asyncio.Semaphore(AT_ONCE)

        async def shared(guild: discord.Guild) -> bool:
            async with few:
                return await self.members.includes(guild, user)

        guilds = list(self._bot.guilds)
        on_both = await asyncio.gather(*(shared(guild) for guild in guilds))
        return [(guild, await self.library(guild.id)) for guild, both in zip(guilds, on_both, strict=True) if both]

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Prepare each server's library when the bot connects."""
        await self._prepare_quietly(guild)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Prepare the library of a server the bot was just added to."""
        log.info("Joined server %s", guild.id)
        await self._prepare_quietly(guild)

    async def cog_unload(self) -> None:
        """Stop preparing when the bot stops; the next start goes on.

        Waits until nothing uses the database any more: it is closed next, under whoever still did.
        """
        self._leaving = True
        for task in self._preparing.values():
            task.cancel()
        await asyncio.gather(*self._preparing.values(), return_exceptions=True)

    async def _prepare_quietly(self, guild: discord.Guild) -> None:
        try:
            await self.library(guild.id)
        except FootnoteError as error:
            log.error("The library of server %s could not be prepared: %s", guild.id, error, exc_info=error)

    async def _prepare(self, guild_id: int) -> Library:
        library = await self._app.libraries.open(str(guild_id))
        added = await add_starter_articles(library, self._app.settings.starter_articles)
        if added:
            log.info("Server %s starts with %d articles", guild_id, added)
        return library
