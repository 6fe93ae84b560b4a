"""The loopback Discord, driven by a bare discord.py client: what it plays, the client must understand."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import time
from pathlib import Path
from typing import Any

import aiohttp
import discord
import discord.http
import pytest

from tests import echo_bot
from tests.echo_bot import MESSAGES, Buttons, EchoBot, running
from tests.loopback import discord_faults as faults
from tests.loopback import launch_bot
from tests.loopback.discord_players import Channel, Guild, Member
from tests.loopback.discord_server import DiscordServer

# pytest finds fixtures by their names in the module of the test.
server, guild, general, ada, bot = echo_bot.server, echo_bot.guild, echo_bot.general, echo_bot.ada, echo_bot.bot


async def test_the_client_gets_ready_and_knows_its_server(server: DiscordServer, guild: Guild, bot: EchoBot) -> None:
    assert server.ready
    assert bot.guilds[0].name == "Newsroom"
    assert bot.guilds[0].me.guild_permissions.send_messages
    joined = server.add_guild("Second")
    await server.wait_for(lambda: bot.get_guild(joined.id))
    writers = joined.role("Writers")
    await server.wait_for(lambda: bot.get_guild(joined.id).get_role(writers.id))
    server.remove_guild(joined)
    await server.wait_for(lambda: bot.get_guild(joined.id) is None)
    assert server.violations == []


async def test_a_mention_is_answered_with_a_reply_an_edit_and_typing(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    async def reply(message: discord.Message) -> None:
        async with message.channel.typing():
            sent = await message.reply("thinking")
        await asyncio.sleep(0.05)
        await sent.edit(content="done", embed=discord.Embed(title="Source"))

    bot.reply = reply
    question = await ada.say(general, "who won?", mentions=[server.bot])
    await server.wait_for(lambda: [m for m in general.messages_by_bot() if m.content == "done"])
    assert bot.seen[0].content == f"<@{server.bot.id}> who won?"
    answer = general.messages_by_bot()[0]
    assert answer.reply_to is question
    assert [version.content for version in answer.history] == ["thinking", "done"]
    assert answer.history[1].at - answer.history[0].at >= 0.05
    assert answer.embeds[0]["title"] == "Source"
    assert len(general.typing) == 1
    assert general.typing[0] <= answer.history[0].at
    await server.wait_for(lambda: len(bot.seen) > 1, what="the bot's own message comes back")
    assert server.violations == []


async def test_direct_messages_work_both_ways_until_they_are_closed(
    server: DiscordServer, ada: Member, bot: EchoBot
) -> None:
    async def reply(message: discord.Message) -> None:
        await message.channel.send(message.content.upper())

    bot.reply = reply
    await ada.dm("hello")
    channel = server.dm(ada.user)
    await server.wait_for(channel.messages_by_bot)
    assert channel.messages_by_bot()[0].content == "HELLO"
    user = await bot.fetch_user(ada.id)
    ada.user.dms_open = False
    with pytest.raises(discord.Forbidden) as caught:
        await user.send("psst")
    assert caught.value.code == 50007
    assert server.violations == []


async def test_a_rate_limit_is_waited_out(server: DiscordServer, general: Channel, bot: EchoBot) -> None:
    channel = bot.get_partial_messageable(general.id)
    server.faults.throttle("POST", MESSAGES, 0.1)
    started = time.monotonic()
    await channel.send("one")
    assert time.monotonic() - started >= 0.1
    server.faults.limit("POST", MESSAGES, 2, 0.3)
    started = time.monotonic()
    for text in ("two", "three", "four"):
        await channel.send(text)
    assert 0.25 < time.monotonic() - started < 1
    assert [call.status for call in server.calls if call.path.endswith("/messages")] == [
        429,
        200,
        200,
        200,
        200,
    ]
    server.faults.throttle("POST", MESSAGES, 0.1, via=False)
    with pytest.raises(discord.HTTPException):
        await channel.send("banned")


async def test_planned_errors_come_once_and_a_lost_answer_makes_no_duplicate(
    server: DiscordServer, general: Channel, bot: EchoBot
) -> None:
    channel = bot.get_partial_messageable(general.id)
    server.faults.answer("POST", MESSAGES, faults.MISSING_PERMISSIONS)
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("no")
    assert caught.value.code == 50013
    server.faults.answer("POST", f"/channels/{general.id}/messages", faults.UNAVAILABLE)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("no")
    server.faults.slow("POST", MESSAGES, 0.1)
    await channel.send("slow")
    server.faults.reset("POST", MESSAGES)
    with pytest.raises(aiohttp.ClientOSError) as reset:
        await channel.send("never arrives")
    assert reset.value.errno == errno.ECONNRESET
    server.faults.reset("POST", MESSAGES, in_order=True)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("never answered")
    body = {"content": "once", "nonce": "77", "enforce_nonce": True}
    server.faults.reset("POST", MESSAGES, processed=True)
    with pytest.raises(aiohttp.ClientOSError):
        await bot.http.request(discord.http.Route("POST", MESSAGES, channel_id=general.id), json=body)
    await bot.http.request(discord.http.Route("POST", MESSAGES, channel_id=general.id), json=body)
    assert [message.content for message in general.messages_by_bot()] == ["slow", "once"]


async def test_texts_are_withheld_without_the_intent(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    await ada.say(general, "secret", files={"plan.txt": b"..."})
    await ada.say(general, "open", mentions=[server.bot])
    await ada.dm("private")
    await server.wait_for(lambda: len(bot.seen) == 3)
    assert [message.content for message in bot.seen] == ["", f"<@{server.bot.id}> open", "private"]
    assert bot.seen[0].attachments == []
    history = [m.content async for m in bot.get_partial_messageable(general.id).history(oldest_first=True)]
    assert history == ["", f"<@{server.bot.id}> open"]


async def test_texts_are_shown_with_the_intent(server: DiscordServer, general: Channel, ada: Member) -> None:
    bot = EchoBot(content=True)
    async with running(server, bot):
        await ada.say(general, "open", files={"plan.txt": b"bytes"})
        await server.wait_for(lambda: bot.seen)
        assert bot.seen[0].content == "open"
        assert await bot.seen[0].attachments[0].read() == b"bytes"


async def test_a_forbidden_intent_or_a_wrong_token_ends_the_connection() -> None:
    async with DiscordServer(allow_message_content=False) as server:
        async with running(server, EchoBot(content=True)) as task:
            with pytest.raises(discord.PrivilegedIntentsRequired):
                await task
        async with running(server, EchoBot(), "wrong") as task:
            with pytest.raises(discord.LoginFailure):
                await task
        assert not server.ready


async def test_pings_are_read_as_discord_reads_them(server: DiscordServer, general: Channel, ada: Member) -> None:
    for mentions in (None, discord.AllowedMentions.none()):
        bot = EchoBot(mentions=mentions)
        async with running(server, bot):
            channel = bot.get_partial_messageable(general.id)
            await channel.send(f"@everyone {ada.user.mention} <@&5>")
    await asyncio.sleep(0)
    loud, quiet = general.messages_by_bot()
    assert loud.pings.everyone
    assert loud.pings.users == {ada.id}
    assert loud.pings.roles == {5}
    assert not quiet.pings
    assert "allowed_mentions" not in loud.body
    assert server.violations == []


async def test_history_is_paged_in_every_direction(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    said = [await ada.say(general, f"{n}", mentions=[server.bot]) for n in range(7)]
    channel = bot.get_partial_messageable(general.id)

    async def ids(**options: Any) -> list[int]:
        return [said.index(general.messages[m.id]) async for m in channel.history(**options)]

    third = discord.Object(said[3].id)
    assert await ids(limit=2) == [6, 5]
    assert await ids(limit=2, before=third) == [2, 1]
    assert await ids(limit=2, after=third) == [4, 5]
    assert await ids(limit=3, around=third) == [4, 3, 2]
    assert server.violations == []


async def test_files_are_kept_byte_for_byte_and_threads_open(
    server: DiscordServer, guild: Guild, general: Channel, ada: Member, bot: EchoBot
) -> None:
    channel = bot.get_channel(general.id)
    assert isinstance(channel, discord.TextChannel)
    file = discord.File(io.BytesIO(b"\x00\xff"), "answer.bin", description="An answer")
    sent = await channel.send("see", file=file, view=Buttons())
    kept = general.messages[sent.id].files[0]
    assert (kept.name, kept.data, kept.description) == ("answer.bin", b"\x00\xff", "An answer")
    assert await sent.attachments[0].read() == b"\x00\xff"
    await sent.add_reaction("👍")
    assert general.messages[sent.id].reactions == {"👍": {server.bot.id}}
    thread = await sent.create_thread(name="More")
    await thread.send("here")
    assert server.channels[thread.id].messages_by_bot()[-1].content == "here"
    await sent.delete()
    assert general.messages_by_bot() == []
    with pytest.raises(discord.NotFound) as caught:
        await bot.guilds[0].fetch_member(server.member("Stranger").id)
    assert caught.value.code == 10007
    assert server.violations == []


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(
    server: DiscordServer, general: Channel, ada: Member, bot: EchoBot
) -> None:
    await server.drop_gateway()
    await ada.say(general, "meanwhile", mentions=[server.bot])
    await server.wait_for(lambda: server.resumed == 1 and bot.seen)
    await server.ask_reconnect()
    await server.wait_for(lambda: server.resumed == 2)
    await server.invalidate_sessions()
    await server.wait_for(lambda: len(server.identified) == 2 and server.ready)
    await ada.say(general, "again", mentions=[server.bot])
    await server.wait_for(lambda: len(bot.seen) == 2)


async def test_a_blocked_event_loop_shows_as_a_late_heartbeat(server: DiscordServer, bot: EchoBot) -> None:
    await server.wait_for(lambda: len(server.heartbeats) > 3)
    assert server.heartbeat_lateness < 0.1
    # Client and server share this loop, so the block is the same for both and the beat still comes late.
    asyncio.get_running_loop().call_soon(time.sleep, 0.6)
    await server.wait_for(lambda: server.heartbeat_lateness > 0.3)


STAND_IN = """
import multiprocessing, os, sys
import discord

