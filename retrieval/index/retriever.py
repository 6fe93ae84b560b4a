"""The hybrid retriever: the best passages of one library for a question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings
from sqlalchemy import Connection

from retrieval.articles import FoundPassage, Passage, Span, Standalone
from retrieval.index import store
from retrieval.index.bm25 import Bm25, best
from retrieval.index.clauses import clauses
from retrieval.index.collections import Vectors
from retrieval.index.database import Database
from retrieval.index.embedder import MiniLMEmbeddings, PieceVectors
from retrieval.index.lexical import LexicalIndex, query_terms
from retrieval.index.postings import Postings
from retrieval.index.ranking import Lists, RankedPassage, rank
from retrieval.index.store import LibraryRow
from retrieval.index.vectors import VectorIndex

CANDIDATES = 50
# A passage has one to three windows, so twice as many windows make about as many passages.
WINDOWS = 2 * CANDIDATES
# Of each clause of a question; 50 found nothing more.
CLAUSE_CANDIDATES = 20
# How much of the question's vector is taken off a clause's.
OF_THE_WHOLE = 0.3


@dataclass(frozen=True, slots=True)
class _ByWords:
    """What the words found: their postings and weights, (id, BM25) best first, and those passages with their terms."""

    postings: Postings
    bm25: Bm25
    ranked: list[tuple[int, float]]
    passages: dict[int, Passage]
    terms: dict[int, list[str]]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as both indexes want it: its words, its unit vector, and its clauses when it has several.

    `pieces` has the word pieces of its text, and of its context if there is one, where the library's embedder is the
    built-in one: whoever weighs what is found need not embed the question again.
    """

    question: Standalone
    vector: Vectors
    clauses: tuple[Query, ...] = ()
    pieces: tuple[PieceVectors, ...] = ()


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """Words and vectors of one library, fused. A library's retriever cannot see another library's passages."""

    library: LibraryRow
    database: Database
    vectors: VectorIndex
    lexical: LexicalIndex
    embeddings: Embeddings
    limit: int = 8
    # The id of the one article that is searched, for questions about it.
    only: int | None = None

    async def search(self, question: Standalone, limit: int | None = None) -> tuple[Query, list[FoundPassage]]:
        """A question's query and its best passages; sooner than one after the other, since words need no vector."""
        query, words = await asyncio.gather(self.query(question), self._by_words(question))
        return query, await self._find(query, words, limit or self.limit)

    async def find(self, query: Query, limit: int | None = None) -> list[FoundPassage]:
        """The best passages for a query, best first; of the same text on two sites only the better one."""
        return await self._find(query, await self._by_words(query.question), limit or self.limit)

    async def _find(self, query: Query, words: _ByWords, limit: int) -> list[FoundPassage]:
        asked = [query, *query.clauses]
        near = await self._near(np.stack([one.vector for one in asked]))
        there = {passage.key for passage in words.passages.values()}
        keys = [key for key, _ in near[0] if key not in there]

        def rows(connection: Connection) -> tuple[dict[int, Passage], dict[int, list[str]]]:
            by_key = store.passages_by_key(connection, self.library.id, keys)
            others = {passage.id: passage for passage in by_key.values()}
            return others, self.lexical.terms(connection, list(others))

        others, others_terms = await self.database.look(rows)
        known, terms = words.passages | others, words.terms | others_terms
        texts = [one.question.text for one in asked]

        def ranking() -> tuple[list[Lists], list[RankedPassage]]:
            lists = _lists(texts, known, words, near)
            return lists, rank(texts, known, terms, lists, limit, query.question.asked_on)

        lists, ranked = await asyncio.to_thread(ranking)
        scores, cosines = (dict(found) for found in lists[0])
        return [
            FoundPassage(
                known[one.passage_id],
                one.score,
                cosines.get(one.passage_id),
                scores.get(one.passage_id),
                tuple(known[copy] for copy in one.copies),
            )
            for one in ranked
        ]

    async def among(self, question: Standalone, articles: Sequence[int], limit: int) -> list[FoundPassage]:
        """The passages of some articles that hold most of a question's words, best first."""
        read, bm25, _ = await self._ranked_by_words(question)
        wanted = [one for one in articles if self.only in (None, one)]
        ids = await self.database.look(store.passages_of, wanted)
        ranked = [(one, score) for one, score in await asyncio.to_thread(read.best, bm25, limit, ids) if score > 0]
        rows = await self.database.look(store.passages_by_id, self.library.id, [one for one, _ in ranked])
        return [FoundPassage(rows[one], 0.0, None, score) for one, score in ranked if one in rows]

    async def query(self, question: Standalone) -> Query:
        """A question with its vector, which leans towards its context; one with a context is short and stays whole."""
        lent = [question.context] if question.context else []
        spans = [] if lent else clauses(question.text)
        parts = [span.of(question.text).strip() for span in spans]
        if isinstance(self.embeddings, MiniLMEmbeddings):
            pieces = await self.embeddings.aembed_pieces([question.text, *lent])
            own, *others = [one.whole for one in pieces]
            among = [_clause_vector(pieces[0], span) for span in spans]
        else:
            # One call, which is one request to a server.
            pieces = []
            texts = [question.text, *lent, *parts]
            own, *others = np.asarray(await self.embeddings.aembed_documents(texts), dtype=np.float32)
            among = others[len(lent) :]
        vector = own + question.weight * others[0] if lent else own
        return Query(
            question,
            _unit(vector),
            tuple(Query(Standalone(part), found) for part, found in zip(parts, among, strict=True)),
            tuple(pieces),
        )

    async def by_words(self, question: Standalone) -> list[tuple[int, float]]:
        """The lexical half alone: passage ids with their BM25 score, best first."""
        return (await self._ranked_by_words(question))[2]

    async def _by_words(self, question: Standalone) -> _ByWords:
        read, bm25, ranked = await self._ranked_by_words(question)
        ids = [one for one, _ in ranked]

        def rows(connection: Connection) -> tuple[dict[int, Passage], dict[int, list[str]]]:
            return store.passages_by_id(connection, self.library.id, ids), self.lexical.terms(connection, ids)

        # The rows as well, since the question's vector takes longer.
        return _ByWords(read, bm25, ranked, *await self.database.look(rows))

    async def _ranked_by_words(self, question: Standalone) -> tuple[Postings, Bm25, list[tuple[int, float]]]:
        """The terms of the question and its context, what they weigh, and (id, score) of what they find, best first."""
        own = query_terms(f"{question.text} {question.also}")
        lent = [term for term in query_terms(question.context) if term not in own]
        rows = await self.database.look(self.lexical.postings, self.library.id, [*own, *lent])
        only: list[int] | None = None
        if self.only is not None:
            async with self.database.read() as connection:
                only = await store.passage_ids(connection, self.only)

        def ranked() -> tuple[Postings, Bm25, list[tuple[int, float]]]:
            read = Postings.of([*own, *lent], rows)
            bm25 = read.bm25().scaled(dict.fromkeys(lent, question.weight))
            return read, bm25, read.best(bm25, CANDIDATES, only)

        return await asyncio.to_thread(ranked)

    async def by_vectors(self, vector: Vectors, *articles: int) -> list[tuple[Passage, float]]:
        """The dense half alone, of all articles or of some: passages with their nearest window's cosine, best first."""
        (near,) = await self._near(vector.reshape(1, -1), *articles)
        found = await self.database.look(store.passages_by_key, self.library.id, [key for key, _ in near])
        return [(found[key], cosine) for key, cosine in near if key in found]

    async def _near(self, vectors: Vectors, *articles: int) -> list[list[tuple[str, float]]]:
        """For each vector passage keys with the cosine of their nearest window, best first."""
        within = None
        if wanted := articles if self.only is None else (self.only,):
            async with self.database.read() as connection:
                counts = await store.vector_counts(connection, self.library.id, *wanted)
            within = [f"{key}.{n}" for key, count in counts.items() for n in range(count)]
        nearest = await self.vectors.query(self.library.collection, vectors, WINDOWS, within)
        return [list(_first(windows).items())[:CANDIDATES] for windows in nearest]


