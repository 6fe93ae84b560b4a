"""What a sentence asserts that another may contradict: clause by clause its words, names, amounts, days, denials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from retrieval.answers.amounts import Amount, amounts, in_figures
from retrieval.answers.english import frequency_rank
from retrieval.answers.equivalents import shared_stem, spelled_out
from retrieval.answers.question import DAYS, MONTHS, common_share, term_weight
from retrieval.answers.statement import polarity, words_of
from retrieval.answers.words import Token
from retrieval.index.days import Day, days_in
from retrieval.text import fold, terms

_BREAK = re.compile(
    r"[;:()–—]|,(?!\s?\d)|\s-\s|\b(?:and|but|or|which|who|whose|that|when|while|where|whereas|because|although|though|"
    r"with|despite|including)\b|\b(?:after|before|since|until|as)\b(?!\s+\d)",
    re.IGNORECASE,
)
# "Berg said on Friday", "according to the police": who says it is no part of what is said.
_SAYING = (
    r"(?:(?:say|report|show|find|add|explain|warn|expect|estimate|conclude|confirm|announce|claim|believe|think|argue)s?|"
    r"said|told|write|writes|wrote|found|thought|(?:report|show|add|explain|warn|expect|estimat|conclud|confirm|announc|"
    r"claim|believ|argu)ed)"
)
_SAYS = re.compile(
    rf"^[^,]{{0,60}}\baccording to [^,]{{0,60}},|,? according to [^,.;]{{0,60}}|"
    rf",[^,;]{{0,60}}\b{_SAYING}\b[^,;.]{{0,40}}(?=\.?$|,)|"
    rf"^\w[^,]{{1,60}} {_SAYING} that\b",
    re.IGNORECASE,
)
# What denies without a "not".
_REFUSES = re.compile(
    r"\b(?:(?:refus|declin|fail)(?:e|es|ed|ing|s)?|(?:has|have|had) yet|unable|unwilling|stopped short of|far from)\b"
    r"(?: to\b)?",
    re.IGNORECASE,
)
_FALSE = r"(?:false|untrue|wrong|incorrect|fake|unfounded|baseless|made up|fabricated|not true|not correct|a hoax)"
_REPORTS = r"(?:(?:report|claim|rumou?r|allegation|suggestion|accusation)s?)"
_DENIES = re.compile(
    rf"\b(?:den(?:y|ies|ied|ying)|refut(?:e[sd]?|ing)|(?:dismiss|reject)(?:es|s|ed|ing)? (?:the |all )?{_REPORTS}|"
    rf"no evidence|{_FALSE} that|{_REPORTS}\b.{{0,200}}\b(?:is|are|was|were|as|be) {_FALSE})\b",
    re.IGNORECASE,
)
_ON_ITS_OWN = re.compile(r"\b(?:on|by) (?:its|their|his|her) own\b|\bby (?:itself|themselves|himself|herself)\b")
# What was so once, and what tells both sides itself.
_PAST = re.compile(
    r"\b(?:used to|had been|once|previously|former(?:ly)?|earlier|until|originally|in the past|predecessor|"
    r"(?:years? old|aged? \d+|age of \d+)[^.]* when (?:he|she|it|they)|(?<!years )(?<!year )(?<!months )old)\b",
    re.IGNORECASE,
)
_TELLS_BOTH = re.compile(r"\b(?:others?|some) (?:say|said|read|report|claim|accounts?|articles?|passages?)\b", re.I)
# What tells one match, quarter or bridge from the next.
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|opening|\d+(?:st|nd|rd|th))\b",
    re.I,
)
# Words that tell two clauses apart without telling what they are about.
_FLUFF = frozenset(
    shared_stem(word)
    for word in "say said says tell told report reported reportedly claim confirm announce accord roughly around "
    "nearly almost approximately least still now just only already total official officially false untrue wrong never "
    "cannot hardly nobody none without percent hundred thousand million billion trillion dollar euro pound meter "
    "kilometer mile foot feet kilogram tonne ton year old new spokesman spokeswoman am pm "
    "first second third fourth fifth crown krone krona franc yen yuan rupee".split()
)
# Words that say one thing of a person, place or event, as far as an answer to "who leads …" goes.
_SAME = {
    shared_stem(word): shared_stem(words.split()[0])
    for words in (
        "lead led leader head headed director chief boss president",
        "write wrote written author",
        "build built construct constructed",
        "design designed designer architect",
        "found founded founder establish established",
        "invent invented inventor",
        "own owned owner",
        "buy bought acquire acquired purchase takeover",
        "complete completed finish finished",
        "begin began begun start started",
        "die died death dead",
        "employ workforce",
        "people person worker employee staff",
        "cost price pay paid worth",
    )
    for word in words.split()
}
_NOT_NAMES = frozenset(shared_stem(word) for word in MONTHS | DAYS)
_YEAR = re.compile(r"(?<![\w.,$€£-])(?:1\d|20)\d\d(?![\w-]|[.,]\d)")
# What a date before or after which something is tells of its day is too little to differ from another.
_BOUNDED = frozenset({"before", "after", "since", "until", "by", "prior to"})
# A capital at the beginning of a sentence says nothing of a word commoner than this.
_RARE = 10_000


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: the stems of its content words, figures and days aside, and what it gives."""

    content: frozenset[str]
    names: frozenset[str]
    amounts: tuple[Amount, ...]
    days: tuple[Day, ...]
    weekdays: frozenset[str]
    tokens: tuple[Token, ...]

    @property
    def weight(self) -> float:
        """What its words weigh, as words of English."""
        return weight(self.content)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A sentence as its clauses.

    `denied` and `affirmed` are content stems behind a negation, and others; `ordinals` are as written. It is `settled`
    when it speaks of what was so once, or tells several sides itself. `context` has the stems of what its article says
    before it, which it may leave unsaid.
    """

    clauses: tuple[Clause, ...]
    denied: frozenset[str]
    affirmed: frozenset[str]
    ordinals: frozenset[str]
    settled: bool
    context: frozenset[str]

    @property
    def first(self) -> str:
        """The word it begins with."""
        return "".join(token.text.lower() for token in self.clauses[0].tokens[:1])

    @property
    def content(self) -> frozenset[str]:
        """The content of all clauses."""
        return frozenset().union(*(clause.content for clause in self.clauses))

    @property
    def names(self) -> frozenset[str]:
        """The names in all clauses."""
        return frozenset().union(*(clause.names for clause in self.clauses))

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts in all clauses."""
        return tuple(amount for clause in self.clauses for amount in clause.amounts)

    @property
    def days(self) -> tuple[Day, ...]:
        """The days in all clauses."""
        return tuple(day for clause in self.clauses for day in clause.days)


