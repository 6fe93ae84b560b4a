"""Days, months and years as a text writes them: "2024-05-28", "28.05.2024", "5 October 2023", "since May"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.calendar_names import MONTH_NUMBERS

# No article is older; some programs write the first day of the calendar for no date.
FIRST_YEAR = 1000
_MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
# What stands before a time and says how it is meant.
LEADS = r"in|on|at|of|around|during|within|since|from|between|before|after|until|till|by|prior to"
_LEAD = rf"(?P<lead>\b(?:{LEADS})[\s-]+(?:the\s+)?)?"
_ISO = re.compile(rf"{_LEAD}\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)(?:-(?P<day>\d\d))?\b", re.IGNORECASE)
_FIGURES = re.compile(
    rf"{_LEAD}(?<![\d./])(?P<one>\d{{1,2}})(?P<mark>[./])\s?(?P<other>\d{{1,2}})(?P=mark)\s?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    rf"{_LEAD}(?P<part>\b(?:early|mid|late|last|this)[\s-]+|\b(?:beginning|start|middle|end)\s+of\s+"
    r"|\bweek\s+(?:of|from|beginning|starting)\s+(?:the\s+)?)?"
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\b\.?"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?P<lead>in|during|since|from|between|before|after|until|till|by|prior to)\s+(?P<year>(?:19|20)\d\d)\b(?!-\d)",
    re.IGNORECASE,
)
_SAME_PART = {"beginning": "early", "start": "early", "middle": "mid", "end": "late"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date as it is named; year, month and day may be left open.

    `lead` stands before it, `part` says "early", "mid", "late", "last", "this" or "week"; `words` is all of it and
    begins at `start`.
    """

    year: int | None
    month: int | None
    day: int | None
    lead: str = ""
    part: str = ""
    words: str = ""
    start: int = 0


def days_in(text: str) -> tuple[Day, ...]:
    """All of them, by the way they are written."""
    return (*_iso(text), *_figures(text), *_written(text), *_years(text))


def day_of(published_at: str | None) -> date | None:
    """The day of an article; None when it has none."""
    try:
        day = date.fromisoformat((published_at or "")[:10])
    except ValueError:
        return None
    # What is told from a day must be in the calendar, too, up to 999 years before it and the year after it.
    return day if FIRST_YEAR <= day.year < date.max.year else None


def later_by(one: str | None, other: str | None) -> timedelta | None:
    """How much later one article was published than another; None where the day of either is not known."""
    ours, theirs = day_of(one), day_of(other)
    return ours - theirs if ours and theirs else None


def lead_of(found: re.Match[str]) -> str:
    """What stands before a time, in small letters and without the article."""
    return _word(found["lead"]).removesuffix(" the")


def _iso(text: str) -> Iterator[Day]:
    for found in _ISO.finditer(text):
        yield _day(found, int(found["month"]), found["day"])


def _figures(text: str) -> Iterator[Day]:
    for found in _FIGURES.finditer(text):
        one, other = int(found["one"]), int(found["other"])
        # With a stroke the month may come first; what can be read in two ways is both.
        pairs = {(one, other)} | ({(other, one)} if found["mark"] == "/" else set())
        for day, month in sorted(pairs):
            if 1 <= month <= 12 and 1 <= day <= 31:
                yield _day(found, month, str(day))


def _written(text: str) -> Iterator[Day]:
    for found in _WRITTEN.finditer(text):
        day = found["before"] or found["after"]
        # By itself "may", "march" or "mar" is hardly ever a month.
        if day or found["year"] or found["lead"] or found["part"]:
            part = _word(found["part"]).split(" ")[0]
            yield _day(found, MONTH_NUMBERS[found["month"].lower()], day, _SAME_PART.get(part, part))


def _years(text: str) -> Iterator[Day]:
    for found in _YEAR.finditer(text):
        yield _day(found, None, None)


def _day(found: re.Match[str], month: int | None, day: str | None, part: str = "") -> Day:
    year = int(found["year"]) if found["year"] else None
    return Day(year, month, int(day) if day else None, lead_of(found), part, found.group(), found.start())


def _word(found: str | None) -> str:
    return " ".join((found or "").lower().replace("-", " ").split())
