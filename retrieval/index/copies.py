"""The same text on two sites: passages that differ in hardly a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# Resemblance of word triples (Broder 1997) from which two passages are one text.
SAME = 0.8
SHINGLE = 3


def originals(passages: Sequence[Sequence[str]]) -> list[int]:
    """For each passage, as its terms, the place of the first one that it is a copy of: its own if it is none.

    Reports that follow one pattern share most words and differ in their numbers, so copies have the same numbers.
    """
    first = list(range(len(passages)))
    alike: dict[frozenset[str], list[int]] = {}
    for place, terms in enumerate(passages):
        alike.setdefault(frozenset(term for term in terms if not term.isalpha()), []).append(place)
    for places in alike.values():
        if len(places) > 1:
            _trace([passages[place] for place in places], places, first)
    return first


def _trace(passages: Sequence[Sequence[str]], places: Sequence[int], first: list[int]) -> None:
    """Set the first of each of some passages, which have the same numbers."""
    owner: dict[tuple[str, ...], int] = {}
    sizes: list[int] = []
    for at, terms in enumerate(passages):
        shingles = {tuple(terms[i : i + SHINGLE]) for i in range(max(1, len(terms) - SHINGLE + 1))}
        sizes.append(len(shingles))
        shared = Counter(owner[shingle] for shingle in shingles if shingle in owner)
        (other, common), *_ = shared.most_common(1) or [(at, 0)]
        if common >= SAME * (sizes[at] + sizes[other] - common):
            first[places[at]] = first[places[other]]
        for shingle in shingles:
            owner.setdefault(shingle, at)
