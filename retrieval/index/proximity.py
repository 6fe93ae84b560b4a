"""Do words that stand together in a question stand together in a passage? BM25 does not ask.

After the sequential dependence model (Metzler & Croft 2005): there pairs that adjoin and pairs within a window are
two features; here one, the reciprocal of their distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

Pairs = tuple[tuple[str, str], ...]


def neighbours(asked: Sequence[str]) -> Pairs:
    """The distinct pairs of terms that follow each other in a question."""
    return tuple(dict.fromkeys((one, other) for one, other in pairwise(asked) if one != other))


def nearness(pairs: Pairs, passage: Sequence[str]) -> dict[tuple[str, str], float]:
    """For each pair of which a passage has both terms, one over their least distance in it: 1 where they adjoin."""
    wanted = {term for pair in pairs for term in pair}
    places: dict[str, list[int]] = {}
    for place, term in enumerate(passage):
        if term in wanted:
            places.setdefault(term, []).append(place)
    return {(a, b): 1 / _distance(places[a], places[b]) for a, b in pairs if a in places and b in places}


def closeness(pairs: Pairs, near: Mapping[tuple[str, str], float]) -> float:
    """The mean nearness of pairs in a passage, from 0 to 1 (every pair adjoins)."""
    return sum(near.get(pair, 0.0) for pair in pairs) / (len(pairs) or 1)


def _distance(some: Sequence[int], others: Sequence[int]) -> int:
    """The least distance of two ascending lists of places, which share none."""
    least, i, j = abs(some[0] - others[0]), 0, 0
    while i < len(some) and j < len(others):
        least = min(least, abs(some[i] - others[j]))
        if some[i] < others[j]:
            i += 1
        else:
            j += 1
    return least
