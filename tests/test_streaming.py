"""An answer that grows in a message, while Discord or the connection fails."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from bot.render import Rendered
from bot.streaming import LiveAnswer
from bot.surfaces import Document


class Unreliable:
    """A surface that fails with the given errors before it shows anything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.shown: list[str] = []
        self.tried = asyncio.Event()

    async def write(self, text: str, document: Document | None = None, view: discord.ui.View | None = None) -> None:
        self.tried.set()
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append(text)

    async def add(self, text: str) -> None:
        self.shown.append(text)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError("Response payload is not completed"),
        aiohttp.ClientOSError(104, "Connection reset by peer"),
        TimeoutError(),
    ],
    ids=repr,
)
async def test_a_draft_that_cannot_be_shown_does_not_cost_the_answer(error: Exception) -> None:
    surface = Unreliable(error)
    live = LiveAnswer(surface, interval=0)
    live.show("The plant …")
    await surface.tried.wait()
    await live.finish(Rendered(("The plant opened. [1]", "-# more")))
    assert surface.shown == ["The plant opened. [1]", "-# more"]
