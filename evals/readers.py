"""Plain readers: what each half of the retriever alone would quote, sentence by sentence, over the same passages."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.answers.answer import Answer
from retrieval.answers.evidence.evidence import PASSAGES
from retrieval.articles import Passage, Standalone
from retrieval.library import Library
from retrieval.text import sentences, terms

# As many as the quoting reader is judged by.
SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that somebody is shown, and the id of the article it is from."""

    text: str
    article_id: int


def quoted(answer: Answer) -> list[Shown]:
    """What the footnotes of an answer quote, in their order."""
    return [Shown(one.quote.text, one.quote.passage.article_id) for one in answer.citations]


async def plain(library: Library, question: str) -> dict[str, list[Shown]]:
    """The best sentences of the best passages by words alone and by vectors alone; neither knows when to be silent."""
    retriever, asked = library.retriever, Standalone(question)
    query = await retriever.query(asked)
    ids = [one for one, _ in (await retriever.by_words(asked))[:PASSAGES]]
    rows = await library.passages_by_id(ids)
    near = [passage for passage, _ in (await retriever.by_vectors(query.vector))[:PASSAGES]]
    return {
        "BM25 alone": await _by_words(library, question, [rows[one] for one in ids if one in rows]),
        "dense alone": await _by_vectors(library, query.vector, near),
    }


async def _by_words(library: Library, question: str, passages: Sequence[Passage]) -> list[Shown]:
    """The sentences that hold most of the question's terms, each as heavy as it is rare."""
    asked = dict.fromkeys(terms(question))
    frequencies, size = await library.frequencies(list(asked))
    weights = {term: math.log((size + 1) / (frequencies.get(term, 0) + 0.5)) for term in asked}

    def scored() -> list[Shown]:
        shown = _sentences(passages)
        held = [sum(weights[term] for term in set(terms(one.text)) & weights.keys()) for one in shown]
        return _best(shown, held)

    return await asyncio.to_thread(scored)


async def _by_vectors(
    library: Library, vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]], passages: Sequence[Passage]
) -> list[Shown]:
    """The sentences nearest to the question."""
    shown = await asyncio.to_thread(_sentences, passages)
    if not shown:
        return []
    vectors = await library.retriever.embeddings.aembed_documents([one.text for one in shown])
    return _best(shown, (np.asarray(vectors, dtype=np.float32) @ vector).tolist())


def _sentences(passages: Sequence[Passage]) -> list[Shown]:
    return [
        Shown(span.of(passage.text), passage.article_id)
        for passage in passages
        for span in sentences(passage.text, passage.language)
    ]


def _best(shown: Sequence[Shown], scores: Sequence[float]) -> list[Shown]:
    """Of equal ones the first, which is of the better passage."""
    ranked = sorted(range(len(shown)), key=lambda at: (-scores[at], at))
    return [shown[at] for at in ranked[:SENTENCES]]
