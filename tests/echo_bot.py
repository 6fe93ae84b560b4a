"""A bare discord.py client and a loopback Discord around it: what the tests of the loopback Discord share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import discord.gateway
import discord.http
import pytest
import yarl
from discord import app_commands

from tests.loopback.discord_players import Channel, Guild, Member
from tests.loopback.discord_server import DiscordServer

MESSAGES = "/channels/{channel_id}/messages"


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
