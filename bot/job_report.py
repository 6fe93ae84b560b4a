"""Following an ingestion in one Discord message: its progress, then what was understood."""

from __future__ import annotations

import discord

from bot.buttons import article_view, stop_view
from bot.cards import card, why_not
from bot.progress import outcome_table, progress_text
from bot.render import escape, shortened
from bot.streaming import LiveAnswer, Surface
from bot.surfaces import Document
from retrieval.articles import Unreadable
from retrieval.ingestion.job import Job, Outcome, Progress
from retrieval.ingestion.jobs import Jobs
from retrieval.library import Library

VERBS = {"added": "Added", "updated": "Updated", "unchanged": "Already in the library (checked just now)"}


async def follow_job(jobs: Jobs, job: Job, library: Library, surface: Surface) -> Progress | None:
    """Show the job until it is finished; gives its last progress, or None when it is not running."""
    live = LiveAnswer(surface)
    progress: Progress | None = None
    try:
        async for progress in jobs.watch(job.id):
            if not progress.finished:
                live.show(progress_text(progress), stop_view(job.id))
    finally:
        await live.abandon()
    if progress is not None:
        text, document, view = await _finished(library, progress)
        await surface.write(text, document, view)
    return progress


async def _finished(library: Library, progress: Progress) -> tuple[str, Document | None, discord.ui.View | None]:
    outcomes = progress.outcomes
    if not outcomes:
        return ("Stopped; nothing was added." if progress.stopped else "Nothing was added."), None, None
    if len(progress.items) == 1 and len(outcomes) == 1:
        text, view = await _single(library, outcomes[0])
        return text, None, view
    text, table = outcome_table(outcomes, progress.stopped)
    return text, Document("outcomes.md", table.encode()) if table else None, None


async def _single(library: Library, outcome: Outcome) -> tuple[str, discord.ui.View | None]:
    if isinstance(outcome, Unreadable) or not outcome.kept:
        return f"Not added: {why_not(outcome)}", None
    record = await library.article(outcome.article_id) if outcome.article_id else None
    if record is None:
        return f"{escape(shortened(outcome.title, 150))} was added, and removed again meanwhile.", None
    text = await library.text(record.id) or ""
    lines = [f"{VERBS[outcome.status]}:", card(record, text)]
    if outcome.twin:
        lines.append(
            f"-# nearly the same text as “{escape(shortened(outcome.twin, 150))}”, so the two are cited as one"
        )
    return "\n".join(lines), article_view(int(library.key), record.id, undo=outcome.status == "added")
