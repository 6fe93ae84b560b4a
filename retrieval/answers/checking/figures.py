"""What a sentence counts: each of its numbers with scale, unit, and the words it belongs to.

That a number stands somewhere in a passage is not enough: "61 metres" is not said where 61 centimetres and 3,150 metres
are, and "£3.20 for adults" not by "£5.80 for adults and £3.20 for children".
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.answers.wording.equivalents import shared_stems
from retrieval.answers.wording.words import Token
from retrieval.calendar_names import YEAR

# How far a number and a word that belongs to it stand apart; a comma or an "and" between them counts as three words.
NEAR = 3
CUT = 3
# What is so far away belongs to no word.
FARTHEST = NEAR + CUT
# A number is said in a sentence that shares a word with the claim within so many content words of the number.
AROUND = 5
# How many words may stand between the two numbers of "from 5 … to 7".
FROM_TO = 5


SCALES = shared_stems("hundred thousand million billion trillion")
UNITS = shared_stems(
    "second minute hour day week month year decade century percent mile kilometer meter centimeter millimeter foot "
    "feet inch acre hectare pound kilogram gram ton tonne liter gallon degree dollar euro"
)
_COUNTED = SCALES | UNITS
_BETWEEN = frozenset("square cubic us percentage".split())
_FRACTIONS = shared_stems("half quarter third")
_PERIODS = shared_stems("spring summer autumn fall winter half quarter")
_EACH = shared_stems("every each")
_ORDER = frozenset("first second 1 2 3 4".split())
_ABOUT = frozenset("about around roughly approximately some".split())
_UNDER = frozenset("nearly almost under less below".split())
_OVER = frozenset("over more above exceeding".split())
# A rounded number may be off by this share.
MOST_OFF = 0.1
_JOINS = frozenset("and but while whereas or".split())


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a sentence, by its place among the words.

    `unit` is a unit behind it, `noun` the content word right behind it and its scale; `near` are the content words that
    belong to it, `beside` the numbers of its stretch, `around` the words in its wider surroundings; `period` is
    what stands before a year ("second half"), `rounding` "about", "under" or "over" where the sentence says it rounds.
    """

    value: str
    at: int
    scale: str
    unit: str
    noun: str
    near: frozenset[str]
    beside: frozenset[str]
    around: frozenset[str]
    period: frozenset[str]
    rounding: str

    @property
    def year(self) -> bool:
        """Is it the number of a year?"""
        return re.fullmatch(YEAR, self.value) is not None and not (self.scale or self.unit)


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of a sentence. `cuts` counts the commas and joining words before each word.

    `changes` are its pairs of "from 5 to 7", "7 instead of 5" and "9 to 4", the old one first, `spans` those of
    "between 5 and 7". `numeric` are the places
    of its numbers with their stems, "half" and "quarter" among them; `places` are those of its content words.
    """

    each: tuple[Figure, ...]
    changes: frozenset[tuple[str, str]]
    spans: frozenset[tuple[str, str]]
    numeric: Mapping[int, str]
    places: Mapping[str, Sequence[int]]
    cuts: tuple[int, ...]

    def of(self, value: str) -> list[Figure]:
        """The places where a number stands."""
        return [figure for figure in self.each if figure.value == value]

    def distance(self, one: int, other: int) -> int:
        """Words between two places, a comma or a joining word counted as three."""
        return abs(one - other) + CUT * abs(self.cuts[one] - self.cuts[other])

    def belongs_elsewhere(self, stem: str, value: str, shared: frozenset[str]) -> bool:
        """Does a word belong to another number than this one, `shared` ones aside?"""
        here = self.places.get(stem, ())
        own = frozenset(figure.at for figure in self.of(value))
        nearest = min((self.distance(at, to) for to in own for at in _near(here, to)), default=FARTHEST)
        return any(
            to not in own and self.numeric[to] not in shared and self.distance(at, to) < min(nearest, FARTHEST)
            for at in here
            for to in range(at - FARTHEST + 1, at + FARTHEST)
            if to in self.numeric
        )


def _near(places: Sequence[int], at: int) -> Sequence[int]:
    """Those of ascending places that are so near to one that what stands there may belong together."""
    return places[bisect_left(places, at - FARTHEST + 1) : bisect_left(places, at + FARTHEST)]


def figures(words: Sequence[Token], text: str) -> Figures:
    """The numbers of a sentence's words; `text` is what they stand in.

    It may be a whole table of numbers, so none of them may have a look at all the others.
    """
    cuts = _cuts(words, text)
    numeric = tuple(at for at, word in enumerate(words) if word.text[0].isdigit() or word.stem in _FRACTIONS)
    counting = frozenset(numeric)
    plain = [at for at, word in enumerate(words) if not word.stop and at not in counting and word.stem not in _COUNTED]
    stretches = itertools.groupby(numeric, cuts.__getitem__)
    beside = {cut: frozenset(words[at].stem for at in stretch) for cut, stretch in stretches}
    each = [_figure(words, at, plain, numeric, cuts, beside[cuts[at]]) for at in numeric if words[at].text[0].isdigit()]
    places: dict[str, list[int]] = {}
    for at in plain:
        places.setdefault(words[at].stem, []).append(at)
    numbers = {at: words[at].stem for at in numeric}
    spans = frozenset(_spans(words, numeric))
    return Figures(tuple(each), frozenset(_changes(words, numeric)), spans, numbers, places, cuts)


def _figure(
    words: Sequence[Token],
    at: int,
    plain: Sequence[int],
    numeric: Sequence[int],
    cuts: Sequence[int],
    beside: frozenset[str],
) -> Figure:
    """The number at a place; `plain` are the places of content words, `numeric` those of numbers."""
    behind = at + 1
    scale = ""
    while behind < len(words) and words[behind].stem in SCALES:
        scale, behind = words[behind].stem, behind + 1
    place = bisect_left(plain, at)
    noun = words[behind].stem if behind in plain[place : place + 1] else ""
    while behind < len(words) and words[behind].stem in _BETWEEN:
        behind += 1
    unit = words[behind].stem if behind < len(words) and words[behind].stem in UNITS else ""
    number = bisect_left(numeric, at)
    before = numeric[number - 1] if number else -1
    after = numeric[number + 1] if number + 1 < len(numeric) else len(words)
    own = (one for one in plain[max(0, place - NEAR) : place + NEAR + 1] if max(before, at - NEAR - 1) < one)
    near = frozenset(words[one].stem for one in own if one < min(after, at + NEAR + 2) and cuts[one] == cuts[at])
    period = frozenset(word.stem for word in words[max(0, at - 3) : at] if word.stem in _PERIODS or word.stem in _ORDER)
    around = frozenset(words[one].stem for one in plain[max(0, place - AROUND) : place + AROUND])
    rounding = _rounding(words[max(0, at - 2) : at])
    return Figure(words[at].text, at, scale, unit, noun, near, beside, around, period, rounding)


def _rounding(before: Sequence[Token]) -> str:
    found = {word.text.lower() for word in before}
    kinds = (("under", _UNDER), ("over", _OVER), ("about", _ABOUT))
    return next((kind for kind, words in kinds if not words.isdisjoint(found)), "")


def _cuts(words: Sequence[Token], text: str) -> tuple[int, ...]:
    found: list[int] = []
    passed, last = 0, 0
    for word in words:
        gap = text[last : word.start]
        passed += any(mark in gap for mark in ",;:()–—|") or word.text.lower() in _JOINS
        found.append(passed)
        last = word.start + len(word.text)
    return tuple(found)


def _changes(words: Sequence[Token], numeric: Sequence[int]) -> Iterable[tuple[str, str]]:
    """Pairs of old and new: "from 5 to 7", "to 7 from 5", "9 to 4", "every week instead of every month"."""
    counted = [at for at in numeric if not re.fullmatch(YEAR, words[at].text)]
    for one, other in itertools.pairwise(counted):
        between = [word.text.lower() for word in words[one + 1 : other]]
        if len(between) > FROM_TO:
            continue
        ahead = words[one - 1].text.lower() if one else ""
        first, second = words[one].text, words[other].text
        if between[-1:] == ["from"]:
            yield second, first
        elif between[-1:] == ["to"] and (ahead == "from" or between == ["to"]):
            yield first, second
    for at, word in enumerate(words):
        if word.text.lower() == "instead":
            new = next((one.stem for one in reversed(words[:at]) if not one.stop), "")
            behind = (one.stem for one in words[at + 1 :] if not one.stop and one.stem not in _EACH)
            yield next(behind, ""), new


def _spans(words: Sequence[Token], numeric: Sequence[int]) -> Iterable[tuple[str, str]]:
    for one, other in itertools.pairwise(numeric):
        before = [word.text.lower() for word in words[max(0, one - 2) : one]]
        if "between" in before and other - one <= FROM_TO and words[other - 1].text.lower() == "and":
            yield words[one].text, words[other].text


def miscounted(claim: Figures, said: Sequence[tuple[Figures, frozenset[str]]]) -> bool:
    """Does a claim count otherwise than what is said?

    `said` are the sentences of the passages, each with the stems of itself and the one before. Numbers that none of
    them has are not looked at.
    """
    told = frozenset[tuple[str, str]]().union(*(one.changes for one, _ in said))
    if any((new, old) in told and (old, new) not in told for old, new in claim.changes):
        return True
    kept = {value for change in claim.changes & told for value in change}
    for figure in claim.each:
        places = [(one, stems) for one, stems in said if one.of(figure.value)]
        if places and not _said(figure, places, figure.value in kept):
            return True
    return False


def unspanned(claim: Figures, said: Sequence[tuple[Figures, frozenset[str]]]) -> bool:
    """Does a claim set two numbers as the ends of a span that no sentence has together?"""
    return any(not any(one.of(low) and one.of(high) for one, _ in said) for low, high in claim.spans)


def rounded(claim: Figures, said: Sequence[tuple[Figures, frozenset[str]]]) -> frozenset[str]:
    """The numbers of a claim that it says are rounded, and that a number of these sentences rounds to."""
    return frozenset(
        figure.value
        for figure in claim.each
        if figure.rounding
        and any(
            _rounds(figure, other) and figure.around & stems
            for one, stems in said
            for other in one.each
            if figure.scale == other.scale and figure.unit == other.unit
        )
    )


def _rounds(figure: Figure, other: Figure) -> bool:
    try:
        said, exact = float(figure.value), float(other.value)
        whole = figure.value.rstrip("0") if "." not in figure.value else ""
        step = 10.0 ** (len(figure.value) - len(whole)) if whole else 10.0 ** -len(figure.value.partition(".")[2])
    except (ValueError, OverflowError):
        return False
    if abs(said - exact) > MOST_OFF * exact:
        return False
    if figure.rounding == "about":
        return abs(said - exact) <= step / 2
    return 0 < (said - exact if figure.rounding == "under" else exact - said) < step


def _said(figure: Figure, places: Sequence[tuple[Figures, frozenset[str]]], kept: bool) -> bool:
    found = [other for one, _ in places for other in one.of(figure.value)]
    if not any(_same_unit(figure, other) for other in found):
        return False
    if figure.period and not any(not other.period or figure.period & other.period == figure.period for other in found):
        return False
    # A year is seldom said beside the words it belongs to.
    if figure.year:
        return True
    if figure.around and not any(figure.around & stems for _, stems in places):
        return False
    belonging = [(one, figure.near & one.places.keys()) for one, _ in places]
    belonging = [(one, words) for one, words in belonging if words]
    if kept or not belonging:
        return True
    return any(
        not one.belongs_elsewhere(word, figure.value, figure.beside) for one, words in belonging for word in words
    )


def _same_unit(figure: Figure, other: Figure) -> bool:
    if not (other.scale or other.unit or other.noun):
        return True
    return figure.scale == other.scale and (not figure.unit or figure.unit == other.unit)
