"""What a question says about where an article stood and when: "the TechCrunch article of 4 October 2023"."""

from __future__ import annotations

import re
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
    rf"(?P<lead>\b(?:in|of|during|since|from|early|mid|late|last|this)[\s-]+)?"
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\b\.?"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
# What stands behind the name proper: "FOX News - Health", "Cnbc | World Business News", "Live Science: The Most …".
_SUBTITLE = re.compile(r"\s+[|–-]\s+|:\s+")
_HOST = re.compile(r"^(?:www\.)?([\w-]+)\.(?:\w+\.)?[a-z]{2,}$", re.IGNORECASE)
# A question for a month is met by any day of it, but a question for a day only by that day.
MONTH_ONLY = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """A date as it was named; year and day may be left open."""

    year: int | None
    month: int
    day: int | None

    def match(self, published_at: str | None) -> float:
        """1 for an article of that day, a half for one of the month that was asked for, else 0."""
        if not published_at or len(published_at) < 10:
            return 0.0
        year, month, day = published_at[:4], published_at[5:7], published_at[8:10]
        if month != f"{self.month:02}" or (self.year is not None and year != str(self.year)):
            return 0.0
        if self.day is None:
            return MONTH_ONLY
        return float(day == f"{self.day:02}")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The sources and dates that a question names."""

    text: str
    days: tuple[Day, ...]

    @classmethod
    def of(cls, text: str) -> Mentions:
        """Read a question."""
        folded = fold(text)
        return cls(folded, (*_iso(folded), *_written(folded)))

    def match(self, passage: Passage) -> float:
        """How well a passage's article fits: 1 for its source, up to 1 for its date."""
        named = passage.source is not None and any(name.search(self.text) for name in _names(passage.source))
        return float(named) + max((day.match(passage.published_at) for day in self.days), default=0.0)


def _iso(text: str) -> tuple[Day, ...]:
    return tuple(
        Day(int(found["year"]), int(found["month"]), int(found["day"]) if found["day"] else None)
        for found in _ISO.finditer(text)
    )


def _written(text: str) -> tuple[Day, ...]:
    days: list[Day] = []
    for found in _WRITTEN.finditer(text):
        day, year = found["before"] or found["after"], found["year"]
        # By itself "may", "march" or "mar" is hardly ever a month.
        if day or year or found["lead"]:
            month = _MONTHS[found["month"].lower()]
            days.append(Day(int(year) if year else None, month, int(day) if day else None))
    return tuple(days)


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
