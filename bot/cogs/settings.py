"""What an admin decides in Discord: `/settings ingest`, who may change the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.channel_history import Readable
from bot.channel_option import NamedChannel
from bot.cogs.servers import Servers
from bot.permissions import require_manager, role_name

if TYPE_CHECKING:
    from bot.client import FootnoteBot


class ServerSettings(commands.Cog):
    """Settings of one server."""

    settings = app_commands.Group(
        name="settings",
        description="How this bot behaves on this server",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers

    @settings.command(name="ingest", description="Who may change the library; without options shows it")
    @app_commands.describe(
        add_role="A role whose members may",
        remove_role="A role whose members may no longer",
        add_channel="A channel where they may; with no role named, everybody in it may",
        remove_channel="A channel where they may no longer",
    )
    async def ingest(
        self,
        interaction: discord.Interaction,
        add_role: discord.Role | None = None,
        remove_role: discord.Role | None = None,
        add_channel: app_commands.Transform[Readable, NamedChannel] | None = None,
        remove_channel: app_commands.Transform[Readable, NamedChannel] | None = None,
    ) -> None:
        """`/settings ingest [add_role:] [remove_role:] [add_channel:] [remove_channel:]`."""
        require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        for role, may in ((add_role, True), (remove_role, False)):
            if role is not None:
                await library.name_librarian("role", role.id, may)
        for channel, may in ((add_channel, True), (remove_channel, False)):
            if channel is not None:
                await library.name_librarian("channel", channel.id, may)
        await interaction.edit_original_response(content=await self._sentence(interaction))

    @settings.command(name="summaries", description="May members have any page of the web summarised?")
    @app_commands.describe(any_page="False: only articles of this server's library")
    async def summaries(self, interaction: discord.Interaction, any_page: bool) -> None:
        """`/settings summaries any_page:…`."""
        require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        await library.let_summarize_any(any_page)
        allowed = "any page of the web and any file" if any_page else "only articles of this server's library"
        await interaction.edit_original_response(content=f"Members may have summarised: {allowed}.")

    async def _sentence(self, interaction: discord.Interaction) -> str:
        named = await self._app.libraries.librarians(str(interaction.guild_id))
        assert interaction.guild is not None, "the command is for servers only"
        roles = [interaction.guild.get_role(found) for found in sorted(named.roles)]
        names = [role_name(role) if role else "a deleted role" for role in roles]
        places = ", ".join(f"<#{found}>" for found in sorted(named.channels))
        manager = "Members with the permission “Manage Server” may change this server's library anywhere"
        if not names and not places:
            return f"{manager}; nobody else."
        others = f"members with {' or '.join(names)}" if names else "everybody"
        return f"{manager}; {others} may" + (f" in {places}." if places else " in any channel.")
