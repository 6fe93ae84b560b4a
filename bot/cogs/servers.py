"""Which library answers: one a server, filled with starter articles when it is new."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.app import App
from bot.background import watched
from bot.ingest import add_starter_articles
from bot.members import Members
from retrieval.errors import FootnoteError
from retrieval.library import LOCAL, Library
from retrieval.rounds import repeat

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

# Membership requests under way for one DM.
AT_ONCE = 5
# How often libraries are looked for whose grace period is over.
SWEEP_SECONDS = 3_600.0


class Servers(commands.Cog):
    """Prepares the library of each server the bot is on."""

    def __init__(self, bot: FootnoteBot, app: App) -> None:
        self._bot = bot
        self._app = app
        self._preparing: dict[int, asyncio.Task[Library]] = {}
        self._sweeping: asyncio.Task[None] | None = None
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

    async def library_of(self, interaction: discord.Interaction) -> Library:
        """The library of the server where an interaction happened. Raises FootnoteError."""
        if interaction.guild_id is None:
            raise FootnoteError("Articles belong to a server; use this command there.")
        return await self.library(interaction.guild_id)

    def note_member(self, interaction: discord.Interaction) -> None:
        """Who acts on a server is on it; Discord need not be asked."""
        if interaction.guild_id is not None:
            self.members.seen(interaction.guild_id, interaction.user.id)

    async def library_for(self, user: discord.abc.User, guild_id: int) -> Library:
        """A server's library for somebody who asks from a DM or by a button of an earlier day.

        Raises FootnoteError when the bot or the person is not on that server any more.
        """
        guild = self._bot.get_guild(guild_id)
        if guild is None or not await self.members.includes(guild, user):
            raise FootnoteError("That article belongs to a server that you and I do not share any more.")
        return await self.library(guild_id)

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
        await self._app.libraries.left(str(guild.id), None)
        await self._prepare_quietly(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that the bot was removed from a server; its library goes when the grace period is over."""
        log.info("Left server %s; its library is kept for %g days", guild.id, self._app.settings.leave_days)
        await self._app.libraries.left(str(guild.id), _now())

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Notice servers that were left while the bot was away, and begin to look for libraries to remove."""
        present = {str(guild.id) for guild in self._bot.guilds}
        for key in await self._app.libraries.keys():
            if key != LOCAL:
                await self._app.libraries.left(key, None if key in present else _now())
        if self._sweeping is None:
            self._sweeping = watched(repeat(self._round, "The removal of libraries"), "The removal of libraries")

    async def _round(self) -> None:
        """Remove the libraries of servers that were left long ago, and wait."""
        grace = timedelta(days=self._app.settings.leave_days)
        moment = _now(grace)
        for key in await self._app.libraries.left_before(moment):
            self._preparing.pop(int(key), None)
            await self._app.libraries.remove(key, moment)
        await asyncio.sleep(min(SWEEP_SECONDS, max(grace.total_seconds(), 1.0)))

    async def cog_unload(self) -> None:
        """Stop preparing when the bot stops; the next start goes on.

        Waits until nothing uses the database any more: it is closed next, under whoever still did.
        """
        self._leaving = True
        tasks: list[asyncio.Task[Any]] = [*self._preparing.values(), *([self._sweeping] if self._sweeping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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


def _now(ago: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) - ago).isoformat(timespec="seconds")
