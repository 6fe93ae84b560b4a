"""BM25 of passages (Robertson & Zaragoza 2009): of many at once from their counts, or of one from its terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
# What a term weighs that half of the passages or more have.
LEAST_WEIGHT = 1e-6

Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Bm25:
    """A question's terms in one library: what each weighs, and a passage's mean length."""

    weights: Mapping[str, float]
    average: float

    @classmethod
    def of(cls, counts: Mapping[str, int], size: int, average: float) -> Bm25:
        """From how many passages have each term, in a library of `size` passages with so many terms on average."""
        weights = {
            term: max(math.log((size - count + 0.5) / (count + 0.5)), LEAST_WEIGHT) for term, count in counts.items()
        }
        return cls(weights, max(average, 1.0))

    def scaled(self, factors: Mapping[str, float]) -> Bm25:
        """With some terms that count as much more or less."""
        weights = {term: weight * factors.get(term, 1.0) for term, weight in self.weights.items()}
        return replace(self, weights=weights)

    def norms(self, lengths: Number) -> Number:
        """What a passage of that many terms must be divided by, besides its count of a term."""
        return K1 * (1 - B + B * lengths / self.average)

    def share(self, term: str, count: Number, norm: Number) -> Number:
        """What a term adds to the score of a passage that has it so often."""
        return self.weights[term] * count * (K1 + 1) / (count + norm)

    def score(self, passage: Sequence[str]) -> float:
        """The score of a passage's terms."""
        counts: dict[str, int] = {}
        for term in passage:
            if term in self.weights:
                counts[term] = counts.get(term, 0) + 1
        norm = self.norms(float(len(passage)))
        return sum(self.share(term, float(count), norm) for term, count in counts.items())


def best(scores: Iterable[tuple[int, float]], limit: int) -> list[tuple[int, float]]:
    """The best (id, score) above zero, best first, equal ones by id."""
    return sorted((one for one in scores if one[1] > 0), key=lambda one: (-one[1], one[0]))[:limit]
