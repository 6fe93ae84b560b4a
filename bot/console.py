"""The terminal face: showing answers, articles and progress."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.beginning import beginning
from bot.counting import count
from bot.further import IN_TERMINAL
from bot.ingest import Outcome
from bot.links import article_link, quote_link
from retrieval.answers.answer import Answer, Citation
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.answers.sanitize import broken_addresses, printable, without_targets
from retrieval.articles import ArticleRecord, Unreadable
from retrieval.index.writer import Added
from retrieval.library import LOCAL

SWITCH_ON_A_MODEL = (
    "Quoted from the articles, no language model involved. Set OPENAI_API_KEY or OPENAI_BASE_URL in .env for "
    "answers in a model's words."
)
SHOWN_TEXT = 300
# Wider than any quote or link.
UNBROKEN = 20_000


def terminal(stderr: bool = False) -> Console:
    """The console to print on; into a pipe or file lines are not broken."""
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=UNBROKEN)


def how_to_add(key: str) -> str:
    """How articles get into a library, for an answer that was not found."""
    where = "" if key == LOCAL else f" --library {key}"
    return f"Add articles with `footnote ingest PATH…{where}`."


def ingest_progress(console: Console) -> Progress:
    """The bar shown while articles are indexed."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def show_outcomes(console: Console, outcomes: Sequence[Outcome]) -> None:
    """What an ingestion did: a line for what could not be read, and one for the rest."""
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            console.print(Text(f"Not added: {printable(outcome.reason)}", "yellow"))
        elif not outcome.kept:
            console.print(Text(f"Not added: {printable(outcome.reason or '')}", "yellow"))
    done = [o for o in outcomes if isinstance(o, Added) and o.status in ("added", "updated")]
    unchanged = sum(isinstance(o, Added) and o.status == "unchanged" for o in outcomes)
    parts = []
    if done:
        parts.append(f"Indexed {count(len(done), 'article')}, {count(sum(o.passages for o in done), 'passage')}")
    if unchanged:
        parts.append(f"{count(unchanged, 'article')} unchanged")
    console.print(Text("; ".join(parts) + "." if parts else "Nothing was indexed.", "green" if parts else "yellow"))


def show_articles(console: Console, records: Sequence[ArticleRecord]) -> None:
    """The articles of a library, newest first."""
    for record in records:
        console.print(
            Text(f"{record.id:>5}  ", "dim")
            + Text(f"{record.day or 'undated':<10}  ", "cyan")
            + Text(printable(record.title))
            + Text(f"  {count(record.passages, 'passage')}", "dim")
        )
    console.print(Text(f"{count(len(records), 'article')}.", "dim"))


def show_article(console: Console, record: ArticleRecord, text: str) -> None:
    """What is known of an article, and how it begins."""
    console.print(Text(printable(record.title), "bold"))
    facts = [record.author, record.source, record.day, record.url]
    console.print(Text(" · ".join(printable(fact) for fact in facts if fact), "cyan"))
    checked = f", last checked {record.checked_at[:16].replace('T', ' ')}" if record.checked_at else ""
    added = f"added {record.added_at[:10]}{f' by {record.added_by}' if record.added_by else ''}{checked}"
    console.print(Text(f"{count(record.passages, 'passage')}, {len(text):,} characters, {added}", "dim"))
    begun = printable(beginning(record.title, text)[:SHOWN_TEXT])
    console.print(Padding(Text(begun, "italic"), (1, 0, 0, 4), expand=False))


def show_what_to_ask(console: Console, titles: Sequence[str]) -> None:
    """What a first question could be about."""
    named = " or ".join(f"“{printable(title)}”" for title in titles)
    console.print(Text(f"Ask about {named}." if named else f"The library is empty. {how_to_add(LOCAL)}", "cyan"))


def say(sentence: str) -> None:
    """One line on standard output."""
    terminal().print(Text(printable(sentence)))


def show_answer(console: Console, answer: Answer, key: str = LOCAL, hint: bool = False) -> None:
    """A complete answer with its footnotes; `hint` adds how to switch on a model."""
    for said in answer.preface:
        console.print(Text(_clean(said), "yellow"))
    console.print(Text(_clean(answer.body), "bold") if answer.body else "", end="\n" if answer.body else "")
    for notice in answer.notices:
        console.print(Text(_clean(notice), "yellow"))
    if answer.status == "not_in_library":
        console.print(Text(how_to_add(key), "dim"))
    for line in IN_TERMINAL[answer.further]:
        console.print(Text(line, "dim"))
    show_footnotes(console, answer.citations)
    if hint and answer.model == QUOTES and answer.citations:
        console.print()
        console.print(Text(SWITCH_ON_A_MODEL, "dim"))


def show_footnotes(console: Console, citations: Sequence[Citation]) -> None:
    """The footnotes: number, article, quote, link."""
    for citation in citations:
        quote = citation.quote
        facts = [printable(quote.passage.title), quote.passage.day, quote.passage.source or ""]
        console.print()
        console.print(Text(f"[{citation.n}] ", "cyan") + Text(" · ".join(printable(f) for f in facts if f)))
        console.print(Padding(Text(f"“{_unlinked(quote.text)}”", "italic"), (0, 0, 0, 4), expand=False))
        if link := quote_link(quote):
            # Not wrapped: a terminal makes a link of the whole line, and it can be copied.
            console.print(Text(f"    {link}", "dim"), soft_wrap=True)
        for copy in citation.copies:
            place = " · ".join(printable(part) for part in (copy.source, article_link(copy.url)) if part)
            console.print(Text(f"    also: {place}", "dim"), soft_wrap=True)


def citation_rows(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Footnotes as `--json` prints them."""
    return [
        {
            "n": citation.n,
            "title": citation.quote.passage.title,
            "url": citation.quote.passage.url,
            "published_at": citation.quote.passage.published_at,
            "quote": citation.quote.text,
            "start": citation.quote.start,
            "end": citation.quote.end,
            "score": round(citation.quote.score, 4),
            "source": citation.quote.passage.source,
            "article_id": citation.quote.article_id,
            "passage_id": citation.quote.passage.id,
            "link": quote_link(citation.quote),
            "also": [{"title": copy.title, "url": copy.url, "source": copy.source} for copy in citation.copies],
        }
        for citation in citations
    ]


def answer_json(answer: Answer) -> str:
    """The answer as `ask --json` prints it."""
    passages: list[dict[str, Any]] = [
        {
            **asdict(found.passage),
            "score": found.score,
            "cosine": found.cosine,
            "bm25": found.bm25,
            # The same text elsewhere, which takes no place of its own.
            "copies": [{"passage_id": copy.id, "title": copy.title, "url": copy.url} for copy in found.copies],
        }
        for found in answer.passages
    ]
    value = {
        "status": answer.status,
        "text": answer.text,
        "citations": citation_rows(answer.citations),
        "passages": passages,
        "model": answer.model,
        "usage": answer.usage,
        "timings": answer.timings,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
    }
    return json.dumps(value, ensure_ascii=False)


def _unlinked(quoted: str) -> str:
    """An article's words on one line; many terminals open an address that is clicked, so theirs are broken."""
    return broken_addresses(printable(without_targets(quoted)))


def _clean(text: str) -> str:
    """Printable, with its line breaks."""
    return "\n".join(printable(line) if line.strip() else "" for line in text.split("\n"))
