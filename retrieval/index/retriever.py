"""The hybrid retriever: the best passages of one library for a question."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.articles import FoundPassage, Passage
from retrieval.index import store
from retrieval.index.database import Database
from retrieval.index.fusion import fuse
from retrieval.index.lexical import LexicalIndex
from retrieval.index.store import LibraryRow
from retrieval.index.vectors import VectorIndex

CANDIDATES = 50


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

    async def find(self, query: str, limit: int | None = None) -> list[FoundPassage]:
        """The best passages for a query, best first."""
        words, dense = await asyncio.gather(self._by_words(query), self._by_vectors(query))
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

    async def _by_words(self, query: str) -> list[tuple[int, float]]:
        async with self.database.read() as connection:
            found: list[tuple[int, float]] = await self.lexical.search(connection, self.library.id, query, CANDIDATES)
            return found

    async def _by_vectors(self, query: str) -> list[tuple[Passage, float]]:
        vector = np.asarray(await self.embeddings.aembed_query(query), dtype=np.float32)
        # A passage has one to three windows, so twice as many windows make about as many passages.
        nearest = await self.vectors.query(self.library.collection, vector, 2 * CANDIDATES)
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
            for f in await self.find(query)
        ]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        raise NotImplementedError("The retriever is asynchronous: use ainvoke.")
