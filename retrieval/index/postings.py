"""Postings: which passages hold a term and how often, as arrays that are read whole and scored at once.

Passage ids are kept in blocks of 4,096: a term has one array for each block that has passages with it, so that adding
and removing passages writes little anew, and a question reads a few hundred arrays of a large library. The length of
each passage stands in the same form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Bm25, best

BLOCK = 4_096
# The place of a passage in its block, and how often it has the term (or how many terms it has).
RECORD = np.dtype([("place", "<u2"), ("count", "<u2")])
MOST = 65_535
# Under this name stand the lengths of all passages; no term is empty.
LENGTHS = ""

# Arrays as they are stored, each with its term and its block.
Rows = list[tuple[str, int, bytes]]
Places = NDArray[np.int64]
Counts = NDArray[np.float64]


def packed(counts: Iterable[tuple[int, int]]) -> bytes:
    """The array for passages of one block, each as its id and a count."""
    return np.array([(one % BLOCK, min(count, MOST)) for one, count in counts], dtype=RECORD).tobytes()


def without(data: bytes, ids: Iterable[int]) -> bytes:
    """An array without some passages of its block."""
    records = np.frombuffer(data, dtype=RECORD)
    return records[~np.isin(records["place"], [one % BLOCK for one in ids])].tobytes()


def count(size: int) -> int:
    """How many passages an array of so many bytes has."""
    return size // RECORD.itemsize


@dataclass(frozen=True, slots=True)
class Postings:
    """A library's passages that hold any of some terms.

    `blocks` are the numbers of the library's blocks, ascending; a passage's place counts through all of them.
    `lengths` has the number of terms at each place, 0 where no passage is; `found` the places and counts of each term.
    """

    blocks: Places
    lengths: Counts
    found: Mapping[str, tuple[Places, Counts]]

    @classmethod
    def of(cls, wanted: Sequence[str], rows: Rows) -> Postings:
        """Of distinct terms and what is stored of them; the arrays of LENGTHS must be among the rows."""
        arrays: dict[str, dict[int, bytes]] = {term: {} for term in (LENGTHS, *wanted)}
        for term, block, data in rows:
            arrays[term][block] = data
        blocks = np.array(sorted(arrays[LENGTHS]), dtype=np.int64)
        start = {int(block): BLOCK * at for at, block in enumerate(blocks)}
        places, counts = _joined(arrays[LENGTHS], start)
        lengths = np.zeros(BLOCK * len(blocks))
        lengths[places] = counts
        return cls(blocks, lengths, {term: _joined(arrays[term], start) for term in wanted})

    def bm25(self) -> Bm25:
        """What the terms weigh."""
        size = int(np.count_nonzero(self.lengths))
        counts = {term: len(places) for term, (places, _) in self.found.items()}
        return Bm25.of(counts, size, float(self.lengths.sum()) / max(size, 1))

    def best(self, wanted: Bm25, limit: int, only: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The best passages as (id, score), best first; `only` are the ids of those that are wanted."""
        norms = wanted.norms(self.lengths)
        scores = np.zeros(len(self.lengths))
        for term, (places, counts) in self.found.items():
            scores[places] += wanted.share(term, counts, norms[places])
        chosen = np.flatnonzero(scores) if only is None else self._places(only)
        if len(chosen) > limit:
            least = np.partition(scores[chosen], -limit)[-limit]
            chosen = chosen[scores[chosen] >= least]
        return best(zip(self._ids(chosen), scores[chosen].tolist(), strict=True), limit)

    def scores(self, wanted: Bm25, terms: Sequence[str], ids: Sequence[int]) -> list[tuple[int, float]]:
        """(id, score) of some passages for some of the terms; passages that came after these were read are left out."""
        places = self._places(ids)
        rows = np.full(len(self.lengths), -1)
        rows[places] = np.arange(len(places))
        norms, scores = wanted.norms(self.lengths[places]), np.zeros(len(places))
        for term in terms:
            holding, counts = self.found[term]
            row = rows[holding]
            chosen = row >= 0
            row = row[chosen]
            scores[row] += wanted.share(term, counts[chosen], norms[row])
        return list(zip(self._ids(places), scores.tolist(), strict=True))

    def _ids(self, places: Places) -> Iterator[int]:
        yield from (self.blocks[places // BLOCK] * BLOCK + places % BLOCK).tolist()

    def _places(self, ids: Sequence[int]) -> Places:
        wanted = np.array(ids, dtype=np.int64)
        wanted = wanted[np.isin(wanted // BLOCK, self.blocks)]
        return np.searchsorted(self.blocks, wanted // BLOCK) * BLOCK + wanted % BLOCK


def _joined(arrays: Mapping[int, bytes], start: Mapping[int, int]) -> tuple[Places, Counts]:
    """The places and counts of all blocks of a term."""
    records = np.frombuffer(b"".join(arrays.values()), dtype=RECORD)
    sizes = [count(len(data)) for data in arrays.values()]
    offsets = np.repeat(np.array([start[block] for block in arrays], dtype=np.int64), sizes)
    return offsets + records["place"], records["count"].astype(np.float64)
