"""`python -m evals.ingesting`: how fast articles come in, and whether the event loop stays free meanwhile.

Rounds of articles, each round the same articles for every contender and in another order: the whole library (split,
embed, SQL, Chroma, words), the bare embedding model on the same window texts, and the default pipelines of
LangChain and LlamaIndex with the same embedder. A ratio is the median of the rounds' ratios, so that other work on
the machine, which comes and goes, meets both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.app import open_app
from evals.alone import settings_alone
from evals.cost import Counting, window_texts
from evals.measures import percentile
from evals.pipelines import LANGCHAIN, LLAMAINDEX, opened
from evals.sets import SEED, load
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.splitter import split
from retrieval.library import LOCAL, Library

FOOTNOTE, BARE = "footnote", "bare embedder"
CONTENDERS = (FOOTNOTE, BARE, LANGCHAIN, LLAMAINDEX)
ROUNDS = 12
ARTICLES = 10
# Seconds between two looks at the clock; what a look comes late is the event loop's lag.
TICK = 0.005
TARGETS = "at least 0.9 of the bare embedder, lag p99 below 50 ms"


@dataclass
class Ingesting:
    """Of each contender a value a round, and all of its lags in seconds."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    lags: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    articles: int = 0
    passages: int = 0

    def ratio(self, system: str, per_token: bool = False) -> float:
        """How many times as fast as that contender the library takes articles in; the median over the rounds."""
        ours, theirs = self.seconds[FOOTNOTE], self.seconds[system]
        weights = [a / b if per_token else 1.0 for a, b in zip(self.tokens[FOOTNOTE], self.tokens[system], strict=True)]
        return statistics.median(w * b / a for w, a, b in zip(weights, ours, theirs, strict=True))


async def measure(drafts: Sequence[ArticleDraft], rounds: int, articles: int, folder: Path) -> Ingesting:
    """Run the rounds; everything is written below `folder`."""
    measured = Ingesting(articles=rounds * articles)
    async with open_app(settings_alone(folder / "footnote")) as app:
        library = await app.libraries.open(LOCAL)
        embedder = app.libraries.embeddings
        assert isinstance(embedder, MiniLMEmbeddings)
        counting = Counting(embedder)
        frameworks = {name: opened(name, _made(folder / name), counting) for name in (LANGCHAIN, LLAMAINDEX)}
        contenders: dict[str, Callable[[Sequence[ArticleDraft]], Awaitable[Any]]] = {
            FOOTNOTE: lambda chosen: _add(library, chosen),
            BARE: lambda chosen: embedder.aembed_documents(window_texts(chosen)),
            LANGCHAIN: lambda chosen: asyncio.to_thread(frameworks[LANGCHAIN].add, chosen),
            LLAMAINDEX: lambda chosen: asyncio.to_thread(frameworks[LLAMAINDEX].add, chosen),
        }
        # One article each, unmeasured: models are loaded, the worker process starts, files are made.
        for run in contenders.values():
            await run(drafts[:1])
        counting.count()
        for n in range(rounds):
            chosen = drafts[1 + n * articles :][:articles]
            for name in CONTENDERS[n % len(CONTENDERS) :] + CONTENDERS[: n % len(CONTENDERS)]:
                async with _watched(measured.lags[name]):
                    begun = time.perf_counter()
                    await contenders[name](chosen)
                    measured.seconds[name].append(time.perf_counter() - begun)
                if name in (FOOTNOTE, BARE):
                    counting.texts = window_texts(chosen)
                measured.tokens[name].append(counting.count())
        measured.passages = sum(one.passages for one in await library.articles()) - len(
            list(split(drafts[0].text, drafts[0].language))
        )
    return measured


async def _add(library: Library, drafts: Sequence[ArticleDraft]) -> None:
    async for added in library.add(drafts):
        assert added.status == "added", added


@asynccontextmanager
async def _watched(lags: list[float]) -> Any:
    """Meanwhile a task sleeps a tick at a time and notes how late it wakes."""

    async def watch() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK)
            lags.append(time.perf_counter() - begun - TICK)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def report(console: Console, measured: Ingesting, out: Path) -> None:
    """Print the figures and write them as ingesting.json and ingesting.md."""
    head = ("contender", "seconds", "articles/s", "footnote is × as fast", "… a word piece", "lag p50 / p99 / max ms")
    table = Table(*head, title=f"{measured.articles} articles, {measured.passages} passages")
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    values: dict[str, Any] = {"articles": measured.articles, "passages": measured.passages, "contenders": {}}
    for name in CONTENDERS:
        spent, lags = sum(measured.seconds[name]), measured.lags[name]
        late = [1000 * value for value in (percentile(lags, 0.5), percentile(lags, 0.99), max(lags))]
        ratios = measured.ratio(name), measured.ratio(name, per_token=True)
        cells = (
            *(name, f"{spent:.1f}", f"{measured.articles / spent:.2f}", *(f"{ratio:.2f}" for ratio in ratios)),
            " / ".join(f"{value:.1f}" for value in late),
        )
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
        values["contenders"][name] = {
            "seconds": measured.seconds[name],
            "tokens": measured.tokens[name],
            "ratio": ratios[0],
            "ratio_per_token": ratios[1],
            "lag_ms": dict(zip(("p50", "p99", "max"), late, strict=True)),
        }
    console.print(table)
    console.print(f"Targets: {TARGETS}.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "ingesting.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "ingesting.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def run(console: Console, folder: Path, out: Path, rounds: int = ROUNDS, articles: int = ARTICLES) -> None:
    """Measure with MultiHop-RAG's articles below EVAL_DATA, and report."""
    loaded = load(folder, "multihop-rag")
    if loaded is None:
        sys.exit("evals.ingesting: EVAL_DATA must name a folder with multihop-rag.")
    drafts = list(loaded.drafts)
    random.Random(SEED).shuffle(drafts)
    with tempfile.TemporaryDirectory(prefix="footnote-ingesting-") as place:
        measured = asyncio.run(measure(drafts, rounds, articles, Path(place)))
    report(console, measured, out)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.ingesting", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--articles", type=int, default=ARTICLES, help="articles a round")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    chosen = parser.parse_args()
    run(Console(), Path(os.environ.get("EVAL_DATA", "")), chosen.out, chosen.rounds, chosen.articles)


if __name__ == "__main__":
    main()
