"""Amounts: numbers with their units, however they are written, and whether two of them can both be right.

"Four hundred people", "$10bn", "13 billion dollars", "a quarter of", "5 pm" and "394 feet" become values in units that
can be compared; "about", "at least" and the digits that are given say how exactly a value is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.answers.wording.equivalents import shared_stem, shared_stems
from retrieval.calendar_names import MONTH_NUMBERS, YEAR
from retrieval.number_words import CARDINALS, TENS
from retrieval.text import STOP_WORDS, fold

Bound = Literal["exact", "about", "least", "most"]

# Cardinals only: "the third bridge" counts nothing.
_FIGURES = CARDINALS | TENS
_SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "bln": 1e9, "tn": 1e12}
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_MONEY = {
    shared_stem(word): shared_stem(word) for word in "dollar euro pound yen yuan crown krone krona franc rupee".split()
} | {"usd": "dollar", "eur": "euro", "gbp": "pound"}
# What money is counted in.
MONEY = frozenset(_MONEY.values())
_UNITS = {
    "length": "m 1 meter 1 km 1000 kilometer 1000 cm .01 centimeter .01 mm .001 millimeter .001 mile 1609.34 "
    "foot .3048 feet .3048 ft .3048 yard .9144 inch .0254",
    "mass": "kg 1 kilo 1 kilogram 1 gram .001 tonne 1000 ton 1000 lb .4536",
    "area": "hectare 1 acre .4047",
    "time": "second 1 minute 60 hour 3600 day 86400 week 604800 month 2629800 year 31557600 decade 315576000",
}
# Unit → what it measures, and how many of that measure's first unit make one.
_MEASURES = {
    shared_stem(word): (kind, float(factor))
    for kind, units in _UNITS.items()
    for word, factor in zip(units.split()[::2], units.split()[1::2], strict=True)
}
# What an amount may measure, apart from money.
MEASURES = frozenset([*_UNITS, "percent", "clock"])
# These have other names than what is counted: "eleven times" is no duration.
_KINDS = MEASURES | {"tally"}
_PARTS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fourth": 25.0, "fifth": 20.0, "tenth": 10.0}
# One can be told for another: a plant has 400 people, employs 400 workers.
_PEOPLE = shared_stems("people person worker employee staff")

_CARDINAL = "|".join(sorted(_FIGURES.keys() - {"zero"}, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_IN_WORDS = re.compile(
    rf"\b(?:an?(?=\s+(?:{_SCALE})\b)|one(?=[\s-]+(?:{_SCALE})\b)|(?!one\b)(?:{_CARDINAL})(?:-(?:{_CARDINAL}))?\b)"
    rf"(?:(?:(?<=hundred)|(?<=thousand))\s+and\s+(?:{_CARDINAL})\b|[\s-]+(?:{_CARDINAL}|{_SCALE})\b)*",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?:(?P<n>an?|one|two|three|four)[\s-]+)?(?P<part>half|third|quarter|fourth|fifth|tenth)s?\s+"
    r"(?:of\b|(?=the\b|all\b))",
    re.IGNORECASE,
)
# "Three quarters of a billion", "half a million".
_PART_OF_A = re.compile(
    rf"\b(?:(?P<n>an?|one|two|three)[\s-]+)?(?P<part>half|third|quarter)s?(?: of)? an? (?=(?:{_SCALE})\b)",
    re.IGNORECASE,
)
_HOUR_AND_A_HALF = re.compile(r"\b(?:an?|one) (hour|day|week|month|year|mile|kilometer|kilometre) and a half\b", re.I)
_AND_A_HALF = re.compile(r"\b(\d+) and a half\b", re.IGNORECASE)
# "Half past nine", "eleven in the evening"; an hour alone may be of the morning or of the evening.
_PAST_THE_HOUR = re.compile(r"\b(half|quarter) (past|to) (\d{1,2})\b", re.IGNORECASE)
_OF_THE_DAY = re.compile(
    r"\b(?<![.,:])(\d{1,2})(?:[:.]([0-5]\d))?(?: o'?clock)? "
    r"(?:in the (?P<day>morning|afternoon|evening)|at (?P<night>night))\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\b\.?", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?<![\w.,-])(?:(?:US|CA?|AU?|NZ|HK|S)?(?P<money>[$€£¥])\s?)?(?P<value>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!-?\d|(?:st|nd|rd|th)\b)"
    rf"(?P<scale>[mk]\b|(?:[\s-]*(?:{_SCALE}|bn|bln|mn|mln|tn)\b)*)"
    r"[\s-]?(?P<unit>%|per\s?cent\b|[a-z]+(?:[\s-]+[a-z]+)?)?",
    re.IGNORECASE,
)
# "Six months ago" is a point in time and no length of it.
_POINTS = shared_stems("ago earlier later before after")
# Votes and goals of both sides.
_TALLY = re.compile(
    r"\b(?P<one>\d{1,3})(?:\s?[-–]\s?| votes? to | to )(?P<other>\d{1,3})\b(?! (?:percent|million|years?))|"
    r"\b(?P<ayes>\d{1,3})\b[^,.;\d]{0,40}\b(?:for|in favou?r|approved?|supported)\b[^.;\d]{0,60}?"
    r"\b(?P<noes>\d{1,3})\b[^.;\d]{0,30}\b(?:against|opposed|rejected?)\b",
    re.IGNORECASE,
)
_BEFORE: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("most", re.compile(r"\b(?:at most|(?:less|fewer|no more) than|under|below|up to|maximum of)\W*$", re.I)),
    ("least", re.compile(r"\b(?:at least|more than|over|above|upwards of|minimum of|exceed(?:s|ed|ing)?)\W*$", re.I)),
    (
        "about",
        re.compile(
            r"\b(?:about|around|roughly|approximately|some|nearly|almost|circa|estimated|close to|(?:just|well) over|"
            r"just under)\W*$",
            re.I,
        ),
    ),
)
_OF = re.compile(
    r"\b([a-z]+) of(?: (?:about|around|some|nearly|almost|over|only|just))?\W*$|\b(toll|capacity)\b[^,;.\d]{0,25}$",
    re.I,
)
_AGED = re.compile(r"\baged?\W*$", re.IGNORECASE)
_BEFORE_A_YEAR = re.compile(
    rf"\b(?:in|since|by|from|until|to|after|before|during|the|of|{'|'.join(MONTH_NUMBERS)})\W*$", re.I
)
# How far apart two values may be when one is "about", when one is a round number, and when one was converted.
_ABOUT, _ROUND, _CONVERTED = 0.07, 0.025, 0.02
# "3" and "3.1" are one value, told more and less exactly, if the digit that one lacks is so small a part of it.
_LACKED = 0.1
# "More than 400" may be 412, but hardly 800.
_FAR = 1.5


@dataclass(frozen=True, slots=True)
class Amount:
    """A value and the units it may be in.

    A unit is a currency, "percent", "length" (metres), "mass" (kilograms), "area" (hectares), "time" (seconds), "clock"
    (minutes of the day) or the stem of what is counted: "construction workers" are both. `step` is what the last digit
    counts; `start` is the amount's place in the text.
    """

    value: float
    units: frozenset[str]
    step: float
    bound: Bound
    start: int
    converted: bool = False

    def alike(self, other: Amount) -> bool:
        """Are both of the same unit?"""
        return bool(self.units & other.units)

    def agrees(self, other: Amount) -> bool:
        """Are both of the same unit, and can both be right?"""
        return self.alike(other) and self.compatible(other)

    def compatible(self, other: Amount) -> bool:
        """Can both be right, as exactly as they are given?"""
        less, more = sorted((self, other), key=lambda amount: amount.value)
        if less.bound != more.bound and (less.bound == "least" or more.bound == "most"):
            return more.value <= _FAR * less.value
        lacked = max(less.step, more.step) / 2
        allowed = [0.0]
        if less.step != more.step and lacked <= _LACKED * 2 * more.value:
            allowed.append(lacked)
        if any(_is_round(amount) for amount in (less, more)):
            allowed.append(_ROUND * more.value)
        if "about" in (less.bound, more.bound):
            allowed.append(_ABOUT * more.value)
        if less.converted or more.converted:
            allowed.append(_CONVERTED * more.value)
        return more.value - less.value <= max(allowed) + 1e-9 * more.value


def in_figures(text: str) -> str:
    """The text with numbers in figures, and shares as percentages: "two thirds of" is "about 66.7 percent of"."""
    text = _SHARE.sub(_percentage, _PART_OF_A.sub(_part, fold(text)))
    text = _HOUR_AND_A_HALF.sub(r"1.5 \1s", text)
    text = _AND_A_HALF.sub(r"\1.5", _IN_WORDS.sub(_figure, text))
    return _OF_THE_DAY.sub(_half_of_day, _PAST_THE_HOUR.sub(_past_the_hour, text))


def amounts(text: str) -> tuple[Amount, ...]:
    """The amounts in a text whose numbers are in figures; years, days, scores and numbers of nothing are none."""
    times = list(_CLOCK.finditer(text))
    found = [_time_of_day(match) for match in times]
    for match in _AMOUNT.finditer(text):
        told = any(time.start() <= match.start() < time.end() for time in times)
        if not told and (amount := _amount(match, text[: match.start()])):
            found.append(amount)
    return tuple(found)


def tallies(text: str) -> tuple[Amount, ...]:
    """The votes or goals of both sides in a text whose numbers are in figures, each pair as one amount."""
    return tuple(map(_tally, _TALLY.finditer(text)))


def _amount(match: re.Match[str], before: str) -> Amount | None:
    written, scale_words = match["value"].replace(",", ""), (match["scale"] or "").lower().replace("-", " ").split()
    unit = (match["unit"] or "").lower()
    currency = _CURRENCIES[match["money"]] if match["money"] else None
    words = [shared_stem(word) for word in re.findall(r"[a-z]+", unit)]
    if scale_words == ["m"] and not currency and not (words and words[0] in _MONEY):
        scale_words, words = [], ["m"]
    named = next((_MONEY[word] for word in words if word in _MONEY), None)
    if not scale_words and not currency and _is_year(written, unit, before):
        return None
    scale = 1.0
    for word in scale_words:
        scale *= _SCALES.get(word) or _SHORT_SCALES[word]
    value, step, converted = float(written) * scale, scale * 10.0 ** -len(written.partition(".")[2]), False
    if currency or named:
        units = frozenset({currency or named or ""})
    elif unit == "%" or re.fullmatch(r"per\s?cent", unit) or words[:1] == ["percent"]:
        units = frozenset({"percent"})
    elif _AGED.search(before):
        units, value = frozenset({"time"}), value * _MEASURES["year"][1]
    elif words and words[0] in _MEASURES:
        kind, factor = _MEASURES[words[0]]
        if kind == "time" and words[1:] and words[1] in _POINTS:
            return None
        units, value, step, converted = frozenset({kind}), value * factor, step * factor, factor != 1.0
    else:
        units = _counted(unit) or _total(unit, before)
    return Amount(value, units, step, _bound(before), match.start(), converted) if units else None


def counted_stem(word: str) -> str:
    """The stem of what is counted, as the unit of an amount."""
    stem = shared_stem(word)
    return f"{stem} counted" if stem in _KINDS else stem


def _counted(unit: str) -> frozenset[str]:
    words = re.findall(r"[a-z]+", unit)
    if not words or words[0] in STOP_WORDS or words[0] in MONTH_NUMBERS:
        return frozenset()
    stems = frozenset(counted_stem(word) for word in words if word not in STOP_WORDS)
    return stems | _PEOPLE if stems & _PEOPLE else stems


def _total(unit: str, before: str) -> frozenset[str]:
    """What a number counts that stands behind it: an audience of 400, a death toll of 12."""
    found = _OF.search(before)
    if not found or (unit.split()[:1] and unit.split()[0] in MONTH_NUMBERS):
        return frozenset()
    return _counted((found[1] or found[2]).lower())


def _bound(before: str) -> Bound:
    return next((bound for bound, pattern in _BEFORE if pattern.search(before[-30:])), "exact")


def _is_year(written: str, unit: str, before: str) -> bool:
    return re.fullmatch(YEAR, written) is not None and (not unit or _BEFORE_A_YEAR.search(before[-12:]) is not None)


def _is_round(amount: Amount) -> bool:
    # Of hundreds of decimals the last one is no number any more.
    return 0 < amount.step <= amount.value / 100 and (amount.value / amount.step) % 100 == 0


def _tally(match: re.Match[str]) -> Amount:
    ours, theirs = (int(n) for n in (match["one"] or match["ayes"], match["other"] or match["noes"]))
    # Two figures as one value; the half keeps it from passing for a round number.
    return Amount(1000.0 * ours + theirs + 0.5, frozenset({"tally"}), 1.0, "exact", match.start())


def _time_of_day(match: re.Match[str]) -> Amount:
    hour = int(match["hour"]) % 12 + 12 * (match["half"].lower() == "p")
    return Amount(60.0 * hour + int(match["minute"] or 0), frozenset({"clock"}), 1.0, "exact", match.start())


def _past_the_hour(match: re.Match[str]) -> str:
    minutes = 30 if match[1].lower() == "half" else 15
    hour = int(match[3])
    return f"{hour}:{minutes:02}" if match[2].lower() == "past" else f"{(hour - 2) % 12 + 1}:{60 - minutes:02}"


def _half_of_day(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12
    late = (match["day"] and match["day"].lower() != "morning") or (match["night"] and hour >= 6)
    return f"{hour or 12}:{match[2] or '00'} {'pm' if late else 'am'}"


def _part(match: re.Match[str]) -> str:
    times = {"two": 2, "three": 3}.get((match["n"] or "").lower(), 1)
    return f"{times * _PARTS[match['part'].lower()] / 100:.4g} "


def _percentage(match: re.Match[str]) -> str:
    times = {"two": 2, "three": 3, "four": 4}.get((match["n"] or "").lower(), 1)
    return f"about {times * _PARTS[match['part'].lower()]:.1f} percent of "


def _figure(match: re.Match[str]) -> str:
    total, current, scales = 0, 0, []
    words = re.findall(r"[a-z]+", match.group().lower())
    for word in words:
        if word in _SCALES:
            scales.append(word)
            current = max(current, 1) * int(_SCALES[word])
            if word != "hundred" and word != "dozen":
                total, current = total + current, 0
        else:
            current += _FIGURES.get(word, 0)
    # "2 million" says less exactly than 2000000.
    if scales and words[-1] == scales[-1] and _SCALES[scales[-1]] >= 1e6:
        return f"{total // int(_SCALES[scales[-1]])} {scales[-1]}"
    return str(total + current)
