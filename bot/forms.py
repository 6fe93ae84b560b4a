"""Forms that people fill in: an article's text, files, a question."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.failures import command_error
from bot.render import shortened
from retrieval.articles import ArticleDraft
from retrieval.errors import FootnoteError
from retrieval.sources.decode import iso_date

LINK = re.compile(r"https?://[^\s<>]+")
MOST_FILES = 10


class Form(discord.ui.Modal):
    """A form whose failures are told with the same sentences as those of commands."""

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Hand the error to the commands' handler."""
        await interaction.client.tree.on_error(interaction, command_error(error))  # type: ignore[attr-defined]


class PasteForm(Form, title="Add an article"):
    """Title, text, link and date of a pasted article."""

    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Title", max_length=200)
    text: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Text", style=discord.TextStyle.paragraph, max_length=4_000
    )
    link: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Link to the source", required=False, max_length=500)
    date: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Date", placeholder="2025-01-28", required=False, max_length=10
    )

    def __init__(self, submit: Callable[[discord.Interaction, ArticleDraft], Awaitable[None]]) -> None:
        super().__init__()
        self._submit = submit

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Check what can be checked, and add."""
        link, date = self.link.value.strip(), self.date.value.strip()
        if link and not LINK.fullmatch(link):
            raise FootnoteError("The link must begin with http:// or https://; nothing was added.")
        if date and iso_date(date) is None:
            raise FootnoteError("The date must look like 2025-01-28; nothing was added.")
        text = self.text.value
        # Discord takes blanks for a title.
        title = " ".join(self.name.value.split()) or shortened(" ".join(text.split()), 80)
        draft = ArticleDraft(
            title, text, identity=link or f"pasted/{title}", url=link or None, published_at=iso_date(date)
        )
        await self._submit(interaction, draft)


class FilesForm(Form, title="Add files"):
    """Several files at once."""

    upload: discord.ui.Label[Any] = discord.ui.Label(
        text="Files",
        description="PDF, Word, PowerPoint, Excel, EPUB, HTML, Markdown, text, CSV, JSON Lines",
        component=discord.ui.FileUpload(min_values=1, max_values=MOST_FILES),
    )

    def __init__(self, submit: Callable[[discord.Interaction, list[discord.Attachment]], Awaitable[None]]) -> None:
        super().__init__()
        self._submit = submit

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Add what was uploaded."""
        assert isinstance(self.upload.component, discord.ui.FileUpload)
        await self._submit(interaction, list(self.upload.component.values))


class QuestionForm(Form, title="Ask about this article"):
    """One question."""

    question: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Question", style=discord.TextStyle.paragraph, max_length=500
    )

    def __init__(self, submit: Callable[[discord.Interaction, str], Awaitable[None]]) -> None:
        super().__init__()
        self._submit = submit

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Answer it."""
        await self._submit(interaction, self.question.value)
