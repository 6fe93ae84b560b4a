"""Two articles' accounts of one event, each in its own words, and what they give that only one of them can be right in.

Sentences of different papers share few words. But where two articles of the same days tell one story, what they are
about is known from the articles. So it is enough that a sentence tells of the matter asked about and gives one answer
of the kind asked for, as long as the other article nowhere gives that answer, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from retrieval.answers.disagreement.asked import Asked
from retrieval.answers.disagreement.assertion import Clause, apart, same_stem, stems_in, weight, word_weight
from retrieval.answers.disagreement.causes import ASKING, asks_cause, causes
from retrieval.answers.disagreement.concepts import matters_in, matters_of
from retrieval.answers.disagreement.report import Report
from retrieval.answers.disagreement.sides import (
    ALSO,
    NEAR,
    PERSONS,
    SHARED_BY_MANY,
    Given,
    Side,
    counted_in,
    done_by,
    given,
    named_in,
    near_counted,
    near_stems,
    opposite,
)
from retrieval.answers.wording.amounts import MEASURES, Amount, in_figures
from retrieval.answers.wording.equivalents import shared_stems
from retrieval.index.days import later_by

# Papers tell of an event within so many days.
STORY = timedelta(days=4)
# From here on the embedder sees a word of a sentence as one that stands for the question's.
STANDS_FOR = 0.5
# What a word counts for that stands elsewhere in the article only; of the question's words an account must hold so much
# in that way, and so much by itself.
ELSEWHERE, HELD, BY_ITSELF = 0.6, 0.5, 0.3
# Of the names in the question, what both articles must hold: the lake may be told by its name alone.
NAMED = 0.6
# With so many names in common they are of one story, and need to hold less of the question.
SURE, LESS = 3, 0.3
# Of a cause, the share of its words that the other article may hold.
TOLD_TOO = 0.34
_THAN = re.compile(r"\b(?:than|unlike|compared (?:with|to)|in contrast to)\b([^,;.]*)", re.IGNORECASE)
# "Seventy of them" counts what was spoken of.
_OF_THEM = re.compile(r"\b(?P<value>\d[\d,]*) of (?:them|those|these)\b")
_LIGHT = shared_stems("get got give gave make made take took go went happen")
_OF_MEASURE = matters_of(*map(same_stem, "cost length weight tall percent hour".split()))
_FATES = matters_of(*map(same_stem, "die hurt".split()))


@dataclass(frozen=True, slots=True)
class Account:
    """Sentence `at` of a report, which answers in one way: with an amount, a day, a name, a cause, or yes or no.

    `held` says how much of what is asked about it holds by itself, from 0 to 1.
    """

    at: int
    side: Side
    held: float
    answer: Given
    cause: frozenset[str] = frozenset()


def of_same_days(one: str | None, other: str | None) -> bool:
    """Were two articles published within so few days that both may report one event?"""
    between = later_by(one, other)
    return between is not None and abs(between) <= STORY


def one_story(a: Report, b: Report, asked: Asked) -> bool:
    """Do two articles tell of one event, as far as the question names it?"""
    both = a.stems & b.stems
    named = (a.names & b.stems) | (b.names & a.stems)
    things = asked.content - ASKING - _LIGHT
    told = frozenset(stem for stem in things if stem in both or matters_of(stem) & a.matters & b.matters)
    # Who and where it was tells of an event by itself.
    least = HELD if len(named) < SURE else LESS
    return (
        bool(named)
        and weight(told & asked.names) >= min(NAMED, least) * weight(asked.names)
        and weight(told) >= least * weight(things)
    )


def accounts(sides: Sequence[Side], report: Report, other: Report, asked: Asked, question: str) -> list[Account]:
    """The account of a report that holds most of what is asked; of a yes-or-no question all of them."""
    found = [one for at, side in enumerate(sides) if (one := _account(at, side, report, other, asked, question))]
    return found if asked.kind == "yesno" else sorted(found, key=lambda one: -one.held)[:1]


def exclude(a: Account, b: Account, asked: Asked) -> bool:
    """Can only one of two accounts be right?"""
    if _compared(a, b, asked) or _compared(b, a, asked):
        return False
    if a.cause and b.cause:
        return not a.cause & b.cause and not matters_of(*a.cause) & matters_of(*b.cause)
    one, other = a.answer, b.answer
    if one.amount and other.amount:
        return not one.amount.compatible(other.amount)
    if asked.kind == "time":
        return apart(one.clause.days, other.clause.days)
    if one.name and other.name:
        return not asked.content & SHARED_BY_MANY and not one.name & other.name
    return bool((one.said & other.denied) - asked.names or (one.denied & other.said) - asked.names)


def _compared(one: Account, other: Account, asked: Asked) -> bool:
    """Does one tell of what the other only compares with? "More than coal" is not said of coal."""
    than = frozenset().union(*(stems_in(found[1]) for found in _THAN.finditer(other.side.text)))
    return bool(than & one.side.assertion.content - asked.content)


def _account(at: int, side: Side, report: Report, other: Report, asked: Asked, question: str) -> Account | None:
    """What a sentence answers, if it is about what is asked and gives one answer that the other report lacks."""
    said = side.assertion
    held = _held(side, report, asked)
    if held is None or said.settled or asked.ordinals - said.ordinals:
        return None
    if asked.kind != "yesno" and opposite(said, asked):
        return None
    if asked.kind in ("reason", "other") and asks_cause(question):
        new = [
            cause
            for cause in (one - asked.content for one in causes(side.text))
            if cause and len(cause & other.stems) <= TOLD_TOO * len(cause)
        ]
        return Account(at, side, held, Given(said.clauses[0]), new[0]) if len(new) == 1 else None
    answers = _answers(side, asked)
    answers = [one for one in answers if not _told(one, other)]
    return Account(at, side, held, answers[0]) if answers and (asked.kind == "yesno" or len(answers) == 1) else None


def _answers(side: Side, asked: Asked) -> list[Given]:
    if asked.kind == "number":
        return _amounts(side, asked)
    if asked.kind == "time":
        return [one for one in given(side, asked) if one.clause.days]
    if asked.names_one:
        # Papers call a person by both names; one capital alone may be anything.
        least = 2 if asked.kind == "person" else 1
        named = [one for one in named_in(side, asked) if len(one.name) >= least and not ALSO.search(one.clause.text)]
        return [one for one in named if done_by(one)] or named
    if asked.kind == "yesno":
        return [one for one in given(side, asked) if (one.said | one.denied) - asked.names]
    return []


def _told(answer: Given, other: Report) -> bool:
    """Does the other report give the same answer somewhere, if to something else?"""
    if answer.amount:
        mine = answer.amount
        return any(mine.value == one.value or mine.agrees(one) for one in other.amounts)
    if answer.name:
        return bool(answer.name & other.stems)
    days = answer.clause.days
    return any(one.day == day.day and not apart([one], [day]) for one in other.days for day in days)


def _amounts(side: Side, asked: Asked) -> list[Given]:
    """The amounts of the sort that is asked for, those that may be one as one."""
    said = side.assertion
    every = [(clause, amount) for clause in said.clauses for amount in clause.amounts if "clock" not in amount.units]
    if asked.counted:
        found = [one for one in every if _counts(one[1].units, asked)] or _of_them(side, asked)
        if not found and len(every) == 1 and near_counted(side, asked) >= NEAR and not every[0][1].units & MEASURES:
            found = every
    else:
        found = [one for one in every if one[1].units & asked.units] if asked.units else every
    kept: list[Given] = []
    for clause, amount in found:
        if not any(known.amount and amount.compatible(known.amount) for known in kept):
            kept.append(Given(clause, amount))
    return kept


def _of_them(side: Side, asked: Asked) -> list[tuple[Clause, Amount]]:
    text = in_figures(" ".join(side.text.split()))
    clause = side.assertion.clauses[0]
    return [
        (
            replace(clause, text=_OF_THEM.sub(r"\g<value>", in_figures(clause.text))),
            Amount(float(match["value"].replace(",", "")), asked.counted, 1.0, "exact", match.start()),
        )
        for match in _OF_THEM.finditer(text)
    ]


def _held(side: Side, report: Report, asked: Asked) -> float | None:
    """How much of what is asked a sentence holds by itself; None if that, or with its article, is too little."""
    said = side.assertion
    things = asked.content - asked.names - ASKING - _LIGHT
    if _counts(said.units, asked):
        # How many died is told by no other number of people.
        things -= frozenset(stem for stem in asked.counted if not matters_of(stem) & _FATES)
    # A price or a length says by itself that it measures, and a sentence with the name says of what.
    measured = bool(asked.units & said.units)
    if measured:
        things = frozenset(stem for stem in things if not matters_of(stem) & _OF_MEASURE)
        things |= asked.names & said.content
    near = near_stems(side)
    matters = matters_in(side.text)
    # Of those in a fire some die, others are hurt.
    if asked.counted & PERSONS and not matters_of(*asked.content) & _FATES <= matters:
        return None

    if not things:
        return 1.0

    def own(stem: str) -> float:
        if stem in said.content or matters_of(stem) & matters:
            return 1.0
        share = near.get(stem, 0.0)
        return share if share >= STANDS_FOR else share / 2

    def told(stem: str) -> float:
        return ELSEWHERE if stem in report.stems or matters_of(stem) & report.matters else 0.0

    total = weight(things)
    by_itself = sum(word_weight(stem) * own(stem) for stem in things) / total
    with_article = sum(word_weight(stem) * max(own(stem), told(stem)) for stem in things) / total
    by_itself = max(by_itself, sum(map(own, things)) / len(things))
    return by_itself if by_itself >= BY_ITSELF and with_article >= HELD else None


def _counts(units: frozenset[str], asked: Asked) -> bool:
    """Do units count what "how many" asks for?"""
    return counted_in(units, asked) or bool(matters_of(*units) & matters_of(*asked.counted))
