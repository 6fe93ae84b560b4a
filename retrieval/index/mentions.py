"""What a question says about where an article stood and when: "TechCrunch on 4 October 2023", "the latest"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from retrieval.articles import Passage
from retrieval.index.outlets import is_named
from retrieval.index.times import Time, times_in
from retrieval.text import fold

# Who asks in the present what is so now asks for the latest, too; "was it still open?" asks of the past.
_NOW = re.compile(r"\b(?:now|current(?:ly)?|still|today|at (?:the moment|present)|presently)\b(?!'s\b)", re.IGNORECASE)
_DOES = r"who\s+(?!was\b|does\b)\w+s\b"
_PRESENT = re.compile(rf"\b(?:is|are|does|do|has|have|can|am|what's|who's|whats|whos|{_DOES})\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:was|were|did|had)\b", re.IGNORECASE)
# A role, a count or a state, asked for in the present: each may have been another before.
_STATE = re.compile(
    rf"\W*(?:(?:so|and|but|ok|hey|hi|then)\W+)*(?:who(?:'s|\s+is|\s+are)\b|{_DOES}|what(?:'s|\s+is|\s+are)\s+the\b"
    r"|how\s+(?:many|much|old)\b.*\b(?:is|are|does|do|has|have)\b"
    r"|(?:is|are|does|do|has|have)\b)",
    re.IGNORECASE,
)
_TO_COME = re.compile(r"\b(?:will|would|going to|planned|expected)\b", re.IGNORECASE)
# In more words it describes: "Which company, currently in court over …, has …?"
MOST_WORDS_NOW = 16
_EARLIEST = re.compile(
    r"\b(?:earliest|oldest|first)\s+(?:news|reports?|articles?|story|stories|mentions?|coverage)\b"
    r"|\bfirst\s+(?:reported|mentioned|written about|covered)\b",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recently|these days|nowadays|as of (?:now|today)|up to date)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The sources and times that a question names, and whether it asks for the `latest` or the `earliest`.

    Who asks for a `state` (who leads it, how many it has) means the present one, but may do with an old article.
    """

    text: str
    times: tuple[Time, ...]
    latest: bool = False
    earliest: bool = False
    state: bool = False

    # The search, the finder and the weighing of what it found each read the same question.
    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, text: str, today: date | None = None) -> Mentions:
        """Read a question; what is told from today, such as "last year", is only understood where it is given."""
        folded = fold(text)
        earliest = _EARLIEST.search(folded) is not None
        brief = len(folded.split()) <= MOST_WORDS_NOW
        now = brief and _NOW.search(folded) and _PRESENT.search(folded) and not _PAST.search(folded)
        latest = not earliest and bool(_LATEST.search(folded) or now)
        times = times_in(folded, today)
        told = times or latest or earliest or _PAST.search(folded) or _TO_COME.search(folded)
        return cls(folded, times, latest, earliest, bool(brief and not told and _STATE.match(folded)))

    def ages(self, days: Sequence[str]) -> list[float]:
        """How well the age of each of these days fits, from 0 to 1, where the latest or the earliest is asked for."""
        if self.latest:
            return newness(days)
        if self.earliest:
            return [1.0 - new if day else 0.0 for day, new in zip(days, newness(days), strict=True)]
        return [0.0] * len(days)

    def names(self, passage: Passage) -> bool:
        """Is its article's source named?"""
        return passage.source is not None and is_named(self.text, passage.source)

    def match(self, passage: Passage) -> float:
        """How well a passage's article fits: 1 for its source, up to 1 for its date."""
        return float(self.names(passage)) + max((time.match(passage.published_at) for time in self.times), default=0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an article fits the source and the time that a question names.

    `score` is 1 for one of them, 2 for both; for a question for the latest or the earliest up to 1 more. `words` are
    those of the question that the article's day answers, "September 2024".
    """

    score: float
    words: str


def fits(mentions: Mentions, passages: Sequence[Passage]) -> list[Fit]:
    """The fit of each passage's article."""
    found: list[Fit] = []
    for passage, age in zip(passages, mentions.ages([passage.day for passage in passages]), strict=True):
        times = [time.words for time in mentions.times if time.holds(passage.published_at)]
        score = float(mentions.names(passage)) + float(bool(times)) + age
        found.append(Fit(score, " ".join(times)))
    return found


def newness(days: Sequence[str]) -> list[float]:
    """1 for the newest of these days, 0 for the oldest and for what is undated, by their place among the days."""
    known = sorted({*days} - {""})
    places = {day: place / max(1, len(known) - 1) for place, day in enumerate(known)}
    return [places.get(day, 0.0) for day in days]
