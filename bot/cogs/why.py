"""*Why this answer?* in a message's menu: what was considered for it, worked out again from the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.addressed import without_mentions
from bot.app import App
from bot.cogs.servers import Servers
from bot.conversation import conversation, parse_answer, referenced
from bot.why import UNSEARCHED, why_text
from retrieval.answers.answer import Turn
from retrieval.answers.asking.about_library import searched_for
from retrieval.errors import FootnoteError

if TYPE_CHECKING:
    from bot.client import FootnoteBot


class Why(commands.Cog):
    """Shows how an answer came about; nothing of it is stored, so it works for answers of any day."""

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        self._menu = app_commands.ContextMenu(name="Why this answer?", callback=self.why)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Context menus cannot be methods that discord.py finds by itself."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu back."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def why(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Find the question an answer belongs to, weigh the library again, and show it to the person alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        assert self._bot.user is not None, "events arrive after the login"
        if message.author.id != self._bot.user.id:
            raise FootnoteError("That is not an answer of mine; use this on one.")
        question, history = parse_answer(message.content)[0], list[Turn]()
        if not question:
            asked = await referenced(message)
            if asked is None or not asked.content:
                raise FootnoteError("I cannot see the question of that answer any more.")
            question = without_mentions(asked.content)
            history = await conversation(asked, self._bot.user.id)
        if not searched_for(question):
            await interaction.edit_original_response(content=UNSEARCHED)
            return
        library = await self._servers.library_of(interaction)
        evidence = await self._app.answerer.considered(library, question, history)
        first, *rest = why_text(evidence, message.content, self._app.answerer.judges)
        await interaction.edit_original_response(content=first)
        for text in rest:
            await interaction.followup.send(text, ephemeral=True, suppress_embeds=True)
