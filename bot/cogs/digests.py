"""Digests in Discord: `/digest on, now, off`, sending what is due, and one click that stops one."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import OperationalError

from bot.app import App
from bot.background import watched
from bot.choices import choices
from bot.cogs.servers import Servers
from bot.connection import AWAY, CALL_FAILED
from bot.digest_buttons import stop_digest_view
from bot.digest_text import about, issue_mark, paused_line, render_issue
from bot.failures import Told
from bot.permissions import require_librarian
from bot.render import escape
from bot.surfaces import CLOSED_DMS, CommandResponse, send_all
from retrieval.calendar_names import WEEKDAYS
from retrieval.digests.digest import Digest, Issue
from retrieval.digests.schedule import Cadence, Schedule, zones
from retrieval.errors import FootnoteError
from retrieval.rounds import all_done, repeat
from retrieval.summaries.summary import Length

if TYPE_CHECKING:
    from bot.client import FootnoteBot

log = logging.getLogger(__name__)

# Digests made and sent at once, and for how long one is claimed; sending waits for Discord's limits.
AT_ONCE = 4
CLAIMED = 40
LEASE = timedelta(minutes=15)
RETRY = timedelta(minutes=2)
LOOK_SECONDS = 5.0
# Failures that pass without anybody's doing: Discord, the network, the database or a model is away.
PASSING = (*AWAY, FootnoteError, OperationalError)
# Messages of a DM that are looked through for a digest that may have been sent before a crash.
LOOKED_THROUGH = 50
DAYS = [app_commands.Choice(name=day, value=number) for number, day in enumerate(WEEKDAYS)]


class DigestsCog(commands.Cog, name="Digests"):
    """Sends people and channels what is new, when they asked for it."""

    digest = app_commands.Group(name="digest", description="What is new in the library, regularly", guild_only=True)

    def __init__(self, bot: FootnoteBot, app: App, servers: Servers) -> None:
        self._bot = bot
        self._app = app
        self._servers = servers
        self._sending: asyncio.Task[None] | None = None
        self._few = asyncio.Semaphore(AT_ONCE)

    async def cog_unload(self) -> None:
        """Stop sending; what is claimed is sent after the next start."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begin to send what is due, once."""
        if self._sending is None:
            self._sending = watched(repeat(self._round, "The sending of digests"), "The sending of digests")

    @digest.command(name="on", description="Get what is new by DM, every day or week")
    @app_commands.describe(
        every="Every day or every week",
        hour="At which hour, 0 to 23",
        zone="Your time zone, such as Europe/Berlin",
        topic="Only what is about this",
        feed="Only what came from this feed",
        length="1, 2 or 3 points a story",
        weekday="For a weekly digest",
        channel="Send it to this channel instead; for those who may add articles",
    )
    @app_commands.choices(weekday=DAYS)
    async def turn_on(
        self,
        interaction: discord.Interaction,
        every: Cadence,
        hour: app_commands.Range[int, 0, 23],
        zone: str,
        topic: app_commands.Range[str, 1, 300] | None = None,
        feed: str | None = None,
        length: Length = "short",
        weekday: int = 0,
        channel: discord.TextChannel | None = None,
    ) -> None:
        """`/digest on every:… hour:… zone:… [topic:] [feed:] [length:] [weekday:] [channel:]`."""
        if channel is not None:
            await require_librarian(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self._servers.library_of(interaction)
        schedule = Schedule(every, hour, zone.strip(), weekday)
        followed = await self._app.feeds.of(library)
        feeds = [one.id for one in followed if feed and feed in (str(one.id), one.title)]
        if feed and not feeds:
            raise FootnoteError("This server follows no such feed; /feeds list shows them all.")
        digest = await self._app.digests.subscribe(
            library,
            schedule,
            length,
            user_id=str(interaction.user.id),
            channel_id=str(channel.id) if channel else None,
            topic=topic,
            feed_id=feeds[0] if feeds else None,
        )
        where = channel.mention if channel else "your DMs"
        first = int(datetime.fromisoformat(digest.next_at).timestamp())
        coming = f"comes to {where} {schedule.words}; the first one <t:{first}:R>, if there is news."
        text = f"The digest of {escape(about(digest))} {coming}"
        await interaction.edit_original_response(content=text, view=stop_digest_view(digest.id))

    @digest.command(name="now", description="Get what is new since your last digest, now")
    @app_commands.describe(digest="Which one; without it all of yours on this server")
    async def now(self, interaction: discord.Interaction, digest: str | None = None) -> None:
        """`/digest now [digest:]`; the next scheduled one begins where this one ends."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        surface = CommandResponse(interaction, private=True)
        news = 0
        for one in await self._mine(interaction, digest):
            issue = await self._app.digests.issue(one)
            if not issue.stories:
                continue
            try:
                await send_all(interaction.user, self._texts(issue), stop_digest_view(one.id))
            except discord.Forbidden as error:
                if error.code != CLOSED_DMS:
                    raise
                raise FootnoteError("Your DMs are closed to me; open them and try again. Nothing is lost.") from error
            await self._app.digests.delivered(one, issue.until, datetime.now(UTC))
            news += 1
        await surface.write("What is new is in your DMs." if news else "Nothing is new since your last digest.")

    @digest.command(name="off", description="Stop your digests")
    @app_commands.describe(digest="Which one; without it all of yours on this server")
    async def turn_off(self, interaction: discord.Interaction, digest: str | None = None) -> None:
        """`/digest off [digest:]`."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        ended = await self._mine(interaction, digest)
        for one in ended:
            await self._app.digests.end(one.id)
        names = ", ".join(f"the digest of {escape(about(one))}" for one in ended)
        await interaction.edit_original_response(content=f"Stopped: {names}.")

    @now.autocomplete("digest")
    @turn_off.autocomplete("digest")
    async def mine(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The person's digests on this server."""
        library = await self._servers.library_of(interaction)
        found = await self._app.digests.of(library, user_id=str(interaction.user.id))
        names = [(f"{about(one)}, {one.schedule.words}", str(one.id)) for one in found]
        return choices((name, number) for name, number in names if typed.lower() in name.lower())

    @turn_on.autocomplete("zone")
    async def known_zones(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Time zones that contain what was typed."""
        wanted = typed.lower().replace(" ", "_")
        return choices((zone, zone) for zone in zones() if wanted in zone.lower())

    @turn_on.autocomplete("feed")
    async def followed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Feeds of this server that contain what was typed."""
        found = await self._app.feeds.of(await self._servers.library_of(interaction))
        return choices((feed.title, str(feed.id)) for feed in found if typed.lower() in feed.title.lower())

    async def stop(self, interaction: discord.Interaction, digest_id: int) -> None:
        """The button in a digest: its own person may stop it, and who may add articles a channel's."""
        digest = await self._app.digests.get(digest_id)
        if digest is not None and digest.channel_id is not None:
            await require_librarian(interaction)
        elif digest is not None and digest.user_id != str(interaction.user.id):
            raise FootnoteError("That is somebody else's digest.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        ended = await self._app.digests.end(digest_id)
        await interaction.edit_original_response(content="Stopped." if ended else "That digest is stopped already.")

    async def tell_paused(self, user: discord.abc.User) -> str | None:
        """What a person whose digests were paused should know now that they are back; None for others."""
        paused = await self._app.digests.paused_untold(str(user.id))
        if not paused:
            return None
        await self._app.digests.mark_told([one.id for one in paused])
        return "\n".join(paused_line(one) for one in paused)

    async def _tell_by_dm(self, digest: Digest) -> None:
        """Tell who asked for a digest that it is paused; with closed DMs `tell_paused` does it later."""
        try:
            user = await self._bot.fetch_user(int(digest.user_id or 0))
            await user.send(paused_line(digest))
        except CALL_FAILED as error:
            log.info("Nobody could be told that digest %d is paused: %s", digest.id, error)
            return
        await self._app.digests.mark_told([digest.id])

    async def _mine(self, interaction: discord.Interaction, chosen: str | None) -> list[Digest]:
        library = await self._servers.library_of(interaction)
        found = await self._app.digests.of(library, user_id=str(interaction.user.id))
        wanted = [one for one in found if chosen in (None, str(one.id))]
        if not wanted:
            raise Told("You have no such digest on this server; `/digest on` makes one.")
        return wanted

    async def _round(self) -> None:
        """Send what is due; where nothing is, wait."""
        claimed = await self._app.digests.claim_due(datetime.now(UTC), CLAIMED, LEASE)
        await all_done(self._one(digest, before) for digest, before in claimed)
        if not claimed:
            await asyncio.sleep(LOOK_SECONDS)

    async def _one(self, digest: Digest, before: bool) -> None:
        async with self._few:
            try:
                await self._send(digest, before)
            except PASSING as error:
                log.warning("Digest %d could not be sent, trying again", digest.id, exc_info=error)
                await self._app.digests.release(digest, datetime.now(UTC) + RETRY)
            except Exception:
                # One digest's defect must not stop the others.
                log.exception("Digest %d could not be made", digest.id)
                failed = await self._app.digests.failed_by_defect(digest, datetime.now(UTC) + LEASE)
                if failed.state != "on":
                    await self._tell_by_dm(failed)

    async def _send(self, digest: Digest, before: bool) -> None:
        """Make a digest and send it; `before` says that an attempt for this very moment broke off."""
        place = await self._place(digest)
        if place is None:
            log.info("Digest %d ends: nobody may read it any more", digest.id)
            await self._app.digests.end(digest.id)
            return
        issue = await self._app.digests.issue(digest)
        if issue.stories:
            texts = self._texts(issue)
            nonces = [self._app.digests.nonce(digest, part) for part in range(len(texts))]
            try:
                sent = before and await self._was_sent(place, issue_mark(digest, issue.due))
                if not sent:
                    await send_all(place, texts, stop_digest_view(digest.id), nonces)
            except discord.Forbidden as error:
                log.info("Digest %d is refused: %s", digest.id, error)
                failed = await self._app.digests.failed(digest, datetime.now(UTC))
                if failed.state == "paused" and failed.channel_id is not None:
                    await self._tell_by_dm(failed)
                return
            log.info("Digest %d sent, %d stories", digest.id, len(issue.stories))
        await self._app.digests.delivered(digest, issue.until, datetime.now(UTC))

    async def _place(self, digest: Digest) -> discord.abc.Messageable | None:
        """Where the digest goes; None when the person left the server, or the channel is gone."""
        guild = self._bot.get_guild(int(digest.library_key))
        if guild is None:
            raise FootnoteError("The server of a digest is not there; its library may be on its way out.")
        if digest.channel_id is not None:
            channel = guild.get_channel(int(digest.channel_id))
            return channel if isinstance(channel, discord.TextChannel) else None
        try:
            member = await guild.fetch_member(int(digest.user_id or 0))
        except discord.NotFound:
            return None
        return member

    async def _was_sent(self, place: discord.abc.Messageable, mark: str) -> bool:
        """Is the digest of that moment there already? Discord remembers a nonce for some minutes only."""
        assert self._bot.user is not None, "events arrive after the login"
        async for message in place.history(limit=LOOKED_THROUGH):
            if message.author.id == self._bot.user.id and mark in message.content:
                return True
        return False

    def _texts(self, issue: Issue) -> tuple[str, ...]:
        guild = self._bot.get_guild(int(issue.digest.library_key))
        return render_issue(issue, guild.name if guild else "the library")
