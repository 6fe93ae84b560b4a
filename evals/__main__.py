"""`make eval` and `make eval-full`: the benchmarks over EVAL_DATA, and the golden set."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from rich.console import Console
from rich.progress import Progress

from bot.app import App, open_app
from evals import abstention, extraction, golden, ingesting, pipelines, retrieval
from evals import latency as growth
from evals.abstention import Abstention
from evals.alone import settings_alone
from evals.checking import SETS as CLAIM_SETS
from evals.checking import evaluate_checking
from evals.fabrication import evaluate_fabrication
from evals.injection import evaluate_injection
from evals.measures import percentile
from evals.reading import Reading, read
from evals.report import Row, area, row, show, write
from evals.rewriting import follow_ups, measure_apart, measure_follow_ups
from evals.sets import EvalSet, load
from retrieval.answers.checking.judge import Judge
from retrieval.answers.evidence.evidence import ANSWERS
from retrieval.answers.models import chat_model
from retrieval.errors import FootnoteError
from retrieval.library import LOCAL, Library

SETS = ("multihop-rag", "squad2", "cranfield", *extraction.SETS, "golden", "checking", "injection", "fabrication")
QUICK = 200
# A model takes seconds a question.
QUICK_MODEL = 40
HERE = Path(__file__).parent
CACHE = HERE.parent / ".data" / "evals"
VERBATIM = "quotes verbatim"
# What the unanswerable questions of a set are.
UNANSWERABLE = {"squad2": "SQuAD 2.0, adversarial", "multihop-rag": "MultiHop-RAG, null queries"}
# Questions about this share of SQuAD's articles are asked of a library that lacks them.
LEFT_OUT = 3


@asynccontextmanager
async def indexed(console: Console, chosen: EvalSet, model: bool) -> AsyncIterator[tuple[App, Library]]:
    """The set's corpus in a library of its own; it stays on disk, so a second run embeds nothing."""
    async with open_app(settings_alone(CACHE / chosen.key, model)) as app:
        library = await app.libraries.open(LOCAL)
        # The key names the texts and how they are indexed, so an article that is there need not be looked at again.
        there = {record.identity for record in await library.articles()}
        drafts = [draft for draft in chosen.drafts if draft.identity not in there]
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(f"Indexing {chosen.name}", total=len(drafts))
            async for _ in library.add(drafts):
                progress.advance(task)
        yield app, library


