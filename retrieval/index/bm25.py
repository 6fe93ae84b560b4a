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
    """A question's terms in one library: how many passages have each, what it weighs, and a passage's mean length."""

    counts: Mapping[str, int]
    weights: Mapping[str, float]
    average: float

    @classmethod
    def of(cls, counts: Mapping[str, int], size: int, average: float) -> Bm25:
        """For a library of `size` passages with so many terms on average."""
        weights = {
            term: max(math.log((size - count + 0.5) / (count + 0.5)), LEAST_WEIGHT) for term, count in counts.items()
        }
        return cls(counts, weights, max(average, 1.0))

    def shares(self, passage: Sequence[str]) -> dict[str, float]:
        """What each term adds to the passage's score: BM25 is the sum over the terms that are asked for."""
        weights = self.weights
        counts: dict[str, int] = {}
        for term in passage:
            if term in weights:
                counts[term] = counts.get(term, 0) + 1
        norm = K1 * (1 - B + B * len(passage) / self.average)
        return {term: weights[term] * count * (K1 + 1) / (count + norm) for term, count in counts.items()}

    def score(self, passage: Sequence[str]) -> float:
        """The passage's score for all terms."""
        return sum(self.shares(passage).values())


def best(scores: Iterable[tuple[int, float]], limit: int) -> list[tuple[int, float]]:
    """The best (id, score) above zero, best first, equal ones by id."""
    return sorted((one for one in scores if one[1] > 0), key=lambda one: (-one[1], one[0]))[:limit]
