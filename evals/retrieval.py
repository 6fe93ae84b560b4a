"""Does the right passage come up? The library's retriever beside its halves and plain rank fusion, over the same
passages in the same run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from evals.cost import ARTICLE, QUESTION, WAIT, window_texts, word_pieces
from evals.measures import holds, ndcg, percentile, reciprocal_rank
from evals.report import Row, exact, row
from evals.sets import EvalSet
from retrieval.articles import ArticleDraft, FoundPassage, Passage, Standalone
from retrieval.index import store
from retrieval.index.retriever import Query
from retrieval.library import Libraries, Library

SYSTEMS = ("footnote", "BM25 alone", "dense alone", "plain rank fusion")
DEPTH = 10
# Two passages of one article count once where articles are judged, so more are ranked than are judged.
RANKED = 2 * DEPTH
K = 60
SECONDS = "seconds"

# What came of each question: measure → system → a value a question.
Values = dict[str, dict[str, list[float]]]


async def measure(libraries: Libraries, library: Library, chosen: EvalSet, ids: dict[int, str]) -> Values:
    """Run every question through every system; `ids` says which article has which id in the set."""
    values: Values = defaultdict(lambda: defaultdict(list))
    for question in chosen.questions:
        if not question.get("answerable", True) or not question.get("evidence_ids"):
            continue
        begun = time.perf_counter()
        query, found = await library.retriever.search(Standalone(question["question"]), RANKED)
        values[SECONDS]["footnote"].append(time.perf_counter() - begun)
        embedded = [one.question.text for one in (query, *query.clauses)]
        values[QUESTION]["footnote"].append(sum(word_pieces(embedded)))
        for system, ranked in (await _rankings(libraries, library, query, found)).items():
            for name, value in judge(chosen.name, question, ranked, ids).items():
                values[name][system].append(value)
    return values


def rows(name: str, values: Values, drafts: Sequence[ArticleDraft]) -> list[Row]:
    """The library's and its halves' figures as rows of the report."""
    found = [
        row(name, measure, system, by[system])
        for measure, by in values.items()
        if measure != SECONDS
        for system in SYSTEMS
        if system in by
    ]
    found.append(row(name, WAIT, "footnote", [1000 * value for value in values[SECONDS]["footnote"]]))
    return [*found, exact(name, ARTICLE, "footnote", sum(word_pieces(window_texts(drafts))) / len(drafts), len(drafts))]


def latency(values: Values) -> str:
    """Median and 95th percentile of the library's own retrieval, embedding of the question included."""
    seconds = values[SECONDS]["footnote"]
    return f"{1000 * percentile(seconds, 0.5):.0f} / {1000 * percentile(seconds, 0.95):.0f} ms"


async def _rankings(
    libraries: Libraries, library: Library, query: Query, found: Sequence[FoundPassage]
) -> dict[str, list[Passage]]:
    retriever = library.retriever
    words = [one for one, _ in await retriever.by_words(query.question)]
    near = await retriever.by_vectors(query.vector)
    known = {passage.id: passage for passage, _ in near}
    known.update(await libraries.database.look(store.passages_by_id, retriever.library.id, words))
    dense = [passage.id for passage, _ in near]
    return {
        "footnote": [one.passage for one in found],
        "BM25 alone": [known[one] for one in words[:RANKED]],
        "dense alone": [known[one] for one in dense[:RANKED]],
        "plain rank fusion": [known[one] for one in _rank_fusion(words, dense)[:RANKED]],
    }


def _rank_fusion(*rankings: Sequence[int]) -> list[int]:
    """Reciprocal rank fusion with equal weights and k = 60 (Cormack et al. 2009)."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            scores[one] += 1 / (K + rank)
    return sorted(scores, key=lambda one: (-scores[one], one))


class Judged(Protocol):
    """What is judged of a retrieved passage, or of a chunk of another program."""

    @property
    def text(self) -> str: ...

    @property
    def article_id(self) -> int: ...


def judge(name: str, question: dict[str, Any], ranked: Sequence[Judged], ids: dict[int, str]) -> dict[str, float]:
    """The measures of a set for one question's ranking; `ids` says which article has which id in the set."""
    if name == "cranfield":
        # Judgements run from 1 (best) to 4; a document counts once, at its best passage.
        gains = {one: 5.0 - grade for one, grade in question["qrels_position"].items()}
        return {"nDCG@10": ndcg(list(dict.fromkeys(ids[passage.article_id] for passage in ranked)), gains)}
    ranked = ranked[:DEPTH]
    articles = [ids[passage.article_id] for passage in ranked]
    evidence = set(question["evidence_ids"])
    if name == "multihop-rag":
        quotes = [item["quote"] for item in question["evidence"]]
        hits = [any(holds(passage.text, quote) for quote in quotes) for passage in ranked]
        return {
            "Hits@4": float(any(hits[:4])),
            "Hits@10": float(any(hits)),
            "MRR@10": reciprocal_rank(hits),
            "all evidence in 10": float(evidence <= set(articles)),
        }
    hits = [one in evidence for one in articles]
    return {"hit@1": float(any(hits[:1])), "hit@5": float(any(hits[:5])), "MRR@10": reciprocal_rank(hits)}
