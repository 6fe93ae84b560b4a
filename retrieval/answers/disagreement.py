"""Two articles that say opposite things.

Lexical and cautious: two strong answers to the question, from different articles, about the same things, of which
one says with a plain word (or a number) what the other denies. What was so once and is not so now is no
disagreement, and a sentence that reports both sides takes none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from retrieval.answers.evidence import EvidenceSentence
from retrieval.answers.words import NEGATION
from retrieval.text import fold, stem, terms

# Each pair of rows is an opposition; a sentence that has a word of one side only is on that side.
_OPPOSITES: tuple[tuple[str, str], ...] = (
    (
        "share shared shares sharing joint jointly together",
        "alone sole solely exclusive exclusively independent independently without",
    ),
    ("increase rise rose risen grow grew grown climb surge", "decrease fall fell fallen drop decline shrink"),
    ("allow permit approve accept", "ban forbid prohibit block reject refuse"),
    ("win won winner", "lose lost loser"),
    ("succeed success successful", "fail failure unsuccessful"),
    ("true correct genuine", "false wrong fake"),
)
_GROUPS = tuple(
    (frozenset(stem(word) for word in one.split()), frozenset(stem(word) for word in other.split()))
    for one, other in _OPPOSITES
)
_ON_ITS_OWN = re.compile(r"\b(?:on|by) (?:its|their|his|her) own\b|\bby (?:itself|themselves|himself|herself)\b")
_PAST = re.compile(
    r"\b(?:used to|had been|once|previously|former(?:ly)?|earlier|until|before|originally|in the past|old)\b",
    re.IGNORECASE,
)
_REPORTS_BOTH = re.compile(r"\b(?:others?|some) (?:say|said|read|report|claim|accounts?|articles?|passages?)\b", re.I)
_AMOUNT = re.compile(
    r"(?P<money>[$€£¥])?\s?(?P<value>\d+(?:[.,]\d+)*)[\s-]?(?P<unit>%|per cent|[a-z]+)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_WORDS = re.compile(r"[a-z]+(?:-[a-z]+)*(?:n't)?")
_NEGATES = re.compile(r"not|never|no|neither|nor|cannot|\w+n't")

# How much of the question each side must hold, how many words both must share, and of the shorter one how much:
# for opposite words, and for numbers, which differ for a thousand other reasons.
LEAST_SUPPORT = 0.45
LEAST_SHARED = 3
LEAST_OVERLAP = 0.3
LEAST_OVERLAP_NUMBERS = 0.6
# A side must be among the best answers.
SCORE_MARGIN = 6.0


def find_disagreement(ranked: Sequence[EvidenceSentence]) -> tuple[EvidenceSentence, EvidenceSentence] | None:
    """The strongest two sentences that contradict each other, newest article first; or None.

    `ranked` is best first.
    """
    strong = [
        side
        for side in ranked
        if side.quote.score >= LEAST_SUPPORT
        and side.score >= ranked[0].score - SCORE_MARGIN
        and not _PAST.search(side.quote.text)
        and not _REPORTS_BOTH.search(side.quote.text)
    ]
    for first, second in sorted(combinations(range(len(strong)), 2), key=sum):
        a, b = strong[first], strong[second]
        if a.quote.passage.article_id != b.quote.passage.article_id and contradict(a.quote.text, b.quote.text):
            newest = sorted((a, b), key=lambda side: side.quote.passage.published_at or "", reverse=True)
            return newest[0], newest[1]
    return None


def contradict(a: str, b: str) -> bool:
    """Do two sentences about the same things say opposite things?"""
    stems_a, stems_b = set(terms(a)), set(terms(b))
    shared = stems_a & stems_b
    shorter = min(len(stems_a), len(stems_b)) or 1
    if len(shared) < LEAST_SHARED or len(shared) / shorter < LEAST_OVERLAP:
        return False
    if len(shared) / shorter >= LEAST_OVERLAP_NUMBERS and (_amounts_differ(a, b) or _denied(a, b)):
        return True
    return any(_opposed(_side(a, group), _side(b, group)) for group in _GROUPS)


def _side(text: str, group: tuple[frozenset[str], frozenset[str]]) -> int | None:
    """0 or 1 for the side of an opposition that the sentence is on, None for neither or both.

    A negation just before the word puts the sentence on the other side: "not shared" is "alone".
    """
    words = _WORDS.findall(_ON_ITS_OWN.sub("alone", fold(text).lower()))
    found: set[int] = set()
    for i, word in enumerate(words):
        for side in (0, 1):
            if stem(word) in group[side]:
                denied = any(_NEGATES.fullmatch(earlier) for earlier in words[max(0, i - 2) : i])
                found.add(1 - side if denied else side)
    return found.pop() if len(found) == 1 else None


def _opposed(a: int | None, b: int | None) -> bool:
    return a is not None and b is not None and a != b


def _denied(a: str, b: str) -> bool:
    return bool(NEGATION.search(a)) != bool(NEGATION.search(b))


def _amounts_differ(a: str, b: str) -> bool:
    """Do both give an amount of the same unit, and no amount of it in common?"""
    amounts_a, amounts_b = _amounts(a), _amounts(b)
    different = {unit for unit in amounts_a.keys() & amounts_b.keys() if amounts_a[unit].isdisjoint(amounts_b[unit])}
    # Figures of different years differ for a good reason; only the year itself may be what they disagree about.
    return bool(different) and ("year" not in different or different == {"year"})


def _amounts(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _AMOUNT.finditer(fold(text)):
        value = match["value"].replace(",", "").rstrip(".")
        unit = "year" if _YEAR.match(value) and not match["money"] else (match["unit"] or "").lower()
        if unit or match["money"]:
            found.setdefault(f"{match['money'] or ''}{stem(unit)}", set()).add(value)
    return found
