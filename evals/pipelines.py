"""What the common frameworks do by default, with the embedder of this program: the retrieval to compare with.

* LangChain: `RecursiveCharacterTextSplitter` (4,000 characters, 200 overlapping) into Chroma, similarity search; and
  the same with the 1,000 characters of LangChain's own tutorials.
* LlamaIndex: `SentenceSplitter` (1,024 tokens, 200 overlapping), title, source and date as metadata, which it embeds
  with every chunk, into `VectorStoreIndex`.

The embedder reads 256 word pieces of a chunk whatever its size, here as in any program that uses these defaults.
Nearly all of the time that an index takes to be made is the embedder's.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from langchain_core.embeddings import Embeddings
from rich.console import Console

from evals.cost import ARTICLE, QUESTION, WAIT, Counting, word_pieces
from evals.measures import mean
from evals.report import Row, exact, row
from evals.retrieval import RANKED, SECONDS, Values, judge
from evals.sets import EvalSet
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings

LANGCHAIN = "LangChain's default"
LANGCHAIN_TUTORIAL = "LangChain, 1,000 characters"
LLAMAINDEX = "LlamaIndex's default"
# Quick mode asks only what the frameworks do when nothing is said: the small chunks take half of all indexing.
DEFAULTS = (LANGCHAIN, LLAMAINDEX)
SYSTEMS = (LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX)
TUTORIAL = {"chunk_size": 1_000, "chunk_overlap": 200}
# Written last: an index without it was broken off and is made again.
COMPLETE = "complete.json"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrieved chunk and the article it was cut from, by its place among the drafts."""

    text: str
    article_id: int


class Pipeline(Protocol):
    """A framework's way from articles to chunks; it lives in a folder of its own."""

    def add(self, drafts: Sequence[ArticleDraft]) -> int:
        """Split, embed and index articles; gives the number of chunks."""

    def find(self, question: str, limit: int) -> list[Chunk]:
        """The best chunks for a question, best first."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the frameworks reached, and how many word pieces an article their indexes cost; both by system."""

    values: Values
    read: Mapping[str, float]


def compare(console: Console, chosen: EvalSet, cache: Path, systems: Sequence[str]) -> Compared:
    """Ask every question of each of the systems; what it reached as `evals.retrieval` has it."""
    values: Values = defaultdict(lambda: defaultdict(list))
    read: dict[str, float] = {}
    ids = {n: draft.identity for n, draft in enumerate(chosen.drafts)}
    embeddings = MiniLMEmbeddings()
    for system in systems:
        pipeline, read[system] = _indexed(console, system, chosen, cache, embeddings)
        for question in chosen.questions:
            if not question.get("answerable", True) or not question.get("evidence_ids"):
                continue
            text = question["question"]
            begun = time.perf_counter()
            found = pipeline.find(text, RANKED)
            values[SECONDS][system].append(time.perf_counter() - begun)
            values[QUESTION][system] += word_pieces([text])
            for name, value in judge(chosen.name, question, found, ids).items():
                values[name][system].append(value)
    return Compared(values, read)


def rows(name: str, compared: Compared, articles: int) -> list[Row]:
    """The frameworks' figures as rows of the report."""
    found = [
        row(name, measure, system, values)
        for measure, by in compared.values.items()
        if measure != SECONDS
        for system, values in by.items()
    ]
    found += [
        row(name, WAIT, system, [1000 * value for value in values])
        for system, values in compared.values[SECONDS].items()
    ]
    return found + [exact(name, ARTICLE, system, value, articles) for system, value in compared.read.items()]


def ratios(name: str, ours: Mapping[str, Mapping[str, Sequence[float]]], theirs: Values) -> list[str]:
    """A sentence a framework: what this program reaches over what the framework reaches."""
    sentences: list[str] = []
    for system in dict.fromkeys(system for by in theirs.values() for system in by):
        parts = [
            f"{measure} {mean(ours[measure]['footnote']) / mean(by[system]):.2f}"
            for measure, by in theirs.items()
            if measure not in (SECONDS, QUESTION) and mean(by[system])
        ]
        sentences.append(f"{name}: footnote ÷ {system}: {', '.join(parts)}.")
    return sentences


def _indexed(
    console: Console, system: str, chosen: EvalSet, cache: Path, embeddings: MiniLMEmbeddings
) -> tuple[Pipeline, float]:
    """The framework's index of a set, and the word pieces an article it took; it stays on disk for the next run."""
    releases = "-".join(version(name) for name in ("langchain-text-splitters", "langchain-chroma", "llama-index-core"))
    folder = cache / f"{chosen.key}-{''.join(filter(str.isalnum, system))}-{releases}"
    complete = folder / COMPLETE
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    counting = Counting(embeddings)
    pipeline = opened(system, folder, counting)
    if not complete.exists():
        begun = time.perf_counter()
        with console.status(f"Indexing {chosen.name}: {system}"):
            chunks = pipeline.add(chosen.drafts)
        spent = round(time.perf_counter() - begun, 1)
        made = {"chunks": chunks, "seconds": spent, "word pieces": counting.count()}
        complete.write_text(json.dumps(made) + "\n", encoding="utf-8")
    read = json.loads(complete.read_text(encoding="utf-8"))["word pieces"]
    return pipeline, read / len(chosen.drafts)


def opened(system: str, folder: Path, embeddings: Embeddings) -> Pipeline:
    """The pipeline of that name on a folder."""
    # The frameworks take three seconds to import, which other benchmarks do not need.
    from evals.frameworks import LangChain, LlamaIndex

    if system == LLAMAINDEX:
        return LlamaIndex(folder, embeddings)
    return LangChain(folder, embeddings, **(TUTORIAL if system == LANGCHAIN_TUTORIAL else {}))
