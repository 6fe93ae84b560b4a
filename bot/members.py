"""Who is on which server, without the privileged members intent."""

from __future__ import annotations

import time

import discord

# Long enough to spare a request a message, short enough that someone who left stops seeing the library soon.
REMEMBER_SECONDS = 600.0
UNKNOWN_MEMBER = 10007
MOST_REMEMBERED = 10_000


class Members:
    """Remembers for a while who was seen or found on a server."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[bool, float]] = {}

    def seen(self, guild_id: int, user_id: int) -> None:
        """Note that the person has just acted on the server."""
        self._note(guild_id, user_id, True)

    async def includes(self, guild: discord.Guild, user: discord.abc.User) -> bool:
        """Is the person on the server? Asks Discord unless it is known."""
        known = self._known.get((guild.id, user.id))
        if known and time.monotonic() - known[1] < REMEMBER_SECONDS:
            return known[0]
        try:
            await guild.fetch_member(user.id)
            member = True
        except discord.NotFound as error:
            if error.code != UNKNOWN_MEMBER:
                raise
            member = False
        self._note(guild.id, user.id, member)
        return member

    def _note(self, guild_id: int, user_id: int, member: bool) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[guild_id, user_id] = (member, time.monotonic())
