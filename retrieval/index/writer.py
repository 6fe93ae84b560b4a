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
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleDraft, Passage, head_line
from retrieval.errors import ArticleUnreadable
from retrieval.index import store
from retrieval.index.collections import Vectors
from retrieval.index.database import Database
from retrieval.index.lexical import LexicalIndex
from retrieval.index.splitter import split, windows
from retrieval.index.store import LibraryRow, PreparedPassage
from retrieval.index.vectors import VectorIndex
from retrieval.text import terms

log = logging.getLogger(__name__)

# Articles go through together until they have this many passages: fewer transactions and Chroma calls.
GROUP_PASSAGES = 64
PAGE = 500


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one draft."""

    title: str
    status: Literal["added", "updated", "unchanged", "unreadable"]
    passages: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    draft: ArticleDraft
    passages: tuple[PreparedPassage, ...]


class IndexWriter:
    """Writes articles of any library into SQL, Chroma and the lexical index."""

    def __init__(self, database: Database, vectors: VectorIndex, lexical: LexicalIndex, embeddings: Embeddings) -> None:
        self._database = database
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings

    async def add(self, library: LibraryRow, drafts: Sequence[ArticleDraft]) -> AsyncIterator[Added]:
        """Index drafts; yields one outcome a draft as soon as its article is searchable.

        One caller at a time a library. Of two drafts with one identity the later one replaces the earlier.
        """
        await self._begin(library)
        group: list[_Prepared] = []
        for draft in drafts:
            try:
                prepared = await asyncio.to_thread(_prepare, draft)
            except ArticleUnreadable as error:
                yield Added(draft.title, "unreadable", reason=str(error))
                continue
            full = sum(len(earlier.passages) for earlier in group) >= GROUP_PASSAGES
            # Within a group no article sees another one, so a second version waits for the first.
            if full or any(earlier.draft.identity == draft.identity for earlier in group):
                for added in await self._add_group(library, group):
                    yield added
                group = []
            group.append(prepared)
        for added in await self._add_group(library, group):
            yield added
        await self._mark(library, unsettled=False)

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
            async with self._database.read() as connection:
                found = await store.passages_by_key(connection, library.id, missing[start : start + GROUP_PASSAGES])
            await self.embed(library.collection, list(found.values()))
        await self._mark(library, unsettled=False)

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
        await self._mark(library, unsettled=False)

    async def _add_group(self, library: LibraryRow, group: list[_Prepared]) -> list[Added]:
        """Index some articles together."""
        outcomes: list[Added] = []
        fresh: list[tuple[int, int | None, _Prepared]] = []
        async with self._database.write() as connection:
            for prepared in group:
                draft = prepared.draft
                current = await store.current_version(connection, library.id, draft.identity)
                same = current[1] == draft.content_hash if current else False
                # The same article under another name: from another file, or out of an export.
                if same or (current is None and await store.has_content(connection, library.id, draft.content_hash)):
                    outcomes.append(Added(draft.title, "unchanged", len(prepared.passages)))
                    continue
                article_id = await store.insert_article(connection, library.id, draft, prepared.passages)
                fresh.append((article_id, current[0] if current else None, prepared))
                outcomes.append(Added(draft.title, "updated" if current else "added", len(prepared.passages)))
        if fresh:
            texts = {p.key: list(p.windows) for _, _, prepared in fresh for p in prepared.passages}
            await self._embed(library.collection, list(texts.items()))
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

    async def _embed(self, collection: str, texts: list[tuple[str, list[str]]]) -> None:
        flat = [window for _, found in texts for window in found]
        ids = [f"{key}.{n}" for key, found in texts for n in range(len(found))]
        if flat:
            vectors: Vectors = np.asarray(await self._embeddings.aembed_documents(flat), dtype=np.float32)
            await self._vectors.add(collection, ids, vectors)

    async def _begin(self, library: LibraryRow) -> None:
        """Note that writing has begun; what an earlier write left half done in this process is taken back first."""
        async with self._database.read() as connection:
            row = await store.find_library(connection, library.key)
        if row is not None and row.unsettled:
            await self.settle(library)
        await self._mark(library, unsettled=True)

    async def _mark(self, library: LibraryRow, unsettled: bool) -> None:
        async with self._database.write() as connection:
            await store.update_library(connection, library.id, unsettled=unsettled)


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
    return _Prepared(draft, tuple(prepared))


def _vector_ids(counts: dict[str, int]) -> list[str]:
    return [f"{key}.{n}" for key, count in counts.items() for n in range(count)]
