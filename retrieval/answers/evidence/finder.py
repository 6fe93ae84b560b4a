"""Finding evidence: what is retrieved for a question, weighed, in one question or several."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval.answers.answer import Turn
from retrieval.answers.asking.followup import TOPIC_WEIGHT, named, only_asks, standalone_by_rule
from retrieval.answers.asking.names import with_names
from retrieval.answers.asking.overview import beginnings, overview, overview_request
from retrieval.answers.asking.parts import split_question
from retrieval.answers.asking.question import Question, parse_question
from retrieval.answers.asking.wanted import NOTHING, Wanted, heard, wanted_by, with_times
from retrieval.answers.evidence.candidates import (
    Prepared,
    Ranked,
    answerable,
    as_evidence,
    by_score,
    by_words,
    held,
    meets,
    prepare,
    ranked_by,
    taken,
)
from retrieval.answers.evidence.choice import with_both
from retrieval.answers.evidence.evidence import ANSWERS, MOST_PASSAGES, PASSAGES, Evidence, merged, overviewed
from retrieval.answers.evidence.nearness import asked_words
from retrieval.answers.evidence.newest import newest_first
from retrieval.answers.evidence.scoring import Candidate
from retrieval.answers.languages.glossary import TRUST, in_english, written_in
from retrieval.answers.languages.language import is_foreign
from retrieval.articles import FoundPassage, Passage, Standalone
from retrieval.index.collections import Vectors
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.mentions import Mentions, fits
from retrieval.index.outlets import may_ask_of_source
from retrieval.index.remembering import RememberingEmbeddings
from retrieval.index.retriever import Query
from retrieval.index.writer import embedded_texts
from retrieval.library import Library
from retrieval.text import terms

# Passages among which those are looked for that a question insists on.
LOOKED_THROUGH = 20
# The newest articles of what it insists on, among which further passages are searched.
MOST_ARTICLES = 1_000


class EvidenceFinder:
    """Retrieves and weighs."""

    def __init__(self, embedder: MiniLMEmbeddings) -> None:
        """`embedder` is the embedder the scores were fitted with, whichever one the library is indexed by."""
        self._embedder = embedder
        # What is judged anew is often judged again by the next question.
        self._remembering = RememberingEmbeddings(embedder)

    async def find(self, library: Library, question: Standalone) -> Evidence:
        """The evidence for a message, which may ask several questions."""
        parts = split_question(question.text)
        if len(parts) == 1:
            return await _named(await self._find(library, question))
        found: list[Evidence] = []
        for at, part in enumerate(parts):
            before = [Turn("user", text) for text in (question.context, *parts[:at]) if text]
            asked = standalone_by_rule(part, before)
            if at and not asked.context and not named(part):
                # "Who built the bridge?" behind a question about a certain one.
                asked = Standalone(part, parts[0], TOPIC_WEIGHT)
            found.append(await _named(await self._find(library, replace(asked, asked_on=question.asked_on))))
        return merged(question.text, with_both(parts, found))

    async def within(self, library: Library, question: Standalone, passages: Sequence[Passage]) -> Evidence:
        """The evidence for a single question in these passages alone."""
        query = await library.retriever.query(question)
        found = [FoundPassage(passage, 0.0) for passage in passages]
        vector = await self._vector_of(library, query)
        return await self._weigh(library, query, found, vector, await self._cosines_anew(vector, found))

    async def _find(self, library: Library, question: Standalone) -> Evidence:
        (query, found), sources = await asyncio.gather(
            library.retriever.search(question, LOOKED_THROUGH), _sources_for(library, question.text)
        )
        if not found:
            return Evidence(question.text)
        mentions = Mentions.of(question.text, question.asked_on)
        # Hundreds of sources take milliseconds.
        wanted = await asyncio.to_thread(wanted_by, mentions, sources, question.asked_on)
        request = None if question.context else overview_request(question.text, mentions, wanted)
        if request:
            wanted = with_times(wanted, mentions, question.asked_on)
        passages = [one.passage for one in found]
        if wanted.unknown:
            wanted = heard(wanted, passages, await library.authors())
        begun = await beginnings(library, request, wanted, passages) if request else []
        if request and (shown := overview(begun, request, wanted)):
            return overviewed(question.text, shown, found)
        vector = await self._vector_of(library, query)
        found = await self._with_wanted(library, query, vector, found, wanted)
        cosines = await self._cosines_of(library, vector, found)
        asking = request.asking if request and request.topic else frozenset()
        if question.context and only_asks(question.text):
            asking = frozenset(terms(question.text))
        evidence = await self._weigh(library, query, found, vector, cosines, wanted, asking)
        nearest = request and overview(begun, request, wanted, nearest=True)
        # A sentence that meets more of what is insisted on is nearer than a beginning.
        if nearest and not (evidence.answers and len(evidence.wanted.steps) < len(nearest.unmet.steps)):
            evidence = overviewed(question.text, nearest, found)
        return replace(evidence, wanted=await _with_language(evidence.wanted, found))

    async def _with_wanted(
        self, library: Library, query: Query, vector: Vectors, found: Sequence[FoundPassage], wanted: Wanted
    ) -> list[FoundPassage]:
        """The best passages, and further ones of what the question insists on, looked for there if need be."""
        room = MOST_PASSAGES - PASSAGES
        further = [one for one in found[PASSAGES:] if any(step.met_by(one.passage, "") for step in wanted.steps)]
        if wanted.narrows and sum(wanted.met_by(one.passage, "") for one in found) < room:
            there = await library.articles_of(wanted.times, wanted.sources, False, MOST_ARTICLES)
            known = {one.passage.id for one in found}
            among = [
                one for one in await library.retriever.among(query.question, there, room) if one.passage.id not in known
            ]
            if among:
                cosines = await self._cosines_anew(vector, among)
                further = [replace(one, cosine=cosine) for one, cosine in zip(among, cosines, strict=True)] + further
        return [*found[:PASSAGES], *further[:room]]

    async def _weigh(
        self,
        library: Library,
        query: Query,
        found: Sequence[FoundPassage],
        vector: Vectors,
        cosines: Sequence[float],
        wanted: Wanted = NOTHING,
        asking: frozenset[str] = frozenset(),
    ) -> Evidence:
        """The sentences of passages, whose `cosines` to the question's `vector` are given.

        `asking` are the stems of words that only ask, which no sentence need hold.
        """
        question = query.question
        asked = dict.fromkeys(terms(f"{question.text} {question.context}"))
        frequencies, size = await library.frequencies(list(asked))
        parsed = parse_question(question, frequencies, size, asking)
        mentions = Mentions.of(question.text, question.asked_on)
        prepared, shortlist = await asyncio.to_thread(_shortlisted, parsed, found, cosines, mentions, wanted)
        if not shortlist:
            return Evidence(question.text, tuple(found))
        texts = [prepared[item.number].texts[item.candidate.at] for item in shortlist]
        asked_texts = [text for text in (question.text, question.context) if text]
        known = list(query.pieces)
        embedded = known + await self._embedder.aembed_pieces([*asked_texts, *texts][len(known) :])

        def weighed() -> Evidence:
            words = asked_words(parsed.weights, list(zip(asked_texts, embedded, strict=False)))
            ranked = [
                ranked_by(
                    parsed,
                    item.number,
                    prepared[item.number],
                    Candidate(item.candidate.at, float(pieces.whole @ vector), words.near(pieces)),
                )
                for item, pieces in zip(shortlist, embedded[len(asked_texts) :], strict=True)
            ]
            best_first, likely, unmet = _judged(parsed, prepared, sorted(ranked, key=by_score), wanted, question.trust)
            if mentions.state:
                best_first = newest_first(parsed, prepared, best_first)
            return Evidence(
                question.text,
                tuple(found),
                tuple(as_evidence(prepared[item.number], item, parsed) for item in best_first),
                round(likely, 4),
                wanted=unmet,
                latest=mentions.latest,
            )

        return await asyncio.to_thread(weighed)

    async def _vector_of(self, library: Library, query: Query) -> Vectors:
        """The question's vector by the embedder that the scores were fitted with."""
        if library.retriever.embeddings is self._embedder:
            return query.vector
        question = query.question
        asked = [question.text, question.context] if question.context else [question.text]
        own, *lent = np.asarray(await self._embedder.aembed_documents(asked), dtype=np.float32)
        vector: Vectors = own + question.weight * lent[0] if lent else own
        return vector / (np.linalg.norm(vector) or 1.0)

    async def _cosines_of(self, library: Library, vector: Vectors, found: Sequence[FoundPassage]) -> list[float]:
        """The passages' cosines to the question, as that embedder sees them."""
        if library.retriever.embeddings is not self._embedder:
            return await self._cosines_anew(vector, found)
        cosines = [passage.cosine or 0.0 for passage in found]
        # To an embedder of English they say little of passages in another language.
        foreign = await asyncio.to_thread(lambda: [at for at, one in enumerate(found) if written_in(one.passage.text)])
        anew = await self._cosines_anew(vector, [found[at] for at in foreign])
        for at, cosine in zip(foreign, anew, strict=True):
            cosines[at] = cosine
        return cosines

    async def _cosines_anew(self, vector: Vectors, found: Sequence[FoundPassage]) -> list[float]:
        if not found:
            return []
        texts = await asyncio.to_thread(lambda: [_as_embedded(one.passage) for one in found])
        vectors = np.asarray(await self._remembering.aembed_documents(texts), dtype=np.float32)
        cosines: list[float] = (vectors @ vector).tolist()
        return cosines


