"""The loopback Discord, driven by a bare discord.py client: what it plays, the client must understand."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord
import discord.gateway
import discord.http
import pytest
import yarl
from discord import app_commands

from tests.loopback import discord_faults as faults
from tests.loopback import launch_bot
from tests.loopback.discord_players import Channel, Guild, Member
from tests.loopback.discord_server import DiscordServer
from tests.loopback.discord_spec import CommandUnavailable, SpecChecker

MESSAGES = "/channels/{channel_id}/messages"
needs_spec = pytest.mark.skipif(not SpecChecker().active, reason="DISCORD_OPENAPI names no file")


class EchoBot(discord.Client):
    """Answers mentions and DMs; what it saw is kept for the tests."""

    def __init__(self, *, content: bool = False, mentions: discord.AllowedMentions | None = None) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, allowed_mentions=mentions, guild_ready_timeout=0.02)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[discord.Message] = []
        self.errors: list[Exception] = []
        self.reply: Callable[[discord.Message], Any] | None = None
        self.tree.command(name="ask", description="Ask something")(ask).autocomplete("mode")(suggest)
        self.tree.error(self.on_tree_error)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library waits five seconds here before it identifies a second time."""

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_tree_error(self, _: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.errors.append(error)

    async def on_message(self, message: discord.Message) -> None:
        self.seen.append(message)
        if self.reply and message.author != self.user:
            try:
                await self.reply(message)
            except discord.HTTPException as error:
                self.errors.append(error)


@app_commands.describe(question="What to ask", private="Only for you", mode="How to answer")
async def ask(interaction: discord.Interaction, question: str, private: bool = False, mode: str = "") -> None:
    match mode:
        case "late":
            await asyncio.sleep(0.4)
            await interaction.response.defer()
        case "twice":
            await interaction.response.defer()
            await interaction.client.http.request(
                discord.http.Route(
                    "POST",
                    "/interactions/{interaction}/{token}/callback",
                    interaction=interaction.id,
                    token=interaction.token,
                ),
                json={"type": 5},
            )
        case "form":
            await interaction.response.send_modal(Form())
        case "buttons":
            await interaction.response.send_message("Well?", view=Buttons(), ephemeral=private)
        case _:
            await interaction.response.defer(thinking=True, ephemeral=private)
            await interaction.edit_original_response(content=f"You asked: {question}")
            await interaction.followup.send("More?", ephemeral=private)


async def suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}!", value=typed)]


class Buttons(discord.ui.View):
    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        await interaction.response.edit_message(content="Again!", view=None)


class Form(discord.ui.Modal, title="Tell me"):
    text: discord.ui.Label[Form] = discord.ui.Label(text="Text", component=discord.ui.TextInput(custom_id="text"))
    file: discord.ui.Label[Form] = discord.ui.Label(
        text="File", component=discord.ui.FileUpload(custom_id="file", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.text.component, discord.ui.TextInput)
        assert isinstance(self.file.component, discord.ui.FileUpload)
        data = await self.file.component.values[0].read()
        await interaction.response.send_message(f"{self.text.component.value}: {data.decode()}")


@asynccontextmanager
async def running(server: DiscordServer, bot: EchoBot, token: str = "") -> AsyncIterator[asyncio.Task[None]]:
    """The bot, connected to the server through the same two addresses that launch_bot.py sets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.http.Route, "BASE", f"{server.base_url}/api/v10")
        patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        task = asyncio.create_task(bot.start(token or server.token))
        ready = asyncio.create_task(bot.wait_until_ready())
        try:
            await asyncio.wait({task, ready}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            yield task
        finally:
            ready.cancel()
            await bot.close()
            await asyncio.gather(task, ready, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer(heartbeat_interval=0.2, interaction_deadline=0.3) as server:
        yield server


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.add_guild("Newsroom")


@pytest.fixture
def general(guild: Guild) -> Channel:
    return guild.channel("general")


@pytest.fixture
def ada(server: DiscordServer, guild: Guild) -> Member:
    return server.member("Ada", guild)


@pytest.fixture
async def bot(server: DiscordServer, guild: Guild) -> AsyncIterator[EchoBot]:
    bot = EchoBot()
    async with running(server, bot):
        yield bot


async def test_the_client_gets_ready_and_knows_its_server(server: DiscordServer, guild: Guild, bot: EchoBot) -> None:
    assert server.ready
    assert bot.guilds[0].name == "Newsroom"
    assert bot.guilds[0].me.guild_permissions.send_messages
    joined = server.add_guild("Second")
    await server.wait_for(lambda: bot.get_guild(joined.id))
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
