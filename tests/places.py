"""What tests of the bot in Discord share: a server with a channel and people, and waiting for what they are told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tests.loopback.discord_players import MANAGE_GUILD, Channel, Guild, Interaction, Member, Message
from tests.loopback.discord_server import DiscordServer

FOOTNOTE = re.compile(r"^-# \[(\d+)\] \[(.+?)\]\(<(\S+)>\) · (\d{4}-\d\d-\d\d) · “(.+)”$", re.MULTILINE)


@dataclass
class Place:
    """A server with a channel and a member, and the data directory of its bot."""

    server: DiscordServer
    guild: Guild
    channel: Channel
    ada: Member
    data: Path

    @classmethod
    def on(cls, server: DiscordServer, data: Path) -> Self:
        """A new server, Readers, with a channel and Ada, an ordinary member."""
        guild = server.add_guild("Readers")
        return cls(server, guild, guild.channel("general"), server.member("Ada", guild), data)

    def with_librarian(self) -> Self:
        """The same place, where `ada` is Grace, who manages the server."""
        role = self.guild.role("Librarians", MANAGE_GUILD)
        return replace(self, ada=self.server.member("Grace", self.guild, role))

    def said(self, channel: Channel) -> list[Message]:
        """What the bot, and no other bot, wrote in a channel."""
        return [message for message in channel.messages_by_bot() if message.author is self.server.bot]

    async def answer(self, channel: Channel | None = None, number: int = 1, within: float = 30.0) -> Message:
        """The bot's message of that number in a channel, once it is complete."""
        where = channel or self.channel

        def complete() -> Message | None:
            messages = self.said(where)
            done = len(messages) >= number and not messages[number - 1].loading
            return messages[number - 1] if done and not messages[number - 1].content.endswith(" …") else None

        return await self.server.wait_for(complete, within, f"answer {number}")

    def assert_clean(self) -> None:
        """Nothing Discord would object to happened, and nobody was pinged."""
        assert self.server.violations == []
        assert self.server.failures == []
        assert self.server.heartbeat_lateness < 1.0
        for channel in self.server.channels.values():
            # Another test's servers are its own affair.
            if channel.guild in (None, *self.server.guilds.values()):
                assert not any(message.pings for message in self.said(channel))


async def done(place: Place, asked: Interaction, within: float = 30) -> str:
    """The text of a command's response once it is no progress any more."""

    def finished() -> str | None:
        original = asked.original
        ready = original and not original.loading and not original.content.endswith("…")
        return original.content if original and ready else None

    return await place.server.wait_for(finished, within, "a finished command")


async def refusal(place: Place, asked: Interaction) -> str:
    """The sentence a command that failed ended with."""

    def told() -> str | None:
        messages = [*asked.followups, *([asked.original] if asked.original and not asked.original.loading else [])]
        return messages[-1].content if messages else None

    return await place.server.wait_for(told, 20, "a refusal")
