"""Where answers appear: a reply in a channel, or the response to a slash command."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import discord

log = logging.getLogger(__name__)
Result = TypeVar("Result")

# discord.py retries what a server answers with most 5xx codes, but neither 503 nor a connection that breaks.
PAUSES = (1.0, 3.0)
# An interaction's token dies after 15 minutes; what comes later goes to the channel.
TOKEN_LIFE = timedelta(minutes=14)
UNKNOWN_WEBHOOK, INVALID_TOKEN = 10015, 50027
NO_PERMISSION = (
    "I may not write in that channel. Ask an admin to give me “View Channel”, “Send Messages” and “Read Message "
    "History” there (in threads “Send Messages in Threads”)."
)


async def persistently(call: Callable[[], Awaitable[Result]]) -> Result:
    """Make a call that may be repeated, again after a pause when Discord or the connection fails."""
    for pause in PAUSES:
        try:
            return await call()
        except (discord.DiscordServerError, OSError) as error:
            log.warning("Discord failed, trying again in %.0f s", pause, exc_info=error)
            await asyncio.sleep(pause)
    return await call()


class Reply:
    """A reply to a message; it neither pings its author nor fails when the message was deleted meanwhile."""

    def __init__(self, message: discord.Message) -> None:
        self._question = message
        self._sent: discord.Message | None = None
        # Discord drops a second message with the same nonce, so sending may be repeated.
        self._nonce = secrets.randbits(62)

    async def write(self, text: str, document: discord.File | None = None) -> None:
        """Send the reply, or edit it."""
        files = [document] if document else []
        sent = self._sent
        if sent is not None:
            try:
                await persistently(lambda: sent.edit(content=text, attachments=files))
            except discord.NotFound:
                log.info("An answer was deleted while it was being written")
            return
        self._sent = await persistently(
            lambda: self._question.channel.send(
                text,
                files=files,
                reference=self._question.to_reference(fail_if_not_exists=False),
                nonce=self._nonce,
                suppress_embeds=True,
            )
        )

    async def add(self, text: str) -> None:
        """A further message below."""
        nonce = secrets.randbits(62)
        await persistently(lambda: self._question.channel.send(text, nonce=nonce, suppress_embeds=True))

    async def tell_privately(self) -> None:
        """Tell the asker by DM that the bot may not write here."""
        with suppress(discord.Forbidden):  # Closed DMs: there is no way left to tell; the log has it.
            await self._question.author.send(NO_PERMISSION)


class CommandResponse:
    """The response to a deferred slash command; past the token's life a message in the channel."""

    def __init__(self, interaction: discord.Interaction, private: bool) -> None:
        self._interaction = interaction
        self._private = private
        self._in_channel: discord.Message | None = None

    async def write(self, text: str, document: discord.File | None = None) -> None:
        """Fill in the response, or edit it."""
        files = [document] if document else []
        if self._alive():
            try:
                await persistently(lambda: self._interaction.edit_original_response(content=text, attachments=files))
                return
            except discord.HTTPException as error:
                if error.code not in (UNKNOWN_WEBHOOK, INVALID_TOKEN):
                    raise
        if self._in_channel is not None:
            await self._in_channel.edit(content=text, attachments=files)
        else:
            self._in_channel = await self._late(text, files)

    async def add(self, text: str) -> None:
        """A further message below, as private as the first."""
        if self._alive():
            await self._interaction.followup.send(text, ephemeral=self._private, suppress_embeds=True)
        else:
            await self._late(text, [])

    async def _late(self, text: str, files: list[discord.File]) -> discord.Message | None:
        # A private answer must not appear in the channel; it goes to the person's DMs.
        channel = self._interaction.user if self._private else self._interaction.channel
        if isinstance(channel, discord.abc.Messageable):
            return await channel.send(text, files=files, suppress_embeds=True)
        log.warning("A late answer has no channel to go to")
        return None

    def _alive(self) -> bool:
        return discord.utils.utcnow() - self._interaction.created_at < TOKEN_LIFE
