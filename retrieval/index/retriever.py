"""The hybrid retriever: the best passages of one library for a question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.articles import FoundPassage, Passage, Standalone
from retrieval.index import store
from retrieval.index.collections import Vectors
from retrieval.index.database import Database
from retrieval.index.fusion import fuse
from retrieval.index.lexical import LexicalIndex, query_terms
from retrieval.index.store import LibraryRow
from retrieval.index.vectors import VectorIndex

CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Query:
    """A question as both indexes want it: its words, and its unit vector."""

    question: Standalone
    vector: Vectors


class HybridRetriever(BaseRetriever):
    """Words and vectors of one library, fused. A library's retriever cannot see another library's passages.

    As a LangChain retriever it gives Documents whose metadata holds the `FoundPassage` under "found".
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: LibraryRow
    database: Any
    vectors: Any
    lexical: Any
    embeddings: Embeddings
    limit: int = 8
    # The id of the one article that is searched, for questions about it.
    only: int | None = None

    @classmethod
    def of(
        cls,
        library: LibraryRow,
        database: Database,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        embeddings: Embeddings,
    ) -> HybridRetriever:
        """The retriever of a library."""
        return cls(library=library, database=database, vectors=vectors, lexical=lexical, embeddings=embeddings)

    async def find(self, query: Query, limit: int | None = None) -> list[FoundPassage]:
        """The best passages for a query, best first."""
        words, dense = await asyncio.gather(self.by_words(query.question), self.by_vectors(query.vector))
        cosines = {passage.id: cosine for passage, cosine in dense}
        bm25 = dict(words)
        ranking = fuse(words, [(passage.id, cosine) for passage, cosine in dense])[: limit or self.limit]
        known = {passage.id: passage for passage, _ in dense}
        missing = [found for found, _ in ranking if found not in known]
        async with self.database.read() as connection:
            known.update(await store.passages_by_id(connection, self.library.id, missing))
        return [
            FoundPassage(known[found], score, cosines.get(found), bm25.get(found))
            for found, score in ranking
            if found in known
        ]

    async def query(self, question: Standalone) -> Query:
        """A question with its vector, which leans towards its context."""
        texts = [question.text, question.context] if question.context else [question.text]
        vectors = np.asarray(await self.embeddings.aembed_documents(texts), dtype=np.float32)
        vector = vectors[0] + question.weight * vectors[1] if question.context else vectors[0]
        return Query(question, vector / (np.linalg.norm(vector) or 1.0))

    async def by_words(self, question: Standalone) -> list[tuple[int, float]]:
        """The lexical half alone: passage ids with their BM25 score, best first."""
        own_terms = query_terms(question.text)
        inherited = [term for term in query_terms(question.context) if term not in own_terms]
        async with self.database.read() as connection:
            own: list[tuple[int, float]] = await self.lexical.search(
                connection, self.library.id, own_terms, CANDIDATES, self.only
            )
            if not inherited:
                return own
            scores = dict(own)
            # BM25 adds up over terms, so terms that weigh less are a second search that counts less.
            for found, score in await self.lexical.search(
                connection, self.library.id, inherited, CANDIDATES, self.only
            ):
                scores[found] = scores.get(found, 0.0) + question.weight * score
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]

    async def by_vectors(self, vector: Vectors) -> list[tuple[Passage, float]]:
        """The dense half alone: passages with the cosine of their nearest window, best first."""
        # A passage has one to three windows, so twice as many windows make about as many passages.
        within = None
        if self.only is not None:
            async with self.database.read() as connection:
                counts = await store.vector_counts(connection, self.library.id, self.only)
            within = [f"{key}.{n}" for key, count in counts.items() for n in range(count)]
        nearest = await self.vectors.query(self.library.collection, vector, 2 * CANDIDATES, within)
        best: dict[str, float] = {}
        for window, cosine in nearest:
            best.setdefault(window.rsplit(".", 1)[0], cosine)
        async with self.database.read() as connection:
            found = await store.passages_by_key(connection, self.library.id, list(best))
        return [(found[key], cosine) for key, cosine in best.items() if key in found][:CANDIDATES]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(id=str(f.passage.id), page_content=f.passage.text, metadata={"found": f})
            for f in await self.find(await self.query(Standalone(query)))
        ]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        raise NotImplementedError("The retriever is asynchronous: use ainvoke.")