@dataclass
class Findings:
    """What was measured, sentences about it, abstention curves, and sentences about defects."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    curves: list[Abstention] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def add(self, more: Findings) -> None:
        """Take in what another set showed."""
        self.rows += more.rows
        self.notes += more.notes
        self.curves += more.curves
        self.defects += more.defects


async def evaluate(
    console: Console, folder: Path | None, names: list[str], limit: int | None, model: bool, out: Path
) -> bool:
    """Run everything and write the results after each set; False when something shown stands in no article."""
    found = Findings()
    for name in names if folder else ["golden"]:
        if name == "fabrication" and not model:
            continue
        begun = time.monotonic()
        of_set = await _measured(console, folder, name, limit, model)
        if not of_set.rows:
            missing = " and no ".join(CLAIM_SETS) if name == "checking" else name
            console.print(f"[yellow]No {missing} in EVAL_DATA; left out.[/]")
            continue
        found.add(of_set)
        write(out, found.rows, found.notes)
        console.print(f"{name}: done after {time.monotonic() - begun:.0f} s.", highlight=False)
    show(console, found.rows, found.notes)
    abstention.write(out, found.curves)
    console.print("\n".join([*found.defects, f"Written to {out}."]), markup=False)
    verbatim = (one.value for one in found.rows if one.measure.startswith(VERBATIM))
    return not found.defects and all(value == 1.0 for value in verbatim)


async def _measured(console: Console, folder: Path | None, name: str, limit: int | None, model: bool) -> Findings:
    """One set; empty when its files are not there."""
    if name == "golden":
        figures = golden.figures(await golden.run())
        counts = {measure: (value["right"], value["of"]) for measure, value in figures.items()}
        shares = {measure: [1.0] * right + [0.0] * (of - right) for measure, (right, of) in counts.items()}
        return Findings([row(name, measure, "footnote", values) for measure, values in shares.items()])
    assert folder is not None, "only the golden set needs none"
    if name == "checking":
        return Findings(*await evaluate_checking(folder, limit, _judge() if model else None))
    if name == "injection":
        return Findings(await evaluate_injection(folder, CACHE, limit))
    if name == "fabrication":
        rows, notes, defects = await evaluate_fabrication(folder, limit)
        return Findings(rows, notes, defects=defects)
    if name in extraction.SETS:
        return Findings(extraction.measure(folder, name, limit))
    chosen = load(folder, name)
    if chosen is None:
        return Findings()
    systems = pipelines.SYSTEMS if limit is None else pipelines.DEFAULTS
    return await _asked(console, chosen, chosen.sample(limit), model, systems)


async def _asked(console: Console, chosen: EvalSet, sample: EvalSet, model: bool, systems: Sequence[str]) -> Findings:
    """A corpus with questions: what is retrieved, beside the halves and these frameworks, and what is answered."""
    found, name = Findings(), chosen.name
    async with indexed(console, chosen, model) as (app, library):
        ids = {record.id: record.identity for record in await library.articles()}
        values = await retrieval.measure(app.libraries, library, sample, ids)
        if values:
            found.rows += retrieval.rows(name, values, chosen.drafts)
            found.notes.append(
                f"{name}: retrieval, embedding of the question included, p50 / p95 {retrieval.latency(values)}."
            )
            theirs = pipelines.compare(console, sample, CACHE, systems)
            found.rows += pipelines.rows(name, theirs, len(chosen.drafts))
            found.notes += pipelines.ratios(name, values, theirs.values)
            rows, notes = await _rewritten(library, chosen, sample, ids, _chat_model() if model else None)
            found.rows += rows
            found.notes += notes
        if name == "cranfield":
            return found
        reading = await read(app.answerer, library, sample, ids)
        found.rows += _rows(name, reading, found.notes)
        found.curves.append(Abstention.of(UNANSWERABLE[name], reading, reading, ANSWERS))
    if name == "squad2":
        foreign = await _out_of_library(console, sample, model)
        found.rows += _absent(foreign)
        found.curves.append(Abstention.of("SQuAD 2.0, about absent articles", reading, foreign, ANSWERS))
    return found


def _rows(name: str, reading: Reading, notes: list[str]) -> list[Row]:
    measured = {
        "answer in the first quote": reading.first,
        "answer in a quote": reading.any_quote,
        "answerable kept": reading.kept,
        "unanswerable refused": reading.refused,
        VERBATIM: reading.verbatim,
    }
    notes.append(
        f"{name}: an answer takes "
        f"{1000 * percentile(reading.seconds, 0.5):.0f} ms (p95 {1000 * percentile(reading.seconds, 0.95):.0f} ms), "
        f"written by {_writers(reading)}."
    )
    rows = _beside(name, reading.alone)
    rows += [row(name, measure, "footnote", values) for measure, values in measured.items() if values]
    rows += _beside(name, dict(sorted(reading.by_type.items())))
    if reading.likely_answerable and reading.likely_unanswerable:
        rows.append(area(name, "AUROC of answerable", reading.likely_answerable, reading.likely_unanswerable))
    return rows


def _beside(name: str, values: Mapping[str, Mapping[str, list[float]]]) -> list[Row]:
    return [row(name, measure, system, by) for measure, systems in values.items() for system, by in systems.items()]


async def _rewritten(
    library: Library, chosen: EvalSet, sample: EvalSet, ids: dict[int, str], model: BaseChatModel | None
) -> tuple[list[Row], list[str]]:
    """What a model adds before the search, on the sets that show it; as many questions as were asked."""
    if chosen.name == "squad2":
        leaning = list(follow_ups(chosen))
        every = max(1, len(leaning) // len(sample.questions))
        return await measure_follow_ups(library, leaning[::every][: len(sample.questions)], ids, model)
    if chosen.name == "multihop-rag" and model is not None:
        return await measure_apart(library, sample, ids, model)
    return [], []


def _chat_model() -> BaseChatModel:
    """The model that --model names."""
    settings = settings_alone(CACHE, model=True)
    return chat_model(settings.chat_model, settings.key, settings.openai_base_url, settings.model_timeout)


def _judge() -> Judge:
    """The judge with that model."""
    return Judge(_chat_model(), settings_alone(CACHE, model=True).model_timeout)


def _writers(reading: Reading) -> str:
    written = [f"{name} ({count})" for name, count in reading.writers.most_common()]
    spent = [f"{count:,} {kind.replace('_', ' ')}" for kind, count in sorted(reading.tokens.items())]
    return ", ".join(written + spent)


async def _out_of_library(console: Console, sample: EvalSet, model: bool) -> Reading:
    """Questions about articles that were left out: nothing in the library answers them."""
    titles = sorted({draft.title for draft in sample.drafts})[::LEFT_OUT]
    lacking = sample.without(set(titles))
    gone = {draft.identity for draft in sample.drafts if draft.title in titles}
    foreign = [q for q in sample.questions if q["answerable"] and set(q["evidence_ids"]) <= gone]
    async with indexed(console, lacking, model) as (app, library):
        questions = EvalSet(sample.name, lacking.key, lacking.drafts, tuple(foreign))
        # Nothing that is refused is judged by its articles.
        return await read(app.answerer, library, questions, {}, answerable=False)


def _absent(reading: Reading) -> list[Row]:
    rows = []
    if reading.refused:
        rows.append(row("squad2", "about absent articles: refused", "footnote", reading.refused))
    if reading.verbatim:
        rows.append(row("squad2", f"{VERBATIM}, absent articles", "footnote", reading.verbatim))
    return rows


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"all questions instead of {QUICK} a set")
    parser.add_argument("--sets", default=",".join(SETS), help="which of them, separated by commas")
    parser.add_argument("--limit", type=int, help="so many questions a set")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="where results.json, .md and .png go")
    parser.add_argument("--model", action="store_true", help="answer with the model of OPENAI_API_KEY/OPENAI_BASE_URL")
    parser.add_argument("--speed", action="store_true", help="also how fast ingestion and retrieval are: half an hour")
    chosen = parser.parse_args()
    names = [name.strip() for name in chosen.sets.split(",")]
    if unknown := sorted(set(names) - set(SETS)):
        parser.error(f"no set is called {', '.join(unknown)}; there are {', '.join(SETS)}")
    if chosen.model and not settings_alone(CACHE, model=True).has_chat_model:
        parser.error("--model needs OPENAI_API_KEY or OPENAI_BASE_URL in the environment")
    console = Console()
    folder = os.environ.get("EVAL_DATA")
    if not folder:
        console.print("EVAL_DATA is not set, so only the golden set runs: EVAL_DATA=/path/to/data make eval")
    limit = None if chosen.full else chosen.limit or (QUICK_MODEL if chosen.model else QUICK)
    place = Path(folder) if folder else None
    try:
        sound = asyncio.run(evaluate(console, place, names, limit, chosen.model, chosen.out))
        for benchmark in (ingesting, growth) if place and chosen.speed else ():
            benchmark.run(console, place, chosen.out)
    except FootnoteError as error:
        sys.exit(f"evals: {error}")
    if not sound:
        sys.exit("evals: Something shown is not in the articles, as said above; that is a defect.")


if __name__ == "__main__":
    main()
