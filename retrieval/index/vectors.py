"""The vector index as the rest of the program sees it: coroutines over Chroma, wherever Chroma runs."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from retrieval.errors import VectorIndexUnavailable
from retrieval.index.collections import ChromaCollections, ChromaConfused, Vectors, run_in_worker, start_worker

log = logging.getLogger(__name__)


class VectorIndex(ABC):
    """Add, query and delete vectors of a collection (a library). Raises VectorIndexUnavailable."""

    async def ensure(self, collection: str) -> None:
        """Make the collection exist."""
        await self._call("ensure", collection)

    async def add(self, collection: str, ids: list[str], vectors: Vectors) -> None:
        """Add unit vectors (len(ids) × dimension) under new ids."""
        await self._call("add", collection, ids, vectors)

    async def query(
        self, collection: str, vectors: Vectors, limit: int, within: list[str] | None = None
    ) -> list[list[tuple[str, float]]]:
        """For each vector (n × dimension) the nearest ids with their cosine similarity, nearest first.

        `within` are the only ids looked at.
        """
        found: list[list[tuple[str, float]]] = await self._call("query", collection, vectors, limit, within)
        return found

    async def ids(self, collection: str) -> list[str]:
        """All ids of the collection."""
        found: list[str] = await self._call("ids", collection)
        return found

    async def count(self, collection: str) -> int:
        """The number of vectors in the collection."""
        found: int = await self._call("count", collection)
        return found

    async def readable(self, collection: str) -> bool:
        """Are the collection's vectors there, and can they be searched?"""
        found: bool = await self._call("readable", collection)
        return found

    async def delete(self, collection: str, ids: list[str]) -> None:
        """Delete vectors by id."""
        await self._call("delete", collection, ids)

    async def drop(self, collection: str) -> None:
        """Delete the collection."""
        await self._call("drop", collection)

    async def alive(self) -> None:
        """Return when Chroma answers."""
        await self._call("alive")

    @abstractmethod
    async def close(self) -> None:
        """Let Chroma finish and go."""

    @abstractmethod
    async def _call(self, method: str, *arguments: Any) -> Any: ...


class EmbeddedVectors(VectorIndex):
    """Chroma inside a worker process of its own, on a directory."""

    def __init__(self, directory: Path) -> None:
        """The worker starts at the first call (about two seconds) and is restarted once if it dies."""
        self._directory = directory
        self._pool: ProcessPoolExecutor | None = None

    async def _call(self, method: str, *arguments: Any) -> Any:
        for attempt in (1, 2):
            pool = self._running()
            try:
                return await _run(pool, run_in_worker, method, *arguments)
            except (BrokenProcessPool, ChromaConfused) as error:
                # Every call can be repeated: adding an id twice keeps the first, deleting one twice is nothing. Now and
                # then Chroma finds nothing on disk for a collection, until it is opened anew.
                log.warning("The Chroma worker failed during %s (attempt %d)", method, attempt, exc_info=error)
                pool.shutdown(wait=False)
                if self._pool is pool:
                    self._pool = None
            except VectorIndexUnavailable as error:
                raise self._unavailable() from error
        raise self._unavailable()

    def _unavailable(self) -> VectorIndexUnavailable:
        return VectorIndexUnavailable(
            f"The vector index in {self._directory} cannot be opened. Run `footnote doctor`; if its files are "
            "damaged, stop the bot, delete that directory and run `footnote reindex`."
        )

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=start_worker,
                initargs=(str(self._directory),),
            )
        return self._pool

    async def close(self) -> None:
        """Wait for the worker to finish what it does and end it."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.shutdown)
            self._pool = None


class ServerVectors(VectorIndex):
    """A Chroma server at a URL."""

    def __init__(self, url: str) -> None:
        """`url` as in CHROMA_URL: http(s)://[token@]host[:port]."""
        self._url = url
        self._executor = ThreadPoolExecutor(4, thread_name_prefix="chroma")
        self._collections: ChromaCollections | None = None
        self._connecting = asyncio.Lock()

    async def _call(self, method: str, *arguments: Any) -> Any:
        # httpx comes with chromadb, and its errors pass through chromadb's client as they are.
        import httpx
        from chromadb.errors import ChromaError

        try:
            async with self._connecting:
                if self._collections is None:
                    self._collections = await _run(self._executor, self._connect)
            return await _run(self._executor, getattr(self._collections, method), *arguments)
        except (httpx.HTTPError, ChromaError, ValueError, OSError) as error:
            raise VectorIndexUnavailable(
                f"The Chroma server at CHROMA_URL does not answer as expected ({error}). "
                "Start it, or remove CHROMA_URL to use the built-in one."
            ) from error

    def _connect(self) -> ChromaCollections:
        import chromadb
        from chromadb.config import Settings

        address = urlsplit(self._url)
        secure = address.scheme == "https"
        return ChromaCollections(
            chromadb.HttpClient(
                host=address.hostname or "localhost",
                port=address.port or (443 if secure else 8000),
                ssl=secure,
                headers={"Authorization": f"Bearer {address.username}"} if address.username else None,
                settings=Settings(anonymized_telemetry=False),
            )
        )

    async def close(self) -> None:
        """Close the threads; the server goes on."""
        await asyncio.to_thread(self._executor.shutdown)


async def _run(executor: Executor, function: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(executor, function, *arguments)
