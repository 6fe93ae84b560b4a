"""The lexical index: BM25 over stems, inside the SQL database and in the same transaction as the articles.

Analysis happens in `retrieval.text.terms`, so every database ranks the same words. SQLite has BM25 in FTS5:
one table a library, so that another server's articles change neither the ranking nor anything else. Other
databases get a postings table and BM25 as one SQL statement.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import bindparam, case, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.articles import Passage
from retrieval.index.bm25 import K1, LEAST_WEIGHT, B, Bm25, best
from retrieval.index.tables import passages, postings
from retrieval.text import terms

# A pasted article as a question would make a query of thousands of terms; the rarest ones decide anyway.
MOST_QUERY_TERMS = 64
# Scoring is what costs FTS5. Where a question's terms have more than twice so many postings (from some 15,000 passages
# on), the rarest ones choose, and the best so many passages by these are scored with all terms, in Python.
MOST_POSTINGS = 20_000
MOST_CANDIDATES = 800
# Terms of one library whose passages are remembered as counted, at some hundred bytes each.
MOST_COUNTED = 20_000
INSERT_ROWS = 2_000
# FTS5 only marks a deleted passage, and its words stay in the file, unless it has this option; a full merge
# drops them as well (0.13 s for 30,000 passages).
SECURE_DELETE = sqlite3.sqlite_version_info >= (3, 42)
# The width of the postings' column; a longer run of characters is data, not a word.
LONGEST_TERM = 200


class LexicalIndex(Protocol):
    """Words of one library's passages; every call runs in the caller's transaction."""

    async def create(self, connection: AsyncConnection, library_id: int) -> None:
        """Prepare an empty index for a new library."""

    async def drop(self, connection: AsyncConnection, library_id: int) -> None:
        """Remove a library's index with all its words."""

    async def add(self, connection: AsyncConnection, library_id: int, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Add passages, each as its id and its terms."""

    async def remove(self, connection: AsyncConnection, library_id: int, ids: Sequence[int]) -> None:
        """Remove passages by id."""

    async def search(
        self, connection: AsyncConnection, library_id: int, wanted: Bm25, limit: int, only: int | None = None
    ) -> list[tuple[int, float]]:
        """The best passages for any of the terms that `bm25` gave, as (id, score), best first; scores are positive.

        `only` is the id of the one article whose passages are wanted.
        """

    async def frequencies(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs; terms that occur nowhere are left out."""

    async def bm25(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> Bm25:
        """What the terms weigh in this library."""

    async def terms(
        self, connection: AsyncConnection, library_id: int, found: Sequence[Passage]
    ) -> dict[int, Sequence[str]]:
        """The terms of passages by id, in order: those of the head line, then those of the text."""


def lexical_index(is_sqlite: bool) -> LexicalIndex:
    """The index that fits the database."""
    return FtsIndex() if is_sqlite else PostingsIndex()


def query_terms(query: str) -> list[str]:
    """The distinct terms of a question, longest first where there are too many."""
    distinct = list(dict.fromkeys(terms(query)))
    return sorted(distinct, key=len, reverse=True)[:MOST_QUERY_TERMS]


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many passages and terms a library has, and how many of its passages have each of the terms asked for."""

    passages: int
    terms: int
    counts: dict[str, int]


class FtsIndex:
    """SQLite FTS5 over pre-stemmed text.

    What it counted for questions is kept: a common term's passages are read to the end to count them.
    """

    def __init__(self) -> None:
        self._counted: dict[int, _Counted] = {}

    async def create(self, connection: AsyncConnection, library_id: int) -> None:
        """One virtual table a library."""
        name = f"lexicon_{library_id}"
        # Our terms stay whole: without these characters `5.2` and `snake_case` would be two words each in the
        # vocabulary, and their frequency unknown.
        tokenizer = "unicode61 remove_diacritics 0 tokenchars '.,_'"
        await connection.execute(text(f'CREATE VIRTUAL TABLE {name} USING fts5(terms, tokenize="{tokenizer}")'))
        await connection.execute(text(f"CREATE VIRTUAL TABLE {name}_terms USING fts5vocab({name}, 'row')"))
        if SECURE_DELETE:
            await connection.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('secure-delete', 1)"))

    async def drop(self, connection: AsyncConnection, library_id: int) -> None:
        """Both virtual tables."""
        self._counted.pop(library_id, None)
        for name in (f"lexicon_{library_id}_terms", f"lexicon_{library_id}"):
            await connection.execute(text(f"DROP TABLE IF EXISTS {name}"))

    async def add(self, connection: AsyncConnection, library_id: int, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Insert the stems, joined by spaces."""
        self._counted.pop(library_id, None)
        values = [{"id": passage_id, "terms": " ".join(found)} for passage_id, found in rows]
        if values:
            statement = text(f"INSERT INTO lexicon_{library_id} (rowid, terms) VALUES (:id, :terms)")
            await connection.execute(statement, values)

    async def remove(self, connection: AsyncConnection, library_id: int, ids: Sequence[int]) -> None:
        """Delete by row id."""
        self._counted.pop(library_id, None)
        if ids:
            statement = text(f"DELETE FROM lexicon_{library_id} WHERE rowid = :id")
            await connection.execute(statement, [{"id": passage_id} for passage_id in ids])
            if not SECURE_DELETE:
                name = f"lexicon_{library_id}"
                await connection.execute(text(f"INSERT INTO {name} ({name}) VALUES ('optimize')"))

    async def search(
        self, connection: AsyncConnection, library_id: int, wanted: Bm25, limit: int, only: int | None = None
    ) -> list[tuple[int, float]]:
        """Any of the terms. In a large library the rarest ones choose the candidates and all of them score these."""
        if only is not None:
            chosen_ids = (
                await connection.execute(select(passages.c.id).where(passages.c.article_id == only))
            ).scalars()
            return await self._best(connection, library_id, list(wanted.counts), limit, list(chosen_ids))
        counts = _telling(wanted, limit)
        if sum(counts.values()) <= 2 * MOST_POSTINGS:
            return await self._best(connection, library_id, list(counts), limit)
        chosen = await self._best(connection, library_id, _rarest(counts), MOST_CANDIDATES)
        rows = await self._rows(connection, library_id, [passage for passage, _ in chosen])
        return await asyncio.to_thread(
            lambda: best(((found, wanted.score(line.split(" "))) for found, line in rows), limit)
        )

    async def frequencies(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> dict[str, int]:
        """From FTS5's own vocabulary."""
        counted = (await self._count(connection, library_id, wanted)).counts
        return {term: counted[term] for term in wanted if counted[term]}

    async def bm25(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> Bm25:
        """From FTS5's own totals."""
        counted = await self._count(connection, library_id, wanted)
        # A term that FTS5 spells otherwise (it folds some letters further) is in no vocabulary, but it matches.
        counts = {term: counted.counts[term] for term in wanted}
        return Bm25.of(counts, counted.passages, counted.terms / max(counted.passages, 1))

    async def _count(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> _Counted:
        """The library's totals, and in how many passages each term occurs, 0 where in none."""
        # FTS5 keeps the number of passages and of terms in its averages record (fts5_index.c); counting would read all.
        statement = text(f"SELECT block FROM lexicon_{library_id}_data WHERE id = 1")
        size, total, *_ = [*_varints((await connection.execute(statement)).scalar() or b""), 0, 0]
        counted = self._counted.get(library_id)
        # Counted before a change was committed, in another transaction: then the totals are others as well.
        if counted is None or (counted.passages, counted.terms) != (size, total) or len(counted.counts) > MOST_COUNTED:
            counted = self._counted[library_id] = _Counted(size, total, {})
        unknown = [term for term in wanted if term not in counted.counts]
        statement = text(f"SELECT term, doc FROM lexicon_{library_id}_terms WHERE term IN :wanted")
        for start in range(0, len(unknown), INSERT_ROWS):
            chosen = unknown[start : start + INSERT_ROWS]
            rows = await connection.execute(statement.bindparams(bindparam("wanted", chosen, expanding=True)))
            counted.counts.update(dict.fromkeys(chosen, 0) | {str(term): int(count) for term, count in rows})
        return counted

    async def terms(
        self, connection: AsyncConnection, library_id: int, found: Sequence[Passage]
    ) -> dict[int, Sequence[str]]:
        """As they were added."""
        return {
            one: line.split(" ") for one, line in await self._rows(connection, library_id, [one.id for one in found])
        }

    async def _rows(self, connection: AsyncConnection, library_id: int, ids: Sequence[int]) -> list[tuple[int, str]]:
        # The table that FTS5 keeps its rows in: to look them up there takes two thirds of the time.
        statement = text(f"SELECT id, c0 FROM lexicon_{library_id}_content WHERE id IN :ids")
        rows = await connection.execute(statement.bindparams(bindparam("ids", list(ids), expanding=True)))
        return [(int(found), str(line)) for found, line in rows]

    async def _best(
        self,
        connection: AsyncConnection,
        library_id: int,
        wanted: Sequence[str],
        limit: int,
        among: Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:
        """FTS5's bm25() is negative, smaller is better."""
        # Terms are word characters only, so quoting them cannot be escaped from.
        match = " OR ".join(f'"{term}"' for term in wanted)
        if not match:
            return []
        name = f"lexicon_{library_id}"
        values: dict[str, Any] = {"match": match, "limit": limit}
        # The plus sign keeps SQLite from searching once a candidate; only the rows that are left are scored.
        filtered = "" if among is None else "AND +rowid IN :among "
        statement = text(
            f"SELECT rowid, -bm25({name}) AS score FROM {name} WHERE {name} MATCH :match {filtered}"
            "ORDER BY score DESC, rowid LIMIT :limit"
        )
        if among is not None:
            statement = statement.bindparams(bindparam("among", list(among), expanding=True))
        rows = await connection.execute(statement, values)
        return [(int(row[0]), float(row[1])) for row in rows]


def _varints(block: bytes) -> Iterator[int]:
    """SQLite's variable-length integers: seven bits a byte, the highest first, the top bit says that more follow."""
    value = 0
    for byte in block:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            yield value
            value = 0


def _telling(wanted: Bm25, limit: int) -> dict[str, int]:
    """The terms without those that weigh next to nothing, as long as another one has enough passages by itself."""
    telling = {term: count for term, count in wanted.counts.items() if wanted.weights[term] > LEAST_WEIGHT}
    return telling if max(telling.values(), default=0) >= limit else dict(wanted.counts)


def _rarest(counts: Mapping[str, int]) -> list[str]:
    """The rarest terms that together have no more than `MOST_POSTINGS` postings, at least one."""
    chosen: list[str] = []
    total = 0
    for term in sorted(counts, key=lambda term: (counts[term], term)):
        total += counts[term]
        if chosen and total > MOST_POSTINGS:
            break
        chosen.append(term)
    return chosen


class PostingsIndex:
    """BM25 in portable SQL over the postings table."""

    async def create(self, connection: AsyncConnection, library_id: int) -> None:
        """Nothing to prepare: all libraries share the table, keyed by library."""

    async def drop(self, connection: AsyncConnection, library_id: int) -> None:
        """All postings of the library."""
        await connection.execute(delete(postings).where(postings.c.library_id == library_id))

    async def add(self, connection: AsyncConnection, library_id: int, rows: Iterable[tuple[int, list[str]]]) -> None:
        """One row a distinct term and passage."""
        values = [
            {"library_id": library_id, "term": term, "passage_id": passage_id, "frequency": frequency}
            for passage_id, found in rows
            for term, frequency in Counter(term[:LONGEST_TERM] for term in found).items()
        ]
        for start in range(0, len(values), INSERT_ROWS):
            await connection.execute(insert(postings), values[start : start + INSERT_ROWS])

    async def remove(self, connection: AsyncConnection, library_id: int, ids: Sequence[int]) -> None:
        """Delete by passage."""
        for start in range(0, len(ids), INSERT_ROWS):
            chosen = postings.c.passage_id.in_(ids[start : start + INSERT_ROWS])
            await connection.execute(delete(postings).where(postings.c.library_id == library_id, chosen))

    async def search(
        self, connection: AsyncConnection, library_id: int, wanted: Bm25, limit: int, only: int | None = None
    ) -> list[tuple[int, float]]:
        """BM25 with the library's own document frequencies."""
        here = postings.c.library_id == library_id
        if not wanted.weights:
            return []
        chosen = () if only is None else (passages.c.article_id == only,)
        frequency = postings.c.frequency * 1.0
        norm = K1 * (1 - B + B * passages.c.terms / wanted.average)
        score = func.sum(
            case(dict(wanted.weights), value=postings.c.term, else_=0.0) * frequency * (K1 + 1) / (frequency + norm)
        ).label("score")
        rows = await connection.execute(
            select(postings.c.passage_id, score)
            .join(passages, passages.c.id == postings.c.passage_id)
            .where(here, postings.c.term.in_(list(wanted.weights)), *chosen)
            .group_by(postings.c.passage_id)
            .order_by(score.desc(), postings.c.passage_id)
            .limit(limit)
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    async def frequencies(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> dict[str, int]:
        """Counted from the postings."""
        chosen = (postings.c.library_id == library_id, postings.c.term.in_([term[:LONGEST_TERM] for term in wanted]))
        counted = await connection.execute(
            select(postings.c.term, func.count()).where(*chosen).group_by(postings.c.term)
        )
        return {str(term): int(count) for term, count in counted}

    async def bm25(self, connection: AsyncConnection, library_id: int, wanted: Sequence[str]) -> Bm25:
        """Counted as well."""
        frequencies = await self.frequencies(connection, library_id, wanted)
        chosen = select(func.count(), func.avg(passages.c.terms)).where(passages.c.library_id == library_id)
        size, average = (await connection.execute(chosen)).one()
        return Bm25.of(frequencies, size, float(average or 0.0))

    async def terms(
        self, connection: AsyncConnection, library_id: int, found: Sequence[Passage]
    ) -> dict[int, Sequence[str]]:
        """Analysed anew, since postings have no order."""
        return await asyncio.to_thread(lambda: {one.id: [*terms(one.head), *terms(one.text)] for one in found})
