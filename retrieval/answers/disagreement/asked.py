"""What a question asks for, as far as it decides whether two answers exclude each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from retrieval.answers.asking.question import Kind, answer_kind, counted_words
from retrieval.answers.disagreement.assertion import parse_assertion
from retrieval.answers.evidence.scoring import SHORT_UNTIL
from retrieval.answers.wording.amounts import MONEY, Amount, counted_stem
from retrieval.answers.wording.equivalents import shared_stem, shared_stems

# Questions for several answers, and for one that is named.
_MANY = re.compile(
    r"\b(?:who are|who were|who all|where are|where were|(?:which|what) (?:(?:two|three|other|of the) )?"
    r"(?!is\b|was\b|does\b|has\b)\w+[^s\W]s\b)",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"^(?:\W*\w+ )?(?:which|what) (?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|had\b|happen|"
    r"caus|made\b|led\b|prompt|trigger|will\b)\w+",
    re.I,
)
_PROPERTY = re.compile(r"\W*what(?:'s| (?:is|was|are|were)) the\b", re.IGNORECASE)
# What a question wants measured, and in what.
_MEASURED: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"\bhow long\b", re.I), frozenset({"time", "length"})),
    (
        re.compile(r"\bhow (?:far|tall|high|wide|deep)\b|\b(?:height|length|width|depth|distance)\b", re.I),
        frozenset({"length"}),
    ),
    (re.compile(r"\bhow heavy\b|\b(?:weight|weigh|mass)\b", re.I), frozenset({"mass"})),
    (re.compile(r"\bin (?:hours|minutes|days|years)\W*$", re.I), frozenset({"time"})),
    (re.compile(r"\bhow (?:old|soon)\b|\b(?:age|duration)\b", re.I), frozenset({"time"})),
    (re.compile(r"\b(?:percent|percentage|share|proportion|rate)\b", re.I), frozenset({"percent"})),
    (re.compile(r"\bwhat time\b", re.I), frozenset({"clock"})),
    (re.compile(r"\b(?:scores?|margin|how close)\b|\bhow did\b.*\bvote\b|\bvote count\b", re.I), frozenset({"tally"})),
    (re.compile(r"\b(?:how (?:large|big)|area)\b", re.I), frozenset({"area", "length"})),
    (
        re.compile(
            r"\b(?:costs?|prices?|pay|paid|pays|worth|spen[dt]|budget|revenues?|profits?|earn(?:s|ed)?|loss|bill|fees?|fine|"
            r"salary|donated?|invest(?:ed)?|sold for|money|damages?)\b",
            re.I,
        ),
        MONEY,
    ),
)
# "What does it cost?" asks for an amount like "how much".
_FOR_AN_AMOUNT = re.compile(
    r"\W*(?:what (?:do|does|did|will|would)\b.*\b(?:cost|pay|earn|charge|spend|donate|invest)\b|how (?:did|close)\b|"
    r"what\b.*\b(?:score|margin)\b)",
    re.IGNORECASE,
)
# "How many" in other words.
_HOW_MANY = re.compile(
    r"\bhow (?:big|large) (?:is|was|were) (?:the )?(crowd|audience|turnout|workforce|staff)\b|"
    r"\b(?:number of|how many of the) (?:[a-z]+ )?([a-z]+s|people)\b|"
    r"\b(?:death|number of) (toll|dead|deaths|injured)\b",
    re.IGNORECASE,
)
# Questions that are no sentence.
_NO_SENTENCE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("time", re.compile(r"\W*(?:the )?(?:date|day|year) (?:of|when|that)\b", re.IGNORECASE)),
    (
        "number",
        re.compile(
            r"\W*(?:the )?(?:price|cost|length|height|weight|size|age|share)\b|"
            r"(?!.*\b(?:who|when|where|why|how|what|which)\b)"
            r".*\b(?:price|cost|length|height|weight|in (?:hours|minutes|days|years|euros|dollars|percent))\W*$",
            re.IGNORECASE,
        ),
    ),
)
# Words that say what sort of answer is wanted; no answer need repeat them.
_ASKED_FOR = shared_stems(
    "company firm country city town day date month time person percentage amount number name place article "
    "share proportion many much long big heavy tall high wide deep far large"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its content stems, of those its names, the stems of all its words, and the units of what is counted.

    `names_one` says that one name is the answer, `figures` that the question has an amount or a day itself,
    `property` that it asks what something is, `units` those that an amount may be given in, where it tells, and
    `ordinals`, `amounts` and `years` its own.
    """

    kind: Kind
    content: frozenset[str]
    names: frozenset[str]
    counted: frozenset[str]
    words: frozenset[str]
    short: bool
    names_one: bool
    figures: bool
    property: bool
    units: frozenset[str]
    ordinals: frozenset[str]
    amounts: tuple[Amount, ...]
    years: frozenset[int]


@lru_cache(maxsize=64)
def asked_of(question: str) -> Asked:
    """Look at a question."""
    parsed = parse_assertion(question.rstrip("?"))
    content = parsed.content - _ASKED_FOR
    kind = answer_kind(question)
    units: frozenset[str] = frozenset().union(*(units for pattern, units in _MEASURED if pattern.search(question)))
    if units and kind == "other" and _FOR_AN_AMOUNT.match(question):
        kind = "number"
    counted = frozenset(map(counted_stem, counted_words(question)))
    if kind in ("other", "number") and (crowd := _HOW_MANY.search(question)):
        kind, counted, units = "number", frozenset({counted_stem(crowd[crowd.lastindex or 0].lower())}), frozenset()
    if kind == "other":
        kind = next((short for short, pattern in _NO_SENTENCE if pattern.match(question)), kind)
    return Asked(
        kind=kind,
        content=content,
        names=parsed.names,
        counted=counted,
        words=frozenset(map(shared_stem, re.findall(r"[a-z]+", question.lower()))),
        short=len(content) <= SHORT_UNTIL,
        names_one=_MANY.search(question) is None
        and (kind in ("person", "place") or _WHICH.search(question) is not None),
        figures=bool(parsed.amounts or parsed.days),
        property=_PROPERTY.match(question) is not None,
        units=units,
        ordinals=parsed.ordinals - {"opening"},
        amounts=parsed.amounts,
        years=frozenset(day.year for day in parsed.days if day.year),
    )
