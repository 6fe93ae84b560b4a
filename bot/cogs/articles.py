"""The articles of a server in Discord: `/articles list, show, refresh, export, remove`."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.article_list import page_of
from bot.buttons import article_view, removal_view
from bot.cards import details, title_link
from bot.choices import MOST_CHOICES, choices
from bot.cogs.servers import Servers
from bot.counting import count
from bot.failures import Told
from bot.permissions import require_librarian
from retrieval.articles import ArticleRecord
from retrieval.ingestion.refresh import refresh
from retrieval.library import Library, exported
from retrieval.listing import Sort
from retrieval.lookup import find_article

if TYPE_CHECKING:
    from bot.client import FootnoteBot

# Discord takes attachments of ten megabytes from bots on any server.
LARGEST_EXPORT = 9_500_000


class Articles(commands.Cog):
    """Lists, shows, refreshes, exports and removes articles of the server where the command is used."""

    articles = app_commands.Group(name="articles", description="The articles of this server", guild_only=True)

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers

    @articles.command(name="list", description="List the articles")
    @app_commands.describe(
        page="Which page", search="Only those with this in title, source or author", sort="Their order (newest first)"
    )
    async def list_articles(
        self,
        interaction: discord.Interaction,
        page: app_commands.Range[int, 1] = 1,
        search: str = "",
        sort: Sort = "newest",
    ) -> None:
        """`/articles list [page:] [search:] [sort:]`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        text, view = page_of(await library.articles(), page, sort, search)
        await interaction.edit_original_response(content=text, view=view)

    @articles.command(name="show", description="Show what is known of an article")
    @app_commands.describe(article="Its title")
    async def show_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles show article:…`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        records = await library.articles()
        record = find_article(records, article)
        text = await library.text(record.id) or ""
        feeds = {feed.name: feed.title for feed in await self._app.feeds.of(library)}
        twins = [other for other in records if other.id != record.id and _root(other) == _root(record)]
        content = details(record, text, feeds, twins)
        await interaction.edit_original_response(
            content=content, view=article_view(int(library.key), record.id, undo=False)
        )

    @articles.command(name="refresh", description="Fetch an article again from its address")
    @app_commands.describe(article="Its title")
    async def refresh_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles refresh article:…`; the old text stays searchable until the new one is complete."""
        await require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        record = find_article(await library.articles(), article)
        status = await refresh(self._app.fetcher, library, record)
        said = {"updated": "Updated", "unchanged": "Unchanged since it was added (checked just now)"}
        await interaction.edit_original_response(content=f"{said[status]}: {title_link(record)}")

    @articles.command(name="export", description="All articles of this server as a file that can be ingested again")
    async def export_articles(self, interaction: discord.Interaction) -> None:
        """`/articles export`: JSON Lines, the form `/ingest file` reads."""
        await require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        rows = await export_rows(library)
        file = discord.File(io.BytesIO(b"".join(rows)), "articles.jsonl")
        await interaction.edit_original_response(content=f"{count(len(rows), 'article')}.", attachments=[file])

    @articles.command(name="remove", description="Remove an article from this server's library")
    @app_commands.describe(article="Its title")
    async def remove_article(self, interaction: discord.Interaction, article: str) -> None:
        """`/articles remove article:…`; asks before it removes."""
        await require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        record = find_article(await (await self._servers.library_of(interaction)).articles(), article)
        question = (
            f"Remove {title_link(record)} with its {count(record.passages, 'passage')}? This cannot be taken back."
        )
        await interaction.edit_original_response(content=question, view=removal_view(record.id))

    @show_article.autocomplete("article")
    @refresh_article.autocomplete("article")
    @remove_article.autocomplete("article")
    async def titles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """This server's articles that contain what was typed."""
        library = await self._servers.library_of(interaction)
        return choices((title, str(number)) for number, title in await library.titles(typed, MOST_CHOICES))


async def export_rows(library: Library) -> list[bytes]:
    """A library's articles as the lines of its export. Raises Told as soon as it is too large for Discord."""
    rows: list[bytes] = []
    size = 0
    async for row in exported(library):
        rows.append(await asyncio.to_thread(row.encode))
        size += len(rows[-1])
        if size > LARGEST_EXPORT:
            raise Told(
                f"The export has more than {LARGEST_EXPORT / 1e6:.1f} MB, which Discord does not take; who runs this "
                f"bot can write it with `footnote articles export --library {library.key}`."
            )
    return rows


def _root(record: ArticleRecord) -> int:
    return record.twin_of or record.id
