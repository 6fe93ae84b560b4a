"""BM25 of passages whose terms are at hand (Robertson & Zaragoza 2009), exactly as SQLite's FTS5 scores them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# The constants that FTS5 uses.
K1 = 1.2
B = 0.75
# What FTS5 gives a term that half of the passages or more have.
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True)
class Bm25:
    """The weights of a question's terms in one library, and how many terms a passage of it has on average."""

    weights: Mapping[str, float]
    average: float

    @classmethod
    def of(cls, frequencies: Mapping[str, int], size: int, average: float) -> Bm25:
        """From the number of passages that have each term, of `size` passages in all."""
        weights = {
            term: max(math.log((size - count + 0.5) / (count + 0.5)), LEAST_WEIGHT)
            for term, count in frequencies.items()
        }
        return cls(weights, max(average, 1.0))

    def shares(self, passage: Sequence[str]) -> dict[str, float]:
        """What each term adds to the passage's score: BM25 is the sum over the terms that are asked for."""
        weights = self.weights
        counts: dict[str, int] = {}
        for term in passage:
            if term in weights:
                counts[term] = counts.get(term, 0) + 1
        norm = K1 * (1 - B + B * len(passage) / self.average)
        return {term: weights[term] * count * (K1 + 1) / (count + norm) for term, count in counts.items()}


def best(scores: Iterable[tuple[int, float]], limit: int) -> list[tuple[int, float]]:
    """The best (id, score) above zero, best first, equal ones by id."""
    return sorted((one for one in scores if one[1] > 0), key=lambda one: (-one[1], one[0]))[:limit]
