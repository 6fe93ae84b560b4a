"""The conversation so far, read from Discord itself, so that it survives a restart.

A reply chain, a thread or the recent messages of a DM become turns, oldest first. Messages whose text Discord
withholds (no mention, no message-content intent) are left out.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta

import discord

from bot.addressed import without_mentions
from bot.connection import CALL_FAILED
from bot.render import FOOTNOTES_BEGIN, unescape
from retrieval.answers.answer import Turn

log = logging.getLogger(__name__)

# "-# [1] [Title](<link>) · 2024-03-12 · “…”", or the title without a link.
_FOOTNOTE_TITLE = re.compile(r"^-# \[\d{1,3}\] (?:\[(.+?)\]\(<|(.+?)(?: · \d{4}-\d\d-\d\d)? · “)", re.MULTILINE)
CHAIN = 10
THREAD_MESSAGES = 12
DM_MESSAGES = 10
DM_WINDOW = timedelta(hours=6)


async def conversation(message: discord.Message, bot_id: int) -> list[Turn]:
    """The turns before a message: its thread or DM, else the chain of replies it belongs to."""
    if isinstance(message.channel, discord.Thread | discord.DMChannel) or message.guild is None:
        turns = await channel_conversation(message.channel, bot_id, before=message)
        # A reply to something older than the history read still brings its chain.
        return turns or await _reply_chain(message, bot_id)
    return await _reply_chain(message, bot_id)


async def channel_conversation(channel: object, bot_id: int, before: discord.abc.Snowflake | None = None) -> list[Turn]:
    """The recent turns of a thread or DM; nothing for an ordinary channel, where everyone talks."""
    try:
        if isinstance(channel, discord.Thread):
            messages = [m async for m in channel.history(limit=THREAD_MESSAGES, before=before)]
            if len(messages) < THREAD_MESSAGES and (starter := await thread_starter(channel)):
                messages.append(starter)
        elif isinstance(channel, discord.DMChannel):
            recent = discord.utils.utcnow() - DM_WINDOW
            messages = [m async for m in channel.history(limit=DM_MESSAGES, before=before)]
            messages = [m for m in messages if m.created_at > recent]
        else:
            return []
    except CALL_FAILED as error:
        log.warning("The history of channel %s could not be read", getattr(channel, "id", "?"), exc_info=error)
        return []
    return turns_of(reversed(messages), bot_id)


async def _reply_chain(message: discord.Message, bot_id: int) -> list[Turn]:
    chain: list[discord.Message] = []
    current = message
    while len(chain) < CHAIN:
        earlier = await referenced(current)
        if earlier is None:
            break
        chain.append(earlier)
        current = earlier
    return turns_of(reversed(chain), bot_id)


async def referenced(message: discord.Message) -> discord.Message | None:
    """The message this one replies to, or None if there is none or it is gone."""
    reference = message.reference
    if reference is None or reference.message_id is None or reference.type is not discord.MessageReferenceType.reply:
        return None
    known = reference.resolved or reference.cached_message
    if isinstance(known, discord.Message):
        return known
    if isinstance(known, discord.DeletedReferencedMessage):
        return None
    try:
        return await message.channel.fetch_message(reference.message_id)
    except CALL_FAILED as error:
        log.info("A message in a reply chain cannot be read: %s", error)
        return None


async def thread_starter(thread: discord.Thread) -> discord.Message | None:
    """The message a thread was opened from; a forum post has none of its own."""
    if thread.starter_message is not None:
        return thread.starter_message
    if not isinstance(thread.parent, discord.TextChannel):
        return None
    try:
        return await thread.parent.fetch_message(thread.id)
    except CALL_FAILED as error:
        # Usually opened without a message, or in a channel the bot cannot read.
        log.info("The message a thread was opened from cannot be read: %s", error)
        return None


def turns_of(messages: object, bot_id: int) -> list[Turn]:
    """Messages, oldest first, as turns; those of other bots are left out."""
    turns: list[Turn] = []
    for message in messages:  # type: ignore[attr-defined]
        text = message.content
        if message.author.id == bot_id:
            asked, said = parse_answer(text)
            if asked and not (turns and turns[-1].role == "user"):
                turns.append(Turn("user", asked))
            cited = cited_titles(text)
            if not said and cited and turns and turns[-1].role == "assistant":
                # The footnotes of a long answer go on in a message of their own.
                turns[-1] = replace(turns[-1], cited=tuple(dict.fromkeys([*turns[-1].cited, *cited])))
            turns.extend([Turn("assistant", said, cited)] if said else [])
        elif not message.author.bot and (question := without_mentions(text)):
            turns.append(Turn("user", question))
    return turns


def cited_titles(text: str) -> tuple[str, ...]:
    """The titles of the articles in a message's footnotes, each once, as far as the footnotes show them."""
    found = (linked or plain for linked, plain in _FOOTNOTE_TITLE.findall(text))
    return tuple(dict.fromkeys(unescape(title) for title in found))


def parse_answer(text: str) -> tuple[str, str]:
    """A message of the bot as (the question it repeats on top, the answer without footnotes)."""
    text = text.split(FOOTNOTES_BEGIN)[0]
    asked = re.match(r"> (.+)\n", text)
    said = "\n".join(line for line in text[asked.end() if asked else 0 :].split("\n") if not line.startswith("-# "))
    return (unescape(asked.group(1)) if asked else "", unescape(said).strip())
