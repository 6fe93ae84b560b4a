"""Evidence: the sentences of the retrieved passages that may answer a question, and whether they do.

This is the gate before any reader: a question the library does not answer is refused here, and the quoting
reader answers with the best of these sentences.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest

import numpy as np

from retrieval.answers.answer import Quote, Turn
from retrieval.answers.followup import TOPIC_WEIGHT, named, standalone_by_rule
from retrieval.answers.nearness import asked_words, nearest
from retrieval.answers.orders import orders
from retrieval.answers.overview import Overview, overview, overview_request
from retrieval.answers.parts import split_question
from retrieval.answers.question import Question, holds_kind, parse_question
from retrieval.answers.rows import worded
from retrieval.answers.scoring import (
    Candidate,
    ScoredPassage,
    answer_features,
    answerability,
    sentence_features,
    sentence_score,
)
from retrieval.answers.wanted import NOTHING, Wanted, all_of, heard, wanted_by
from retrieval.answers.words import analyse
from retrieval.articles import FoundPassage, Passage, Span, Standalone
from retrieval.index.collections import Vectors
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.mentions import Fit, Mentions, fits
from retrieval.index.outlets import may_ask_of_source
from retrieval.index.retriever import Query
from retrieval.index.writer import embedded_texts
from retrieval.library import Library
from retrieval.text import LIST_MARKER, sentences, terms

PASSAGES = 6
# Of several questions together, and with those that a question insists on.
MOST_PASSAGES = 10
# Passages among which those are looked for.
LOOKED_THROUGH = 20
# Sentences embedded a question, the best by their words: 24 lose nothing against all, 12 hardly anything, and
# sixteen take 0.1 s on two cores.
CANDIDATES = 16
# Characters; a longer list is quoted up to its last item that fits.
LONGEST_LIST = 800
# From this probability on the quoting reader answers. It keeps nine of ten answerable questions.
ANSWERS = 0.23
# What a sentence gains whose article is of the source or the time that the question names; two of the score make a
# sentence seven times as likely the answer.
MEANT = 2.0
# How likely the articles on a topic are what is wanted of whoever asks for an overview of it.
OVERVIEW = 0.9
# Below this one not even a language model is asked: nothing retrieved is about the question.
WORTH_READING = 0.1


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence that may answer; its quote's offsets count the article's text.

    `near` is how near it comes to each of the question's stems, from 0 to 1.
    """

    quote: Quote
    stems: frozenset[str]
    score: float
    near: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question: passages best first, sentences best first, and how likely they answer it.

    `parts` has the evidence of each question in a message that asks several; it is empty for a single one. `contexts`
    are the passages as a model reads them, neighbours in an article as one; empty before a model is to read. `wanted`
    is what the question insists on and these sentences do not meet. In an `overview` they are
    the beginnings of articles. `latest` says that the question is for the latest.
    """

    question: str
    passages: tuple[FoundPassage, ...] = ()
    sentences: tuple[EvidenceSentence, ...] = ()
    answerable: float = 0.0
    contexts: tuple[Passage, ...] = ()
    parts: tuple[Evidence, ...] = ()
    wanted: Wanted = NOTHING
    overview: bool = False
    latest: bool = False

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
    # What each of the spans reads alone; nothing for one that says nothing.
    texts: tuple[str, ...]
    scored: ScoredPassage
    stems: frozenset[str]
    # Numbers of the sentences that give orders.
    orders: frozenset[int]
    # How well its article fits the source and the time that the question names.
    meant: float


class EvidenceFinder:
    """Retrieves and weighs."""

    def __init__(self, embedder: MiniLMEmbeddings) -> None:
        """`embedder` is the embedder the scores were fitted with, whichever one the library is indexed by."""
        self._embedder = embedder

    async def find(self, library: Library, question: Standalone) -> Evidence:
        """The evidence for a message, which may ask several questions."""
        parts = split_question(question.text)
        if len(parts) == 1:
            return await self._find(library, question)
        found: list[Evidence] = []
        for at, part in enumerate(parts):
            before = [Turn("user", text) for text in (question.context, *parts[:at]) if text]
            asked = standalone_by_rule(part, before)
            if at and not asked.context and not named(part):
                # "Who built the bridge?" behind a question about a certain one.
                asked = Standalone(part, parts[0], TOPIC_WEIGHT)
            found.append(await self._find(library, replace(asked, asked_on=question.asked_on)))
        return _merged(question.text, found)

    async def within(self, library: Library, question: Standalone, passages: Sequence[Passage]) -> Evidence:
        """The evidence for a single question in these passages alone."""
        query = await library.retriever.query(question)
        found = [FoundPassage(passage, 0.0) for passage in passages]
        return await self._weigh(library, query, found, await self._cosines_anew(question, found))

    async def _find(self, library: Library, question: Standalone) -> Evidence:
        mentions = Mentions.of(question.text, question.asked_on)
        sources = await library.sources() if may_ask_of_source(question.text) else []
        wanted = wanted_by(mentions, sources, question.asked_on)
        request = None if question.context else overview_request(question.text, mentions, wanted)
        looked_through = LOOKED_THROUGH if request or wanted != NOTHING else PASSAGES
        query, found = await library.retriever.search(question, looked_through)
        if not found:
            return Evidence(question.text)
        passages = [one.passage for one in found]
        wanted = heard(wanted, passages)
        if request and (shown := await overview(library, request, wanted, passages)):
            return _overviewed(question.text, shown, found)
        found = _with_wanted(found, wanted)
        judged = await self._cosines_of(library, query, found)
        return await self._weigh(
            library, query, found, judged, wanted, request.asking if request and request.topic else frozenset()
        )

    async def _weigh(
        self,
        library: Library,
        query: Query,
        found: Sequence[FoundPassage],
        judged: tuple[Vectors, list[float]],
        wanted: Wanted = NOTHING,
        asking: frozenset[str] = frozenset(),
    ) -> Evidence:
        """The sentences of passages; `judged` is what `_cosines_of` gives for them.

        `asking` are the stems of words that only ask, which no sentence need hold.
        """
        question = query.question
        vector, cosines = judged
        asked = dict.fromkeys(terms(f"{question.text} {question.context}"))
        frequencies, size = await library.frequencies(list(asked))
        parsed = parse_question(question, frequencies, size, asking)
        mentions = Mentions.of(question.text, question.asked_on)
        fitting = fits(mentions, [one.passage for one in found])
        prepared = await asyncio.to_thread(
            lambda: [_prepare(*one) for one in zip(found, cosines, fitting, strict=True)]
        )
        ranked = _by_words(parsed, prepared)
        if not ranked:
            return Evidence(question.text, tuple(found))
        taken = _taken(ranked, prepared, wanted) if wanted.narrows else ranked[:CANDIDATES]
        best_first = await self._by_vectors(parsed, query, vector, prepared, taken)
        answerable, held = _answerable(parsed, prepared, best_first), _held(parsed, prepared, best_first[0])
        for step in wanted.steps:
            meeting = [item for item in best_first if _meets(step, prepared, item)]
            # Of what is wanted, but about other things: that is no answer where there is one.
            if not meeting or not held <= _held(parsed, prepared, meeting[0]):
                continue
            if (likely := _answerable(parsed, prepared, meeting)) >= ANSWERS:
                best_first, answerable, wanted = meeting, likely, wanted.without(step)
                break
        return Evidence(
            question.text,
            tuple(found),
            tuple(_sentence(prepared[item.number], item, parsed) for item in best_first),
            round(answerable, 4),
            wanted=wanted,
            latest=mentions.latest,
        )

    async def _by_vectors(
        self,
        parsed: Question,
        query: Query,
        vector: Vectors,
        prepared: Sequence[_Prepared],
        chosen: Sequence[_Ranked],
    ) -> list[_Ranked]:
        """Candidates by everything, their cosine and their nearness to the question's words included; best first."""
        asked = [text for text in (query.question.text, query.question.context) if text]
        texts = [prepared[item.number].texts[item.candidate.at] for item in chosen]
        known = list(query.pieces)
        embedded = known + await self._embedder.aembed_pieces([*asked, *texts][len(known) :])
        words = asked_words(parsed.weights, list(zip(asked, embedded, strict=False)))
        ranked = [
            _ranked(
                parsed,
                item.number,
                prepared[item.number],
                Candidate(item.candidate.at, float(pieces.whole @ vector), words.near(pieces)),
            )
            for item, pieces in zip(chosen, embedded[len(asked) :], strict=True)
        ]
        return sorted(ranked, key=_order)

    async def _cosines_of(
        self, library: Library, query: Query, found: Sequence[FoundPassage]
    ) -> tuple[Vectors, list[float]]:
        """The question's vector and the passages' cosines to it, as the embedder sees them."""
        if library.retriever.embeddings is self._embedder:
            return query.vector, [passage.cosine or 0.0 for passage in found]
        return await self._cosines_anew(query.question, found)

    async def _cosines_anew(self, question: Standalone, found: Sequence[FoundPassage]) -> tuple[Vectors, list[float]]:
        asked = [question.text, question.context] if question.context else [question.text]
        texts = [embedded_texts(passage.passage.head, passage.passage.text)[0] for passage in found]
        vectors = np.asarray(await self._embedder.aembed_documents([*asked, *texts]), dtype=np.float32)
        vector = vectors[0] + question.weight * vectors[1] if question.context else vectors[0]
        vector = vector / (np.linalg.norm(vector) or 1.0)
        return vector, (vectors[len(asked) :] @ vector).tolist()


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A candidate of passage `number` with its score, by words alone or with what its embedding adds."""

    number: int
    candidate: Candidate
    score: float


def _order(item: _Ranked) -> tuple[float, int, int]:
    return (-item.score, item.number, item.candidate.at)


def _ranked(question: Question, number: int, item: _Prepared, candidate: Candidate) -> _Ranked:
    score = sentence_score(sentence_features(question, item.scored, item.stems, candidate))
    return _Ranked(number, candidate, score + MEANT * item.meant)


def _by_words(question: Question, prepared: Sequence[_Prepared]) -> list[_Ranked]:
    """All sentences of the passages by everything but their own vectors, best first.

    An order to whoever answers is no answer, unless there is nothing else.
    """
    places = [(number, at) for number, item in enumerate(prepared) for at, text in enumerate(item.texts) if text]
    told = [(number, at) for number, at in places if at not in prepared[number].orders]
    ranked = [_ranked(question, number, prepared[number], Candidate(at)) for number, at in told or places]
    return sorted(ranked, key=_order)


def _overviewed(question: str, shown: Overview, found: Sequence[FoundPassage]) -> Evidence:
    """An overview as evidence: the articles that it shows come first."""
    known = {one.passage.id: one for one in found}
    first = [known.get(passage.id) or FoundPassage(passage, 0.0) for passage in shown.passages]
    others = [one for one in found if one not in first]
    told = tuple(
        EvidenceSentence(
            Quote(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, 1.0),
            frozenset(terms(span.of(passage.text))),
            0.0,
        )
        for passage, span in zip(shown.passages, shown.leads, strict=True)
    )
    return Evidence(question, (*first, *others)[:PASSAGES], told, OVERVIEW, wanted=shown.unmet, overview=True)


def _with_wanted(found: Sequence[FoundPassage], wanted: Wanted) -> list[FoundPassage]:
    """The best passages, and further ones of what the question insists on."""
    further = (one for one in found[PASSAGES:] if any(step.met_by(one.passage, "") for step in wanted.steps))
    return [*found[:PASSAGES], *islice(further, MOST_PASSAGES - PASSAGES)]


def _meets(wanted: Wanted, prepared: Sequence[_Prepared], item: _Ranked) -> bool:
    one = prepared[item.number]
    return wanted.met_by(one.found.passage, one.texts[item.candidate.at])


def _taken(ranked: Sequence[_Ranked], prepared: Sequence[_Prepared], wanted: Wanted) -> list[_Ranked]:
    """The candidates to embed: of those that meet what the question insists on half at least, if there are as many."""
    meeting = [item for item in ranked if _meets(wanted, prepared, item)][: CANDIDATES // 2]
    others = [item for item in ranked if item not in meeting]
    return sorted([*meeting, *others[: CANDIDATES - len(meeting)]], key=_order)


def _held(parsed: Question, prepared: Sequence[_Prepared], item: _Ranked) -> frozenset[str]:
    """The question's names and the kind it asks for, as far as a sentence and its neighbours hold them."""
    passage = prepared[item.number].scored
    near = passage.near(item.candidate.at)
    kind = any(holds_kind(parsed.kind, one.tokens, frozenset(parsed.weights)) for one in near)
    return (parsed.names & passage.head.union(*(one.stems for one in near))) | ({parsed.kind} if kind else set())


