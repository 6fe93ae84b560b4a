"""Where answers appear: a reply in a channel, or the response to a slash command."""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import discord

from bot.connection import AWAY

log = logging.getLogger(__name__)
Result = TypeVar("Result")

# discord.py retries what a server answers with most 5xx codes, but neither 503 nor a connection that breaks.
PAUSES = (1.0, 3.0, 10.0, 30.0)
# An interaction's token dies after 15 minutes; what comes later goes to the channel.
TOKEN_LIFE = timedelta(minutes=14)
UNKNOWN_WEBHOOK, INVALID_TOKEN = 10015, 50027
CLOSED_DMS = 50007
NO_PERMISSION = (
    "I may not answer in that channel. Ask an admin to give me “View Channel”, “Send Messages”, “Attach Files” and "
    "“Read Message History” there (in threads “Send Messages in Threads”)."
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with a message."""

    name: str
    content: bytes


async def persistently(call: Callable[[], Awaitable[Result]]) -> Result:
    """Make a call that may be repeated, again after a pause when Discord or the connection fails."""
    for pause in PAUSES:
        try:
            return await call()
        except AWAY as error:
            log.warning("Discord failed, trying again in %.0f s", pause, exc_info=error)
            await asyncio.sleep(pause)
    return await call()


class Reply:
    """A reply to a message; it neither pings its author nor fails when the message was deleted meanwhile."""

    def __init__(self, message: discord.Message) -> None:
        self._question = message
        self._sent: discord.Message | None = None
        self._gone = False
        # Discord drops a second message with the same nonce, so sending may be repeated.
        self._nonce = secrets.randbits(62)

    async def write(
        self, text: str, document: Document | None = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        """Send the reply, or edit it."""
        sent = self._sent
        if sent is None:
            self._sent = await self._send(text, self._question, self._nonce, document, view)
            return self._sent
        try:
            await persistently(lambda: sent.edit(content=text, attachments=_files(document), view=view))
        except discord.NotFound:
            log.info("An answer was deleted while it was being written")
            self._gone = True
        return sent

    async def add(self, text: str) -> None:
        """A further message below; it replies to the first, so that a reply to it finds the conversation."""
        if self._gone:
            return  # Footnotes of an answer that somebody deleted are of no use.
        await self._send(text, self._sent or self._question, secrets.randbits(62))

    async def tell_privately(self) -> None:
        """Tell the asker by DM that the bot may not write here."""
        with suppress(discord.Forbidden):  # Closed DMs: there is no way left to tell; the log has it.
            await self._question.author.send(NO_PERMISSION)

    async def _send(
        self,
        text: str,
        to: discord.Message,
        nonce: int,
        document: Document | None = None,
        view: discord.ui.View | None = None,
    ) -> discord.Message:
        return await persistently(
            lambda: self._question.channel.send(
                text,
                files=_files(document),
                **_shown(view),
                reference=to.to_reference(fail_if_not_exists=False),
                nonce=nonce,
                suppress_embeds=True,
            )
        )


class CommandResponse:
    """The response to a deferred slash command; past the token's life a message in the channel."""

    def __init__(self, interaction: discord.Interaction, private: bool) -> None:
        self._interaction = interaction
        self._private = private
        self._in_channel: discord.Message | None = None

    async def write(
        self, text: str, document: Document | None = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        """Fill in the response, or edit it."""
        interaction, sent = self._interaction, self._in_channel
        if sent is None and (
            response := await self._by_token(
                lambda: interaction.edit_original_response(content=text, attachments=_files(document), view=view)
            )
        ):
            return None if self._private else response
        if sent is not None:
            await persistently(lambda: sent.edit(content=text, attachments=_files(document), view=view))
        else:
            self._in_channel = await self._late(text, document, view)
        return self._in_channel

    async def add(self, text: str) -> None:
        """A further message below, as private as the first."""
        send = self._interaction.followup.send
        if self._in_channel is not None or not await self._by_token(
            lambda: send(text, ephemeral=self._private, suppress_embeds=True, wait=True)
        ):
            await self._late(text)

    async def _by_token(self, call: Callable[[], Awaitable[discord.Message]]) -> discord.Message | None:
        """Write a message with the interaction's token; None when the token is dead."""
        if discord.utils.utcnow() - self._interaction.created_at > TOKEN_LIFE:
            return None
        try:
            return await persistently(call)
        except discord.HTTPException as error:
            if error.code not in (UNKNOWN_WEBHOOK, INVALID_TOKEN):
                raise
            return None

    async def _late(
        self, text: str, document: Document | None = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        # A private answer must not appear in the channel; it goes to the person's DMs.
        channel = self._interaction.user if self._private else self._interaction.channel
        if not isinstance(channel, discord.abc.Messageable):
            log.warning("A late answer has no channel to go to")
            return None
        nonce = secrets.randbits(62)
        return await persistently(
            lambda: channel.send(text, files=_files(document), **_shown(view), nonce=nonce, suppress_embeds=True)
        )


class ChannelPost:
    """A message of the bot's own in a channel, such as the report of a job whose command is long gone."""

    def __init__(self, channel: discord.abc.Messageable) -> None:
        self._channel = channel
        self._sent: discord.Message | None = None
        self._nonce = secrets.randbits(62)

    async def write(
        self, text: str, document: Document | None = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        """Send the message, or edit it."""
        sent = self._sent
        if sent is not None:
            await persistently(lambda: sent.edit(content=text, attachments=_files(document), view=view))
            return sent
        self._sent = await persistently(
            lambda: self._channel.send(
                text, files=_files(document), **_shown(view), nonce=self._nonce, suppress_embeds=True
            )
        )
        return self._sent

    async def add(self, text: str) -> None:
        """A further message below."""
        await persistently(lambda: self._channel.send(text, nonce=secrets.randbits(62), suppress_embeds=True))


async def send_all(
    channel: discord.abc.Messageable,
    texts: Sequence[str],
    view: discord.ui.View | None = None,
    nonces: Sequence[str] = (),
) -> None:
    """Send texts as messages, the buttons under the last; a message with a nonce of a moment ago is not sent twice."""
    for number, text in enumerate(texts):
        nonce = nonces[number] if nonces else str(secrets.randbits(62))
        shown = _shown(view if number == len(texts) - 1 else None)
        await persistently(partial(channel.send, text, nonce=nonce, suppress_embeds=True, **shown))


def _shown(view: discord.ui.View | None) -> dict[str, Any]:
    return {"view": view} if view is not None else {}


def _files(document: Document | None) -> list[discord.File]:
    # Made anew for every attempt: a file that was sent once is at its end.
    return [discord.File(io.BytesIO(document.content), document.name)] if document is not None else []
