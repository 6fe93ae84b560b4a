"""The only door to articles: libraries, and what can be done with one.

A library is all articles of one Discord server (its key is the server's id), or of the terminal (`local`).
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleDraft, ArticleRecord, Passage
from retrieval.errors import EmbeddingModelChanged, VectorIndexUnavailable
from retrieval.index import librarian_rows, store
from retrieval.index.database import Database
from retrieval.index.lexical import LexicalIndex
from retrieval.index.librarian_rows import Kind, Librarians
from retrieval.index.retriever import HybridRetriever
from retrieval.index.store import LibraryRow
from retrieval.index.summary_cache import SummaryCache
from retrieval.index.times import Time
from retrieval.index.vectors import VectorIndex
from retrieval.index.writer import PAGE, Added, IndexWriter, Limits, OnPassages

log = logging.getLogger(__name__)

LOCAL = "local"
# Behind the name of every other collection that a library has had.
_SECOND = "-2"


class Library:
    """One library, opened: its indexes agree and fit the configured embedding model."""

    def __init__(self, row: LibraryRow, libraries: Libraries) -> None:
        self._row = row
        self._database = libraries.database
        self._writer = libraries.writer
        self._lexical = libraries.lexical
        # A server's library is bounded; the terminal's own has the disk for a limit.
        self._limits = libraries.limits if row.key != LOCAL else None
        self._writing = libraries.writing(row.key)
        self.retriever = HybridRetriever(
            row, libraries.database, libraries.vectors, libraries.lexical, libraries.embeddings
        )
        self.summary_cache = SummaryCache(libraries.database, row.id)

    @property
    def key(self) -> str:
        """The Discord server's id, or `local`."""
        return self._row.key

    def moved(self, collection: str) -> None:
        """From now on the vectors are in another collection, also for the views that `only` has given."""
        self._row.collection = collection

    @property
    def id(self) -> int:
        """The id of the library's row, which other rows name."""
        return self._row.id

    def only(self, article_id: int) -> Library:
        """The library as if it held this article alone, for questions about it."""
        alone = copy.copy(self)
        alone.retriever = replace(self.retriever, only=article_id)
        return alone

    async def started(self) -> bool:
        """Has the library ever held an article?"""
        async with self._database.read() as connection:
            row = await store.find_library(connection, self.key)
            return bool(row and row.started)

    async def add(
        self, drafts: Sequence[ArticleDraft], added_by: str | None = None, on_passages: OnPassages | None = None
    ) -> AsyncIterator[Added]:
        """Index drafts; yields one outcome each as soon as its article can be found.

        A draft whose identity is in the library already replaces that article, or is left alone when nothing
        changed. `added_by` is a Discord user's id, or `feed:` with a feed's.
        """
        async with self._writing:
            async for added in self._writer.add(self._row, drafts, added_by, self._limits, on_passages):
                yield added

    async def settle(self) -> None:
        """After a write was cancelled: leave nothing of it behind."""
        async with self._writing:
            await self._writer.settle_if_interrupted(self._row)

    async def mark_started(self) -> None:
        """From now on the library is not offered the starter articles again."""
        async with self._database.write() as connection:
            await store.update_library(connection, self._row.id, started=True)

    async def frequencies(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """In how many passages each term occurs, and how many passages there are."""
        async with self._database.read() as connection:
            found = await self._lexical.frequencies(connection, self._row.id, terms)
            return found, await store.count_passages(connection, self._row.id)

    async def remove(self, article_id: int) -> bool:
        """Remove an article with its passages, words and vectors; False when there is none of that id."""
        async with self._writing:
            if await self.text(article_id) is None:
                return False
            await self._writer.remove(self._row, article_id)
            return True

    async def articles(self) -> list[ArticleRecord]:
        """All articles, newest first."""
        return await self._database.look(store.list_articles, self._row.id)

    async def count(self) -> int:
        """How many articles there are."""
        async with self._database.read() as connection:
            return await store.count_articles(connection, self._row.id)

    async def titles(self, search: str, limit: int) -> list[tuple[int, str]]:
        """Ids and titles of the newest articles with the search in title, source or author."""
        return await self._database.look(store.titles, self._row.id, search, limit)

    async def articles_titled(self, titles: Sequence[str]) -> list[int]:
        """Ids of the articles with one of these titles, in their order."""
        return await self._database.look(store.articles_titled, self._row.id, titles)

    async def articles_of(self, times: Sequence[Time], sources: Sequence[str], oldest: bool, limit: int) -> list[int]:
        """Ids of the newest or the oldest articles of any of these times, by any of these sources; see the store."""
        return await self._database.look(store.articles_of, self._row.id, times, sources, oldest, limit)

    async def sources(self) -> list[str]:
        """The sources of all articles, each once."""
        return await self._database.look(store.sources, self._row.id)

    async def authors(self) -> list[str]:
        """The authors of all articles, each once."""
        return await self._database.look(store.authors, self._row.id)

    async def article(self, article_id: int) -> ArticleRecord | None:
        """The article of that id, or None."""
        found = await self._database.look(store.list_articles, self._row.id, article_id)
        return found[0] if found else None

    async def name_librarian(self, kind: Kind, discord_id: int, may: bool) -> None:
        """Let a role ingest, or members in a channel; or, with `may` false, no longer."""
        change = librarian_rows.name if may else librarian_rows.forget
        async with self._database.write() as connection:
            await change(connection, self._row.id, kind, discord_id)

    async def may_summarize_any(self) -> bool:
        """May members have pages summarised that are not in the library?"""
        async with self._database.read() as connection:
            row = await store.find_library(connection, self.key)
        return row is None or row.summarize_any

    async def let_summarize_any(self, may: bool) -> None:
        """Decide that."""
        async with self._database.write() as connection:
            await store.update_library(connection, self._row.id, summarize_any=may)

    async def mark_checked(self, article_id: int) -> None:
        """Note that the article's source was found as it was."""
        async with self._database.write() as connection:
            await store.mark_checked(connection, article_id)

    async def text(self, article_id: int) -> str | None:
        """An article's text, which the offsets of citations count."""
        async with self._database.read() as connection:
            return await store.article_text(connection, self._row.id, article_id)

    async def passages(self, article_id: int) -> list[Passage]:
        """An article's passages, in order."""
        async with self._database.read() as connection:
            return await store.article_passages(connection, self._row.id, article_id)

    async def first_passages(self, article_ids: Sequence[int]) -> list[Passage]:
        """The first passage of each of these articles, in their order; those that are gone are left out."""
        found = await self._database.look(store.first_passages, self._row.id, article_ids)
        return [found[one] for one in article_ids if one in found]

    async def passages_by_id(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that are gone are left out."""
        return await self._database.look(store.passages_by_id, self._row.id, ids)

    async def content_hash(self, article_id: int) -> str | None:
        """The hash of an article's content, or None when it is gone."""
        async with self._database.read() as connection:
            return await store.content_hash(connection, self._row.id, article_id)


class Libraries:
    """All libraries of an installation."""

    def __init__(
        self,
        database: Database,
        vectors: VectorIndex,
        embeddings: Embeddings,
        embedding_model: str,
        limits: Limits | None = None,
    ) -> None:
        """`embedding_model` names the model `embeddings` runs; an index remembers who embedded it.

        `limits` bound every library but the terminal's.
        """
        self.database = database
        self.limits = limits
        self.vectors = vectors
        self.embeddings = embeddings
        self.lexical = LexicalIndex()
        self.writer = IndexWriter(database, vectors, self.lexical, embeddings)
        self._embedding_model = embedding_model
        self._open: dict[str, Library] = {}
        self._writing: dict[str, asyncio.Lock] = {}

    async def keys(self) -> list[str]:
        """The keys of all libraries that exist."""
        async with self.database.read() as connection:
            return await store.library_keys(connection)

    async def open(self, key: str) -> Library:
        """The library of that key, made when it is new, repaired when it was interrupted.

        Raises EmbeddingModelChanged when its vectors came from another model, VectorIndexUnavailable when they cannot
        be read.
        """
        # A question to an open library does not wait for those who write into it.
        if key in self._open:
            return self._open[key]
        async with self.writing(key):
            if key not in self._open:
                self._open[key] = Library(await self._opened(key), self)
            return self._open[key]

    def writing(self, key: str) -> asyncio.Lock:
        """Who holds it is the only one to write into that library. A lock a library: none keeps the others waiting."""
        return self._writing.setdefault(key, asyncio.Lock())

    async def librarians(self, key: str) -> Librarians:
        """The roles and channels that were named as those that may ingest."""
        async with self.database.read() as connection:
            return await librarian_rows.named(connection, key)

    async def left(self, key: str, at: str | None) -> None:
        """Note since when the bot is no member of that server, or with None that it is one."""
        async with self.database.write() as connection:
            row = await store.find_library(connection, key)
            # Left once is left: the first moment counts.
            if row is not None and (at is None) != (row.left_at is None):
                await store.update_library(connection, row.id, left_at=at)

    async def left_before(self, moment: str) -> list[str]:
        """Keys of the libraries of servers that the bot left before a moment (ISO 8601, UTC)."""
        async with self.database.read() as connection:
            return await store.libraries_left(connection, moment)

    async def remove(self, key: str, left_before: str) -> None:
        """Remove a library with everything in it, unless the bot is back on its server.

        What is interrupted is done again by the next call.
        """
        async with self.writing(key):
            async with self.database.read() as connection:
                row = await store.find_library(connection, key)
            # Whoever waits for the lock may be invited again meanwhile.
            if row is None or row.left_at is None or row.left_at >= left_before:
                return
            self._open.pop(key, None)
            # The vectors first: without the row nobody would know of them any more.
            await self.vectors.drop(_other(row.collection))
            await self.vectors.drop(row.collection)
            async with self.database.write() as connection:
                removed = await store.delete_library(connection, row.id, left_before)
            if not removed:
                # Invited again at the last moment: the articles are there, their vectors are made again.
                await self._opened(key)
        log.info("Library %s was %s", key, "removed" if removed else "kept: the bot is on its server again")

    async def check_model(self) -> None:
        """Raise EmbeddingModelChanged if any library was embedded by another model than the configured one."""
        for key in await self.keys():
            async with self.database.read() as connection:
                row = await store.find_library(connection, key)
            if row is not None:
                self._same_model(row)

    async def reindex(self, key: str) -> AsyncIterator[tuple[int, int]]:
        """Embed all passages of a library anew with the configured model; yields (done, all) passages.

        The new vectors go into a new collection that takes the old one's place when it is complete, so an
        interruption leaves the library as it was; what a killed process left there goes first. Meanwhile whoever
        writes into the library waits; questions are answered from the old collection.
        """
        async with self.writing(key):
            async with self.database.read() as connection:
                row = await store.find_library(connection, key)
                if row is None:
                    return
                total = len(await store.vector_counts(connection, row.id))
            collection = _other(row.collection)
            await self.vectors.drop(collection)
            try:
                done = after = 0
                while True:
                    async with self.database.read() as connection:
                        page = await store.all_passages(connection, row.id, after, PAGE // 8)
                    if not page:
                        break
                    await self.writer.embed(collection, page)
                    done, after = done + len(page), page[-1].id
                    yield done, total
                await self.vectors.ensure(collection)
            except BaseException:
                # Half a collection is of no use to anybody; the old one still serves.
                await self.vectors.drop(collection)
                raise
            changed = {"collection": collection, "embedding_model": self._embedding_model}
            async with self.database.write() as connection:
                await store.update_library(connection, row.id, **changed)
            if key in self._open:
                self._open[key].moved(collection)
            await self.vectors.drop(row.collection)

    async def _opened(self, key: str) -> LibraryRow:
        async with self.database.write() as connection:
            row = await store.find_library(connection, key)
            if row is None:
                await store.create_library(connection, key, _new_collection(), self._embedding_model)
                row = await store.find_library(connection, key)
        assert row is not None
        self._same_model(row)
        # What a process that was killed while it embedded everything anew had made, or had not yet removed.
        await self.vectors.drop(_other(row.collection))
        await self.vectors.ensure(row.collection)
        if not await self.vectors.readable(row.collection):
            raise VectorIndexUnavailable(
                f"The vectors of library {key} are lost or damaged, although Chroma still counts them. Stop the bot "
                f"and run `footnote reindex --library {key}`; the articles are in the database."
            )
        async with self.database.read() as connection:
            expected = sum((await store.vector_counts(connection, row.id)).values())
        if row.unsettled or await self.vectors.count(row.collection) != expected:
            await self.writer.settle(row)
        return row

    def _same_model(self, row: LibraryRow) -> None:
        if row.embedding_model != self._embedding_model:
            raise EmbeddingModelChanged(
                f"The index of library {row.key} was made with the embedding model {row.embedding_model}, but "
                f"EMBEDDING_MODEL is now {self._embedding_model}. Set it back, or run `footnote reindex` to embed "
                "all articles again."
            )


async def exported(library: Library) -> AsyncIterator[str]:
    """All articles as JSON Lines, newest first, in the form that `sources/jsonl.py` reads."""
    for record in await library.articles():
        row = {
            # Paths of this machine stay here; an address names the article everywhere.
            "id": record.identity if record.identity == record.url else _name(record.identity),
            "title": record.title,
            "url": record.url,
            "published_at": record.published_at,
            "source": record.source,
            "author": record.author,
            "language": record.language,
            "text": await library.text(record.id),
        }
        # A book is milliseconds of work, and others wait for the event loop.
        yield await asyncio.to_thread(_json_line, row)


def _json_line(row: dict[str, str | None]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _name(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _new_collection() -> str:
    # Random, so that installations that share a Chroma server cannot meet in one collection.
    return f"footnote-{uuid.uuid4().hex}"


def _other(collection: str) -> str:
    """The collection that is to take this one's place, or whose place it took: known by name, also after a crash."""
    return collection.removesuffix(_SECOND) if collection.endswith(_SECOND) else collection + _SECOND
