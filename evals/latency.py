"""`python -m evals.latency`: how long retrieval takes as a library grows.

Libraries of 1,000, 10,000 and 100,000 passages (and, with `--million`, of 1,000,000) are asked the same questions in
turns, so that other work on the machine meets every size alike; the time from a question to its passages holds the
embedding of the question, both searches, their fusion and the reading of rows. A passage is a stretch of a real article
with a fifth of its sentences exchanged for sentences of other articles, so that words are as frequent, and keep such
company, as in real text; its vectors, one or two, are real vectors with noise. Only the writing is a short cut: nothing
is split or embedded.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from bot.app import App, open_app
from evals.alone import settings_alone
from evals.measures import percentile
from evals.sets import SEED, EvalSet, load
from retrieval.articles import Standalone, head_line
from retrieval.index import store
from retrieval.index.collections import Vectors
from retrieval.index.retriever import HybridRetriever
from retrieval.index.splitter import PASSAGE_WORDS, WINDOW_WORDS
from retrieval.index.tables import articles, passages
from retrieval.library import LOCAL, Library
from retrieval.text import sentences, terms

CACHE = Path(__file__).parent.parent / ".data" / "evals" / "latency"
SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
QUESTIONS = 200
ARTICLE_PASSAGES = 8
# Passages written in one transaction; a multiple of an article's.
BATCH = 4_096
PUBLISHED = "2023-10-01"
# The share of a passage's sentences that come from elsewhere, and the fewest sentences an article must have.
EXCHANGED = 0.2
SHORTEST = 10
# Real texts whose vectors the generated ones lie around, and how far away: about a cosine of 0.7.
ANCHORS = 256
NOISE = 1.0
# Milliseconds at the 95th percentile, on two quiet cores.
TARGETS = {10_000: 60, 100_000: 120}
# Disk and memory a passage takes in Chroma and SQL, rounded up: what must be free before a library is made.
BYTES = 16_000
STEPS = ("embed", "words", "vectors", "whole")
T = TypeVar("T")
Sentence = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Filler:
    """The sentences of each article with their terms, and real vectors, to make passages of."""

    articles: tuple[tuple[Sentence, ...], ...]
    anchors: Vectors

    def passage(self, chance: random.Random) -> tuple[str, tuple[str, ...]]:
        """A passage of the usual length with its terms."""
        texts: list[str] = []
        found: list[str] = []
        words, wanted = 0, chance.randint(PASSAGE_WORDS // 4, PASSAGE_WORDS)
        article = chance.choice(self.articles)
        start = chance.randrange(len(article))
        for text, stems in article[start:] + article[:start]:
            if words >= wanted:
                break
            if chance.random() < EXCHANGED:
                text, stems = self.sentence(chance)
            texts.append(text)
            found += stems
            words += len(text.split())
        return " ".join(texts), tuple(found)

    def sentence(self, chance: random.Random) -> Sentence:
        """Any sentence of any article."""
        return chance.choice(chance.choice(self.articles))

    def vectors(self, count: int, chance: np.random.Generator) -> Vectors:
        """Unit vectors around the real ones, of shape (count, dimension)."""
        dimension = self.anchors.shape[1]
        chosen = self.anchors[chance.integers(len(self.anchors), size=count)]
        noisy = chosen + NOISE * chance.standard_normal((count, dimension), dtype=np.float32) / dimension**0.5
        unit: Vectors = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
        return unit


async def filler(app: App, chosen: EvalSet) -> Filler:
    """Taken from a set."""
    read: list[tuple[Sentence, ...]] = []
    for draft in chosen.drafts:
        texts = [span.of(draft.text) for span in sentences(draft.text, draft.language)]
        read.append(tuple((text, tuple(terms(text))) for text in texts))
    kept = tuple(article for article in read if len(article) >= SHORTEST)
    chance = random.Random(SEED)
    texts = [chance.choice(chance.choice(kept))[0] for _ in range(ANCHORS)]
    anchors = np.asarray(await app.libraries.embeddings.aembed_documents(texts), dtype=np.float32)
    return Filler(kept, anchors)


async def fill(app: App, library: Library, source: Filler, size: int, advance: Callable[[int], None]) -> None:
    """Write passages until the library has `size`; what an earlier run wrote counts.

    The vectors of a batch are added while the rows of the one before it are written, so a run that is broken off leaves
    vectors without rows at most, and opening the library again takes those back.
    """
    row = library.retriever.library
    async with app.database.write() as connection:
        done = await store.count_passages(connection, row.id)
        if done >= size:
            return
        await store.update_library(connection, row.id, unsettled=True)
    before: Batch | None = None
    for start in range(done, size, BATCH):
        batch = await asyncio.to_thread(_batch, source, row.id, start, min(BATCH, size - start))
        added = app.libraries.vectors.add(row.collection, batch.vector_ids, batch.vectors)
        await asyncio.gather(added, *([_write(app, row.id, before)] if before else []))
        before = batch
        advance(start)
    if before:
        await _write(app, row.id, before)
    async with app.database.write() as connection:
        await store.update_library(connection, row.id, unsettled=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of both tables, the terms of each passage's id, and the vectors with their ids."""

    articles: list[dict[str, Any]]
    passages: list[dict[str, Any]]
    terms: list[tuple[int, list[str]]]
    vector_ids: list[str]
    vectors: Vectors


