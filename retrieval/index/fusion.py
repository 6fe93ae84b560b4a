"""One ranking from two: what the words found and what the vectors found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# `bm25 / best bm25 + 1.2 · cosine`. By score, not by rank: on news plain rank fusion is worse than BM25 alone, and
# this is not below the better of the two on any of three sets; flat between 0.8 and 1.5 (docs/decisions.md).
DENSE_WEIGHT = 1.2
# What a passage gets for a list it is not in: half of that list's last BM25 score, a little under its last cosine.
MISSING_BM25 = 0.5
MISSING_COSINE = 0.05


@dataclass(frozen=True, slots=True)
class Fused:
    """The fused scores of what either list found, and what anything else would get."""

    scores: Mapping[int, float]
    floor: float

    def of(self, found: int) -> float:
        """The score of a passage id."""
        return self.scores.get(found, self.floor)


def fuse(lexical: Sequence[tuple[int, float]], dense: Sequence[tuple[int, float]]) -> Fused:
    """Score-based fusion of two rankings of (id, score): BM25 scores and cosines."""
    bm25, cosines = dict(lexical), dict(dense)
    best = max(bm25.values(), default=1.0) or 1.0
    bm25_floor = MISSING_BM25 * min(bm25.values(), default=0.0) / best
    cosine_floor = min(cosines.values(), default=MISSING_COSINE) - MISSING_COSINE
    scores = {
        found: (bm25[found] / best if found in bm25 else bm25_floor) + DENSE_WEIGHT * cosines.get(found, cosine_floor)
        for found in bm25.keys() | cosines.keys()
    }
    return Fused(scores, bm25_floor + DENSE_WEIGHT * cosine_floor)
