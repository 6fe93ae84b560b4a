"""Evidence: the sentences of the retrieved passages that may answer a question, and whether they do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.articles import FoundPassage, Span
from retrieval.library import Library
from retrieval.text import sentences, terms

PASSAGES = 6
CANDIDATES = 24


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    found: FoundPassage
    span: Span
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    passages: tuple[FoundPassage, ...]
    sentences: tuple[EvidenceSentence, ...]
    answerable: float

    @property
    def worth_reading(self) -> bool:
        return self.answerable > 0.05

    @property
    def answers(self) -> bool:
        return self.answerable > 0.5


class EvidenceFinder:
    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    async def find(self, library: Library, question: str, context: str = "") -> Evidence:
        query = f"{question} {context}".strip()
        found = await library.retriever.find(query, PASSAGES)
        if not found:
            return Evidence((), (), 0.0)
        wanted = list(dict.fromkeys(terms(query)))
        frequencies, size = await library.frequencies(wanted)
        weights = {t: math.log(1 + (size + 1) / (frequencies.get(t, 0) + 0.5)) for t in wanted}
        total = sum(weights.values()) or 1.0
        candidates = []
        for f in found:
            for span in sentences(f.passage.text):
                text = span.of(f.passage.text)
                have = set(terms(text))
                cov = sum(w for t, w in weights.items() if t in have) / total
                candidates.append((cov, f, span, text))
        candidates.sort(key=lambda c: -c[0])
        candidates = candidates[:CANDIDATES]
        vectors = np.asarray(await self._embeddings.aembed_documents([query, *(c[3] for c in candidates)]))
        cosines = vectors[1:] @ vectors[0]
        ranked = sorted(
            (
                EvidenceSentence(f, span, text, float(cos) + cov + 0.5 * (f.cosine or 0.0))
                for (cov, f, span, text), cos in zip(candidates, cosines, strict=True)
            ),
            key=lambda s: -s.score,
        )
        return Evidence(tuple(found), tuple(ranked), 1 / (1 + math.exp(-6 * (ranked[0].score - 1.0))))
