"""Articles, and what became of them, as Discord shows them. Pure: records go in, texts come out."""

from __future__ import annotations

import re

from bot.console import count
from bot.render import escape, shortened
from retrieval.articles import ArticleRecord, Unreadable
from retrieval.index.writer import Added

SHOWN_TEXT = 300


def title_link(record: ArticleRecord) -> str:
    title = escape(shortened(record.title, 150)).replace("[", "(").replace("]", ")")
    usable = record.url and re.fullmatch(r"https?://[^\s<>()]+", record.url) and len(record.url) < 300
    return f"[{title}](<{record.url}>)" if usable else f"**{title}**"


def line(record: ArticleRecord) -> str:
    return f"{(record.published_at or 'undated')[:10]} · {title_link(record)}"


def card(record: ArticleRecord, text: str) -> str:
    facts = [record.author, record.source, (record.published_at or "")[:10], count(record.passages, "passage")]
    return "\n".join(
        [
            title_link(record),
            " · ".join(escape(fact) for fact in facts if fact),
            f"> {escape(shortened(' '.join(text.split()), SHOWN_TEXT))}",
            f"-# in the library since {record.added_at[:10]}",
        ]
    )


def outcome_line(outcome: Added | Unreadable) -> str:
    if isinstance(outcome, Unreadable):
        return f"✗ {escape(outcome.reason)}"
    if outcome.status == "unreadable":
        return f"✗ {escape(outcome.reason or outcome.title)}"
    return f"✓ {escape(shortened(outcome.title, 80))}: {outcome.status}, {count(outcome.passages, 'passage')}"
