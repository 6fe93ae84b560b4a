"""Adding articles in Discord: `/ingest …`, and *Add to library* on a message."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.cards import card, outcome_line
from bot.cogs.servers import Servers
from bot.failures import command_error
from bot.permissions import require_librarian
from bot.render import escape, shortened
from bot.undo import UndoButton
from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import FootnoteError
from retrieval.index.writer import Added
from retrieval.library import Library
from retrieval.sources.decode import iso_date
from retrieval.sources.fetcher import Fetcher
from retrieval.sources.files import LARGEST_FILE, read_document
from retrieval.sources.web import read_page

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

MOST_LINKS = 20
LINK = re.compile(r"https?://[^\s<>]+")
Found = Sequence[ArticleDraft | Unreadable]
Say = Callable[[str], Awaitable[None]]


class Ingest(commands.Cog):
    """Adds articles to the library of the server where the command is used."""

    ingest = app_commands.Group(
        name="ingest",
        description="Add articles to this server's library",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, bot: FootnoteBot, servers: Servers, fetcher: Fetcher) -> None:
        self._bot = bot
        self._servers = servers
        self._fetcher = fetcher
        self._menu = app_commands.ContextMenu(name="Add to library", callback=self.add_message)
        self._menu.default_permissions = discord.Permissions(manage_guild=True)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Context menus cannot be methods that discord.py finds by itself."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu back."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @ingest.command(name="url", description="Add an article from the web")
    @app_commands.describe(url="The address of the article; up to twenty, separated by spaces")
    async def ingest_url(self, interaction: discord.Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
        """`/ingest url url:…`."""
        links = _links(url) or [url]
        await self._add(interaction, lambda say: self._from_links(links, say))

    @ingest.command(name="file", description="Add an article from a file")
    @app_commands.describe(file="The file to read")
    async def ingest_file(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        """`/ingest file file:…`."""
        await self._add(interaction, lambda say: self._from_files([file], say))

    @ingest.command(name="text", description="Add an article by pasting its text")
    async def ingest_text(self, interaction: discord.Interaction) -> None:
        """`/ingest text` opens a form, which must be the first response."""
        require_librarian(interaction)
        await interaction.response.send_modal(PasteForm(self._add_pasted))

    async def add_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Add to library*: a message's links, else its attachments, else its text."""
        links = _links(message.content)
        if links:
            await self._add(interaction, lambda say: self._from_links(links, say))
        elif message.attachments:
            await self._add(interaction, lambda say: self._from_files(message.attachments, say))
        elif len(message.content.split()) < 3:
            raise FootnoteError("That message holds no link, no file and no text that could be added.")
        else:
            draft = ArticleDraft(
                title=shortened(" ".join(message.content.split()), 80),
                text=message.content,
                identity=message.jump_url,
                url=message.jump_url,
                source="Discord",
                author=message.author.display_name,
                published_at=message.created_at.isoformat(),
            )
            await self._add(interaction, lambda _: _found([draft]))

    async def _add_pasted(self, interaction: discord.Interaction, draft: ArticleDraft) -> None:
        await self._add(interaction, lambda _: _found([draft]))

    async def _add(
        self,
        interaction: discord.Interaction,
        find: Callable[[Say], AsyncIterator[Found]],
    ) -> None:
        """Read and index what `find` brings, showing progress in one message that ends with what came of it."""
        require_librarian(interaction)
        await interaction.response.defer(thinking=True)

        async def say(text: str) -> None:
            await interaction.edit_original_response(content=text)

        assert interaction.guild_id is not None, "require_librarian checks this"
        library = await self._servers.library(interaction.guild_id)
        outcomes: list[Added | Unreadable] = []
        try:
            async for items in find(say):
                outcomes += [item for item in items if isinstance(item, Unreadable)]
                drafts = [item for item in items if isinstance(item, ArticleDraft)]
                if drafts:
                    await say(f"Read {escape(shortened(drafts[0].title, 100))}; indexing …")
                    outcomes += [added async for added in library.add(drafts)]
        except FootnoteError as error:
            log.info("An ingestion failed in library %s: %s", library.key, error)
            await say(f"Not added: {escape(str(error))}")
            return
        if any(isinstance(outcome, Added) and outcome.status != "unreadable" for outcome in outcomes):
            await library.mark_started()
        await self._tell(interaction, library, outcomes)

    async def _tell(
        self, interaction: discord.Interaction, library: Library, outcomes: Sequence[Added | Unreadable]
    ) -> None:
        by_title = {record.title: record for record in await library.articles()}
        done = [outcome for outcome in outcomes if isinstance(outcome, Added) and outcome.status != "unreadable"]
        if len(outcomes) == 1 and done and done[0].title in by_title:
            record = by_title[done[0].title]
            verb = {"added": "Added", "updated": "Updated"}.get(done[0].status, "Already in the library, unchanged")
            view = discord.ui.View(timeout=None)
            if done[0].status == "added":
                view.add_item(UndoButton(record.id, "Undo"))
            text = await library.text(record.id) or ""
            await interaction.edit_original_response(content=f"{verb}:\n{card(record, text)}", view=view)
            return
        lines = [outcome_line(outcome) for outcome in outcomes] or ["Nothing was added."]
        await interaction.edit_original_response(content=shortened("\n".join(lines), 1_900))

    async def _from_links(self, links: Sequence[str], say: Say) -> AsyncIterator[Found]:
        for number, link in enumerate(links, start=1):
            place = f" {number} of {len(links)}" if len(links) > 1 else ""
            await say(f"Fetching{place} …")
            try:
                yield await read_page(self._fetcher, link)
            except FootnoteError as error:
                if len(links) == 1:
                    raise
                yield [Unreadable(link, f"{link}: {error}")]

    async def _from_files(self, files: Sequence[discord.Attachment], say: Say) -> AsyncIterator[Found]:
        for file in files:
            if file.size > LARGEST_FILE:
                over = (file.size - LARGEST_FILE) / 1e6
                yield [Unreadable(file.filename, f"{file.filename} is {over:.0f} MB over the limit.")]
                continue
            await say(f"Fetching {escape(file.filename)} …")
            content = await file.read()
            try:
                yield await asyncio.to_thread(_read_file, content, file.filename)
            except FootnoteError as error:
                yield [Unreadable(file.filename, str(error))]


class PasteForm(discord.ui.Modal, title="Add an article"):
    """Title, text, link and date of a pasted article."""

    name: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(label="Title", max_length=200)
    text: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(
        label="Text", style=discord.TextStyle.paragraph, max_length=4_000
    )
    link: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(
        label="Link to the source", required=False, max_length=500
    )
    date: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(
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
        title = " ".join(self.name.value.split())
        draft = ArticleDraft(
            title, self.text.value, identity=link or f"pasted/{title}", url=link or None, published_at=iso_date(date)
        )
        await self._submit(interaction, draft)

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """The same sentence as for commands."""
        await interaction.client.tree.on_error(interaction, command_error(error))  # type: ignore[attr-defined]


def _links(text: str) -> list[str]:
    """The addresses in a text, without the punctuation of the sentence around them."""
    found = [link.rstrip(".,;:!?'\"”’)]" if "(" not in link else ".,;:!?'\"”’]") for link in LINK.findall(text)]
    return list(dict.fromkeys(found))[:MOST_LINKS]


def _read_file(content: bytes, name: str) -> Found:
    return list(read_document(content, name, f"discord/{hashlib.sha256(content).hexdigest()[:16]}/{name}"))


async def _found(items: Found) -> AsyncIterator[Found]:
    yield items