@lru_cache(maxsize=512)
def parse_assertion(sentence: str, context: str = "") -> Assertion:
    """Take a sentence apart; `context` is what stands before it."""
    denies = _DENIES.search(sentence) is not None
    text = _SAYS.sub("", in_figures(" ".join(sentence.split())))
    text = spelled_out(_ON_ITS_OWN.sub("alone", _REFUSES.sub(" not ", text)))
    words = words_of(text)
    clauses = tuple(_clause(text[start:end], start, words) for start, end in _spans(text, words))
    named = frozenset().union(*(clause.names for clause in clauses))
    denied, affirmed, _ = polarity(words)
    if denies:
        # What is called false is denied as a whole; what it denies itself would be affirmed.
        denied, affirmed = affirmed - named, denied | named
    ordinals = frozenset(match.group().lower() for match in _ORDINAL.finditer(sentence))
    settled = _PAST.search(sentence) is not None or _TELLS_BOTH.search(sentence) is not None
    said = frozenset(_SAME.get(stem, stem) for stem in map(shared_stem, terms(context)))
    return Assertion(clauses, denied - affirmed, affirmed, ordinals, settled, said)


@lru_cache(maxsize=16_384)
def _weight(stem: str) -> float:
    return term_weight(0, 0, common_share(stem, stem))


def weight(stems: frozenset[str]) -> float:
    """What stems weigh together, as words of English."""
    return sum(map(_weight, stems))


def apart(ours: Sequence[Day], theirs: Sequence[Day]) -> bool:
    """Do both name days, and no day of one can be one of the other, as far as they are told?"""
    return bool(ours and theirs) and not any(_fit(one, other) for one, other in product(ours, theirs))


def _fit(one: Day, other: Day) -> bool:
    if one.lead != other.lead and {one.lead, other.lead} & _BOUNDED:
        return True
    told = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(x is None or y is None or x == y for x, y in told)


def names_in(words: tuple[Token, ...]) -> frozenset[str]:
    """The stems of names, at the beginning of a sentence only if they are no common word."""
    return frozenset(word.stem for word in words if (word.name or is_rare_name(word)) and word.stem not in _NOT_NAMES)


def is_rare_name(word: Token) -> bool:
    """Is it a name even where any word has a capital, at the beginning of a sentence or in a headline?"""
    ranks = (frequency_rank(word.text.lower()), frequency_rank(word.stem))
    return word.text[0].isupper() and not word.stop and min((rank for rank in ranks if rank), default=_RARE) >= _RARE


def _spans(text: str, words: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Where the clauses stand; what is no clause by itself, such as "in May 2021", belongs to its neighbour."""
    cuts = [0, *(match.start() for match in _BREAK.finditer(text)), len(text)]
    spans: list[tuple[int, int]] = []
    pending: int | None = None
    for start, end in pairwise(cuts):
        begin = start if pending is None else pending
        telling = [word for word in words if begin <= word.start < end and _tells(word)]
        if len(telling) >= 2:
            spans.append((begin, end))
            pending = None
        elif spans:
            spans[-1] = (spans[-1][0], end)
        else:
            pending = begin
    return spans or [(0, len(text))]


def _tells(word: Token) -> bool:
    return not (word.stop or word.number or word.text[0].isdigit() or word.stem in _NOT_NAMES or word.stem in _FLUFF)


def _clause(text: str, start: int, words: tuple[Token, ...]) -> Clause:
    inside = tuple(word for word in words if start <= word.start < start + len(text))
    found = amounts(text)
    return Clause(
        frozenset(_SAME.get(word.stem, word.stem) for word in inside if _tells(word)),
        names_in(inside),
        found,
        _days(text, found),
        frozenset(word.text.lower() for word in inside if word.text.lower() in DAYS),
        inside,
    )


def _days(text: str, found: tuple[Amount, ...]) -> tuple[Day, ...]:
    """The days and months named, and the years that neither belong to one nor count anything."""
    days = days_in(fold(text))
    known = {day.year for day in days}
    counted = {amount.start for amount in found}
    years = {int(year.group()) for year in _YEAR.finditer(text) if year.start() not in counted} - known
    return (*days, *(Day(year, None, None) for year in sorted(years)))
