"""The articles of a server in Discord: `/articles list, show, refresh, export, remove`."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.cards import card, line, title_link
from bot.cogs.servers import Servers
from bot.console import count
from bot.permissions import require_librarian
from bot.render import shortened, split
from bot.undo import UndoButton
from retrieval.articles import ArticleDraft, ArticleRecord
from retrieval.errors import FootnoteError
from retrieval.library import Library, exported
from retrieval.sources.fetcher import Fetcher
from retrieval.sources.web import read_page

if TYPE_CHECKING:
    from bot.client import FootnoteBot

PAGE = 15
MOST_CHOICES = 25
# Discord takes attachments of ten megabytes from bots on any server.
LARGEST_EXPORT = 9_500_000


class Articles(commands.Cog):
    """Lists, shows, refreshes, exports and removes articles of the server where the command is used."""

    articles = app_commands.Group(name="articles", description="The articles of this server", guild_only=True)

    def __init__(self, bot: FootnoteBot, servers: Servers, fetcher: Fetcher) -> None:
        self._bot = bot
        self._servers = servers
        self._fetcher = fetcher

    async def cog_load(self) -> None:
        """Buttons of earlier runs are answered, too."""
        self._bot.add_dynamic_items(UndoButton)

    @articles.command(name="list", description="List the articles, newest first")
    @app_commands.describe(page="Which page", search="Only titles that contain this")
    async def list_articles(
        self, interaction: discord.Interaction, page: app_commands.Range[int, 1] = 1, search: str = ""
    ) -> None:
        """`/articles list [page:] [search:]`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self.library(interaction)
        found = [record for record in await library.articles() if search.lower() in record.title.lower()]
        pages = max(1, -(-len(found) // PAGE))
        page = min(page, pages)
        lines = [line(record) for record in found[(page - 1) * PAGE : page * PAGE]]
        lines.append(f"-# {count(len(found), 'article')}, page {page} of {pages}")
        first, *rest = split("\n".join(lines))
        await interaction.edit_original_response(content=first)
        for text in rest:
            await interaction.followup.send(text, ephemeral=True, suppress_embeds=True)

    @articles.command(name="show", description="Show what is known of an article")
    @app_commands.describe(article="Its title")
    async def show_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles show article:…`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self.library(interaction)
        record = await _record(library, article)
        text = await library.text(record.id) or ""
        await interaction.edit_original_response(content=card(record, text))

    @articles.command(name="refresh", description="Fetch an article again from its address")
    @app_commands.describe(article="Its title")
    async def refresh_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles refresh article:…`; the old text stays searchable until the new one is complete."""
        require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self.library(interaction)
        record = await _record(library, article)
        if not record.url:
            raise FootnoteError("That article has no address to fetch it from; add its new text with /ingest.")
        drafts = [item for item in await read_page(self._fetcher, record.url) if isinstance(item, ArticleDraft)]
        if len(drafts) != 1:
            raise FootnoteError("There is not exactly one article at that address any more; nothing was changed.")
        renewed = replace(drafts[0], identity=record.identity)
        outcomes = [added async for added in library.add([renewed])]
        said = {"updated": "Updated", "unchanged": "Unchanged since it was added"}
        sentence = said.get(outcomes[0].status, outcomes[0].reason or "Not updated")
        await interaction.edit_original_response(content=f"{sentence}: {title_link(record)}")

    @articles.command(name="export", description="All articles of this server as a file that can be ingested again")
    async def export_articles(self, interaction: discord.Interaction) -> None:
        """`/articles export`: JSON Lines, the form `/ingest file` reads."""
        require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self.library(interaction)
        content = "".join([row async for row in exported(library)]).encode()
        if len(content) > LARGEST_EXPORT:
            raise FootnoteError(
                f"The export has {len(content) / 1e6:.0f} MB, more than Discord takes; who runs this bot can write it "
                f"with `footnote export --library {library.key}`."
            )
        file = discord.File(io.BytesIO(content), "articles.jsonl")
        found = count(content.count(b"\n"), "article")
        await interaction.edit_original_response(content=f"{found}.", attachments=[file])

    @articles.command(name="remove", description="Remove an article from this server's library")
    @app_commands.describe(article="Its title")
    async def remove_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles remove article:…`; asks before it removes."""
        require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        record = await _record(await self.library(interaction), article)
        view = discord.ui.View(timeout=None)
        view.add_item(UndoButton(record.id, "Remove"))
        question = (
            f"Remove {title_link(record)} with its {count(record.passages, 'passage')}? This cannot be taken back."
        )
        await interaction.edit_original_response(content=question, view=view)

    @show_article.autocomplete("article")
    @refresh_article.autocomplete("article")
    @remove_article.autocomplete("article")
    async def titles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Titles of this server's articles that contain what was typed."""
        library = await self.library(interaction)
        found = [record for record in await library.articles() if typed.lower() in record.title.lower()]
        return [
            app_commands.Choice(name=shortened(record.title, 100), value=str(record.id))
            for record in found[:MOST_CHOICES]
        ]

    async def library(self, interaction: discord.Interaction) -> Library:
        """The library of the server where the interaction happened; buttons ask for it, too."""
        if interaction.guild_id is None:
            raise FootnoteError("Articles belong to a server; use this command there.")
        return await self._servers.library(interaction.guild_id)


async def _record(library: Library, chosen: str) -> ArticleRecord:
    """The article of an id that autocomplete filled in, or of a title that was typed."""
    records = await library.articles()
    matches = [r for r in records if chosen == str(r.id)] or [r for r in records if chosen.lower() == r.title.lower()]
    if not matches:
        raise FootnoteError("There is no such article in this server's library; /articles list shows them all.")
    return matches[0]
