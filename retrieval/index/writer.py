"""The way into the two indexes, in an order that a crash cannot break.

For a group of articles: rows in SQL, not searchable → vectors in Chroma under new ids → in one transaction
words, searchable, and the old version's rows gone → the old version's vectors gone. Whatever is interrupted is
taken back by `settle`, which makes Chroma hold exactly the vectors that SQL names.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from langchain_core.embeddings import Embeddings
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.articles import ArticleDraft, Passage, head_line
from retrieval.errors import ArticleUnreadable
from retrieval.index import store, twins
from retrieval.index.collections import Vectors
from retrieval.index.database import Database
from retrieval.index.lexical import LexicalIndex
from retrieval.index.sketch import sketch
from retrieval.index.splitter import split, windows
from retrieval.index.store import LibraryRow, PreparedPassage
from retrieval.index.vectors import VectorIndex
from retrieval.text import terms

log = logging.getLogger(__name__)

# Articles go through together until they have this many passages: fewer transactions and Chroma calls.
GROUP_PASSAGES = 64
PAGE = 500
# Passages embedded between two reports of progress.
EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one draft."""

    title: str
    status: Literal["added", "updated", "unchanged", "unreadable", "refused"]
    passages: int = 0
    reason: str | None = None
    article_id: int | None = None
    # The title of an article in the library with nearly the same text.
    twin: str | None = None

    @property
    def kept(self) -> bool:
        """Is the article in the library now?"""
        return self.article_id is not None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a library may hold."""

    articles: int
    characters: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    draft: ArticleDraft
    passages: tuple[PreparedPassage, ...]
    sketch: tuple[int, ...]


# Called with how many passages of how many are embedded.
OnPassages = Callable[[int, int], None]


class IndexWriter:
    """Writes articles of any library into SQL, Chroma and the lexical index."""

    def __init__(self, database: Database, vectors: VectorIndex, lexical: LexicalIndex, embeddings: Embeddings) -> None:
        self._database = database
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings

    async def add(
        self,
        library: LibraryRow,
        drafts: Sequence[ArticleDraft],
        added_by: str | None = None,
        limits: Limits | None = None,
        on_passages: OnPassages | None = None,
    ) -> AsyncIterator[Added]:
        """Index drafts; yields one outcome a draft as soon as its article is searchable.

        One caller at a time a library. Of two drafts with one identity the later one replaces the earlier. Raises
        LibraryRemoved.
        """
        entry = _Entry(library, added_by, limits, on_passages)
        await self._begin(library)
        group: list[_Prepared] = []
        for draft in drafts:
            try:
                prepared = await asyncio.to_thread(_prepare, draft.composed())
            except ArticleUnreadable as error:
                yield Added(draft.title, "unreadable", reason=str(error))
                continue
            full = sum(len(earlier.passages) for earlier in group) >= GROUP_PASSAGES
            # Within a group no article sees another one, so a second version waits for the first.
            if full or any(earlier.draft.identity == draft.identity for earlier in group):
                for added in await self._add_group(entry, group):
                    yield added
                group = []
            group.append(prepared)
        for added in await self._add_group(entry, group):
            yield added
        await self._settled(library)

    async def settle(self, library: LibraryRow) -> None:
        """Take back what an interruption left half done; afterwards all three indexes agree."""
        async with self._database.write() as connection:
            unfinished = await store.unfinished_articles(connection, library.id)
            await store.delete_articles(connection, unfinished)
            expected = await store.vector_counts(connection, library.id)
        wanted = {f"{key}.{n}" for key, count in expected.items() for n in range(count)}
        present = set(await self._vectors.ids(library.collection))
        missing = sorted({vector_id.rsplit(".", 1)[0] for vector_id in wanted - present})
        if unfinished or missing or present - wanted:
            log.info(
                "Library %s was interrupted: %d articles taken back, %d vectors removed, %d passages embedded again",
                library.key,
                len(unfinished),
                len(present - wanted),
                len(missing),
            )
        await self._vectors.delete(library.collection, sorted(present - wanted))
        for start in range(0, len(missing), GROUP_PASSAGES):
            some = missing[start : start + GROUP_PASSAGES]
            found = await self._database.look(store.passages_by_key, library.id, some)
            await self.embed(library.collection, list(found.values()))
        await self._settled(library)

    async def settle_if_interrupted(self, library: LibraryRow) -> None:
        """Take back at once what an interrupted write of this process left, instead of at the next write."""
        async with self._database.read() as connection:
            row = await store.find_library(connection, library.key)
        if row is not None and row.id == library.id and row.unsettled:
            await self.settle(library)

    async def embed(self, collection: str, chosen: Sequence[Passage]) -> None:
        """Embed passages that have rows already into a collection."""
        texts = {passage.key: embedded_texts(passage.head, passage.text) for passage in chosen}
        await self._embed(collection, [(key, list(found)) for key, found in texts.items()])

    async def remove(self, library: LibraryRow, article_id: int) -> None:
        """Take an article out of all three indexes."""
        await self._begin(library)
        async with self._database.write() as connection:
            counts = await store.vector_counts(connection, library.id, article_id)
            await self._lexical.remove(connection, library.id, await store.passage_ids(connection, article_id))
            await store.delete_articles(connection, [article_id])
        await self._vectors.delete(library.collection, _vector_ids(counts))
        await self._settled(library)

    async def _add_group(self, entry: _Entry, group: list[_Prepared]) -> list[Added]:
        """Index some articles together."""
        library = entry.library
        outcomes: list[Added] = []
        fresh: list[tuple[int, int | None, _Prepared]] = []
        embedded: set[str] = set()
        async with self._database.write() as connection:
            for prepared in group:
                draft, count = prepared.draft, len(prepared.passages)
                current = await store.current_version(connection, library.id, draft)
                if current and current.content_hash == draft.content_hash:
                    await store.mark_checked(connection, current.id, draft)
                    outcomes.append(Added(draft.title, "unchanged", count, article_id=current.id))
                    continue
                if entry.limits and (full := await _full(connection, library.id, entry.limits, draft, current)):
                    outcomes.append(Added(draft.title, "refused", reason=full))
                    continue
                if current:
                    embedded |= (await store.vector_counts(connection, library.id, current.id)).keys()
                old_id = current.id if current else None
                twin = await twins.find(connection, library.id, prepared.sketch, old_id)
                root, twin_title = (twin.root, twin.title) if twin else (None, None)
                article_id = await store.insert_article(
                    connection,
                    library.id,
                    draft,
                    prepared.passages,
                    current,
                    entry.added_by,
                    root,
                )
                await twins.add(connection, library.id, article_id, prepared.sketch)
                fresh.append((article_id, old_id, prepared))
                status: Literal["added", "updated"] = "updated" if current else "added"
                outcomes.append(Added(draft.title, status, count, article_id=article_id, twin=twin_title))
        if fresh:
            texts = {p.key: list(p.windows) for _, _, prepared in fresh for p in prepared.passages}
            # A passage whose words did not change has its vectors already.
            missing = [(key, found) for key, found in texts.items() if key not in embedded]
            await self._embed(library.collection, missing, entry.on_passages)
            await self._publish(library, fresh)
        return outcomes

    async def _publish(self, library: LibraryRow, fresh: list[tuple[int, int | None, _Prepared]]) -> None:
        """Make new articles searchable and their old versions disappear, in one transaction."""
        stale: dict[str, int] = {}
        old_ids = [old_id for _, old_id, _ in fresh if old_id is not None]
        async with self._database.write() as connection:
            old_passages: list[int] = []
            for old_id in old_ids:
                stale.update(await store.vector_counts(connection, library.id, old_id))
                old_passages.extend(await store.passage_ids(connection, old_id))
            await self._lexical.remove(connection, library.id, old_passages)
            await store.delete_articles(connection, old_ids)
            for article_id, _, prepared in fresh:
                ids = await store.passage_ids(connection, article_id)
                words = zip(ids, (list(p.terms) for p in prepared.passages), strict=True)
                await self._lexical.add(connection, library.id, words)
                await store.make_searchable(connection, article_id)
        kept = {p.key for _, _, prepared in fresh for p in prepared.passages}
        stale = {key: count for key, count in stale.items() if key not in kept}
        await self._vectors.delete(library.collection, _vector_ids(stale))

    async def _embed(
        self, collection: str, texts: list[tuple[str, list[str]]], on_passages: OnPassages | None = None
    ) -> None:
        for start in range(0, len(texts), EMBEDDED_AT_ONCE):
            some = texts[start : start + EMBEDDED_AT_ONCE]
            flat = [window for _, found in some for window in found]
            ids = [f"{key}.{n}" for key, found in some for n in range(len(found))]
            vectors: Vectors = np.asarray(await self._embeddings.aembed_documents(flat), dtype=np.float32)
            await self._vectors.add(collection, ids, vectors)
            if on_passages:
                on_passages(start + len(some), len(texts))

    async def _begin(self, library: LibraryRow) -> None:
        """Note that writing has begun; what an earlier write left half done in this process is taken back first.

        Raises LibraryRemoved.
        """
        await self.settle_if_interrupted(library)
        async with self._database.write() as connection:
            await store.require_library(connection, library.id)
            await store.update_library(connection, library.id, unsettled=True)

    async def _settled(self, library: LibraryRow) -> None:
        async with self._database.write() as connection:
            await store.update_library(connection, library.id, unsettled=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is the same for all drafts that come in together."""

    library: LibraryRow
    added_by: str | None
    limits: Limits | None
    on_passages: OnPassages | None


