"""What a question says about where an article stood and when: "TechCrunch on 4 October 2023", "the latest"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.articles import Passage
from retrieval.text import fold

_NAMES = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
)
_MONTHS = {name: number for names in _NAMES for number, name in enumerate(names, start=1)} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)(?:-(?P<day>\d\d))?\b")
_WRITTEN = re.compile(
    rf"(?P<lead>\b(?:in|of|during|since|from|early|mid|late|last|this|before|after|until|by|prior to)[\s-]+)?"
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\b\.?"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
# What stands behind the name proper: "FOX News - Health", "Cnbc | World Business News", "Live Science: The Most …".
_SUBTITLE = re.compile(r"\s+[|–-]\s+|:\s+")
_HOST = re.compile(r"^(?:www\.)?([\w-]+)\.(?:\w+\.)?[a-z]{2,}$", re.IGNORECASE)
_YEAR = re.compile(
    r"\b(?P<lead>in|during|since|before|after|until|by|prior to)\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recently|these days|nowadays|as of (?:now|today)|up to date)\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = frozenset({"before", "until", "by", "prior to"}), frozenset({"after", "since"})
# A question for a month is met by any day of it, but a question for a day only by that day.
MONTH_ONLY = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """A date as it was named; year, month and day may be left open. `lead` stands before it; `words` is all of it."""

    year: int | None
    month: int | None
    day: int | None
    lead: str = ""
    words: str = ""

    def match(self, published_at: str | None) -> float:
        """1 for an article of that day, a half for one of the month or year, or of the time before or after; else 0."""
        if not published_at or len(published_at) < 10:
            return 0.0
        if self.year is not None and self.lead in _BEFORE | _AFTER:
            return self._beside(published_at[:10])
        year, month, day = published_at[:4], published_at[5:7], published_at[8:10]
        if self.month not in (None, int(month) if month.isdigit() else 0) or self.year not in (None, int(year)):
            return 0.0
        if self.day is None:
            return MONTH_ONLY
        return float(day == f"{self.day:02}")

    def _beside(self, published: str) -> float:
        bound = f"{self.year}" + (f"-{self.month:02}" if self.month else "") + (f"-{self.day:02}" if self.day else "")
        published = published[: len(bound)]
        return MONTH_ONLY * (published < bound if self.lead in _BEFORE else published > bound)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The sources and dates that a question names."""

    text: str
    days: tuple[Day, ...]
    latest: bool = False

    @classmethod
    def of(cls, text: str) -> Mentions:
        """Read a question."""
        folded = fold(text)
        return cls(folded, (*_iso(folded), *_written(folded), *_years(folded)), _LATEST.search(folded) is not None)

    def names(self, passage: Passage) -> bool:
        """Is its article's source named?"""
        return passage.source is not None and any(name.search(self.text) for name in _names(passage.source))

    def match(self, passage: Passage) -> float:
        """How well a passage's article fits: 1 for its source, up to 1 for its date."""
        return float(self.names(passage)) + max((day.match(passage.published_at) for day in self.days), default=0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an article fits the source and the time that a question names.

    `score` is 1 for one of them, 2 for both; for a question for the latest up to 1 more. `words` are those of the
    question that the article's day answers, "September 2024".
    """

    score: float
    words: str


def fits(question: str, passages: Sequence[Passage]) -> list[Fit]:
    """The fit of each passage's article."""
    mentions = Mentions.of(question)
    found: list[Fit] = []
    for passage, new in zip(passages, newness([passage.published_at for passage in passages]), strict=True):
        days = [day.words for day in mentions.days if day.match(passage.published_at)]
        score = float(mentions.names(passage)) + float(bool(days)) + (new if mentions.latest else 0.0)
        found.append(Fit(score, " ".join(days)))
    return found


def newness(days: Sequence[str | None]) -> list[float]:
    """1 for the newest of these days, 0 for the oldest and for what is undated, by their place among the days."""
    known = sorted({(day or "")[:10] for day in days} - {""})
    places = {day: place / max(1, len(known) - 1) for place, day in enumerate(known)}
    return [places.get((day or "")[:10], 0.0) for day in days]


def _iso(text: str) -> tuple[Day, ...]:
    return tuple(
        Day(int(found["year"]), int(found["month"]), int(found["day"]) if found["day"] else None, words=found.group())
        for found in _ISO.finditer(text)
    )


def _written(text: str) -> tuple[Day, ...]:
    days: list[Day] = []
    for found in _WRITTEN.finditer(text):
        day, year = found["before"] or found["after"], found["year"]
        # By itself "may", "march" or "mar" is hardly ever a month.
        if day or year or found["lead"]:
            month = _MONTHS[found["month"].lower()]
            lead = _word(found["lead"])
            days.append(Day(int(year) if year else None, month, int(day) if day else None, lead, found.group()))
    return tuple(days)


def _years(text: str) -> tuple[Day, ...]:
    return tuple(
        Day(int(found["year"]), None, None, _word(found["lead"]), found.group()) for found in _YEAR.finditer(text)
    )


def _word(lead: str | None) -> str:
    return " ".join((lead or "").lower().replace("-", " ").split())


@lru_cache(maxsize=4_096)
def _names(source: str) -> tuple[re.Pattern[str], ...]:
    """What a source may be called. A single word must be written as a name: "Fortune" is one, "fortune" is luck."""
    source = fold(source)
    called = {source, _SUBTITLE.split(source)[0]}
    called |= {host[1] for name in called if (host := _HOST.match(name))}
    patterns: list[re.Pattern[str]] = []
    for name in sorted(called):
        words = re.findall(r"\w+", name)
        article = len(words) > 1 and words[0].lower() == "the"
        proper = r"\W+".join(map(re.escape, words[article:]))
        if len(words) - article > 1:
            patterns.append(re.compile(rf"\b{proper}\b", re.IGNORECASE))
        elif words:
            the = r"\b(?i:the)\s+" if article else r"\b"
            patterns.append(re.compile(rf"{the}(?:(?=[^\Wa-z])|(?<=according to ))(?i:{proper})\b"))
    return tuple(patterns)
