"""Dates as people write them, in their languages."""

from __future__ import annotations

import re

from retrieval.sources.decode import iso_date

LONGEST = 40
# What is no date at all takes the parser seconds in two hundred languages, and some hundredths in these.
LANGUAGES = "en de fr es it pt nl sv da nb fi pl cs sk hu ro bg el tr ru uk ar he fa hi zh ja ko vi id".split()
YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")


def spelled_date(value: object) -> str | None:
    """A date in ISO 8601, from ISO or from words (`3 March 2024`, `3. März 2024`); None when it is none.

    Day, month and year must all be there, and `05/06/2024`, which is two days to two readers, is neither.
    Blocking: the first call loads the names of months.
    """
    found = iso_date(value)
    if found or not isinstance(value, str) or len(value) > LONGEST or not YEAR.search(value):
        return found
    import dateparser

    strict = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "RETURN_AS_TIMEZONE_AWARE": False}
    readings = {
        moment and moment.date().isoformat()
        for order in ("DMY", "MDY")
        for moment in [dateparser.parse(value, languages=LANGUAGES, settings={**strict, "DATE_ORDER": order})]
    }
    return readings.pop() if len(readings) == 1 else None
