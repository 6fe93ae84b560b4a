"""Showing an answer while it grows: one message, edited at most every 1.2 seconds, the last edit for sure."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

import discord

from bot.connection import CALL_FAILED
from bot.drafts import Drafts
from bot.render import Rendered
from bot.surfaces import Document

log = logging.getLogger(__name__)

# A channel takes about five edits in five seconds; faster bursts end in a stall of the same length.
EDIT_SECONDS = 1.2


class Surface(Protocol):
    """Where an answer appears: a reply in a channel, or the response to a command."""

    async def write(
        self, text: str, document: Document | None = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        """Show the text as the answer's first message, in place of what it showed; gives it if others see it, too."""

    async def add(self, text: str) -> None:
        """Send a further message after the first."""


class LiveAnswer:
    """Writes the newest draft to a surface, never faster than Discord likes.

    With `drafts` the message is known there until the answer is finished or abandoned.
    """

    def __init__(self, surface: Surface, drafts: Drafts | None = None, interval: float = EDIT_SECONDS) -> None:
        self._surface = surface
        self._drafts = drafts
        self._interval = interval
        self._draft: discord.Message | None = None
        self._newest: tuple[str, discord.ui.View | None] | None = None
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def show(self, text: str, view: discord.ui.View | None = None) -> None:
        """Show a draft soon; a newer one before that takes its place."""
        self._newest = (text, view)
        self._changed.set()
        if self._pump is None:
            self._pump = asyncio.create_task(self._write_drafts())

    async def finish(self, rendered: Rendered) -> None:
        """Show the complete answer; an edit under way is waited for, so that it cannot come last."""
        await self._stop()
        document = Document("answer.md", rendered.document.encode()) if rendered.document is not None else None
        await self._surface.write(rendered.messages[0], document)
        for text in rendered.messages[1:]:
            await self._surface.add(text)
        await self._end_draft()

    async def abandon(self) -> None:
        """Stop showing drafts; there will be no answer."""
        await self._stop()
        await self._end_draft()

    async def _write_drafts(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._newest is None:
                return
            try:
                text, view = self._newest
                await self._begin_draft(await self._surface.write(text, view=view))
            except CALL_FAILED as error:
                # The complete answer is written all the same, and its failure is told.
                log.warning("A draft could not be shown", exc_info=error)
            await asyncio.sleep(self._interval)

    async def _begin_draft(self, message: discord.Message | None) -> None:
        if self._drafts is not None and self._draft is None and message is not None:
            await self._drafts.begin(message)
            self._draft = message

    async def _end_draft(self) -> None:
        draft, self._draft = self._draft, None
        if self._drafts is not None and draft is not None:
            await self._drafts.end(draft)

    async def _stop(self) -> None:
        if self._pump is None:
            return
        self._newest = None
        self._changed.set()
        with suppress(asyncio.CancelledError):
            await self._pump
        self._pump = None
