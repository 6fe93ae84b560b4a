"""Chroma's side of the vector index: plain functions over one client, and the worker process that runs them.

Embedded Chroma holds the interpreter lock while it writes, and two processes on one directory lose vectors
without an error (docs/decisions.md has the measurements). So its client lives in one process of its own that
holds a lock on the directory. A Chroma server is reached with the same class from threads.

Chroma holds ids and vectors only. Text stays in the SQL database, so that a removed article leaves none here.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import resource
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import VectorIndexUnavailable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

Vectors = np.ndarray[Any, np.dtype[np.float32]]

# Chroma Cloud takes 300 records a call; keeping its quota everywhere makes every mode behave alike.
MOST_RECORDS = 256
PAGE = 5_000
# Chroma caches open collections up to a fifth of the open-files limit; containers often set a million.
OPEN_FILES = 1_024
LOCK_SECONDS = 15.0


class ChromaCollections:
    """The calls the vector index makes, over any Chroma client. Collections are named by their library."""

    def __init__(self, client: ClientAPI) -> None:
        self._client = client
        self._open: dict[str, Collection] = {}

    def ensure(self, name: str) -> None:
        """Make the collection exist; similarity is the cosine."""
        # No embedding function: Chroma's default one would download a model.
        self._open[name] = self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def add(self, name: str, ids: list[str], vectors: Vectors) -> None:
        """Add vectors under new ids; an id that is there already keeps its vector. Makes the collection if need be."""
        if name not in self._open:
            self.ensure(name)
        collection = self._collection(name)
        for start in range(0, len(ids), MOST_RECORDS):
            stop = start + MOST_RECORDS
            collection.add(ids=ids[start:stop], embeddings=vectors[start:stop])

    def query(self, name: str, vectors: Vectors, limit: int, within: list[str] | None) -> list[list[tuple[str, float]]]:
        """For each vector the nearest ids as (id, cosine similarity), nearest first, of those `within` if given.

        One call for several vectors, since the worker takes one call after the other.
        """
        if within is not None and not within:
            return [[] for _ in vectors]
        found = self._collection(name).query(
            query_embeddings=vectors, ids=within, n_results=limit, include=["distances"]
        )
        return [
            [(key, 1.0 - distance) for key, distance in zip(*near, strict=True)]
            for near in zip(found["ids"], found["distances"] or [], strict=True)
        ]

    def ids(self, name: str) -> list[str]:
        """Every id in the collection."""
        collection = self._collection(name)
        found: list[str] = []
        while page := collection.get(limit=PAGE, offset=len(found), include=[])["ids"]:
            found.extend(page)
        return found

    def count(self, name: str) -> int:
        """How many vectors the collection holds."""
        return self._collection(name).count()

    def readable(self, name: str) -> bool:
        """Are the vectors there, and can they be searched?

        Chroma counts and lists ids from its database. When the files of its graph are gone it goes on doing so, and
        answers queries from the vectors that were not yet in them; only reading an old vector shows it.
        """
        from chromadb.errors import InternalError

        collection = self._collection(name)
        try:
            oldest = collection.get(limit=1, include=["embeddings"])
            if not oldest["ids"]:
                return True
            near = collection.query(query_embeddings=oldest["embeddings"], n_results=1, include=["distances"])
        except InternalError:
            return False
        return bool(near["ids"][0])

    def delete(self, name: str, ids: list[str]) -> None:
        """Delete vectors by id; unknown ids are ignored."""
        collection = self._collection(name)
        for start in range(0, len(ids), MOST_RECORDS):
            collection.delete(ids=ids[start : start + MOST_RECORDS])

    def drop(self, name: str) -> None:
        """Delete a collection if it is there. Emptied first: dropping a full one takes far longer."""
        from chromadb.errors import NotFoundError

        # Not among all collections: on a server they may be thousands.
        try:
            self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            self._open.pop(name, None)
            return
        self.delete(name, self.ids(name))
        self._client.delete_collection(name)
        self._open.pop(name, None)

    def alive(self) -> None:
        """Raise when Chroma does not answer."""
        self._client.heartbeat()

    def _collection(self, name: str) -> Collection:
        if name not in self._open:
            # Not made: whoever asks for a collection that is gone would leave an empty one behind.
            self._open[name] = self._client.get_collection(name, embedding_function=None)
        return self._open[name]


class ChromaConfused(VectorIndexUnavailable):
    """Chroma failed inside itself; a process that opens the files anew may well read them."""


_in_worker: ChromaCollections | None = None


def start_worker(directory: str) -> None:
    """Initialise the worker process: follow the parent, own the directory, open the client."""
    global _in_worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent shuts us down.
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    path = Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    _lock(path / "worker.lock")

    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
    _in_worker = ChromaCollections(client)


def run_in_worker(method: str, *arguments: Any) -> Any:
    """Call one of ChromaCollections' methods inside the worker process. Raises VectorIndexUnavailable."""
    from chromadb.errors import ChromaError, InternalError

    assert _in_worker is not None, "start_worker runs before any call"
    try:
        return getattr(_in_worker, method)(*arguments)
    except InternalError as error:
        raise ChromaConfused(str(error)) from None
    except ChromaError as error:
        # Chroma's own exception would make the parent import all of Chroma to read it.
        raise VectorIndexUnavailable(str(error)) from None


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    # Not sys.exit: a worker without a parent would keep the lock, and the next start would wait for it.
    os._exit(0)


def _lock(path: Path) -> None:
    """Hold the directory until this process ends; wait for the worker of a killed parent to go."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