async def _full(
    connection: AsyncConnection, library_id: int, limits: Limits, draft: ArticleDraft, before: store.Version | None
) -> str | None:
    """Why the library cannot take the article, if it cannot."""
    held, characters = await store.library_size(connection, library_id)
    if before is None and held >= limits.articles:
        return f"the library is full ({held:,} of {limits.articles:,} articles); remove some first."
    others = characters - (before.characters if before else 0)
    # A version that is no longer than the one before is taken in any case.
    if others + len(draft.text) > max(limits.characters, characters):
        return (
            f"the library is full ({characters / 1e6:.1f} of {limits.characters / 1e6:.1f} million characters of text, "
            f"and this article has {len(draft.text) / 1e6:.1f}); remove some first."
        )
    return None


def embedded_texts(head: str, text: str) -> tuple[str, ...]:
    """What is embedded of a passage: its windows, each under the head line."""
    return tuple(f"{head}\n{window}" for window in windows(text))


def _prepare(draft: ArticleDraft) -> _Prepared:
    head = head_line(draft.title, draft.source, draft.published_at)
    head_terms = terms(head)
    prepared: list[PreparedPassage] = []
    seen: Counter[str] = Counter()
    for span in split(draft.text, draft.language):
        text = span.of(draft.text)
        seen[text] += 1
        named = f"{draft.identity}\x1f{head}\x1f{text}\x1f{seen[text]}"
        key = hashlib.sha256(named.encode()).hexdigest()[:32]
        found = tuple(head_terms + terms(text))
        prepared.append(PreparedPassage(span, key, embedded_texts(head, text), found))
    if not any(passage.terms for passage in prepared):
        raise ArticleUnreadable(f"“{draft.title}” holds no text that could be quoted.")
    return _Prepared(draft, tuple(prepared), sketch(draft.text))


def _vector_ids(counts: dict[str, int]) -> list[str]:
    return [f"{key}.{n}" for key, count in counts.items() for n in range(count)]
