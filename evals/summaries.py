"""Do the quoted key points of an article hold what questions about it rest on? MultiHop-RAG, beside simple baselines.

    EVAL_DATA=/path/to/data python -m evals.summaries --limit 200

The evidence quotes of MultiHop-RAG stand for what matters in an article: each was taken as a fact worth asking about,
by somebody who had not seen any summary. Measured is how much of them a summary holds, as ROUGE-L recall of the union
of its sentences (Lin 2004) over content stems; with as many sentences as the article's lead, and with as many words,
since long sentences hold more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from evals.measures import interval, mean
from evals.report import Row, row, show, write
from evals.sets import SEED, load
from retrieval.articles import ArticleDraft, Passage
from retrieval.index.collections import Vectors
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.splitter import split
from retrieval.summaries.extractive import extract
from retrieval.summaries.heartbeat import Heartbeat
from retrieval.text import sentences, terms

LEAD, RANDOM, LEXRANK, OURS = "lead", "random sentences", "LexRank", "footnote"
SIZES = (3, 5)
# Sentences ranked, so that short ones fill as many words as the lead has.
RANKED = 20
# LexRank's matrix grows with the square.
MOST_SENTENCES = 400
DAMPING = 0.85
HERE = Path(__file__).parent

# measure → system → a value an article
Values = dict[str, dict[str, list[float]]]


def lexrank(vectors: Vectors) -> list[int]:
    """Continuous LexRank (Erkan & Radev 2004) on sentence embeddings: numbers of the sentences, most central first."""
    similar = np.clip(vectors @ vectors.T, 0.0, None)
    moves = similar / similar.sum(axis=1, keepdims=True)
    count = len(vectors)
    rank = np.full(count, 1.0 / count)
    for _ in range(100):
        rank = (1 - DAMPING) / count + DAMPING * (rank @ moves)
    return [int(index) for index in np.argsort(-rank, kind="stable")]


def rouge_l(reference: Sequence[str], summary: Sequence[Sequence[str]]) -> float:
    """Recall of a reference sentence in a summary: the union of its longest common subsequences with each of the
    summary's sentences, over its length."""
    held: set[int] = set()
    for sentence in summary:
        held |= _common(reference, sentence)
    return len(held) / len(reference) if reference else 0.0


def _common(reference: Sequence[str], sentence: Sequence[str]) -> set[int]:
    """Places in the reference of one longest common subsequence."""
    best = [[0] * (len(sentence) + 1) for _ in range(len(reference) + 1)]
    for i, word in enumerate(reference):
        for j, other in enumerate(sentence):
            best[i + 1][j + 1] = best[i][j] + 1 if word == other else max(best[i][j + 1], best[i + 1][j])
    places: set[int] = set()
    i, j = len(reference), len(sentence)
    while i and j:
        if reference[i - 1] == sentence[j - 1]:
            i, j = i - 1, j - 1
            places.add(i)
        elif best[i - 1][j] >= best[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return places


def as_many_words(ranked: Sequence[str], words: int) -> list[str]:
    """Sentences in their order of preference, the last one cut, until there are so many words."""
    taken: list[str] = []
    for sentence in ranked:
        if words <= 0:
            break
        taken.append(" ".join(sentence.split()[:words]))
        words -= len(sentence.split())
    return taken


async def rankings(embedder: MiniLMEmbeddings, draft: ArticleDraft, number: int) -> dict[str, list[str]]:
    """Every system's sentences, best first."""
    plain = [span.of(draft.text) for span in sentences(draft.text, draft.language)]
    passages = [
        Passage(n, str(n), number, n, span.start, span.end, span.of(draft.text), draft.title, *[None] * 4)
        for n, span in enumerate(split(draft.text, draft.language))
    ]
    chance = random.Random(f"{SEED} {draft.identity}")
    vectors = np.asarray(await embedder.aembed_documents(plain), dtype=np.float32)
    return {
        OURS: [one.text for one in await extract(embedder, draft.title, passages, RANKED, Heartbeat(None))],
        LEAD: plain[:RANKED],
        RANDOM: chance.sample(plain, min(RANKED, len(plain))),
        LEXRANK: [plain[index] for index in lexrank(vectors)[:RANKED]],
    }


async def measure(folder: Path, limit: int | None, skip: int) -> Values:
    """Summarise articles that have evidence, always the same ones; the first `skip` of them are left out."""
    chosen = load(folder, "multihop-rag")
    if chosen is None:
        sys.exit("evals: EVAL_DATA holds no multihop-rag.")
    evidence: dict[str, dict[str, None]] = defaultdict(dict)
    for question in chosen.questions:
        for item in question.get("evidence") or ():
            evidence[item["doc_id"]][item["quote"]] = None
    drafts = sorted((draft for draft in chosen.drafts if draft.identity in evidence), key=lambda draft: draft.identity)
    drafts = [draft for draft in drafts if sum(1 for _ in sentences(draft.text)) <= MOST_SENTENCES][skip:]
    random.Random(SEED).shuffle(drafts)
    embedder = MiniLMEmbeddings()
    values: Values = defaultdict(lambda: defaultdict(list))
    for number, draft in enumerate(track(drafts[:limit], "Summarising")):
        references = [terms(quote) for quote in evidence[draft.identity]]
        ranked = await rankings(embedder, draft, number)
        for size in SIZES:
            words = sum(len(sentence.split()) for sentence in ranked[LEAD][:size])
            for system, found in ranked.items():
                for name, taken in (
                    (f"evidence held by {size} sentences", found[:size]),
                    (f"evidence held in the words of lead-{size}", as_many_words(found, words)),
                ):
                    said = [terms(sentence) for sentence in taken]
                    values[name][system].append(mean([rouge_l(reference, said) for reference in references]))
    return values


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.summaries", description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, default=200, help="so many articles")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many, by id")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "summaries")
    options = parser.parse_args()
    if not os.environ.get("EVAL_DATA"):
        sys.exit("evals: EVAL_DATA=/path/to/data python -m evals.summaries")
    values = asyncio.run(measure(Path(os.environ["EVAL_DATA"]), options.limit, options.skip))
    rows: list[Row] = []
    notes: list[str] = []
    for name, systems in values.items():
        rows += [row("multihop-rag", name, system, found) for system, found in systems.items()]
        for other in (LEAD, RANDOM, LEXRANK):
            gained = [ours - theirs for ours, theirs in zip(systems[OURS], systems[other], strict=True)]
            low, high = interval(gained)
            notes.append(f"{name}: footnote − {other} {mean(gained):+.3f} ({low:+.3f} to {high:+.3f}, paired).")
    show(Console(), rows, notes)
    write(options.out, rows, notes)


if __name__ == "__main__":
    main()