def _as_embedded(passage: Passage) -> str:
    """What the embedder reads of a passage, in English as far as the words are known."""
    text = embedded_texts(passage.head, passage.text)[0]
    language = written_in(passage.text)
    return in_english(text, language) if language else text


async def _named(evidence: Evidence) -> Evidence:
    """Evidence whose question has its names as the passages write them; it is searched for as it was typed."""
    passages = [one.passage for one in evidence.passages]
    return replace(evidence, question=await asyncio.to_thread(with_names, evidence.question, passages))


async def _sources_for(library: Library, question: str) -> list[str]:
    """The library's sources where a question may ask for one; of many articles it takes as long as a search."""
    return await library.sources() if may_ask_of_source(question) else []


def _shortlisted(
    parsed: Question, found: Sequence[FoundPassage], cosines: Sequence[float], mentions: Mentions, wanted: Wanted
) -> tuple[list[Prepared], list[Ranked]]:
    """The passages analysed, and their sentences that are worth embedding, best first."""
    fitting = fits(mentions, [one.passage for one in found])
    prepared = [prepare(*one) for one in zip(found, cosines, fitting, strict=True)]
    return prepared, taken(parsed, by_words(parsed, prepared), prepared, wanted)


def _judged(
    parsed: Question, prepared: Sequence[Prepared], best_first: Sequence[Ranked], wanted: Wanted, trust: float
) -> tuple[Sequence[Ranked], float, Wanted]:
    """Candidates, how likely the first answers, and what it does not meet of what the question insists on.

    Those that meet more of that are preferred if they answer as well. `trust` is how surely the question is understood.
    """

    def glossed(item: Ranked) -> bool:
        return bool(written_in(prepared[item.number].found.passage.text))

    def likely(ranked: Sequence[Ranked]) -> float:
        # Read word by word a sentence says less surely what it says.
        return answerable(parsed, prepared, ranked) * min(trust, TRUST if glossed(ranked[0]) else 1.0)

    needed = held(parsed, prepared, best_first[0])
    for step in wanted.steps:
        meeting = [item for item in best_first if meets(step, prepared, item)]
        # Of what is wanted, but about other things: that is no answer where there is one.
        if meeting and needed <= held(parsed, prepared, meeting[0]) and (so_likely := likely(meeting)) >= ANSWERS:
            return meeting, so_likely, wanted.without(step)
    so_likely = likely(best_first)
    if so_likely < ANSWERS and glossed(best_first[0]):
        # What is hardly understood must not stand before what is.
        best_first = sorted(best_first, key=glossed)
        so_likely = likely(best_first)
    return best_first, so_likely, wanted


async def _with_language(wanted: Wanted, found: Sequence[FoundPassage]) -> Wanted:
    """What is wanted and not met, with whether it is there in another language: that is not nothing."""
    if not wanted.narrows:
        return wanted
    passages = [one.passage for one in found if one.passage.published_at or not wanted.times]
    there = [passage for passage in passages if wanted.met_by(passage, "")]
    return replace(wanted, foreign=await asyncio.to_thread(lambda: any(map(is_foreign, there))))
