"""Evidence: the sentences of the retrieved passages that may answer a question, and whether they do.

This is the gate before any reader: a question the library does not answer is refused here, and the quoting
reader answers with the best of these sentences.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.answers.answer import Quote
from retrieval.answers.question import Question, parse_question
from retrieval.answers.scoring import (
    Candidate,
    ScoredPassage,
    answer_features,
    answerability,
    sentence_features,
    sentence_score,
)
from retrieval.answers.words import analyse
from retrieval.articles import FoundPassage, Span
from retrieval.library import Library
from retrieval.text import sentences, terms

PASSAGES = 6
# Sentences embedded a question; they are chosen by their words, and more of them find hardly anything more.
CANDIDATES = 24
# From this probability on the quoting reader answers.
ANSWERS = 0.5
# Below this one not even a language model is asked: nothing retrieved is about the question.
WORTH_READING = 0.05


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence that may answer; its quote's offsets count the article's text."""

    quote: Quote
    stems: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question: passages best first, sentences best first, and how likely they answer it."""

    passages: tuple[FoundPassage, ...] = ()
    sentences: tuple[EvidenceSentence, ...] = ()
    answerable: float = 0.0

    @property
    def answers(self) -> bool:
        """Does the best sentence answer the question?"""
        return self.answerable >= ANSWERS

    @property
    def worth_reading(self) -> bool:
        """Is anything here about the question at all?"""
        return self.answerable >= WORTH_READING


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A passage with its sentences, analysed."""

    found: FoundPassage
    spans: tuple[Span, ...]
    scored: ScoredPassage
    stems: frozenset[str]


class EvidenceFinder:
    """Retrieves and weighs."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    async def find(self, library: Library, question: str, context: str = "") -> Evidence:
        """The evidence for a question; `context` is an earlier question that it leans on."""
        query = f"{context} {question}".strip()
        found = await library.retriever.find(query, PASSAGES)
        if not found:
            return Evidence()
        frequencies, size = await library.frequencies(list(dict.fromkeys(terms(query))))
        parsed = parse_question(query, frequencies, size)
        prepared = await asyncio.to_thread(lambda: [_prepare(passage) for passage in found])
        chosen = _candidates(parsed, prepared)
        if not chosen:
            return Evidence(passages=tuple(found))
        texts = [prepared[n].spans[at].of(prepared[n].found.passage.text) for n, at in chosen]
        vectors = np.asarray(await self._embeddings.aembed_documents([query, *texts]), dtype=np.float32)
        cosines = (vectors[1:] @ vectors[0]).tolist()
        return _weigh(parsed, prepared, [(n, Candidate(at, c)) for (n, at), c in zip(chosen, cosines, strict=True)])


def _prepare(found: FoundPassage) -> _Prepared:
    passage = found.passage
    spans = tuple(sentences(passage.text, passage.language))
    scored = ScoredPassage(
        frozenset(terms(passage.head)), tuple(analyse(span.of(passage.text)) for span in spans), found.cosine or 0.0
    )
    return _Prepared(found, spans, scored, scored.stems)


def _candidates(question: Question, prepared: Sequence[_Prepared]) -> list[tuple[int, int]]:
    """The sentences worth embedding, as (passage number, sentence number): those that hold most of the question,
    counting the sentence before at half, since an answer often follows the sentence that names its subject."""
    ranked: list[tuple[float, int, int]] = []
    for number, item in enumerate(prepared):
        covers = [question.coverage(sentence.stems) for sentence in item.scored.sentences]
        for at, cover in enumerate(covers):
            before = covers[at - 1] if at else 0.0
            ranked.append((cover + 0.5 * before + 0.5 * question.coverage(item.stems), number, at))
    ranked.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    return [(number, at) for _, number, at in ranked[:CANDIDATES]]


def _weigh(question: Question, prepared: Sequence[_Prepared], candidates: Sequence[tuple[int, Candidate]]) -> Evidence:
    weighed: list[tuple[float, int, Candidate, dict[str, float]]] = []
    for number, candidate in candidates:
        features = sentence_features(question, prepared[number].scored, prepared[number].stems, candidate)
        weighed.append((sentence_score(features), number, candidate, features))
    weighed.sort(key=lambda entry: (-entry[0], entry[1], entry[2].at))
    _, number, candidate, features = weighed[0]
    scored = [item.scored for item in prepared]
    probability = answerability(answer_features(question, scored, prepared[number].scored, candidate, features))
    return Evidence(
        tuple(item.found for item in prepared),
        tuple(_sentence(prepared[number], candidate, score, question) for score, number, candidate, _ in weighed),
        round(probability, 4),
    )


def _sentence(item: _Prepared, candidate: Candidate, score: float, question: Question) -> EvidenceSentence:
    passage, span = item.found.passage, item.spans[candidate.at]
    stems = item.scored.sentences[candidate.at].stems
    # How much of the question the sentence and its title hold: what a footnote's score means for a quote.
    support = round(question.coverage(stems | item.scored.head), 4)
    quote = Quote(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, support)
    return EvidenceSentence(quote, stems, score)
