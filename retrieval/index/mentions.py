"""What a question says about where an article stood and when: "TechCrunch on 4 October 2023", "the latest"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.articles import Passage
from retrieval.index.outlets import is_named
from retrieval.index.times import Time, times_in
from retrieval.text import fold

_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recently|these days|nowadays|as of (?:now|today)|up to date)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The sources and times that a question names."""

    text: str
    times: tuple[Time, ...]
    latest: bool = False

    @classmethod
    def of(cls, text: str, today: date | None = None) -> Mentions:
        """Read a question; what is told from today, such as "last year", is only understood where it is given."""
        folded = fold(text)
        return cls(folded, times_in(folded, today), _LATEST.search(folded) is not None)

    def names(self, passage: Passage) -> bool:
        """Is its article's source named?"""
        return passage.source is not None and is_named(self.text, passage.source)

    def match(self, passage: Passage) -> float:
        """How well a passage's article fits: 1 for its source, up to 1 for its date."""
        return float(self.names(passage)) + max((time.match(passage.published_at) for time in self.times), default=0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an article fits the source and the time that a question names.

    `score` is 1 for one of them, 2 for both; for a question for the latest up to 1 more. `words` are those of the
    question that the article's day answers, "September 2024".
    """

    score: float
    words: str


def fits(mentions: Mentions, passages: Sequence[Passage]) -> list[Fit]:
    """The fit of each passage's article."""
    found: list[Fit] = []
    for passage, new in zip(passages, newness([passage.published_at for passage in passages]), strict=True):
        times = [time.words for time in mentions.times if time.holds(passage.published_at)]
        score = float(mentions.names(passage)) + float(bool(times)) + (new if mentions.latest else 0.0)
        found.append(Fit(score, " ".join(times)))
    return found


def newness(days: Sequence[str | None]) -> list[float]:
    """1 for the newest of these days, 0 for the oldest and for what is undated, by their place among the days."""
    known = sorted({(day or "")[:10] for day in days} - {""})
    places = {day: place / max(1, len(known) - 1) for place, day in enumerate(known)}
    return [places.get((day or "")[:10], 0.0) for day in days]
