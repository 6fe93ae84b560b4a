"""Buttons under messages of the bot. Their ids carry what they need, so they work after a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.failures import told
from bot.forms import QuestionForm
from bot.permissions import require_librarian
from bot.summary_buttons import SummaryButton
from bot.summary_request import SummaryRequest

if TYPE_CHECKING:
    from bot.client import FootnoteBot
    from bot.cogs.questions import Questions
    from bot.cogs.servers import Servers

Button = discord.ui.Button[Any]


class UndoButton(discord.ui.DynamicItem[Button], template=r"remove:(?P<article>\d{1,18})"):
    """Removes the article it names from the server where it is pressed, if the person may."""

    def __init__(self, article_id: int, label: str = "Undo") -> None:
        super().__init__(Button(label=label, style=discord.ButtonStyle.danger, custom_id=f"remove:{article_id}"))
        self._article_id = article_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> UndoButton:
        """The button of an earlier message, perhaps of an earlier run."""
        label = item.label if isinstance(item, discord.ui.Button) and item.label else "Undo"
        return cls(int(match["article"]), label)

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Remove the article and say so in place of the button."""
        await require_librarian(interaction)
        await interaction.response.defer()
        library = await _servers(interaction).library_of(interaction)
        removed = await library.remove(self._article_id)
        sentence = "Removed from the library." if removed else "That article is not in this server's library any more."
        await interaction.edit_original_response(content=sentence, view=None)


class StopButton(discord.ui.DynamicItem[Button], template=r"stop:(?P<job>\d{1,18})"):
    """Stops the ingestion it names; what is added already stays."""

    def __init__(self, job_id: int) -> None:
        super().__init__(Button(label="Stop", style=discord.ButtonStyle.secondary, custom_id=f"stop:{job_id}"))
        self._job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> StopButton:
        """The button of an earlier message."""
        return cls(int(match["job"]))

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Stop it; who follows the job shows what came of it."""
        await require_librarian(interaction)
        await interaction.response.defer()
        library = await _servers(interaction).library_of(interaction)
        if not await cast("FootnoteBot", interaction.client).app.jobs.stop(self._job_id, library):
            await interaction.followup.send("That ingestion is over already.", ephemeral=True)


class AskButton(discord.ui.DynamicItem[Button], template=r"ask:(?P<guild>\d{1,20}):(?P<article>\d{1,18})"):
    """Opens a form for a question that is answered from this article alone, on its server or in a DM."""

    def __init__(self, guild_id: int, article_id: int) -> None:
        custom_id = f"ask:{guild_id}:{article_id}"
        super().__init__(Button(label="Ask about it", style=discord.ButtonStyle.primary, custom_id=custom_id))
        self._guild_id = guild_id
        self._article_id = article_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> AskButton:
        """The button of an earlier message."""
        return cls(int(match["guild"]), int(match["article"]))

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """The form must be the first response."""

        async def submit(submitted: discord.Interaction, question: str) -> None:
            cog = cast("Questions", cast("FootnoteBot", interaction.client).get_cog("Questions"))
            await cog.ask_about(submitted, self._guild_id, self._article_id, question)

        await interaction.response.send_modal(QuestionForm(submit))


def article_view(guild_id: int, article_id: int, undo: bool) -> discord.ui.View:
    """What can be done with an article, and with one that was just added."""
    view = discord.ui.View(timeout=None)
    view.add_item(AskButton(guild_id, article_id))
    wanted = SummaryRequest("article", str(article_id))
    view.add_item(SummaryButton(wanted, guild_id, "Summarize to my DMs"))
    if undo:
        view.add_item(UndoButton(article_id))
    return view


def removal_view(article_id: int) -> discord.ui.View:
    """The button that confirms a removal."""
    view = discord.ui.View(timeout=None)
    view.add_item(UndoButton(article_id, "Remove"))
    return view


def stop_view(job_id: int) -> discord.ui.View:
    """What can be done with an ingestion under way."""
    view = discord.ui.View(timeout=None)
    view.add_item(StopButton(job_id))
    return view


def _servers(interaction: discord.Interaction) -> Servers:
    return cast("Servers", cast("FootnoteBot", interaction.client).get_cog("Servers"))
