"""A library's retriever as LangChain has them, for chains of one's own.

Apart from the retriever itself: LangChain's base class brings its tracing along, which takes a second to import.
"""

from __future__ import annotations

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.articles import Standalone
from retrieval.index.retriever import HybridRetriever


class LangChainRetriever(BaseRetriever):
    """Gives Documents whose metadata holds the `FoundPassage` under "found"."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    hybrid: HybridRetriever

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(id=str(f.passage.id), page_content=f.passage.text, metadata={"found": f})
            for f in (await self.hybrid.search(Standalone(query)))[1]
        ]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        raise NotImplementedError("The retriever is asynchronous: use ainvoke.")