def _unit(vector: Vectors) -> Vectors:
    return vector / (np.linalg.norm(vector) or 1.0)


def _clause_vector(text: PieceVectors, clause: Span) -> Vectors:
    """A clause's vector from its word pieces in the whole text (late chunking: Günther et al. 2024).

    So it costs no text more. In context all pieces hold something of the whole, which is taken off a little.
    """
    own = [at for at, (start, end) in enumerate(text.spans) if start < clause.end and end > clause.start]
    # Beyond what the model reads there are none.
    return _unit(_unit(text.pieces[own].mean(axis=0)) - OF_THE_WHOLE * text.whole) if own else text.whole


def _first(windows: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Passage keys with the cosine of the first of their windows."""
    found: dict[str, float] = {}
    for window, cosine in windows:
        found.setdefault(window.rsplit(".", 1)[0], cosine)
    return found


def _lists(
    texts: Sequence[str],
    known: Mapping[int, Passage],
    words: _ByWords,
    near: Sequence[Sequence[tuple[str, float]]],
) -> list[Lists]:
    """For the question and each clause (id, BM25) and (id, cosine) of what the question found, best first.

    A passage that only a clause finds has the least score for the question and is hardly ever picked. So no words are
    searched for a clause: its terms are some of the question's, and BM25 is the sum over terms.
    """
    lexical = [[(one, score) for one, score in words.ranked if one in known]]
    for clause in map(query_terms, texts[1:]):
        # Of a question with too many terms a clause may have some that were not read.
        read = [term for term in clause if term in words.bm25.weights]
        lexical.append(best(words.postings.scores(words.bm25, read, list(known)), CLAUSE_CANDIDATES))
    ids = {passage.key: one for one, passage in known.items()}
    near = [near[0], *(some[:CLAUSE_CANDIDATES] for some in near[1:])]
    dense = [[(ids[key], cosine) for key, cosine in some if key in ids] for some in near]
    return list(zip(lexical, dense, strict=True))
