"""Summaries in Discord: `/summarize`, *Summarize to my DMs* on a message, buttons, and "summarize …" in a DM."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot import deliveries
from bot.app import App
from bot.buttons import AskButton
from bot.choices import LONGEST_NAME, MOST_CHOICES, choices
from bot.cogs.ingest import file_requests, links_in
from bot.cogs.servers import Servers
from bot.connection import CALL_FAILED
from bot.deliveries import Delivery
from bot.failures import UNEXPECTED, for_members, note_failure
from bot.links import without_quote
from bot.render import shortened
from bot.streaming import LiveAnswer, Surface
from bot.summary_buttons import SummaryButton, deliver_view, halt_view, link_button
from bot.summary_request import ID, LONGER, SHORTER, SummaryRequest, custom_id, of_match
from bot.summary_text import render_summary
from bot.surfaces import CLOSED_DMS, CommandResponse, send_all
from retrieval.articles import ArticleDraft
from retrieval.errors import FootnoteError
from retrieval.ingestion.job import FileRequest, RefusedRequest
from retrieval.library import Library
from retrieval.lookup import find_article
from retrieval.sources.files import read_attachment
from retrieval.sources.web import read_fetched
from retrieval.summaries.summary import Length, Progress, Report, Summary

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

FEWEST_WORDS = 40
STOPPED = "Stopped; there is no summary."
INTERRUPTED = "I was stopped while reading; please ask for the summary again in a moment."
CLOSED = (
    "Your DMs are closed to me. Open them (right-click the server's name → Privacy Settings → Direct Messages), then "
    "press the button; I keep the summary for an hour."
)
SUMMARIZE_WHAT = "Summarize what? Write `summarize` with the title of an article, or with the address of a page."
OUTSIDE = "On this server only articles of the library are summarised; someone who may add articles can add that one."
Make = Callable[[Report], Coroutine[Any, Any, Summary]]


class Summaries(commands.Cog):
    """Reads articles for people and tells them the key points in their DMs."""

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        # Summaries being made, by the token of their Stop button: whose they are, and their task.
        self._making: dict[str, tuple[int, asyncio.Task[Any]]] = {}
        self._leaving = False
        self._menu = app_commands.ContextMenu(name="Summarize to my DMs", callback=self.summarize_message)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Context menus cannot be methods that discord.py finds by itself."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Stop what is being made; whoever waits is told."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)
        self._leaving = True
        tasks = [task for _, task in self._making.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @app_commands.command(name="summarize", description="Key points with footnotes, in your DMs")
    @app_commands.describe(
        article="An article of this server", url="A page of the web", topic="What all articles say on this",
        length="3, 5 or 7 points",
    )  # fmt: skip
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def summarize_command(
        self,
        interaction: discord.Interaction,
        article: str | None = None,
        url: app_commands.Range[str, 1, 2000] | None = None,
        topic: app_commands.Range[str, 1, 300] | None = None,
        length: Length = "medium",
    ) -> None:
        """`/summarize article:… | url:… | topic:… [length:]`."""
        given = [("article", article), ("url", url), ("topic", topic)]
        chosen = [(kind, what) for kind, what in given if what]
        if len(chosen) != 1:
            raise FootnoteError("Give one of article, url and topic.")
        kind, what = chosen[0]
        named = without_quote(what.strip()) if kind == "url" else what.strip()
        request = SummaryRequest(cast("Any", kind), named, length)
        await self.summarize(interaction, request, interaction.guild_id)

    @summarize_command.autocomplete("article")
    async def titles(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Articles the person may see that contain what was typed."""
        if interaction.guild_id is not None:
            libraries = [await self._servers.library_of(interaction)]
        else:
            libraries = [library for _, library in await self._servers.libraries_of(interaction.user)]
        found = [one for library in libraries for one in await library.titles(typed, MOST_CHOICES)]
        # A number means an article of one library only.
        alone = len(libraries) == 1
        return choices((title, str(number) if alone else shortened(title, LONGEST_NAME)) for number, title in found)

    async def summarize_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Summarize to my DMs*: the message's link, else its file, else its text."""
        library = await self._servers.library_of(interaction)
        links = links_in(message.content)
        if links:
            await self.summarize(interaction, SummaryRequest("url", links[0]), interaction.guild_id)
            return
        if not message.attachments and len(message.content.split()) < FEWEST_WORDS:
            raise FootnoteError("That message holds no link, no file and no text long enough to be summarised.")

        async def make(report: Report) -> Summary:
            if not await library.may_summarize_any():
                raise FootnoteError(OUTSIDE)
            return await self._app.summarizer.draft(await _draft_of(message), "medium", report)

        await self._run(interaction, make, None, interaction.guild_id)

    async def summarize(self, interaction: discord.Interaction, request: SummaryRequest, guild_id: int | None) -> None:
        """Make a summary and deliver it; `guild_id` is the server whose library is meant, if one is."""
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
        self._servers.note_member(interaction)
        library, guild_id = await self._library(interaction.user, request, guild_id)
        await self._run(interaction, self._maker(library, request), request, guild_id)

    async def summarize_in_dm(self, message: discord.Message, request: SummaryRequest, surface: Surface) -> None:
        """ "summarize …" written to the bot in a DM."""
        if not request.what:
            await surface.write(SUMMARIZE_WHAT)
            return
        library, guild_id = await self._library(message.author, request, None)
        summary = await self._made(surface, message.author, self._maker(library, request))
        if summary is not None:
            texts, view = render_summary(summary), self._view(summary, request, guild_id)
            await _show(surface, message.channel, texts, view)

    def halt(self, token: str, user_id: int) -> bool:
        """Stop a summary of this person; False when it is not being made."""
        owner, task = self._making.get(token, (0, None))
        if task is None or owner != user_id:
            return False
        task.cancel()
        return True

    async def deliver(self, interaction: discord.Interaction, number: int) -> None:
        """Send a kept summary after all."""
        delivery = await deliveries.find(self._app.database, number, interaction.user.id)
        if delivery is None:
            raise FootnoteError("That summary is not kept any more; please ask for it again.")
        view = _stored_view(delivery)
        try:
            await send_all(interaction.user, delivery.texts, view)
        except discord.Forbidden as error:
            if error.code != CLOSED_DMS:
                raise
            raise FootnoteError("Your DMs are still closed to me.") from error
        await deliveries.forget(self._app.database, number)
        await interaction.edit_original_response(content="The summary is in your DMs.", view=None)

    def _maker(self, library: Library, request: SummaryRequest) -> Make:
        async def make(report: Report) -> Summary:
            if request.kind == "topic":
                return await self._app.summarizer.topic(library, request.what, request.length, report)
            records = await library.articles()
            if request.kind == "article":
                record = find_article(records, request.what)
                return await self._app.summarizer.article(library, record, request.length, report)
            known = [record for record in records if request.what in (record.url, record.identity)]
            if known:
                return await self._app.summarizer.article(library, known[0], request.length, report)
            if not await library.may_summarize_any():
                raise FootnoteError(OUTSIDE)
            page = await self._app.fetcher.fetch(request.what)
            found = [one for one in await asyncio.to_thread(read_fetched, page) if isinstance(one, ArticleDraft)]
            if not found:
                raise FootnoteError("That address holds no article.")
            return await self._app.summarizer.draft(found[0], request.length, report)

        return make

    async def _run(
        self, interaction: discord.Interaction, make: Make, request: SummaryRequest | None, guild_id: int | None
    ) -> None:
        """Make the summary, showing progress privately, and send it to the person's DMs."""
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
        in_dm = interaction.guild_id is None
        surface = CommandResponse(interaction, private=not in_dm)
        summary = await self._made(surface, interaction.user, make)
        if summary is None:
            return
        texts, view = render_summary(summary), self._view(summary, request, guild_id)
        if in_dm:
            await _show(surface, interaction.user, texts, view)
            return
        try:
            await send_all(interaction.user, texts, view)
        except discord.Forbidden as error:
            if error.code != CLOSED_DMS:
                raise
            wanted = custom_id(request, guild_id) if request and guild_id else None
            delivery = Delivery(interaction.user.id, texts, wanted, _link(summary))
            number = await deliveries.keep(self._app.database, delivery)
            await surface.write(CLOSED, view=deliver_view(number))
            return
        await surface.write("The summary is in your DMs.")

    async def _made(self, surface: Surface, user: discord.abc.User, make: Make) -> Summary | None:
        """The summary, or None when it was stopped or failed, which the surface then says."""
        token = secrets.token_hex(8)
        live = LiveAnswer(surface)
        live.show("Reading …", halt_view(token))

        def report(progress: Progress) -> None:
            if progress.parts > 1:
                part = min(progress.done + 1, progress.parts)
                live.show(f"Reading {part} of {progress.parts} parts …", halt_view(token))

        task = asyncio.create_task(make(report))
        self._making[token] = (user.id, task)
        failure: str
        try:
            return await task
        except FootnoteError as error:
            note_failure(log, "A summary failed", error)
            failure = for_members(error)
        except asyncio.CancelledError:
            failure = INTERRUPTED if self._leaving else STOPPED
        except Exception:
            log.exception("A summary failed")
            failure = UNEXPECTED
        finally:
            self._making.pop(token, None)
            await live.abandon()
        with suppress(*CALL_FAILED):  # The log has the reason; there is no other way to tell.
            await surface.write(failure)
        return None

    async def _library(
        self, user: discord.abc.User, request: SummaryRequest, guild_id: int | None
    ) -> tuple[Library, int]:
        """The library that is meant; in a DM the one that holds the article, or knows most of the topic."""
        if guild_id is not None:
            return await self._servers.library_for(user, guild_id), guild_id
        shared = await self._servers.libraries_of(user)
        if not shared:
            raise FootnoteError("I read from the libraries of servers we share, and I do not see you on any.")
        if len(shared) > 1 and request.kind == "topic":
            weighed = [await self._app.answerer.evidence_for(library, request.what) for _, library in shared]
            guild, library = shared[weighed.index(max(weighed))]
            return library, guild.id
        for guild, library in shared:
            try:
                find_article(await library.articles(), request.what)
            except FootnoteError:
                continue  # Not here; the last one's failure is told by whoever looks again.
            return library, guild.id
        return shared[0][1], shared[0][0].id

    def _view(self, summary: Summary, request: SummaryRequest | None, guild_id: int | None) -> discord.ui.View | None:
        view = discord.ui.View(timeout=None)
        if request is not None and guild_id is not None:
            # The article's own number: a title may change, and is longer than a button's id.
            known = summary.topic is None and summary.articles[0].id
            exact = SummaryRequest("article", str(known), request.length) if known else request
            _add_lengths(view, exact, guild_id)
            if known:
                view.add_item(AskButton(guild_id, known))
        if button := link_button(_link(summary)):
            view.add_item(button)
        return view if view.children else None


