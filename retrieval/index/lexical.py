"""The lexical index: BM25 over stems, inside the SQL database and in the same transaction as the articles.

Analysis happens in `retrieval.text.terms` and scoring in `retrieval.index.postings`, so every database ranks alike: of
it nothing is asked but to keep arrays of bytes. A library's arrays are its own, so that another server's articles
change neither its ranking nor how long a question takes.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.postings import BLOCK, LENGTHS, Rows, count, packed, without
from retrieval.index.tables import passage_terms, postings
from retrieval.text import terms

# A pasted article as a question would make a query of thousands of terms; the longest ones say most.
MOST_QUERY_TERMS = 64
ROWS = 2_000
# The width of the postings' column; a longer run of characters is data, not a word.
LONGEST_TERM = 200

# What the array of a term and a block becomes, from what it is.
_Arrays = dict[tuple[str, int], bytes]


def query_terms(query: str) -> list[str]:
    """The distinct terms of a question, longest first where there are too many."""
    distinct = list(dict.fromkeys(term[:LONGEST_TERM] for term in terms(query)))
    return sorted(distinct, key=len, reverse=True)[:MOST_QUERY_TERMS]


class LexicalIndex:
    """Words of one library's passages; every call runs on the caller's connection."""

    async def add(self, connection: AsyncConnection, library_id: int, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Add passages, each as its id and its terms in order."""
        given = [(one, found) for one, found in rows]
        texts = [{"passage_id": one, "terms": " ".join(found)} for one, found in given]
        for start in range(0, len(texts), ROWS):
            await connection.execute(insert(passage_terms), texts[start : start + ROWS])
        fresh = await asyncio.to_thread(_arrays, given)
        stored = await self._stored(connection, library_id, fresh)
        await self._store(connection, library_id, stored, {key: stored.get(key, b"") + fresh[key] for key in fresh})

    async def remove(self, connection: AsyncConnection, library_id: int, ids: Sequence[int]) -> None:
        """Remove passages by id."""
        gone: dict[tuple[str, int], list[int]] = defaultdict(list)
        for one, found in (await connection.run_sync(self.terms, ids)).items():
            for term in (LENGTHS, *{term[:LONGEST_TERM] for term in found}):
                gone[term, one // BLOCK].append(one)
        stored = await self._stored(connection, library_id, gone)
        left = await asyncio.to_thread(lambda: {key: without(stored[key], gone[key]) for key in stored})
        await self._store(connection, library_id, stored, left)
        for start in range(0, len(ids), ROWS):
            chosen = passage_terms.c.passage_id.in_(ids[start : start + ROWS])
            await connection.execute(delete(passage_terms).where(chosen))

    def postings(self, connection: Connection, library_id: int, wanted: Sequence[str]) -> Rows:
        """The arrays of terms, as `Postings.of` takes them."""
        found = connection.execute(
            select(postings.c.term, postings.c.block, postings.c.data).where(
                postings.c.library_id == library_id, postings.c.term.in_([LENGTHS, *wanted])
            )
        )
        return [(str(term), int(block), bytes(data)) for term, block, data in found]

    async def frequencies(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs; terms that occur nowhere are left out."""
        found: dict[str, int] = {}
        for start in range(0, len(wanted), ROWS):
            some = [term[:LONGEST_TERM] for term in wanted[start : start + ROWS]]
            rows = await connection.execute(
                select(postings.c.term, func.sum(func.length(postings.c.data)))
                .where(postings.c.library_id == library_id, postings.c.term.in_(some))
                .group_by(postings.c.term)
            )
            found |= {str(term): count(int(size)) for term, size in rows}
        return found

    def terms(self, connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
        """The terms of passages by id, in order: those of the head line, then those of the text."""
        found: dict[int, list[str]] = {}
        for start in range(0, len(ids), ROWS):
            chosen = passage_terms.c.passage_id.in_(ids[start : start + ROWS])
            rows = connection.execute(select(passage_terms.c.passage_id, passage_terms.c.terms).where(chosen))
            found |= {int(one): str(line).split() for one, line in rows}
        return found

    async def _stored(
        self, connection: AsyncConnection, library_id: int, keys: Mapping[tuple[str, int], Any]
    ) -> _Arrays:
        """The arrays of some terms and blocks that there are, held until the end of the transaction."""
        stored: _Arrays = {}
        for block in {block for _, block in keys}:
            wanted = [term for term, at in keys if at == block]
            for start in range(0, len(wanted), ROWS):
                # Ordered, so that two writers of one server wait for each other instead of for ever.
                rows = await connection.execute(
                    select(postings.c.term, postings.c.data)
                    .where(
                        postings.c.library_id == library_id,
                        postings.c.term.in_(wanted[start : start + ROWS]),
                        postings.c.block == block,
                    )
                    .order_by(postings.c.term)
                    .with_for_update()
                )
                stored |= {(str(term), block): bytes(data) for term, data in rows}
        return stored

    async def _store(self, connection: AsyncConnection, library_id: int, stored: _Arrays, arrays: _Arrays) -> None:
        """Write arrays in the place of those that are stored; empty ones go."""
        here = {"library": library_id}
        fresh = [
            {"library_id": library_id, "term": term, "block": block, "data": data}
            for (term, block), data in arrays.items()
            if (term, block) not in stored
        ]
        for start in range(0, len(fresh), ROWS):
            await connection.execute(insert(postings), fresh[start : start + ROWS])
        row = and_(
            postings.c.library_id == bindparam("library"),
            postings.c.term == bindparam("at_term"),
            postings.c.block == bindparam("at_block"),
        )
        changed = {key: data for key, data in arrays.items() if key in stored}
        kept = [here | {"at_term": t, "at_block": b, "array": data} for (t, b), data in changed.items() if data]
        gone = [here | {"at_term": t, "at_block": b} for (t, b), data in changed.items() if not data]
        if kept:
            await connection.execute(update(postings).where(row).values(data=bindparam("array")), kept)
        if gone:
            await connection.execute(delete(postings).where(row), gone)


def _arrays(rows: Sequence[tuple[int, list[str]]]) -> _Arrays:
    """The arrays that passages add."""
    counts: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for one, found in rows:
        counts[LENGTHS, one // BLOCK].append((one, len(found)))
        for term, often in Counter(term[:LONGEST_TERM] for term in found).items():
            counts[term, one // BLOCK].append((one, often))
    return {key: packed(found) for key, found in counts.items()}
