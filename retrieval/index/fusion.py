"""One ranking from two: what the words found and what the vectors found."""

from __future__ import annotations

from collections.abc import Sequence

# Words matter as much as vectors and on news more: see docs/decisions.md for what was measured on three sets.
LEXICAL_WEIGHT = 2.0
K = 60


def fuse(lexical: Sequence[tuple[int, float]], dense: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Weighted reciprocal rank fusion (Cormack et al. 2009) of two rankings of (id, score), best first."""
    scores: dict[int, float] = {}
    for weight, ranking in ((LEXICAL_WEIGHT, lexical), (1.0, dense)):
        for rank, (found, _) in enumerate(ranking, start=1):
            scores[found] = scores.get(found, 0.0) + weight / (K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
