"""The Discord client: connecting, slash commands, and one place where errors become sentences."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging

import discord
from discord.ext import commands

from bot.app import App, open_app
from bot.article_list import PageButton
from bot.buttons import AskButton, StopButton, UndoButton
from bot.cogs.articles import Articles
from bot.cogs.digests import DigestsCog
from bot.cogs.feeds import FollowedFeeds
from bot.cogs.ingest import Ingest
from bot.cogs.questions import Questions
from bot.cogs.servers import Servers
from bot.cogs.settings import ServerSettings
from bot.cogs.summaries import Summaries
from bot.cogs.why import Why
from bot.connection import CALL_FAILED
from bot.digest_buttons import StopDigestButton
from bot.failures import tell_failure
from bot.settings import Settings, SettingsError
from bot.summary_buttons import DeliverButton, HaltButton, SummaryButton
from retrieval.errors import FootnoteError

log = logging.getLogger(__name__)

COMMANDS_FACT = "discord_commands"


class FootnoteBot(commands.Bot):
    """A bot that answers mentions, replies, DMs and `/ask`."""

    def __init__(self, app: App) -> None:
        """Asks for the privileged message-content intent only if MESSAGE_CONTENT_INTENT is on."""
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = app.settings.message_content_intent
        # It never speaks, so it need not be told that the voice libraries are missing.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            # There are no text commands; a mention is a question.
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            # Whatever an article or a model says, nobody is pinged.
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.CustomActivity("Ask me; every answer has footnotes"),
        )
        self.app = app
        self.tree.error(tell_failure)

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord about the commands if they changed."""
        servers = Servers(self, self.app)
        await self.add_cog(servers)
        await self.add_cog(Questions(self, self.app, servers))
        await self.add_cog(Ingest(self, self.app, servers))
        await self.add_cog(Articles(self, self.app, servers))
        await self.add_cog(FollowedFeeds(self, self.app, servers))
        await self.add_cog(Summaries(self, self.app, servers))
        await self.add_cog(Why(self, self.app, servers))
        await self.add_cog(DigestsCog(self, self.app, servers))
        await self.add_cog(ServerSettings(self, self.app, servers))
        self.add_dynamic_items(
            *(UndoButton, StopButton, AskButton, PageButton, SummaryButton, DeliverButton, HaltButton, StopDigestButton)
        )
        await self._sync_commands()

    async def on_ready(self) -> None:
        """Say that the bot is there; may happen again after a reconnect."""
        log.info("Ready as %s on %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        """Questions are the cog's; the default would look for text commands."""

    async def _sync_commands(self) -> None:
        """Register slash commands, only when they differ: Discord allows 200 creations a day."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        wanted = json.dumps([str(self.application_id), payload], sort_keys=True)
        digest = hashlib.sha256(wanted.encode()).hexdigest()
        registered = {command.name for command in await self.tree.fetch_commands()}
        if registered == {command["name"] for command in payload} and digest == await self.app.database.fact(
            COMMANDS_FACT
        ):
            return
        await self.tree.sync()
        await self.app.database.remember(COMMANDS_FACT, digest)
        log.info("Registered %d slash commands", len(payload))


async def serve(settings: Settings) -> None:
    """Run the bot until it is stopped. Raises SettingsError when Discord refuses a setting."""
    assert settings.discord_token is not None, "the command line checks this"
    async with open_app(settings) as app:
        await app.libraries.check_model()
        async with FootnoteBot(app) as bot:
            try:
                await bot.start(settings.discord_token.get_secret_value())
            except discord.LoginFailure as error:
                raise SettingsError(
                    "DISCORD_TOKEN was refused by Discord; copy it again from the Bot page of your application "
                    "at https://discord.com/developers/applications."
                ) from error
            except discord.PrivilegedIntentsRequired as error:
                raise SettingsError(
                    "MESSAGE_CONTENT_INTENT is on, but the Message Content Intent is off for this application: "
                    "switch it on on the Bot page of https://discord.com/developers/applications, or remove the "
                    "setting."
                ) from error
            except (*CALL_FAILED, discord.GatewayNotFound) as error:
                raise FootnoteError(f"Discord cannot be reached ({error}); check the network and try again.") from error
            except asyncio.CancelledError:
                log.info("Leaving Discord")
                raise
