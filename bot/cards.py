"""Articles, and what became of them, as Discord shows them. Pure: records go in, texts come out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.beginning import beginning
from bot.counting import count
from bot.render import escape, shortened
from retrieval.articles import ArticleRecord, Unreadable
from retrieval.index.writer import Added

SHOWN_TEXT = 300
SHOWN_TWINS = 5
# Of names and reasons from outside, which may have thousands of characters, and of all that a message may hold.
SHOWN_NAME = 100
SHOWN_REASON = 500
LONGEST_CARD = 1_900


def title_link(record: ArticleRecord) -> str:
    """The title, as a link where the article has a usable address."""
    title = escape(shortened(record.title, 150)).replace("[", "(").replace("]", ")")
    usable = record.url and re.fullmatch(r"https?://[^\s<>()]+", record.url) and len(record.url) < 300
    return f"[{title}](<{record.url}>)" if usable else f"**{title}**"


def line(record: ArticleRecord) -> str:
    """An article on one line: its date and how old that is, its title, where it is from."""
    date = (record.day or "undated") + age(record.published_at)
    return " · ".join(part for part in (date, title_link(record), escape(record.source or "")) if part)


def card(record: ArticleRecord, text: str) -> str:
    """What was understood of an article: title, author, source, date, passages, and how it begins."""
    names = [shortened(name, SHOWN_NAME) for name in (record.author, record.source) if name]
    facts = [*names, record.day, count(record.passages, "passage")]
    return "\n".join(
        [
            title_link(record),
            " · ".join(escape(fact) for fact in facts if fact),
            f"> {escape(shortened(beginning(record.title, text), SHOWN_TEXT))}",
            f"-# in the library since {record.added_at[:10]}",
        ]
    )


def details(record: ArticleRecord, text: str, feeds: Mapping[str, str], twins: Sequence[ArticleRecord]) -> str:
    """The card with where the article came from; `feeds` are titles by name, `twins` have nearly the same text."""
    who = record.added_by or ""
    if who.startswith("feed:"):
        named = f"the feed {escape(shortened(feeds[who], SHOWN_NAME))}" if who in feeds else ""
        brought = f"by {named or 'a feed that is not followed any more'}"
    else:
        # A mention shows a name and pings nobody: nothing this bot writes does.
        brought = f"by <@{who}>" if who else "by who runs this bot"
    checked = f", last checked{age(record.checked_at, ' ')}" if record.checked_at else ""
    lines = [card(record, text), f"-# added {brought}{checked}, {len(text):,} characters"]
    shown: list[str] = []
    room = LONGEST_CARD - sum(map(len, lines))
    for twin in map(title_link, twins[:SHOWN_TWINS]):
        room -= len(twin)
        shown += [twin] if room > 0 else []
    if shown:
        more = f" and {len(twins) - len(shown)} more" if len(shown) < len(twins) else ""
        lines.append(f"-# nearly the same text: {', '.join(shown)}{more}")
    return "\n".join(lines)


def age(moment: str | None, before: str = " ") -> str:
    """How long ago a moment was, in Discord's own words and the reader's language; nothing for none."""
    if not moment:
        return ""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    return f"{before}<t:{int(at.replace(tzinfo=at.tzinfo or UTC).timestamp())}:R>"


def outcome_line(outcome: Added | Unreadable) -> str:
    """What became of one article, on one line."""
    if isinstance(outcome, Unreadable) or not outcome.kept:
        return f"✗ {why_not(outcome)}"
    return f"✓ {escape(shortened(outcome.title, 80))}: {outcome.status}, {count(outcome.passages, 'passage')}"


def why_not(outcome: Added | Unreadable) -> str:
    """Why there is no article, in a sentence that names what it is about."""
    # What a library has no room for says only that; every other sentence begins with a name.
    of = f"{shortened(outcome.title, 80)}: " if isinstance(outcome, Added) and outcome.status == "refused" else ""
    said = outcome.reason or (outcome.name if isinstance(outcome, Unreadable) else outcome.title)
    return escape(of + shortened(said, SHOWN_REASON))
