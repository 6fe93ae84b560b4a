"""The feeds a server follows: polling them, `/feeds list`, `/feeds remove`."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.background import watched
from bot.cards import age
from bot.choices import choices
from bot.cogs.servers import Servers
from bot.connection import CALL_FAILED
from bot.counting import count
from bot.permissions import require_librarian
from bot.render import escape, shortened, split
from bot.surfaces import ChannelPost
from retrieval.errors import FootnoteError
from retrieval.ingestion.feed_rows import FollowedFeed

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)


class FollowedFeeds(commands.Cog):
    """Polls the feeds of all servers, and shows a server its own."""

    feeds = app_commands.Group(name="feeds", description="The feeds this server follows", guild_only=True)

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        self._polling: asyncio.Task[None] | None = None

    async def cog_unload(self) -> None:
        """Stop polling; the next start goes on."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begin to poll, once."""
        if self._polling is None:
            self._polling = watched(self._app.feeds.run(self._report), "The polling of feeds")

    @feeds.command(name="list", description="List the feeds this server follows")
    async def list_feeds(self, interaction: discord.Interaction) -> None:
        """`/feeds list`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await self._app.feeds.of(await self._servers.library_of(interaction))
        lines = [*map(_line, found), f"-# {count(len(found), 'feed')}"]
        first, *rest = split("\n".join(lines) if found else "This server follows no feeds; `/ingest feed` adds one.")
        await interaction.edit_original_response(content=first)
        for text in rest:
            await interaction.followup.send(text, ephemeral=True, suppress_embeds=True)

    @feeds.command(name="remove", description="Stop following a feed; its articles stay")
    @app_commands.describe(feed="Its title")
    async def remove_feed(self, interaction: discord.Interaction, feed: str) -> None:
        """`/feeds remove feed:…`."""
        await require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        found = await self._app.feeds.of(library)
        chosen = [f for f in found if feed == str(f.id)] or [f for f in found if feed.lower() == f.title.lower()]
        if not chosen or not await self._app.feeds.unfollow(library, chosen[0].id):
            raise FootnoteError("This server follows no such feed; /feeds list shows them all.")
        await interaction.edit_original_response(
            content=f"Not followed any more: **{escape(chosen[0].title)}**. Its articles stay in the library."
        )

    @remove_feed.autocomplete("feed")
    async def titles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Titles of the server's feeds that contain what was typed."""
        found = await self._app.feeds.of(await self._servers.library_of(interaction))
        return choices((feed.title, str(feed.id)) for feed in found if typed.lower() in feed.title.lower())

    async def _report(self, feed: FollowedFeed) -> None:
        """Tell the channel where the feed was added that it is broken; failing that, who added it."""
        text = (
            f"The feed **{escape(shortened(feed.title, 150))}** cannot be read any more: "
            f"{escape(feed.failure or 'no reason given')} I go on trying, less and less often; "
            "`/feeds remove` stops that."
        )
        channel = self._bot.get_channel(int(feed.channel_id)) if feed.channel_id else None
        try:
            if isinstance(channel, discord.abc.Messageable):
                await ChannelPost(channel).write(text)
            elif feed.added_by:
                await ChannelPost(await self._bot.fetch_user(int(feed.added_by))).write(text)
        except CALL_FAILED as error:
            log.warning("Nobody could be told that feed %d is broken", feed.id, exc_info=error)


def _line(feed: FollowedFeed) -> str:
    state = f"broken: {escape(feed.failure or '')}" if feed.failures else f"checked{age(feed.checked_at)}"
    return f"**{escape(shortened(feed.title, 150))}** · <{feed.url}> · {state}"
