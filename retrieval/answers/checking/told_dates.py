"""The dates that an article tells without writing them out: its own day, "on Tuesday", "last year", "next month"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from retrieval.answers.checking.statement import Statement
from retrieval.calendar_names import MONTH_NUMBERS, MONTHS, WEEKDAYS, YEAR
from retrieval.index.days import day_of
from retrieval.text import fold

_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
_DAYS = ((re.compile(r"\byesterday\b", re.IGNORECASE), -1), (re.compile(r"\btomorrow\b", re.IGNORECASE), 1))
_YEARS = (
    (re.compile(r"\b(?:last|previous|past|prior) year\b|\byear (?:earlier|ago|before)\b", re.IGNORECASE), -1),
    (re.compile(r"\bnext year\b", re.IGNORECASE), 1),
)
_OTHER_MONTHS = (
    (re.compile(r"\blast month\b", re.IGNORECASE), -1),
    (re.compile(r"\bnext month\b", re.IGNORECASE), 1),
)


def told_dates(text: str, published_at: str | None) -> str:
    """Those dates written out, "12 March 2024" and "2023", one a line; empty for an article without a day."""
    day = day_of(published_at)
    return "\n".join(dict.fromkeys((_written(day), *_told(text, day)))) if day else ""


def told_as_date(claim: Statement, dates: frozenset[str]) -> frozenset[str]:
    """The numbers of a claim that are those of `dates` and stand there as years or beside a month or another number."""
    found: set[str] = set()
    for at, word in enumerate(claim.words):
        if word.text in dates:
            around = claim.words[max(0, at - 2) : at] + claim.words[at + 1 : at + 3]
            beside = any(one.text.lower() in MONTH_NUMBERS for one in around)
            if re.fullmatch(YEAR, word.text) or beside or not word.number:
                found.add(word.text)
    return frozenset(found)


def told_days(text: str, published_at: str | None) -> str:
    """The same without the article's own day."""
    day = day_of(published_at)
    return "\n".join(dict.fromkeys(_told(text, day))) if day else ""


def _told(text: str, day: date) -> Iterator[str]:
    # An s or an i of another alphabet is matched as well, but names no day.
    text = fold(text)
    for match in _WEEKDAY.finditer(text):
        # A weekday is the last one before an article, or its own.
        back = (day.weekday() - WEEKDAYS.index(match.group().capitalize())) % 7
        yield _written(day - timedelta(days=back))
    for pattern, days in _DAYS:
        if pattern.search(text):
            yield _written(day + timedelta(days=days))
    for pattern, years in _YEARS:
        if pattern.search(text):
            yield str(day.year + years)
    for pattern, months in _OTHER_MONTHS:
        if pattern.search(text):
            month = day.year * 12 + day.month - 1 + months
            yield f"{MONTHS[month % 12]} {month // 12}"


def _written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
