"""A channel's history as articles: one for each thread, and one for each day of what was written outside of threads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import groupby

import discord

from bot.failures import Told
from retrieval.articles import ArticleDraft

# What Discord gives in fifty requests.
MOST_MESSAGES = 5_000
MOST_THREADS = 200

Readable = discord.TextChannel | discord.ForumChannel | discord.Thread


def readable_by_all(channel: Readable) -> bool:
    """May everybody on the server read the channel and its history?"""
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    if place is None:
        return False
    everyone = place.permissions_for(place.guild.default_role)
    return everyone.view_channel and everyone.read_message_history


async def channel_drafts(channel: Readable, since: datetime) -> list[ArticleDraft]:
    """What people wrote there since a moment. Raises Told where the bot may not read it."""
    try:
        drafts: list[ArticleDraft] = []
        if not isinstance(channel, discord.ForumChannel):
            messages = [message async for message in _written(channel, since)]
            drafts += [_thread(channel, messages)] if isinstance(channel, discord.Thread) else _days(channel, messages)
        if not isinstance(channel, discord.Thread):
            async for thread in _threads(channel, since):
                drafts.append(_thread(thread, [message async for message in _written(thread, since)]))
        return [draft for draft in drafts if draft.text]
    except discord.Forbidden as error:
        raise Told(
            f"I may not read {channel.mention}. Give me “View Channel” and “Read Message History” there."
        ) from error


async def _threads(
    channel: discord.TextChannel | discord.ForumChannel, since: datetime
) -> AsyncIterator[discord.Thread]:
    for thread in channel.threads:
        if not thread.is_private():
            yield thread
    async for thread in channel.archived_threads(limit=MOST_THREADS):
        if thread.archive_timestamp < since:
            return  # They come newest first.
        yield thread


async def _written(place: discord.TextChannel | discord.Thread, since: datetime) -> AsyncIterator[discord.Message]:
    """What people wrote, oldest first; of very much the newest."""
    newest = [message async for message in place.history(limit=MOST_MESSAGES, after=since, oldest_first=False)]
    for message in reversed(newest):
        ordinary = message.type in (discord.MessageType.default, discord.MessageType.reply)
        if ordinary and message.content.strip() and not message.author.bot:
            yield message


def _thread(thread: discord.Thread, messages: list[discord.Message]) -> ArticleDraft:
    return _draft(thread.name, thread.jump_url, thread.jump_url, f"#{thread.parent or thread}", messages)


def _days(channel: discord.TextChannel, messages: list[discord.Message]) -> list[ArticleDraft]:
    days = groupby(messages, key=lambda message: message.created_at.date())
    return [
        _draft(
            f"#{channel.name}, {day:%-d %B %Y}", f"{channel.jump_url}#{day}", found[0].jump_url, f"#{channel}", found
        )
        for day, found in ((day, list(some)) for day, some in days)
    ]


def _draft(title: str, identity: str, url: str, source: str, messages: list[discord.Message]) -> ArticleDraft:
    return ArticleDraft(
        title=title,
        # The speaker stands in front of what they said, so that a quote says whose words it quotes.
        text="\n\n".join(f"{message.author.display_name}: {message.clean_content}" for message in messages),
        identity=identity,
        url=url,
        source=source,
        published_at=messages[0].created_at.isoformat(timespec="seconds") if messages else None,
    )
