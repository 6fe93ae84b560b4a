"""What the loopback Discord refuses, by its own rules and by Discord's description of the API."""

from __future__ import annotations

from typing import Any

import discord
import discord.http
import pytest

from tests import echo_bot
from tests.echo_bot import MESSAGES, EchoBot
from tests.loopback.discord_players import Channel
from tests.loopback.discord_server import DiscordServer
from tests.loopback.discord_spec import SpecChecker

needs_spec = pytest.mark.skipif(not SpecChecker().active, reason="DISCORD_OPENAPI names no file")

# pytest finds fixtures by their names in the module of the test.
server, guild, general, bot = echo_bot.server, echo_bot.guild, echo_bot.general, echo_bot.bot


async def test_what_discord_would_refuse_is_refused_and_recorded(
    server: DiscordServer, general: Channel, bot: EchoBot
) -> None:
    channel = bot.get_partial_messageable(general.id)
    for content in ("x" * 2001, ""):
        with pytest.raises(discord.HTTPException):
            await channel.send(content)
    with pytest.raises(discord.NotFound):
        await bot.http.request(discord.http.Route("GET", "/nonsense"))
    assert len(server.violations) == 3


@needs_spec
async def test_the_api_file_catches_broken_requests(server: DiscordServer, general: Channel, bot: EchoBot) -> None:
    post = discord.http.Route("POST", MESSAGES, channel_id=general.id)
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.request(post, json={"content": ["not text"]})
    assert caught.value.code == 50035
    assert "body.content = ['not text'] breaks type" in server.violations[-1]


@needs_spec
def test_the_api_file_is_applied_deeply() -> None:
    checker = SpecChecker()

    def broken(method: str, path: str, body: Any = None, **query: str) -> str:
        return " ".join(checker.check(method, path, query, body))

    button = {"type": 2, "style": 1, "custom_id": "x" * 101}
    assert "custom_id" in broken("POST", "/channels/1/messages", {"components": [{"type": 1, "components": [button]}]})
    assert "title" in broken("PATCH", "/webhooks/1/t/messages/@original", {"embeds": [{"title": "x" * 257}]})
    assert "maxItems" in broken("POST", "/channels/1/messages", {"embeds": [{"title": "x"}] * 11})
    assert "name" in broken("PUT", "/applications/1/commands", [{"name": "x" * 33, "description": "x"}])
    assert "body.data.content" in broken("POST", "/interactions/1/t/callback", {"type": 4, "data": {"content": 5}})
    assert "limit" in broken("GET", "/channels/1/messages", limit="101")
    assert "before" in broken("GET", "/channels/1/messages", before="yesterday")
    assert "no such operation" in broken("GET", "/users/@us/friends")
    assert "missing" in broken("POST", "/users/@me/channels")
    assert broken("POST", "/users/@me/channels", {"recipient_id": 5}) == ""
    assert broken("GET", "/channels/1/messages", limit="100", before="5") == ""
