"""Is a message meant for the bot, and what does it ask?

The decision is made from a few plain facts, so that it can be read and tested without Discord.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Why = Literal[
    "direct message",
    "mention",
    "reply to the bot",
    "thread of the bot",
    "from a bot",
    "not an ordinary message",
    "not addressed to the bot",
    "text withheld",
]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the decision needs to know of a message."""

    content: str
    from_bot: bool
    ordinary: bool  # a normal message or a reply, not a pin notice or the like
    direct: bool  # in a DM with the bot
    mentions_bot: bool
    mentions_others: bool
    replies_to_bot: bool
    replies_to_other: bool
    bot_thread: bool  # in a thread the bot opened or that grew from one of its answers
    has_attachments: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer, why, and the question with the mention taken out (empty when only mentioned)."""

    answer: bool
    why: Why
    question: str = ""


def decide(message: Incoming, bot_id: int) -> Decision:
    """The rule. @everyone, role mentions and other people's conversations are not for the bot."""
    if message.from_bot:
        return Decision(False, "from a bot")
    if not message.ordinary:
        return Decision(False, "not an ordinary message")
    question = without_mentions(message.content)
    named = re.search(_mention(bot_id), message.content) is not None
    if message.direct:
        return Decision(True, "direct message", question)
    if message.replies_to_bot:
        if not message.content and not message.has_attachments:
            # Discord hides the text of a reply without a ping unless the intent is on.
            return Decision(True, "text withheld")
        return Decision(True, "reply to the bot", question)
    if named or (message.mentions_bot and not message.replies_to_other):
        return Decision(True, "mention", question)
    elsewhere = message.mentions_others or message.replies_to_other
    if message.bot_thread and question and not elsewhere:
        return Decision(True, "thread of the bot", question)
    return Decision(False, "not addressed to the bot")


def without_mentions(text: str) -> str:
    """A message's text on one line, without mentions."""
    # Ids of other people, roles and channels are no words of the question either.
    return " ".join(re.sub(r"<(?:@[!&]?|#)\d+>", " ", text).split())


def _mention(bot_id: int) -> str:
    return rf"<@!?{bot_id}>"
