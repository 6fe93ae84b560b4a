"""Does anything a real model makes up reach the user?

Questions are asked through the program's own answerer with the configured model. What the model wrote, word for word,
stands beside what a Discord user is shown: markers that name no passage, sentences that the passages do not support,
names and numbers that stand in no passage, links and mentions, remains of the chat format. What is counted here is
found by plain patterns of its own, not by the checker, except where a row says so.

`python -m evals.fabrication` runs it alone; `python -m evals --model` runs it with the others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from rich.console import Console

from bot.app import App, open_app
from bot.ingest import ingest_paths
from bot.render import render
from evals.alone import settings_alone
from evals.golden import ARTICLES
from evals.measures import percentile
from evals.report import Row, row, show, write
from evals.sets import load
from retrieval.answers.answer import Answer, Turn
from retrieval.answers.answerer import Answerer
from retrieval.answers.checking.checker import Checker
from retrieval.answers.markers import Piece, SentenceStream
from retrieval.answers.models import chat_model
from retrieval.articles import Passage
from retrieval.errors import FootnoteError
from retrieval.library import LOCAL, Library

NAME = "fabrication"
SETS = ("squad2", "multihop-rag", "golden")
QUICK = 40
HERE = Path(__file__).parent
CACHE = HERE.parent / ".data" / "evals"
SHOWN, WRITTEN = "footnote", "as the model wrote it"
# Values of these rows below 1 are defects.
SOUND = (
    "citations of a given passage",
    "quotes verbatim at their offsets",
    "sentences with a quote",
    "sentences without foreign names and numbers",
    "answers without foreign links and mentions",
    "answers without remains of the chat format",
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[a-z0-9,;] )[A-Z][A-Za-z]+")
_LINK = re.compile(r"https?://[^\s<>)\]]+|\bwww\.\S+|discord\.gg/\S+")
_MENTION = re.compile(r"@(?:everyone|here)\b|<[@#][!&]?\d+>")
_FORMAT = re.compile(
    r"<\|[^|]*\|>|\[/?INST\]|</?s>|<passage|</passage|</?question>|NOT_IN_LIBRARY|NOT_COVERED", re.IGNORECASE
)
_BRACKETED = re.compile(r"\[(\d{1,4})\]")


class Recorder(BaseCallbackHandler):
    """Keeps what the model writes, even of a call that is cut off."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, **_: Any) -> None:
        """A call begins."""
        self.written.append("")

    def on_llm_new_token(self, token: str | list[str | dict[str, Any]], **_: Any) -> None:
        """A piece of it."""
        self.written[-1] += token if isinstance(token, str) else ""


@dataclass
class Counts:
    """What was counted; a value an item, so that intervals can be drawn."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def note(self, measure: str, system: str, good: bool, what: str = "") -> None:
        """Count one item; what is bad in what is shown is kept to be looked at."""
        self.values.setdefault((measure, system), []).append(float(good))
        if not good and system == SHOWN and measure in SOUND:
            self.defects.append(f"{measure}: {what}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was said before it."""

    question: str
    history: tuple[Turn, ...] = ()


async def evaluate_fabrication(
    folder: Path | None, limit: int | None, names: Sequence[str] = SETS, temperature: float | None = None
) -> tuple[list[Row], list[str], list[str]]:
    """Rows, notes, and what was wrong in what was shown, of the model that the environment names."""
    rows: list[Row] = []
    notes: list[str] = []
    defects: list[str] = []
    for name in names:
        async with _opened(folder, name, limit) as opened:
            if opened is None:
                continue
            app, library, asked = opened
            counts = await _ask_all(app, library, asked, temperature)
        rows += [row(f"{name}, {NAME}", measure, system, v) for (measure, system), v in counts.values.items()]
        notes.append(f"{name}, {NAME}, {app.settings.chat_model}: {_summary(counts)}")
        defects += [f"{name}: {defect}" for defect in counts.defects]
    return rows, notes, defects


