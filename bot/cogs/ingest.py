"""Adding articles in Discord: `/ingest …`, *Add to library* on a message, and files on a mention."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.background import watched
from bot.channel_history import Readable, channel_drafts, readable_by_all
from bot.channel_option import ReadableChannel
from bot.cogs.servers import Servers
from bot.connection import CALL_FAILED
from bot.failures import Told
from bot.forms import LINK, FilesForm, PasteForm
from bot.job_report import follow_job
from bot.links import without_quote
from bot.permissions import require_librarian
from bot.render import escape, shortened
from bot.streaming import Surface
from bot.surfaces import ChannelPost, CommandResponse
from retrieval.articles import ArticleDraft
from retrieval.errors import FootnoteError
from retrieval.ingestion.job import AddressRequest, FileRequest, Job, RefusedRequest, Request, TextRequest
from retrieval.library import Library
from retrieval.sources.files import LARGEST_FILE

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

MOST_LINKS = 20
MOST_DAYS = 3_650
INTERRUPTED = "I am being stopped; I go on with this as soon as I am back, and report here."
NOT_BEGUN = "I am just being stopped and did not begin with this; please ask again in a moment."


class Ingest(commands.Cog):
    """Adds articles to the library of the server where the command is used."""

    # Discord would hide the commands from members whom an admin named with /settings ingest; the code checks.
    ingest = app_commands.Group(name="ingest", description="Add articles to this server's library", guild_only=True)

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        # What is under way, where it is shown, and what is said there if the bot is stopped.
        self._following: dict[asyncio.Task[Any], tuple[Surface, str]] = {}
        self._resuming: asyncio.Task[None] | None = None
        self._menu = app_commands.ContextMenu(name="Add to library", callback=self.add_message)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Context menus cannot be methods that discord.py finds by itself."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu back, and tell those whose ingestion is interrupted that it goes on later."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)
        if self._resuming is not None:
            self._resuming.cancel()
        following = dict(self._following)
        for task, (surface, sentence) in following.items():
            task.cancel()
            with suppress(*CALL_FAILED):  # A job is in the database; only this word is lost.
                await surface.write(sentence)
        await asyncio.gather(*following, return_exceptions=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Go on with what an earlier run did not finish, once."""
        if self._resuming is None:
            self._resuming = watched(self._resume(), "Going on with interrupted ingestions")

    @ingest.command(name="url", description="Add an article from the web")
    @app_commands.describe(url="The address of the article; up to twenty, separated by spaces")
    async def ingest_url(self, interaction: discord.Interaction, url: app_commands.Range[str, 1, 6000]) -> None:
        """`/ingest url url:…`."""
        await self._add(interaction, [AddressRequest(link) for link in links_in(url) or [url]])

    @ingest.command(name="file", description="Add articles from files")
    @app_commands.describe(file="The file to read; without it a form takes up to ten")
    async def ingest_file(self, interaction: discord.Interaction, file: discord.Attachment | None = None) -> None:
        """`/ingest file [file:…]`."""
        if file is None:
            await require_librarian(interaction)
            await interaction.response.send_modal(FilesForm(self._add_files))
        else:
            await self._add_files(interaction, [file])

    @ingest.command(name="text", description="Add an article by pasting its text")
    async def ingest_text(self, interaction: discord.Interaction) -> None:
        """`/ingest text` opens a form, which must be the first response."""
        await require_librarian(interaction)
        await interaction.response.send_modal(PasteForm(self._add_draft))

    @ingest.command(name="feed", description="Follow an RSS or Atom feed, a JSON feed or a site map")
    @app_commands.describe(url="The feed's address, or a page that links to its feed")
    async def ingest_feed(self, interaction: discord.Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
        """`/ingest feed url:…`: the newest items now, what is new from then on."""
        await require_librarian(interaction)
        await interaction.response.defer(thinking=True)
        surface = CommandResponse(interaction, private=False)
        channel = str(interaction.channel_id) if interaction.channel_id else None
        with self._told_if_stopped(surface, NOT_BEGUN):
            library = await self._servers.library_of(interaction)
            feed, job = await self._app.feeds.follow(library, url.strip(), str(interaction.user.id), channel)
        head = f"Following **{escape(shortened(feed.title, 150))}**; new items are added as they appear."
        await surface.write(head if job else f"{head} It has no items yet.")
        if job is not None:
            await self._follow(job, library, _Below(surface, head))

    @ingest.command(name="channel", description="Add a channel's history, an article for each thread and each day")
    @app_commands.describe(
        channel="The channel or forum to read",
        days="How many days back (30)",
        private_too="Needed for a channel that not everybody on this server can read",
    )
    async def ingest_channel(
        self,
        interaction: discord.Interaction,
        channel: app_commands.Transform[Readable, ReadableChannel],
        days: app_commands.Range[int, 1, MOST_DAYS] = 30,
        private_too: bool = False,
    ) -> None:
        """`/ingest channel channel:… [days:] [private_too:]`."""
        await require_librarian(interaction)
        if not self._app.settings.message_content_intent:
            raise Told(
                "Discord does not show me what people write to one another. Who runs this bot can switch that on: the "
                "Message Content Intent on the bot's page, and MESSAGE_CONTENT_INTENT=true."
            )
        if not private_too and not readable_by_all(channel):
            raise Told(
                f"Not everybody on this server can read {channel.mention}, but everybody can ask me about this "
                "server's articles. If that is meant, use the command again with private_too."
            )
        await interaction.response.defer(thinking=True)
        surface = CommandResponse(interaction, private=False)
        await surface.write(f"Reading {channel.mention} …")
        drafts = await channel_drafts(channel, discord.utils.utcnow() - timedelta(days=days))
        if not drafts:
            raise Told(f"{channel.mention} holds nothing that people wrote in the last {days} days.")
        library = await self._servers.library_of(interaction)
        await self.run(
            surface, library, [TextRequest(draft) for draft in drafts], interaction.user, interaction.channel
        )

    async def add_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Add to library*: a message's links, else its attachments, else its text."""
        links = links_in(message.content)
        if links:
            await self._add(interaction, [AddressRequest(link) for link in links])
        elif message.attachments:
            await self._add_files(interaction, message.attachments)
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
            await self._add_draft(interaction, draft)

    async def run(
        self, surface: Surface, library: Library, requests: Sequence[Request], user: discord.abc.User, channel: Any
    ) -> None:
        """Start a job and show it until it is finished."""
        place = str(channel.id) if channel is not None else None
        with self._told_if_stopped(surface, NOT_BEGUN):
            job = await self._app.jobs.submit(library, requests, str(user.id), place)
        await self._follow(job, library, surface)

    async def _add(self, interaction: discord.Interaction, requests: Sequence[Request]) -> None:
        await require_librarian(interaction)
        if not interaction.response.is_done():
            await interaction.response.defer(thinking=True)
        surface = CommandResponse(interaction, private=False)
        with self._told_if_stopped(surface, NOT_BEGUN):
            library = await self._servers.library_of(interaction)
        await self.run(surface, library, requests, interaction.user, interaction.channel)

    async def _add_files(self, interaction: discord.Interaction, files: Sequence[discord.Attachment]) -> None:
        await require_librarian(interaction)
        await interaction.response.defer(thinking=True)
        with self._told_if_stopped(CommandResponse(interaction, private=False), NOT_BEGUN):
            requests = await file_requests(files)
        await self._add(interaction, requests)

    async def _add_draft(self, interaction: discord.Interaction, draft: ArticleDraft) -> None:
        await self._add(interaction, [TextRequest(draft)])

    async def _follow(self, job: Job, library: Library, surface: Surface) -> None:
        with self._told_if_stopped(surface, INTERRUPTED):
            await follow_job(self._app.jobs, job, library, surface)

    @contextmanager
    def _told_if_stopped(self, surface: Surface, sentence: str) -> Iterator[None]:
        """Whoever waits for what this task does hears that sentence if the bot is stopped meanwhile."""
        task = asyncio.current_task()
        assert task is not None, "commands and events run in tasks"
        self._following[task] = (surface, sentence)
        try:
            yield
        finally:
            self._following.pop(task, None)

    async def _resume(self) -> None:
        reports = []
        for job in await self._app.jobs.resume():
            channel = self._bot.get_channel(int(job.channel_id)) if job.channel_id else None
            if isinstance(channel, discord.abc.Messageable):
                reports.append(asyncio.create_task(self._report_late(job, channel)))
        await asyncio.gather(*reports)

    async def _report_late(self, job: Job, channel: discord.abc.Messageable) -> None:
        """The command of the job is gone with the bot that ran it; its channel hears what came of it."""
        try:
            library = await self._app.libraries.open(job.library_key)
            await self._follow(job, library, ChannelPost(channel))
        except (FootnoteError, *CALL_FAILED) as error:
            log.warning("Job %d could not be reported", job.id, exc_info=error)


class _Below:
    """A surface that keeps a line on top of what it shows."""

    def __init__(self, surface: Surface, head: str) -> None:
        self._surface = surface
        self._head = head

    async def write(
        self, text: str, document: Any = None, view: discord.ui.View | None = None
    ) -> discord.Message | None:
        """The line, and the text below."""
        return await self._surface.write(f"{self._head}\n{text}", document, view)

    async def add(self, text: str) -> None:
        """A further message."""
        await self._surface.add(text)


async def file_requests(files: Sequence[discord.Attachment]) -> list[Request]:
    """What people sent, downloaded."""
    requests: list[Request] = []
    for file in files:
        if file.size > LARGEST_FILE:
            over = f"{(file.size - LARGEST_FILE) / 1e6:.0f} MB over the limit of {LARGEST_FILE / 1e6:.0f} MB"
            requests.append(RefusedRequest(file.filename, f"{file.filename} is {over}."))
            continue
        try:
            requests.append(FileRequest(file.filename, await file.read()))
        except CALL_FAILED as error:
            log.warning("An attachment could not be downloaded", exc_info=error)
            reason = f"{file.filename} could not be downloaded from Discord; please try again."
            requests.append(RefusedRequest(file.filename, reason))
    return requests


def links_in(text: str) -> list[str]:
    """The addresses in a text, without the punctuation of the sentence around them and the words that a link quotes."""
    found = [
        link.rstrip(".,;:!?'\"”’)]" if "(" not in link else ".,;:!?'\"”’]")
        for link in map(without_quote, LINK.findall(text))
    ]
    return list(dict.fromkeys(found))[:MOST_LINKS]
