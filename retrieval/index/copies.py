"""The same text on two sites: passages that differ in hardly a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

# Resemblance of word triples (Broder 1997) from which two passages are one text.
SAME = 0.8
SHINGLE = 3
# More words in place of others are what a site adds to a text: its own beginning, its offers.
EXCHANGED = 3
# Pairs of equal words in two passages, of which prose has some thousands. With more, one letter again and again, they
# would be laid side by side for minutes.
MOST_PAIRS = 100_000
_NOT = re.compile(r"\b(?:not|never|no|nor|neither|cannot)\b|n['’]t\b", re.IGNORECASE)


def originals(passages: Sequence[Sequence[str]], texts: Sequence[str]) -> list[int]:
    """For each passage, as its terms and its text, the place of the first one that it is a copy of: its own if none.

    Reports that follow one pattern share most words and differ in their numbers, so copies have the same numbers. A
    copy in which a name was exchanged or a "not" put in says something else, and is none.
    """
    first = list(range(len(passages)))
    alike: dict[frozenset[str], list[int]] = {}
    for place, terms in enumerate(passages):
        alike.setdefault(frozenset(term for term in terms if not term.isalpha()), []).append(place)
    for places in alike.values():
        if len(places) > 1:
            _trace([passages[place] for place in places], [texts[place] for place in places], places, first)
    return first


def _trace(passages: Sequence[Sequence[str]], texts: Sequence[str], places: Sequence[int], first: list[int]) -> None:
    """Set the first of each of some passages, which have the same numbers."""
    owner: dict[tuple[str, ...], int] = {}
    sizes: list[int] = []
    for at, terms in enumerate(passages):
        shingles = {tuple(terms[i : i + SHINGLE]) for i in range(max(1, len(terms) - SHINGLE + 1))}
        sizes.append(len(shingles))
        shared = Counter(owner[shingle] for shingle in shingles if shingle in owner)
        (other, common), *_ = shared.most_common(1) or [(at, 0)]
        alike = common >= SAME * (sizes[at] + sizes[other] - common)
        if alike and other != at and not _altered((terms, passages[other]), (texts[at], texts[other])):
            first[places[at]] = first[places[other]]
        for shingle in shingles:
            owner.setdefault(shingle, at)


def _altered(terms: tuple[Sequence[str], Sequence[str]], texts: tuple[str, str]) -> bool:
    """Is anything denied that the other says, or are a few words of one exchanged for others?"""
    denials = [len(_NOT.findall(text)) for text in texts]
    if terms[0] == terms[1]:
        return denials[0] != denials[1]
    one, other = map(Counter, terms)
    if sum(count * other[term] for term, count in one.items()) > MOST_PAIRS:
        return True
    changes = SequenceMatcher(None, *terms, autojunk=False).get_opcodes()
    return denials[0] != denials[1] or any(
        kind == "replace" and max(end - start, stop - begin) <= EXCHANGED for kind, start, end, begin, stop in changes
    )