def worker(sent):
    sent.send(sys.argv[1:])

class Bot(discord.Client):
    async def on_message(self, message):
        if self.user in message.mentions:
            here, there = multiprocessing.get_context("spawn").Pipe()
            process = multiprocessing.get_context("spawn").Process(target=worker, args=(there,))
            process.start()
            await message.reply(f"pong {here.recv()}")
            process.join()

def main():
    Bot(intents=discord.Intents.default(), guild_ready_timeout=0.02).run(os.environ["TOKEN"])
"""


async def test_the_launcher_starts_a_bot_with_its_arguments_and_workers(
    tmp_path: Path, server: DiscordServer, general: Channel, ada: Member
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/__init__.py").touch()
    (tmp_path / "bot/__main__.py").write_text(STAND_IN)
    environment = os.environ | {
        "LOOPBACK_DISCORD": server.base_url,
        "TOKEN": server.token,
        "PYTHONPATH": str(tmp_path),
    }
    bot = await asyncio.create_subprocess_exec(*launch_bot.command("run", "--quiet"), env=environment)
    try:
        await server.wait_for(lambda: server.ready, 10)
        await ada.say(general, "ping", mentions=[server.bot])
        await server.wait_for(general.messages_by_bot, 10)
    finally:
        bot.terminate()
        await bot.wait()
    assert general.messages_by_bot()[0].content == "pong ['run', '--quiet']"
    assert server.violations == []