@asynccontextmanager
async def _opened(
    folder: Path | None, name: str, limit: int | None
) -> AsyncIterator[tuple[App, Library, list[Asked]] | None]:
    """A library of the set's articles, and the questions; None when the set is not there."""
    if name == "golden":
        items = [json.loads(line) for line in (HERE / "golden.jsonl").read_text("utf-8").splitlines()]
        asked = [
            Asked(item["question"], tuple(Turn(turn["role"], turn["text"]) for turn in item.get("history") or []))
            for item in items
        ]
        with tempfile.TemporaryDirectory() as data:
            async with open_app(settings_alone(Path(data), model=True)) as app:
                library = await app.libraries.open(LOCAL)
                async for _ in ingest_paths(library, [ARTICLES]):
                    pass
                # Spread over the kinds of question, which stand one after the other.
                yield app, library, asked[:: max(1, len(asked) // limit) if limit else 1][:limit]
        return
    chosen = load(folder, name) if folder else None
    if chosen is None:
        yield None
        return
    async with open_app(settings_alone(CACHE / chosen.key, model=True)) as app:
        library = await app.libraries.open(LOCAL)
        there = {record.identity for record in await library.articles()}
        async for _ in library.add([draft for draft in chosen.drafts if draft.identity not in there]):
            pass
        yield app, library, [Asked(question["question"]) for question in chosen.sample(limit).questions]


async def _ask_all(app: App, library: Library, asked: Sequence[Asked], temperature: float | None) -> Counts:
    settings = app.settings
    recorder = Recorder()
    model: BaseChatModel = chat_model(
        settings.chat_model, settings.key, settings.openai_base_url, settings.model_timeout
    )
    model = model.model_copy(update={"callbacks": [recorder], "temperature": temperature})
    answerer = Answerer(app.summarizer.embedder, model, settings.chat_model, settings.model_timeout)
    counts = Counts()
    for one in asked:
        before = len(recorder.written)
        begun = time.perf_counter()
        answer = await answerer.answer(library, one.question, one.history)
        counts.seconds.append(time.perf_counter() - begun)
        counts.sums.update(answer.usage)
        # With a conversation the first call rewrites the question; what reads the passages is the last one.
        calls = recorder.written[before:]
        counts.sums["calls"] += len(calls)
        counts.sums[f"{answer.status} by {answer.model or 'nobody'}"] += 1
        given = [found.passage for found in answer.passages]
        if calls and (len(calls) > 1 or not one.history):
            _look_at_written(calls[-1], given, counts)
        await _look_at_shown(answer, library, counts)
    return counts


def _look_at_written(text: str, given: Sequence[Passage], counts: Counts) -> None:
    """What the model wrote, cut into sentences as the program cuts it, judged as if all of it were shown."""
    counts.sums["answers the model wrote"] += 1
    counts.note("answers without remains of the chat format", WRITTEN, not _FORMAT.search(text))
    counts.note("answers without foreign links and mentions", WRITTEN, not _foreign_links(text, given))
    stream = SentenceStream()
    pieces = [*stream.feed(text), *stream.flush()]
    checker = Checker()
    for piece in pieces:
        if not re.search(r"\w", piece.text) or _FORMAT.search(piece.text):
            continue
        counts.sums["sentences written"] += 1
        for number in piece.numbers:
            counts.note("citations of a given passage", WRITTEN, 0 < number <= len(given))
        counts.note("sentences with a marker", WRITTEN, bool(piece.numbers))
        counts.note("sentences without foreign names and numbers", WRITTEN, not _foreign(piece.text, given))
        counts.note("sentences their cited passages support (checker)", WRITTEN, _supported(checker, piece, given))


def _supported(checker: Checker, piece: Piece, given: Sequence[Passage]) -> bool:
    cited = [given[n - 1] for n in piece.numbers if 0 < n <= len(given)]
    return bool(cited and checker.quotes(piece.text, cited))


async def _look_at_shown(answer: Answer, library: Library, counts: Counts) -> None:
    """What a Discord user is shown, sentence by sentence and as the rendered messages."""
    given = [found.passage for found in answer.passages]
    ids = {passage.id for passage in given}
    for citation in answer.citations:
        quote = citation.quote
        text = await library.text(quote.passage.article_id) or ""
        verbatim = text[quote.start : quote.end] == quote.text and bool(quote.text.strip())
        counts.note("quotes verbatim at their offsets", SHOWN, verbatim, quote.text)
        counts.note("citations of a given passage", SHOWN, quote.passage.id in ids, quote.text)
    known = {citation.n for citation in answer.citations}
    for marker in _BRACKETED.findall(answer.body):
        counts.note("citations of a given passage", SHOWN, int(marker) in known, answer.body)
    for sentence in answer.sentences:
        by_model = answer.model != "quotes"
        counts.sums["sentences shown, the model's" if by_model else "sentences shown, quoted"] += 1
        counts.note("sentences with a quote", SHOWN, bool(sentence.quotes), sentence.text)
        foreign = _foreign(sentence.text, given)
        counts.note("sentences without foreign names and numbers", SHOWN, not foreign, f"{foreign} {sentence.text}")
    # The terminal shows the text itself; Discord's rendering also defuses what looks like a link.
    shown = "\n".join([answer.text, *render(answer).messages])
    links = _foreign_links(shown, given)
    counts.note("answers without foreign links and mentions", SHOWN, not links, f"{links}")
    own = f"{answer.body}\n{' '.join(answer.notices)}"
    counts.note("answers without remains of the chat format", SHOWN, not _FORMAT.search(own), own)


def _foreign(text: str, given: Sequence[Passage]) -> list[str]:
    """The numbers, and the capitalised words inside the sentence, that no passage and no title, source or date has."""
    source = " ".join(f"{passage.head} {passage.text}" for passage in given)
    numbers = {number.replace(",", "") for number in _NUMBER.findall(source)}
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", source)}
    found = [number for number in _NUMBER.findall(text) if number.replace(",", "") not in numbers]
    return found + [name for name in _NAME.findall(text) if name.lower() not in words]


def _foreign_links(text: str, given: Sequence[Passage]) -> list[str]:
    """Links that are not to a given passage's article, and mentions."""
    known = [passage.url for passage in given if passage.url]
    links = [link for link in _LINK.findall(text) if not any(link.startswith(url.split("#")[0]) for url in known)]
    return links + _MENTION.findall(text)


def _summary(counts: Counts) -> str:
    sums = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in sorted(counts.sums.items()))
    return (
        f"{len(counts.seconds)} questions, {sums}, "
        f"p50 / p95 {percentile(counts.seconds, 0.5):.1f} / {percentile(counts.seconds, 0.95):.1f} s."
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.fabrication", description=__doc__)
    parser.add_argument("--sets", default=",".join(SETS), help="which of them, separated by commas")
    parser.add_argument("--limit", type=int, default=QUICK, help="so many questions a set")
    parser.add_argument("--temperature", type=float, help="a higher one makes a model invent more")
    parser.add_argument("--out", type=Path, default=HERE / "results" / NAME, help="where the results go")
    chosen = parser.parse_args()
    if not settings_alone(CACHE, model=True).has_chat_model:
        parser.error("OPENAI_API_KEY or OPENAI_BASE_URL must name a model")
    folder = os.environ.get("EVAL_DATA")
    names = [name.strip() for name in chosen.sets.split(",")]
    place = Path(folder) if folder else None
    try:
        found = asyncio.run(evaluate_fabrication(place, chosen.limit, names, chosen.temperature))
    except FootnoteError as error:
        sys.exit(f"evals: {error}")
    rows, notes, defects = found
    show(Console(), rows, notes)
    write(chosen.out, rows, notes)
    if defects:
        sys.exit("evals: What the passages do not hold was shown:\n" + "\n".join(defects))


if __name__ == "__main__":
    main()
