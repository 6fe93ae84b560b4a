"""`make eval` and `make eval-full`: the benchmarks over EVAL_DATA, and the golden set."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.app import App, open_app
from bot.settings import Settings
from evals import golden
from evals.measures import percentile
from evals.reading import read
from evals.report import Row, row, show, write
from evals.retrieval import SYSTEMS, latency, measure
from evals.sets import EvalSet, load
from retrieval.library import LOCAL, Library

SETS = ("multihop-rag", "squad2", "cranfield")
QUICK = 200
CACHE = Path(".data/evals")
# Questions about this share of SQuAD's articles are asked of a library that lacks them.
LEFT_OUT = 3


@asynccontextmanager
async def indexed(console: Console, chosen: EvalSet, settings: Settings) -> AsyncIterator[tuple[App, Library]]:
    """The set's corpus in a library of its own; it stays on disk, so a second run embeds nothing."""
    async with open_app(settings.model_copy(update={"data_dir": CACHE / chosen.key})) as app:
        library = await app.libraries.open(LOCAL)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(f"Indexing {chosen.name}", total=len(chosen.drafts))
            async for _ in library.add(chosen.drafts):
                progress.advance(task)
        yield app, library


async def evaluate(console: Console, folder: Path, names: list[str], limit: int | None, settings: Settings) -> None:
    """Run everything and write the results."""
    rows: list[Row] = []
    notes: list[str] = []
    for name in names:
        chosen = load(folder, name)
        if chosen is None:
            console.print(f"[yellow]No {name} in EVAL_DATA; left out.[/]")
            continue
        sample = chosen.sample(limit)
        async with indexed(console, chosen, settings) as (app, library):
            ids = {record.id: record.identity for record in await library.articles()}
            values = await measure(app.libraries, library, sample, ids)
            for measured in values:
                for system in SYSTEMS if measured != "seconds" else ():
                    rows.append(row(name, measured, system, values[measured][system]))
            notes.append(f"{name}: retrieval, embedding of the question included, p50 / p95 {latency(values)}.")
            if name != "cranfield":
                rows += await _reading(name, sample, app, library, notes)
        if name == "squad2":
            rows += await _out_of_library(console, sample, settings)
    outcomes = await golden.run()
    for name, value in golden.figures(outcomes).items():
        right = [1.0] * value["right"] + [0.0] * (value["of"] - value["right"])
        rows.append(row("golden", name, "footnote", right))
    show(console, rows, notes)
    write(Path("evals/results"), rows, notes)
    console.print("Written to evals/results/.")


async def _reading(name: str, sample: EvalSet, app: App, library: Library, notes: list[str]) -> list[Row]:
    reading = await read(app.answerer, library, sample)
    measured = {
        "answer in the first quote": reading.first,
        "answer in a quote": reading.any_quote,
        "answerable kept": reading.kept,
        "unanswerable refused": reading.refused,
        "quotes verbatim": reading.verbatim,
    }
    notes.append(
        f"{name}: AUROC of answerable against unanswerable {reading.separation:.3f}; an answer takes "
        f"{1000 * percentile(reading.seconds, 0.5):.0f} ms (p95 {1000 * percentile(reading.seconds, 0.95):.0f} ms), "
        f"model {app.answerer.name}."
    )
    return [row(name, measure, "footnote", values) for measure, values in measured.items() if values]


async def _out_of_library(console: Console, sample: EvalSet, settings: Settings) -> list[Row]:
    """Questions about articles that were left out: nothing in the library answers them."""
    titles = sorted({draft.title for draft in sample.drafts})[::LEFT_OUT]
    lacking = sample.without(set(titles))
    gone = {draft.identity for draft in sample.drafts if draft.title in titles}
    foreign = [q for q in sample.questions if q["answerable"] and set(q["evidence_ids"]) <= gone]
    async with indexed(console, lacking, settings) as (app, library):
        questions = EvalSet(sample.name, lacking.key, lacking.drafts, tuple(foreign))
        reading = await read(app.answerer, library, questions, answerable=False)
    return [row("squad2", "about absent articles: refused", "footnote", reading.refused)]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"all questions instead of {QUICK} a set")
    parser.add_argument("--sets", default=",".join(SETS), help="which sets, separated by commas")
    parser.add_argument("--limit", type=int, help="so many questions a set")
    parser.add_argument("--model", action="store_true", help="answer with the model of OPENAI_API_KEY/OPENAI_BASE_URL")
    chosen = parser.parse_args()
    console = Console()
    folder = os.environ.get("EVAL_DATA")
    if folder is None:
        console.print("EVAL_DATA is not set, so only the golden set runs; point it at the public sets for the rest.")
    quiet = {} if chosen.model else {"openai_api_key": None, "openai_base_url": None}
    limit = None if chosen.full else chosen.limit or QUICK
    names = chosen.sets.split(",") if folder else []
    asyncio.run(evaluate(console, Path(folder or "."), names, limit, Settings(_env_file=None, **quiet)))


if __name__ == "__main__":
    main()
