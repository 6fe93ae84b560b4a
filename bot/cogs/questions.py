"""Questions in Discord: mentions, replies, threads, DMs and `/ask`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.addressed import Decision, Incoming, decide, without_mentions
from bot.app import App
from bot.cards import title_link
from bot.cogs.ingest import INTERRUPTED, file_requests, links_in
from bot.cogs.servers import Servers
from bot.connection import CALL_FAILED
from bot.conversation import channel_conversation, conversation, referenced, thread_starter
from bot.drafts import Drafts
from bot.failures import UNEXPECTED, for_members, note_failure
from bot.further import IN_DISCORD
from bot.permissions import MayNot, require_librarian_for
from bot.render import escape, render, render_draft
from bot.streaming import LiveAnswer
from bot.summary_request import asked_in
from bot.surfaces import CommandResponse, Reply
from retrieval.answers.answer import Answer, Turn
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.errors import FootnoteError
from retrieval.library import Library

if TYPE_CHECKING:
    from bot.client import FootnoteBot
    from bot.cogs.digests import DigestsCog
    from bot.cogs.ingest import Ingest
    from bot.cogs.summaries import Summaries

log = logging.getLogger(__name__)

MOST_THREADS = 10_000
# How long a stopping bot lets answers finish.
FINISH_SECONDS = 5.0
STOPPED = "I was stopped while answering; please ask again in a moment."
HELLO = "Ask me something about the articles in this server's library; every answer carries footnotes."
HELLO_IN_DM = "Ask me something about the articles of the servers we share; every answer carries footnotes."
FILE_IN_DM = (
    "I read no files in DMs. On a server, mention me with the file to add it, or right-click its message → Apps → "
    "*Summarize to my DMs*."
)
WITHHELD = (
    "Discord does not show me the text of a reply without a ping. Reply with the ping on, mention me, or use `/ask`."
)
HIDDEN = "Discord does not show me the text of that message. Please ask the question in your own message."
HIDDEN_ABOVE = "Discord does not show me the message you replied to; say in your own what you mean."
NO_SERVER = "I answer from the libraries of servers we share, and I do not see you on any server I am on."
HOW_TO_ADD = "Members with the permission “Manage Server” can add articles with `/ingest`."
HOW_TO_ADD_THAT = (
    "To have that page read: `/summarize url`, and for members with the permission “Manage Server” `/ingest url`, or "
    "*Add to library* in the message's menu (Apps)."
)
QUOTED = (
    "Quoted from the articles; no language model involved. Who runs this bot can switch one on (OPENAI_API_KEY or "
    "OPENAI_BASE_URL)."
)


class Questions(commands.Cog):
    """Answers questions wherever they are asked."""

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        self._ours: dict[int, bool] = {}
        self._answering: set[asyncio.Task[Any]] = set()
        self._drafts = Drafts(app.database)

    async def cog_load(self) -> None:
        """Before the first question: nobody waits for an answer of a bot that was killed."""
        await self._drafts.settle(self._bot, STOPPED)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """A message somewhere the bot can see."""
        surface, stopped = Reply(message), STOPPED
        self._note_task()
        try:
            decision = await self._decide(message)
            if not decision.answer:
                return
            if message.guild is not None:
                self._servers.members.seen(message.guild.id, message.author.id)
                if message.attachments:
                    stopped = INTERRUPTED
                    await self._ingest_files(message, surface)
                    if not decision.question:
                        return
                    # The report of the files stays, whatever becomes of the question.
                    surface, stopped = Reply(message), STOPPED
            await self._answer_message(message, decision, surface)
        except discord.Forbidden as error:
            log.warning("No permission to answer in channel %s", message.channel.id, exc_info=error)
            await surface.tell_privately()
        except FootnoteError as error:
            note_failure(log, "A question failed", error)
            await surface.write(for_members(error))
        except CALL_FAILED as error:
            log.error("Discord refused an answer in channel %s", message.channel.id, exc_info=error)
            with suppress(*CALL_FAILED):  # It is in the log; there is no other way to tell.
                await surface.write(UNEXPECTED)
        except asyncio.CancelledError:
            with suppress(*CALL_FAILED):
                await surface.write(stopped)
            raise
        except Exception:
            with suppress(*CALL_FAILED):  # Raised again, so the log has what happened.
                await surface.write(UNEXPECTED)
            raise

    @app_commands.command(name="ask", description="Ask the library; every sentence comes with a footnote.")
    @app_commands.describe(question="What you want to know", private="Show the answer only to you")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def ask(
        self,
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, 2000],
        private: bool = False,
    ) -> None:
        """`/ask question:… [private:]`."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        self._servers.note_member(interaction)
        history = await channel_conversation(interaction.channel, self._own_id)
        surface = CommandResponse(interaction, private)
        live = LiveAnswer(surface, self._drafts)
        self._note_task()
        try:
            await self._answer(live, question, history, interaction.guild_id, interaction.user, asked=question)
            if paused := await self._paused(interaction.user):
                await interaction.followup.send(paused, ephemeral=True)
        except FootnoteError as error:
            note_failure(log, "A question failed", error)
            await live.abandon()
            await surface.write(for_members(error))
        except asyncio.CancelledError:
            await live.abandon()
            with suppress(*CALL_FAILED):
                await surface.write(STOPPED)
            raise
        finally:
            await live.abandon()

    async def cog_unload(self) -> None:
        """Before the bot leaves: let answers under way finish, and tell those that do not in time."""
        waiting = self._answering - {asyncio.current_task()}
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=FINISH_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _note_task(self) -> None:
        """Remember that this task answers somebody, until it is done."""
        task = asyncio.current_task()
        if task is not None:
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _decide(self, message: discord.Message) -> Decision:
        me = self._own_id
        target: discord.Message | None = None
        if message.type is discord.MessageType.reply and not message.author.bot:
            target = await referenced(message)
        incoming = Incoming(
            content=message.content,
            from_bot=message.author.bot or message.webhook_id is not None,
            ordinary=message.type in (discord.MessageType.default, discord.MessageType.reply),
            direct=message.guild is None,
            mentions_bot=any(user.id == me for user in message.mentions),
            mentions_others=any(user.id != me for user in message.mentions) or message.mention_everyone,
            replies_to_bot=target is not None and target.author.id == me,
            replies_to_other=target is not None and target.author.id != me,
            bot_thread=bool(message.content)
            and not message.author.bot
            and isinstance(message.channel, discord.Thread)
            and await self._is_ours(message.channel),
            has_attachments=bool(message.attachments),
        )
        return decide(incoming, me)

    async def _is_ours(self, thread: discord.Thread) -> bool:
        """Did the bot open the thread, or was it opened from one of the bot's answers?"""
        if thread.id not in self._ours:
            if len(self._ours) > MOST_THREADS:
                self._ours.clear()
            starter = await thread_starter(thread)
            by_us = starter is not None and starter.author.id == self._own_id
            self._ours[thread.id] = by_us or thread.owner_id == self._own_id
        return self._ours[thread.id]

    async def _answer_message(self, message: discord.Message, decision: Decision, surface: Reply) -> None:
        if decision.why == "text withheld":
            await surface.write(WITHHELD)
            return
        question, wanted = decision.question, asked_in(decision.question)
        if message.guild is None and message.attachments and (wanted or not question):
            await surface.write(FILE_IN_DM)
            return
        if message.guild is None and wanted:
            summaries = cast("Summaries", self._bot.get_cog("Summaries"))
            await summaries.summarize_in_dm(message, wanted, surface)
            return
        target = await referenced(message) if decision.why == "mention" else None
        hidden = target is not None and not target.content
        if not question and target is not None:
            # "@bot" under somebody's message asks about that message.
            if hidden:
                await surface.write(HIDDEN)
                return
            question = without_mentions(target.content)
        if not question:
            await surface.write(HELLO if message.guild else HELLO_IN_DM)
            return
        live = LiveAnswer(surface, self._drafts)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(live.abandon)
            await stack.enter_async_context(_typing(message.channel))
            history = await conversation(message, self._own_id)
            guild_id = message.guild.id if message.guild else None
            notes = [FILE_IN_DM] if message.guild is None and message.attachments else []
            linked = HOW_TO_ADD_THAT if links_in(message.content) else HOW_TO_ADD
            refused = HIDDEN_ABOVE if hidden else linked
            await self._answer(live, question, history, guild_id, message.author, notes=notes, refused=refused)

    async def _ingest_files(self, message: discord.Message, surface: Reply) -> None:
        """Files on a message to the bot are added to the server's library, if the person may."""
        try:
            await require_librarian_for(self._bot, message)
        except MayNot as refusal:
            try:
                await message.author.send(str(refusal))
            except discord.Forbidden:
                # Closed DMs: better said where everybody sees it than not at all.
                await surface.write(str(refusal))
            return
        assert message.guild is not None, "the caller checks this"
        ingest = cast("Ingest", self._bot.get_cog("Ingest"))
        library = await self._servers.library(message.guild.id)
        await surface.write("Fetching …")
        requests = await file_requests(message.attachments)
        await ingest.run(surface, library, requests, message.author, message.channel)

    async def ask_about(self, interaction: discord.Interaction, guild_id: int, article_id: int, question: str) -> None:
        """Answer a question from one article alone; for the button under it."""
        await interaction.response.defer(thinking=True)
        self._servers.note_member(interaction)
        library = (await self._servers.library_for(interaction.user, guild_id)).only(article_id)
        record = await library.article(article_id)
        if record is None:
            raise FootnoteError("That article is not in this server's library any more.")
        live = LiveAnswer(CommandResponse(interaction, private=False), self._drafts)
        self._note_task()
        try:
            notes = [f"From {title_link(record)} alone."]
            await self._stream(live, library, question, (), notes, asked=question, about=record.title)
        finally:
            await live.abandon()

    async def _answer(
        self,
        live: LiveAnswer,
        question: str,
        history: Sequence[Turn],
        guild_id: int | None,
        user: discord.abc.User,
        asked: str | None = None,
        notes: Sequence[str] = (),
        refused: str = HOW_TO_ADD,
    ) -> None:
        """Stream one answer to wherever `live` shows it, above small notes; `refused` is one for when there is none."""
        notes = list(notes)
        library: Library | None
        if guild_id is not None:
            library = await self._servers.library(guild_id)
        else:
            library, server = await self._library_for_dm(question, history, user)
            if library is None:
                raise FootnoteError(NO_SERVER)
            notes.append(f"From the library of {escape(server)}.")
            if paused := await self._paused(user):
                notes.append(paused)
        await self._stream(live, library, question, history, notes, asked, refused=refused)

    async def _paused(self, user: discord.abc.User) -> str | None:
        """What somebody whose digests were paused should be told, privately and once."""
        return await cast("DigestsCog", self._bot.get_cog("Digests")).tell_paused(user)

    async def _stream(
        self,
        live: LiveAnswer,
        library: Library,
        question: str,
        history: Sequence[Turn],
        notes: list[str],
        asked: str | None,
        about: str = "",
        refused: str = HOW_TO_ADD,
    ) -> None:
        answer: Answer | None = None
        async for answer in self._app.answerer.stream(library, question, history, about):
            if not answer.complete and answer.sentences:
                live.show(render_draft(answer, asked))
        assert answer is not None, "a stream ends with a complete answer"
        if answer.status == "not_in_library":
            notes.append(refused)
        elif answer.model == QUOTES and not self._app.settings.has_chat_model:
            notes.append(QUOTED)
        notes.extend(IN_DISCORD[answer.further])
        await live.finish(render(answer, asked, tuple(notes)))
        log.info(
            "Answered in library %s: %s, %d footnotes, %.2f s",
            library.key,
            answer.status,
            len(answer.citations),
            answer.timings.get("total", 0.0),
        )

    async def _library_for_dm(
        self, question: str, history: Sequence[Turn], user: discord.abc.User
    ) -> tuple[Library | None, str]:
        """Of the libraries the person may see, the one with the best evidence, and its server's name."""
        candidates = await self._servers.libraries_of(user)
        if not candidates:
            return None, ""
        if len(candidates) == 1:
            return candidates[0][1], candidates[0][0].name
        weighed = [
            (await self._app.answerer.evidence_for(library, question, history), guild, library)
            for guild, library in candidates
        ]
        _, guild, library = max(weighed, key=lambda item: item[0])
        return library, guild.name

    @property
    def _own_id(self) -> int:
        assert self._bot.user is not None, "events arrive after the login"
        return self._bot.user.id


@asynccontextmanager
async def _typing(channel: discord.abc.Messageable) -> AsyncIterator[None]:
    """Show that an answer is coming; beside the answer, which neither waits for the indicator nor fails with it."""

    async def keep_typing() -> None:
        try:
            async with channel.typing():
                await asyncio.Event().wait()
        except CALL_FAILED as error:
            log.warning("The typing indicator could not be shown", exc_info=error)

    task = asyncio.create_task(keep_typing())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
