"""The same text on two sites: passages that differ in hardly a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from retrieval.text import sentences, terms

# Resemblance of word triples (Broder 1997) from which two passages are one text.
SAME = 0.8
SHINGLE = 3
# More words in place of others are what a site adds to a text: its own beginning, its offers.
EXCHANGED = 3
# Pairs of equal words in two passages, of which prose has some thousands. With more, one letter again and again, they
# would be laid side by side for minutes.
MOST_PAIRS = 100_000
# Each is laid beside those before it, so only among so many, about as many as are shown.
PARTS_AMONG = 12
# A text of so many words may be a part of another by more than chance.
LEAST_PART = 8
# How somebody is quoted, each site puts in its own words.
_REPORTING = frozenset(
    terms("say says said tell tells told add adds added reporter reporters journalist journalists news agency")
)
_NOT = re.compile(r"\b(?:not|never|no|nor|neither|cannot)\b|n['’]t\b", re.IGNORECASE)


def originals(passages: Sequence[Sequence[str]], texts: Sequence[str]) -> list[int]:
    """For each passage, as its terms and its text, the place of the first one that it is a copy of: its own if none.

    Reports that follow one pattern share most words and differ in their numbers, so copies have the same numbers. A
    copy in which a name was exchanged or a "not" put in says something else, and is none. One that was cut is a copy of
    a longer one among the first before it; behind it, that says more.
    """
    first = list(range(len(passages)))
    alike: dict[frozenset[str], list[int]] = {}
    for place, words in enumerate(passages):
        alike.setdefault(frozenset(term for term in words if not term.isalpha()), []).append(place)
    for places in alike.values():
        if len(places) > 1:
            _trace([passages[place] for place in places], [texts[place] for place in places], places, first)
    _trace_parts(passages, texts, first)
    return first


def _trace_parts(passages: Sequence[Sequence[str]], texts: Sequence[str], first: list[int]) -> None:
    """Make each passage that is a part of an earlier one a copy of that; a later one would say more."""
    left = [place for place, own in enumerate(first[:PARTS_AMONG]) if own == place]
    left = [place for place in left if len(passages[place]) >= LEAST_PART]
    held = {place: frozenset(passages[place]) for place in left}
    for at, part in enumerate(left):
        # Looked at in this order, since hardly any two passages share most of their words.
        near = (whole for whole in left[:at] if len(held[part] & held[whole]) >= SAME * len(held[part]))
        whole = next((place for place in near if _is_part((part, place), passages, texts)), part)
        if whole != part:
            first[:] = [first[whole] if own == part else own for own in first]


def _is_part(two: tuple[int, int], passages: Sequence[Sequence[str]], texts: Sequence[str]) -> bool:
    """Has the longer of two passages the numbers of the other, and says it nothing else where both say something?"""
    part, whole = (passages[place] for place in two)
    if not {term for term in part if not term.isalpha()} <= set(whole):
        return False
    shingles = _shingles(part)
    if len(shingles & _shingles(whole)) < SAME * len(shingles) or _exchanged(part, whole):
        return False
    # What was cut off may deny something; what is left must deny as often as the same sentences there.
    told = [span.of(texts[two[1]]) for span in sentences(texts[two[1]])]
    kept = [sentence for sentence in told if set(terms(sentence)) <= set(part)]
    return sum(len(_NOT.findall(one)) for one in kept) == len(_NOT.findall(texts[two[0]]))


def _trace(passages: Sequence[Sequence[str]], texts: Sequence[str], places: Sequence[int], first: list[int]) -> None:
    """Set the first of each of some passages, which have the same numbers."""
    owner: dict[tuple[str, ...], int] = {}
    sizes: list[int] = []
    for at, words in enumerate(passages):
        shingles = _shingles(words)
        sizes.append(len(shingles))
        shared = Counter(owner[shingle] for shingle in shingles if shingle in owner)
        (other, common), *_ = shared.most_common(1) or [(at, 0)]
        alike = common >= SAME * (sizes[at] + sizes[other] - common)
        if alike and other != at and not _altered((words, passages[other]), (texts[at], texts[other])):
            first[places[at]] = first[places[other]]
        for shingle in shingles:
            owner.setdefault(shingle, at)


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}


def _altered(words: tuple[Sequence[str], Sequence[str]], texts: tuple[str, str]) -> bool:
    """Is anything denied that the other says, or are a few words of one exchanged for others?"""
    denials = [len(_NOT.findall(text)) for text in texts]
    return denials[0] != denials[1] or _exchanged(*words)


def _exchanged(one: Sequence[str], other: Sequence[str]) -> bool:
    """Do a few words of one stand for others, and not only for how somebody is quoted?"""
    if one == other:
        return False
    mine, theirs = Counter(one), Counter(other)
    if sum(count * theirs[term] for term, count in mine.items()) > MOST_PAIRS:
        return True
    changes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return any(
        kind == "replace"
        and max(end - start, stop - begin) <= EXCHANGED
        and not _REPORTING.issuperset([*one[start:end], *other[begin:stop]])
        for kind, start, end, begin, stop in changes
    )
