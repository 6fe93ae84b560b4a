"""The times that a question names, as days from one to another: "Q3 2024", "last month", "before 2022"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retrieval.index.days import LEADS, Day, day_of, days_in, lead_of
from retrieval.number_words import CARDINALS

# The days of a month that are its beginning, its middle and its end: nobody who says "early May" means a certain day.
_PARTS_OF_MONTH = {"early": (1, 12), "mid": (9, 22), "late": (19, 31)}
# "Around" a day is a week before and after it, of a longer time a quarter of it.
_AROUND_DAYS = 7
# A question for a month is met by any day of it, but a question for a day only by that day.
PERIOD = 0.5

# "A few months" are so many.
_FEW = 3
_COUNTS = {word: n for word, n in CARDINALS.items() if 1 <= n <= 10} | {"few": _FEW, "a few": _FEW, "couple of": 2}
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.3, "year": 365.25}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_PARTS = {"early": 0, "beginning": 0, "start": 0, "mid": 1, "middle": 1, "late": 2, "end": 2}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_BEFORE, _UNTIL = frozenset({"before", "prior to"}), frozenset({"until", "till", "by"})

_LEAD = rf"(?P<lead>\b(?:{LEADS}|over)\s+(?:the\s+)?)?"
# First and last day: month and day of each.
_HOLIDAYS = {
    "christmas eve": (12, 24, 24),
    "christmas day": (12, 25, 25),
    "christmas": (12, 24, 26),
    "xmas": (12, 24, 26),
    "new year's eve": (12, 31, 31),
    "new year's day": (1, 1, 1),
    "halloween": (10, 31, 31),
    "valentine's day": (2, 14, 14),
}
_YEAR = r"(?P<year>(?:19|20)\d\d)\b(?!-\d)"
_YEARS = re.compile(
    r"\b(?:(?:between|from)\s+(?P<first>(?:19|20)\d\d)\s+(?:and|to|until|till|through)\s+"
    r"|(?P<from>(?:19|20)\d\d)\s?[-–]\s?)(?P<last>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"{_LEAD}\b(?:(?P<part>early|mid|late)[\s-]+|(?P<phrase>beginning|start|middle|end)\s+of\s+){_YEAR}", re.IGNORECASE
)
_QUARTER = re.compile(
    rf"{_LEAD}\b(?:(?P<letter>[qh])(?P<number>[1-4])(?:\s+(?:of\s+)?|/)"
    rf"|(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?P<unit>quarter|half)\s+of\s+){_YEAR}",
    re.IGNORECASE,
)
_SEASON = re.compile(
    rf"{_LEAD}\b(?:(?P<which>last|this|past)\s+)?(?P<season>{'|'.join(_SEASONS)})\b(?:\s+(?:of\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_HOLIDAY = re.compile(rf"{_LEAD}\b(?P<name>{'|'.join(_HOLIDAYS)})\b(?!'s\b)(?:,?\s+(?:of\s+)?{_YEAR})?", re.IGNORECASE)
# A quarter without a year is one of any year.
_BARE_QUARTER = re.compile(rf"{_LEAD}\bq(?P<number>[1-4])\b", re.IGNORECASE)
_WEEKEND = re.compile(
    r"\b(?:(?P<lead>over|on|at|during|from|since|before|after)\s+)?(?P<which>the|this|last|past)\s+(?:past\s+)?weekend\b"
    r"(?!'s\b|\s+(?:of|before|after)\b)",
    re.IGNORECASE,
)
# "Last year's model" and "the last year of the war" are no times of articles.
_RELATIVE = re.compile(
    rf"{_LEAD}\b(?P<which>last|this|past|previous)\s+(?:(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})\s+)?"
    rf"(?P<unit>{'|'.join(_DAYS)})(?P<many>s?)\b(?!'s\b|\s+of\b)",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(r"\byesterday\b(?!'s\b)", re.IGNORECASE)
_BEFORE_TIME = re.compile(rf"^(?:{LEADS}|over)\s+(?:the\s+(?=\d))?", re.IGNORECASE)
# By itself a number may count anything; a year it is beside what is dated, and at either end of a question.
_DATED = r"(?:news|articles?|reports?|stories|story|coverage|updates?|events?|timeline)"
_BARE = re.compile(
    rf"(?:^|\()(?P<opening>(?:19|20)\d\d)(?=\s*[:,)]|\s+{_DATED}\b)|\b{_DATED}\s+(?:of\s+)?(?P<dated>(?:19|20)\d\d)\b(?!-\d)"
    r"|(?<=[\w,]\s)(?P<closing>(?:19|20)\d\d)(?=\W*$)",
    re.IGNORECASE,
)
# "The report of May" tells which one is meant, but "the reports of May" are all that there are of it.
_SEVERAL_OF = re.compile(r"\b(?:news|articles|reports|stories|coverage|updates|headlines)\s+of\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Time:
    """The days from `first` to `last`, as a text names them.

    `words` is all that names it and stands from `start` to `end`; `lead` stands before it ("in", "since"). With
    `any_year` it comes every year.
    """

    first: date
    last: date
    words: str
    start: int
    lead: str = ""
    any_year: bool = False

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)

    @property
    def binding(self) -> bool:
        """Does a question that names it so insist on it? "The report of May" only tells which report is meant."""
        return self.lead not in ("", "of")

    @property
    def open(self) -> bool:
        """Has it no beginning or no end?"""
        return date.min == self.first or self.last == date.max

    @property
    def told(self) -> str:
        """Its words as they stand behind "from": "September 2023", "before 2024", "May 2024 or later"."""
        bare = _BEFORE_TIME.sub("", self.words)
        if self.lead in _BEFORE or self.lead in ("after", "around") or self.words.lower().startswith("between"):
            return self.words
        return bare + (" or later" if self.lead == "since" else " or earlier" if self.lead in _UNTIL else "")

    def meets(self, other: Time) -> bool:
        """Have both a day in common?"""
        if self.any_year or other.any_year:
            return self.first.month <= other.last.month and other.first.month <= self.last.month
        return self.first <= other.last and other.first <= self.last

    def holds(self, published_at: str | None) -> bool:
        """Is an article of that day of this time?"""
        day = day_of(published_at)
        if day is None:
            return False
        if self.any_year:
            return (self.first.month, self.first.day) <= (day.month, day.day) <= (self.last.month, self.last.day)
        return self.first <= day <= self.last

    def around(self, day: date) -> tuple[Time, ...]:
        """Of a time that comes every year those within a year of a day: "in May" says the last one or the next."""
        years = (day.year - 1, day.year, day.year + 1)
        found = (
            replace(self, first=_of_year(self.first, n), last=_of_year(self.last, n), any_year=False) for n in years
        )
        return tuple(time for time in found if abs((time.first - day).days) <= _DAYS["year"])

    def match(self, published_at: str | None) -> float:
        """1 for an article of the very day that is named, a half for one of a longer time, else 0."""
        return (1.0 if self.first == self.last else PERIOD) if self.holds(published_at) else 0.0


def times_in(text: str, today: date | None) -> tuple[Time, ...]:
    """The times that a folded text names, in order; those told from today only where it is given."""
    found: list[Time] = []
    for finder in (_spans, _parts, _quarters):
        _add(found, finder(text))
    if today is not None:
        _add(found, _weekends(text, today))
        _add(found, _relative(text, today))
    _add(found, _holidays(text))
    _add(found, _seasons(text, today))
    _add(found, _written(text, today))
    _add(found, _bare_quarters(text))
    _add(found, _bare(text, today))
    return tuple(
        _joined(text, sorted((_of_several(text, time) for time in found), key=lambda time: (time.start, time.first)))
    )


def _of_several(text: str, time: Time) -> Time:
    """A time, as one that articles are asked of where several are."""
    before = text[: time.start] + ("of " if time.lead == "of" else "")
    return replace(time, lead="in") if time.lead in ("", "of") and _SEVERAL_OF.search(before) else time


def _add(found: list[Time], times: Iterator[Time]) -> None:
    """Add times that stand in no longer phrase; of one that can be read in two ways both stay."""
    known = list(found)
    found.extend(time for time in times if not any(time.start < one.end and one.start < time.end for one in known))


def _time(found: re.Match[str], days: tuple[date, date], lead: str) -> Time:
    return Time(*_bounds(lead, *days), found.group(), found.start(), lead)


def _bounds(lead: str, first: date, last: date) -> tuple[date, date]:
    """The days before, until, since or after a time; without such a word its own."""
    if lead == "around":
        slack = timedelta(days=max(_AROUND_DAYS, (last - first).days // 4))
        return first - slack, last + slack
    if lead in _BEFORE:
        return date.min, first - timedelta(days=1)
    if lead in _UNTIL:
        return date.min, last
    if lead == "since":
        return first, date.max
    if lead == "after":
        return last + timedelta(days=1), date.max
    return first, last


def _of_year(day: date, year: int) -> date:
    """The same day of another year; the last of a shorter February."""
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """The first and the last day of so many months."""
    end = year * 12 + month + count - 2
    return date(year, month, 1), date(end // 12, end % 12 + 1, monthrange(end // 12, end % 12 + 1)[1])


def _spans(text: str) -> Iterator[Time]:
    for found in _YEARS.finditer(text):
        first, last = int(found["first"] or found["from"]), int(found["last"])
        if first <= last:
            yield _time(found, _months(first, 1, 12 * (last - first + 1)), "between" if found["first"] else "")


def _parts(text: str) -> Iterator[Time]:
    """Thirds of a year: nobody who says "early 2023" means a day."""
    for found in _PART.finditer(text):
        third = _PARTS[(found["part"] or found["phrase"]).lower()]
        yield _time(found, _months(int(found["year"]), 1 + 4 * third, 4), lead_of(found))


def _quarters(text: str) -> Iterator[Time]:
    for found in _QUARTER.finditer(text):
        length = 6 if "h" in ((found["letter"] or "").lower(), (found["unit"] or "")[:1].lower()) else 3
        number = int(found["number"]) if found["number"] else _ORDINALS[found["ordinal"].lower()]
        month = 1 + length * (min(number, 12 // length) - 1)
        yield _time(found, _months(int(found["year"]), month, length), lead_of(found))


def _seasons(text: str, today: date | None) -> Iterator[Time]:
    for found in _SEASON.finditer(text):
        month = _SEASONS[found["season"].lower()]
        if found["year"]:
            # A winter is of the year it begins in, or of the one it ends in.
            for year in {int(found["year"]), int(found["year"]) - (month == 12)}:
                yield _time(found, _months(year, month, 3), lead_of(found))
        elif found["which"] and today is not None:
            which = found["which"].lower()
            seasons = [_months(today.year - back, month, 3) for back in range(3)]
            begun = next(days for days in seasons if (days[0] if which == "this" else days[1]) <= today)
            yield _time(found, begun, lead_of(found) or "in")


def _holidays(text: str) -> Iterator[Time]:
    for found in _HOLIDAY.finditer(text):
        month, first, last = _HOLIDAYS[found["name"].lower()]
        year = int(found["year"]) if found["year"] else None
        # Without a lead or a year it may be anything: "the Christmas market".
        if year or lead_of(found):
            days = date(year or 2000, month, first), date(year or 2000, month, last)
            first_day, last_day = _bounds(lead_of(found), *days) if year else _within_a_year(lead_of(found), *days)
            yield Time(first_day, last_day, found.group(), found.start(), lead_of(found), year is None)


def _within_a_year(lead: str, first: date, last: date) -> tuple[date, date]:
    """The days of a time that comes every year, or those around it, as far as they are of one year."""
    begun, ended = _bounds(lead, first, last) if lead == "around" else (first, last)
    return max(begun, date(first.year, 1, 1)), min(ended, date(first.year, 12, 31))


def _bare_quarters(text: str) -> Iterator[Time]:
    for found in _BARE_QUARTER.finditer(text):
        first, last = _months(2000, 3 * int(found["number"]) - 2, 3)
        yield Time(first, last, found.group(), found.start(), lead_of(found), any_year=True)


def _weekends(text: str, today: date) -> Iterator[Time]:
    """The last one that has begun, or with "last", the last that has ended."""
    for found in _WEEKEND.finditer(text):
        ended = found["which"].lower() in ("last", "past")
        back = (today.weekday() - 5) % 7 + 7 * (ended and today.weekday() >= 5)
        saturday = today - timedelta(days=back)
        # What happened on a weekend is told on the Monday after it, too.
        yield _time(found, (saturday, saturday + timedelta(days=2)), (found["lead"] or "in").lower())


def _relative(text: str, today: date) -> Iterator[Time]:
    for found in _YESTERDAY.finditer(text):
        yield _time(found, (today - timedelta(days=1),) * 2, "on")
    for found in _RELATIVE.finditer(text):
        unit, count = found["unit"].lower(), (found["count"] or "").lower()
        if count or (found["lead"] or "").lower().rstrip().endswith(" the"):
            many = int(count) if count.isdigit() else _COUNTS.get(count, 1)
            days = today - timedelta(days=round(many * _DAYS[unit])), today
        elif found["many"]:
            continue
        else:
            days = _calendar(today, found["which"].lower() != "this", unit)
        yield _time(found, days, lead_of(found) or "in")


def _calendar(today: date, last: bool, unit: str) -> tuple[date, date]:
    """This or the last day, week, month, quarter or year of the calendar."""
    if unit in _MONTHS:
        length = _MONTHS[unit]
        month = today.year * 12 + today.month - 1
        begin = month - month % length - length * last
        return _months(begin // 12, begin % 12 + 1, length)
    length = 7 if unit == "week" else 1
    first = today - timedelta(days=(today.weekday() if unit == "week" else 0) + length * last)
    return first, first + timedelta(days=length - 1)


def _written(text: str, today: date | None) -> Iterator[Time]:
    for day in days_in(text):
        if today is not None and day.part in ("last", "this") and day.month and not (day.year or day.day):
            year = today.year - (day.part == "last" and day.month >= today.month)
            day = replace(day, year=year, lead=day.lead or "in")
        if time := _of(day):
            yield time


def _of(day: Day) -> Time | None:
    """A written date as a time; None for one that no calendar has."""
    any_year = day.year is None
    # One that comes every year may be the 29th of February.
    year, month = day.year or 2000, day.month or 1
    try:
        first = date(year, month, day.day or 1)
    except ValueError:
        return None
    last = first if day.day else _months(year, month, 1 if day.month else 12)[1]
    if day.part in _PARTS_OF_MONTH and day.month and not day.day:
        begun, ended = _PARTS_OF_MONTH[day.part]
        first, last = first.replace(day=begun), first.replace(day=min(ended, last.day))
    elif day.part == "week" and day.day:
        first -= timedelta(days=0 if any_year else first.weekday())
        last = first + timedelta(days=6)
    if any_year:
        first, last = _within_a_year(day.lead, first, last)
    else:
        first, last = _bounds(day.lead, first, last)
    return Time(first, last, day.words, day.start, day.lead, any_year)


def _bare(text: str, today: date | None) -> Iterator[Time]:
    for found in _BARE.finditer(text):
        group = next(name for name in ("opening", "dated", "closing") if found[name])
        year = int(found[group])
        if today is None or year <= today.year + 1:
            yield Time(*_months(year, 1, 12), found[group], found.start(group))


def _joined(text: str, times: Sequence[Time]) -> Iterator[Time]:
    """With "between A and B" and "from A to B" as one time."""
    left = list(times)
    while left:
        one = left.pop(0)
        gap = text[one.end : left[0].start].strip().lower() if left else "."
        until = left[0].lead if left and not gap else gap
        if (one.lead, until) == ("between", "and") or (
            one.lead == "from" and until in ("to", "till", "until", "through")
        ):
            other = left.pop(0)
            words = text[one.start : other.end]
            last = max(one.last, other.last)
            # "From May to August 2024": the year is said once.
            first = _before(last, one.first) if one.any_year and not other.any_year else one.first
            yield Time(first, last, words, one.start, "between", one.any_year and other.any_year)
        else:
            yield one


def _before(last: date, first: date) -> date:
    """The day of a year that is the last one before another day: "between November and May 2023" begins in 2022."""
    year = last.year - ((first.month, first.day) > (last.month, last.day))
    return _of_year(first, year)
