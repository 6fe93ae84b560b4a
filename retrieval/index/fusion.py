"""One ranking from two: what the words found and what the vectors found."""

from __future__ import annotations

from collections.abc import Sequence

# `bm25 / best bm25 + 1.2 · cosine`. By score, not by rank: on news plain rank fusion is worse than BM25 alone, and
# this is not below the better of the two on any of three sets; flat between 0.8 and 1.5 (docs/decisions.md).
DENSE_WEIGHT = 1.2
# What a passage gets for a list it is not in: half of that list's last BM25 score, a little under its last cosine.
MISSING_BM25 = 0.5
MISSING_COSINE = 0.05


def fuse(lexical: Sequence[tuple[int, float]], dense: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Score-based fusion of two rankings of (id, score), best first: BM25 scores and cosines."""
    bm25, cosines = dict(lexical), dict(dense)
    best = max(bm25.values(), default=1.0) or 1.0
    bm25_floor = MISSING_BM25 * min(bm25.values(), default=0.0)
    cosine_floor = min(cosines.values(), default=MISSING_COSINE) - MISSING_COSINE
    scores = {
        found: bm25.get(found, bm25_floor) / best + DENSE_WEIGHT * cosines.get(found, cosine_floor)
        for found in bm25.keys() | cosines.keys()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