def _batch(source: Filler, library_id: int, start: int, count: int) -> Batch:
    """Passages number `start` on; nothing else is in the library, so ids are numbers counted from one."""
    chance = random.Random(SEED + start)
    batch = Batch([], [], [], [], source.vectors(0, np.random.default_rng(start)))
    for first in range(start, start + count, ARTICLE_PASSAGES):
        made = [source.passage(chance) for _ in range(min(ARTICLE_PASSAGES, start + count - first))]
        title = source.sentence(chance)[0][:80]
        head = terms(head_line(title, None, PUBLISHED))
        article, begin = first // ARTICLE_PASSAGES + 1, 0
        text = "\n".join(passage for passage, _ in made)
        batch.articles.append(_article(library_id, article, title, text))
        for ordinal, (passage, found) in enumerate(made):
            number, windows = first + ordinal + 1, -(-len(passage.split()) // WINDOW_WORDS)
            batch.passages.append(
                {
                    "id": number,
                    "library_id": library_id,
                    "article_id": article,
                    "ordinal": ordinal,
                    "start": begin,
                    "end": begin + len(passage),
                    "text": passage,
                    "key": f"{number:032x}",
                    "vectors": windows,
                }
            )
            batch.terms.append((number, [*head, *found]))
            batch.vector_ids.extend(f"{number:032x}.{n}" for n in range(windows))
            begin += len(passage) + 1
    return replace(batch, vectors=source.vectors(len(batch.vector_ids), np.random.default_rng(start)))


def _article(library_id: int, article: int, title: str, text: str) -> dict[str, Any]:
    return {
        "id": article,
        "library_id": library_id,
        "identity": f"filler-{article}",
        "content_hash": f"{article:064x}",
        "title": title,
        "text": text,
        "published_at": PUBLISHED,
        "added_at": PUBLISHED,
        "characters": len(text),
        "searchable": True,
    }


async def _write(app: App, library_id: int, batch: Batch) -> None:
    async with app.database.write() as connection:
        await connection.execute(insert(articles), batch.articles)
        await connection.execute(insert(passages), batch.passages)
        await app.libraries.lexical.add(connection, library_id, batch.terms)


async def measure(libraries: dict[int, Library], questions: Sequence[str]) -> dict[int, dict[str, list[float]]]:
    """Size → step → seconds a question. `whole` is what a user waits for; the steps are timed one by one after it."""
    seconds: dict[int, dict[str, list[float]]] = {size: defaultdict(list) for size in libraries}
    for question in questions:
        for size, library in libraries.items():
            retriever, steps = library.retriever, seconds[size]
            steps["whole"].append((await _timed(_retrieve(retriever, question)))[1])
            query, spent = await _timed(retriever.query(Standalone(question)))
            steps["embed"].append(spent)
            steps["words"].append((await _timed(retriever.by_words(query.question)))[1])
            steps["vectors"].append((await _timed(retriever.by_vectors(query.vector)))[1])
    return seconds


async def _retrieve(retriever: HybridRetriever, question: str) -> None:
    _, found = await retriever.search(Standalone(question))
    assert len(found) == retriever.limit, f"{len(found)} passages for {question!r}"


async def _timed(work: Awaitable[T]) -> tuple[T, float]:
    begun = time.perf_counter()
    result = await work
    return result, time.perf_counter() - begun


async def timed(console: Console, chosen: EvalSet, sizes: Sequence[int]) -> dict[int, dict[str, list[float]]]:
    """Make what is missing, and measure."""
    asked = [question["question"] for question in chosen.sample(QUESTIONS + 1).questions]
    async with AsyncExitStack() as stack:
        libraries: dict[int, Library] = {}
        source: Filler | None = None
        for size in sizes:
            folder = CACHE / f"{chosen.key}-{size}-{version('chromadb')}"
            app = await stack.enter_async_context(open_app(settings_alone(folder)))
            libraries[size] = await app.libraries.open(LOCAL)
            source = source or await filler(app, chosen)
            with console.status(f"Making {size:,} passages") as status:
                await fill(app, libraries[size], source, size, _shown(status, size))
            await _retrieve(libraries[size].retriever, asked[-1])  # Models are loaded, files are opened.
        return await measure(libraries, asked[:-1])


def _shown(status: Any, size: int) -> Callable[[int], None]:
    return lambda done: status.update(f"Making {size:,} passages: {done:,}")


def report(console: Console, seconds: dict[int, dict[str, list[float]]], out: Path) -> None:
    """Print the figures and write them as latency.json, latency.md and latency.png."""
    smallest = min(seconds)
    head = ("passages", "p50 ms", "p95 ms", f"× p50 at {smallest:,}", *(f"{step} p50 / p95" for step in STEPS[:-1]))
    table = Table(*head, title="Retrieval, embedding of the question included")
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    figures = {
        size: {step: [1000 * percentile(spent[step], share) for share in (0.5, 0.95)] for step in STEPS}
        for size, spent in seconds.items()
    }
    for size, by_step in figures.items():
        p50, p95 = by_step["whole"]
        paired = [a / b for a, b in zip(seconds[size]["whole"], seconds[smallest]["whole"], strict=True)]
        parts = (f"{by_step[step][0]:.1f} / {by_step[step][1]:.1f}" for step in STEPS[:-1])
        cells = (f"{size:,}", f"{p50:.1f}", f"{p95:.1f}", f"{percentile(paired, 0.5):.2f}", *parts)
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    console.print(table)
    console.print("Targets on two quiet cores: " + ", ".join(f"p95 ≤ {t} ms at {n:,}" for n, t in TARGETS.items()))
    out.mkdir(parents=True, exist_ok=True)
    (out / "latency.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "latency.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    _plot(out / "latency.png", figures)


def _plot(path: Path, figures: dict[int, dict[str, list[float]]]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    sizes = list(figures)
    for step in STEPS:
        values = [figures[size][step] for size in sizes]
        (line,) = axes.plot(sizes, [p95 for _, p95 in values], marker="o", label=f"{step}, p95")
        axes.plot(sizes, [p50 for p50, _ in values], linestyle=":", color=line.get_color())
    axes.plot(list(TARGETS), list(TARGETS.values()), "k_", markersize=20, label="target, p95")
    axes.set(xscale="log", xlabel="passages", ylabel="ms (dotted: p50)", ylim=(0, None))
    axes.set_title("Retrieval as a library grows")
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def run(console: Console, folder: Path, out: Path, sizes: Sequence[int] = SIZES) -> None:
    """Measure with the words of MultiHop-RAG below EVAL_DATA, and report."""
    loaded = load(folder, "multihop-rag")
    if loaded is None:
        sys.exit("evals.latency: EVAL_DATA must name a folder with multihop-rag.")
    CACHE.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(CACHE).free < 2 * BYTES * sum(sizes):
        sys.exit(f"evals.latency: {2 * BYTES * sum(sizes) / 1e9:.0f} GB of disk must be free.")
    report(console, asyncio.run(timed(console, loaded, sizes)), out)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.latency", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of passages, separated by commas")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 passages: an hour, and 8 GB")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    chosen = parser.parse_args()
    sizes = sorted({int(size) for size in chosen.sizes.split(",")} | ({MILLION} if chosen.million else set()))
    run(Console(), Path(os.environ.get("EVAL_DATA", "")), chosen.out, sizes)


if __name__ == "__main__":
    main()
