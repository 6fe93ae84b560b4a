"""`footnote summarize`: an article, or what the library says on a topic, in the terminal."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast, get_args

from rich.console import Console
from rich.text import Text

from bot.app import open_app
from bot.console import SWITCH_ON_A_MODEL, citation_rows, show_footnotes, terminal
from bot.running import existing
from bot.settings import load_settings
from bot.summary_text import quotation, source_line
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.answers.sanitize import printable
from retrieval.articles import ArticleDraft, ArticleRecord
from retrieval.errors import FootnoteError
from retrieval.library import Library
from retrieval.lookup import find_article
from retrieval.sources.files import read_paths
from retrieval.summaries.summary import Length, Progress, Summary


async def summarize_command(article: str | None, topic: str | None, length: str, key: str, as_json: bool) -> None:
    """Print a summary; raises FootnoteError when it is not clear of what, or there is nothing to summarise."""
    if (article is None) == (topic is None):
        raise FootnoteError("Name an article, or a topic with --topic, one of the two.")
    if length not in get_args(Length):
        raise FootnoteError(f"--length is {printable(length)}; it can be {', '.join(get_args(Length))}.")
    chosen = cast(Length, length)
    settings = load_settings()
    async with open_app(settings) as opened:
        library = await existing(opened.libraries, key)
        with terminal(stderr=True).status("Reading …") as status:

            def report(progress: Progress) -> None:
                status.update(f"Reading {min(progress.done + 1, progress.parts)} of {progress.parts} parts …")

            if topic is not None:
                summary = await opened.summarizer.topic(library, topic, chosen, report)
            else:
                record = await _named(library, article or "")
                summary = await opened.summarizer.article(library, record, chosen, report)
    if as_json:
        print(summary_json(summary))
    else:
        show_summary(terminal(), summary, hint=not settings.has_chat_model)


async def _named(library: Library, wanted: str) -> ArticleRecord:
    """The article of that title, number or address, or the one that was read from that file."""
    records = await library.articles()
    if await asyncio.to_thread(Path(wanted).is_file):
        drafts = await asyncio.to_thread(lambda: list(read_paths([Path(wanted)])))
        identities = {draft.identity for draft in drafts if isinstance(draft, ArticleDraft)}
        records = [record for record in records if record.identity in identities]
        if not records:
            raise FootnoteError(f"{printable(wanted)} is not in the library; add it with `footnote ingest`.")
        if len(records) == 1:
            return records[0]
    return find_article(records, wanted)


def show_summary(console: Console, summary: Summary, hint: bool = False) -> None:
    """A summary with its footnotes; `hint` adds how to switch on a model."""
    console.print(Text(printable(summary.title), "bold"))
    for article in summary.articles:
        console.print(Text(printable(source_line(article, named=summary.topic is not None)), "dim"))
    console.print()
    for line, point in zip(summary.lines, summary.points, strict=True):
        console.print(Text(f"• {printable(quotation(line, point, summary.model))}"))
    for line in summary.disagreement_lines:
        console.print(Text(printable(line), "bold"))
    if summary.unanswered:
        console.print(Text(f"The article does not say: {', '.join(summary.unanswered)}.", "yellow"))
    for notice in summary.notices:
        console.print(Text(printable(notice), "yellow"))
    show_footnotes(console, summary.citations)
    if hint and summary.model == QUOTES:
        console.print()
        console.print(Text(SWITCH_ON_A_MODEL, "dim"))


def summary_json(summary: Summary) -> str:
    """The summary as `summarize --json` prints it."""
    citations = citation_rows(summary.citations)
    value: dict[str, Any] = {
        "title": summary.title,
        "topic": summary.topic,
        "length": summary.length,
        "articles": [asdict(article) for article in summary.articles],
        "points": list(summary.lines),
        "disagreement": list(summary.disagreement_lines),
        "unanswered": list(summary.unanswered),
        "notices": list(summary.notices),
        "citations": citations,
        "model": summary.model,
        "usage": summary.usage,
        "timings": summary.timings,
        "cached": summary.cached,
    }
    return json.dumps(value, ensure_ascii=False)