async def _show(
    surface: Surface, channel: discord.abc.Messageable, texts: Sequence[str], view: discord.ui.View | None
) -> None:
    """The summary in place of its progress, what does not fit below, the buttons under the last message."""
    await surface.write(texts[0], view=view if len(texts) == 1 else None)
    if len(texts) > 1:
        await send_all(channel, texts[1:], view)


def _add_lengths(view: discord.ui.View, request: SummaryRequest, guild_id: int) -> None:
    for label, other in (("Longer", LONGER.get(request.length)), ("Shorter", SHORTER.get(request.length))):
        if other is not None:
            changed = SummaryRequest(request.kind, request.what, other)
            if custom_id(changed, guild_id):
                view.add_item(SummaryButton(changed, guild_id, label))


def _stored_view(delivery: Delivery) -> discord.ui.View | None:
    view = discord.ui.View(timeout=None)
    match = re.fullmatch(ID, delivery.request or "")
    if match:
        _add_lengths(view, *of_match(match))
    if button := link_button(delivery.link):
        view.add_item(button)
    return view if view.children else None


def _link(summary: Summary) -> str | None:
    return summary.articles[0].url if summary.topic is None and summary.articles else None


async def _draft_of(message: discord.Message) -> ArticleDraft:
    """What a message brings: its first file, else its own text. Raises FootnoteError."""
    if not message.attachments:
        title = shortened(" ".join(message.content.split()), 80)
        return ArticleDraft(
            title, message.content, message.jump_url, message.jump_url, "Discord", message.author.display_name,
            message.created_at.isoformat(),
        )  # fmt: skip
    (request,) = await file_requests(message.attachments[:1])
    if isinstance(request, RefusedRequest):
        raise FootnoteError(request.reason)
    assert isinstance(request, FileRequest)
    found = await asyncio.to_thread(read_attachment, request.content, request.name)
    drafts = [one for one in found if isinstance(one, ArticleDraft)]
    if not drafts:
        raise FootnoteError(f"{request.name} holds no article.")
    return drafts[0]
