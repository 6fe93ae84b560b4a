"""Commands, buttons and forms of the loopback Discord, used by a member and answered by a discord.py client."""

from __future__ import annotations

import discord
import pytest

from tests import echo_bot
from tests.echo_bot import EchoBot
from tests.loopback.discord_players import Channel, Guild, Member
from tests.loopback.discord_server import DiscordServer
from tests.loopback.discord_spec import CommandUnavailable

# pytest finds fixtures by their names in the module of the test.
server, guild, general, ada, bot = echo_bot.server, echo_bot.guild, echo_bot.general, echo_bot.ada, echo_bot.bot


async def test_a_slash_command_is_registered_deferred_edited_and_followed_up(
    server: DiscordServer, guild: Guild, general: Channel, ada: Member, bot: EchoBot
) -> None:
    used = await ada.slash(general, "ask", question="Who won?", private=True)
    await server.wait_for(lambda: used.followups)
    assert used.original
    assert used.callback == 5
    assert used.original.history[0].content == ""
    assert used.original.content == "You asked: Who won?"
    assert used.original.flags == 1 << 6
    assert not used.original.loading
    assert used.followups[0].flags == 1 << 6
    assert used.acknowledged_at is not None
    assert used.acknowledged_at - used.created_at < 0.3
    assert (server.violations, server.failures, bot.errors) == ([], [], [])
    with pytest.raises(CommandUnavailable, match="registered are: ask"):
        await ada.slash(guild, "forget")
    with pytest.raises(CommandUnavailable, match="needs"):
        await ada.slash(guild, "ask")


async def test_suggestions_buttons_and_forms(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    assert await ada.autocomplete(general, "ask", "mode", mode="bu") == [{"name": "bu!", "value": "bu"}]
    asked = await ada.slash(general, "ask", question="?", mode="buttons")
    message = await server.wait_for(lambda: asked.original)
    assert message
    clicked = await ada.click(message, "Again")
    await server.wait_for(lambda: clicked.callback == 7)
    assert message.content == "Again!"
    assert message.components == []
    opened = await ada.slash(general, "ask", question="?", mode="form")
    await server.wait_for(lambda: opened.modal)
    sent = await ada.submit(opened, {"text": "read", "file": {"a.txt": b"me"}})
    answer = await server.wait_for(lambda: sent.original)
    assert answer
    assert answer.content == "read: me"
    assert server.violations == []


async def test_a_late_or_second_acknowledgement_is_refused(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    late = await ada.slash(general, "ask", question="?", mode="late")
    await server.wait_for(lambda: bot.errors)
    assert late.failure == "application did not respond"
    assert server.failures == ["ask: application did not respond"]
    assert "10062" in str(bot.errors[0])
    await ada.slash(general, "ask", question="?", mode="twice")
    await server.wait_for(lambda: len(bot.errors) == 2)
    assert "40060" in str(bot.errors[1])
    assert len(server.violations) == 1


async def test_an_interaction_token_dies(server: DiscordServer, general: Channel, ada: Member, bot: EchoBot) -> None:
    used = await ada.slash(general, "ask", question="?")
    await server.wait_for(lambda: used.followups)
    server.token_lifetime = 0
    webhook = discord.Webhook.partial(server.bot.id, used.token, client=bot)
    with pytest.raises(discord.HTTPException) as caught:
        await webhook.send("too late")
    assert (caught.value.status, caught.value.code) == (401, 50027)