def _answerable(parsed: Question, prepared: Sequence[_Prepared], best_first: Sequence[_Ranked]) -> float:
    """How likely the first of these sentences answers."""
    best = best_first[0]
    around = (
        item.candidate.near
        for item in best_first
        if item.number == best.number and abs(item.candidate.at - best.candidate.at) <= 1
    )
    features = answer_features(
        parsed, [item.scored for item in prepared], prepared[best.number].scored, best.candidate, nearest(around)
    )
    return answerability(parsed, features)


def _merged(question: str, parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several questions as one: passages in turn, so that each question keeps its best."""
    passages: dict[int, FoundPassage] = {}
    for rank in zip_longest(*(part.passages for part in parts)):
        for found in rank:
            if found is not None:
                passages.setdefault(found.passage.id, found)
    sentences = {
        (sentence.quote.passage.id, sentence.quote.start): sentence for part in parts for sentence in part.sentences
    }
    return Evidence(
        question,
        tuple(passages.values())[:MOST_PASSAGES],
        tuple(sorted(sentences.values(), key=lambda sentence: -sentence.score)),
        max(part.answerable for part in parts),
        parts=tuple(parts),
        wanted=all_of([part.wanted for part in parts]),
    )


def _prepare(found: FoundPassage, cosine: float, fit: Fit) -> _Prepared:
    passage = found.passage
    spans = tuple(sentences(passage.text, passage.language))
    texts = tuple(worded(passage.text, span) for span in spans)
    # What the question says of the time is held by an article of that time, in whatever way its day is written.
    scored = ScoredPassage(
        frozenset(terms(f"{passage.head} {fit.words}")), tuple(analyse(text) for text in texts), cosine
    )
    given = frozenset(at for at, order in enumerate(orders(texts)) if order)
    return _Prepared(found, spans, texts, scored, scored.stems, given, fit.score)


def with_list(text: str, span: Span) -> Span:
    """A sentence that leads to a list, with the list; any other one as it is.

    "These stops are moved:" answers nothing without what follows.
    """
    end = span.end
    if not text[: span.end].endswith(":"):
        return span
    for line in re.finditer(r"\s*\n([^\n]+)", text[span.end :]):
        if line.start() != end - span.end or not LIST_MARKER.match(line[1]) or line.end() > LONGEST_LIST:
            break
        end = span.end + line.end()
    return Span(span.start, end)


def _sentence(item: _Prepared, ranked: _Ranked, question: Question) -> EvidenceSentence:
    passage = item.found.passage
    span = with_list(passage.text, item.spans[ranked.candidate.at])
    stems = item.scored.sentences[ranked.candidate.at].stems
    # How much of the question the sentence holds by itself: what a footnote's score means for a quote.
    support = round(question.coverage(stems), 4)
    quote = Quote(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, support)
    return EvidenceSentence(quote, stems, ranked.score, ranked.candidate.near)
