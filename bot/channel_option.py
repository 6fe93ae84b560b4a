"""Channels as options of commands, of the kinds this bot can read; discord.py's own annotations ask for more kinds."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.channel_history import Readable
from bot.failures import Told


class ReadableChannel(app_commands.Transformer):
    """A text channel, a forum, or a public thread."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds Discord offers."""
        return [discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.public_thread]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> Readable:
        """The channel itself. Raises Told for one the bot cannot see."""
        channel = value.resolve()
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel | discord.Thread):
            raise Told(f"I cannot see {value.mention}. Give me “View Channel” there.")
        return channel


class NamedChannel(ReadableChannel):
    """A text channel or a forum; threads belong to one."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds Discord offers."""
        return [discord.ChannelType.text, discord.ChannelType.forum]
