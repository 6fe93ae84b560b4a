"""The English names of months and days of the week, and which numbers are read as years."""

from __future__ import annotations

MONTHS = tuple("January February March April May June July August September October November December".split())
WEEKDAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
# In small letters and also cut short, with the number of the month.
MONTH_NUMBERS = {
    **{name.lower(): number for number, name in enumerate(MONTHS, start=1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)},
    "sept": 9,
}
WEEKDAY_WORDS = frozenset(name.lower() for name in WEEKDAYS)
# Four digits that a text most likely means as a year, for patterns.
YEAR = r"(?:1\d|20)\d\d"
# All of them as words of a text.
CALENDAR_WORDS = WEEKDAY_WORDS.union(MONTH_NUMBERS)
