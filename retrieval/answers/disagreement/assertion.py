"""What a sentence asserts that another may contradict: clause by clause its words, names, amounts, days, denials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from retrieval.answers.asking.question import common_share, term_weight
from retrieval.answers.checking.statement import polarity, words_of
from retrieval.answers.checking.told_dates import told_days
from retrieval.answers.wording.amounts import Amount, amounts, in_figures
from retrieval.answers.wording.english import frequency_rank
from retrieval.answers.wording.equivalents import shared_stem, shared_stems, spelled_out
from retrieval.answers.wording.words import Token
from retrieval.calendar_names import CALENDAR_WORDS, WEEKDAY_WORDS, YEAR
from retrieval.index.days import Day, days_in
from retrieval.text import fold

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
    rf",[^,;]{{0,60}}\b{_SAYING}\b[^,;.]{{0,40}}(?=\.?$|[,;])|"
    rf"^\w[^,]{{1,60}} {_SAYING} that\b|"
    r"^\w[^,;]{0,60}\b(?:says?|said|told \w+)\b(?: on \w+)?(?= (?:the|an?|its?|he|she|they|there|no|[A-Z]))",
    re.IGNORECASE,
)
# "It was Anna Berg that built it" says that she did.
_CLEFT = re.compile(r"^It (?:is|was) ([^,;]{1,60}?) (?:that|who|which)\b", re.IGNORECASE)
# "Named Berg as its head" is one clause.
_MADE = re.compile(
    r"\b(?:appoint|nam|elect|install|hir|choos|chose|pick|describ|serv|work|start|regard|known?)\w*\b[^,;]{0,60}$",
    re.IGNORECASE,
)
_BOTH_NAMES = re.compile(r"[A-Z][\w'-]*\s*$"), re.compile(r"\w+\s+[A-Z]")
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
    rf"no evidence|{_FALSE} that|nor is it true that|{_REPORTS}\b.{{0,200}}\b(?:is|are|was|were|as|be) {_FALSE})\b",
    re.IGNORECASE,
)
_ON_ITS_OWN = re.compile(r"\b(?:on|by) (?:its|their|his|her) own\b|\bby (?:itself|themselves|himself|herself)\b")
# What was so once: "once", but not "once a week", and "earlier", but not an "earlier study".
_PAST = re.compile(
    r"\b(?:used to|had been|(?<!at )once(?! (?:an?|the|every|it|he|she|they)\b)|previously|formerly|"
    r"earlier(?=[.,;]|$| (?:this|that|on)\b)|until|originally|in the past|predecessor|"
    r"(?:years? old|aged? \d+|age of \d+)[^.]* when (?:he|she|it|they))\b",
    re.IGNORECASE,
)
# The old bridge is another bridge, and a former mayor no mayor; but in "the old town" a bridge may be new.
_FORMER = re.compile(
    r"\b(?:(?<!\d )(?:old|former|earlier|previous)|ex-?)(?:[\s-]+[a-z]+)?[\s-]+([a-z]+)", re.IGNORECASE
)
_TELLS_BOTH = re.compile(r"\b(?:others?|some) (?:say|said|read|report|claim|accounts?|articles?|passages?)\b", re.I)
# What asks or supposes asserts nothing.
_SUPPOSES = re.compile(r"^\W*if\b|\?\W*$", re.IGNORECASE)
# What tells one match, quarter or bridge from the next.
_ORDINAL = re.compile(
    r"\b(?:(?:high|low|old|young|long|short|large|big|small|tall|fast|deep|near|late|earli|new|rich|poor|strong|heavi)est|"
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last(?! (?:for|until|about|around)\b|\W*$)|"
    r"final(?= (?!of|in|at|on|between|for|was|is)[a-z])|opening|\d+(?:st|nd|rd|th))\b",
    re.I,
)
# Words that tell two clauses apart without telling what they are about.
_FLUFF = shared_stems(
    "say said says tell told report reported reportedly claim confirm announce accord roughly around "
    "nearly almost approximately least still now just only already total official officially false untrue wrong never "
    "cannot hardly nobody none without percent hundred thousand million billion trillion dollar euro pound meter "
    "kilometer mile foot feet kilogram tonne ton year old new spokesman spokeswoman am pm "
    "first second third fourth fifth crown krone krona franc yen yuan rupee"
)
# Words that say one thing of a person, place or event, as far as an answer to "who leads …" goes.
_SAME = {
    shared_stem(word): shared_stem(words.split()[0])
    for words in (
        "lead led leader head headed director chief executive boss president",
        "write wrote written author",
        "build built construct constructed",
        "design designed designer architect",
        "found founded founder establish established",
        "invent invented inventor",
        "own owned owner belong",
        "buy bought acquire acquired purchase takeover",
        "complete completed finish finished",
        "begin began begun start started",
        "open opened opening inaugurate inauguration",
        "die died death dead perish",
        "win won winner victory champion",
        "headquarters headquartered",
        "steal stole stolen theft thief",
        "employ workforce",
        "people person worker employee staff",
        "cost price pay paid worth bill",
        "close closed shut closure",
        "hurt injure injured wound wounded",
        "demolish demolition raze",
        "resign resignation quit",
        "sink sank sunk",
        "merge merger merged",
        "strike walkout stoppage",
        "fire blaze",
    )
    for word in words.split()
}
_NOT_NAMES = frozenset(map(shared_stem, CALENDAR_WORDS))
_YEAR = re.compile(rf"(?<![\w.,$€£-]){YEAR}(?![\w-]|[.,]\d)")
# What a date before or after which something is tells of its day is too little to differ from another.
_BOUNDED = frozenset({"before", "after", "since", "until", "by", "prior to"})
# Characters of a sentence that are looked at; a longer one is a table or no sentence.
LONGEST = 600
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
    text: str

    @property
    def weight(self) -> float:
        """What its words weigh, as words of English."""
        return weight(self.content)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A sentence as its clauses.

    `denied` and `affirmed` are content stems behind a negation, and others; `ordinals` has superlatives, too. It is
    `settled` when it tells several sides itself or none. `context` has the stems of what its article says before it,
    which it may leave unsaid.
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
    def text(self) -> str:
        """What it says, without who says it."""
        return " ".join(clause.text for clause in self.clauses)

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
    def units(self) -> frozenset[str]:
        """The units of all these amounts."""
        return frozenset().union(*(amount.units for amount in self.amounts))

    @property
    def days(self) -> tuple[Day, ...]:
        """The days in all clauses."""
        return tuple(day for clause in self.clauses for day in clause.days)


@lru_cache(maxsize=512)
def parse_assertion(sentence: str, context: str = "", published_at: str | None = None) -> Assertion:
    """Take a sentence apart; `context` is what stands before it, and `published_at` the day "last year" counts from."""
    sentence = sentence[:LONGEST]
    denies = _DENIES.search(sentence) is not None
    text = _CLEFT.sub(r"\1", _SAYS.sub("", in_figures(" ".join(sentence.split()))).strip(" ,"))
    text = spelled_out(_ON_ITS_OWN.sub("alone", _REFUSES.sub(" not ", text)))
    words = words_of(text)
    clauses = tuple(_clause(text[start:end], start, words, published_at) for start, end in _spans(text, words))
    named = frozenset().union(*(clause.names for clause in clauses))
    denied, affirmed, _ = polarity(words)
    if denies:
        # What is called false is denied as a whole; what it denies itself would be affirmed.
        denied, affirmed = affirmed - named, denied | named
    ordinals = ordinals_in(sentence)
    settled = _TELLS_BOTH.search(sentence) is not None or _SUPPOSES.search(sentence) is not None
    return Assertion(clauses, denied - affirmed, affirmed, ordinals, settled, stems_in(context))


def stems_in(text: str) -> frozenset[str]:
    """The stems of the content words of a text, each as the one that stands for all that say the same."""
    return frozenset(same(word.stem) for word in words_of(text) if not word.stop)


@lru_cache(maxsize=16_384)
def word_weight(stem: str) -> float:
    """What a stem weighs as a word of English."""
    return term_weight(0, 0, common_share(stem, stem))


def weight(stems: frozenset[str]) -> float:
    """What stems weigh together, as words of English."""
    return sum(map(word_weight, stems))


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
    rank = frequency_rank(word.text.lower(), word.stem) or _RARE
    return word.text[0].isupper() and not word.stop and rank >= _RARE


def ordinals_in(text: str) -> frozenset[str]:
    """Ordinals and superlatives, "third" as "3"."""
    found = (match.group().lower() for match in _ORDINAL.finditer(text))
    return frozenset(spelled_out(word) for word in found)


def same(stem: str) -> str:
    """The stem that stands for all that say the same of a person, place or event."""
    return _SAME.get(stem, stem)


def same_stem(word: str) -> str:
    """The same of a word in small letters."""
    return same(shared_stem(word))


def of_the_past(clause: Clause, asked: frozenset[str]) -> bool:
    """Does a clause speak of what was so once, or of a former one of what is asked about?"""
    # "Until an election is held in June" tells of that day.
    if _PAST.search(re.sub(r"^until (?=an?\b)", "", clause.text, flags=re.IGNORECASE)):
        return True
    return any(same_stem(match[1].lower()) in asked for match in _FORMER.finditer(clause.text))


def _spans(text: str, words: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Where the clauses stand; what is no clause by itself, such as "in May 2021", belongs to its neighbour."""
    cuts = [0, *(match.start() for match in _BREAK.finditer(text) if not _joins(match, text)), len(text)]
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


def _joins(match: re.Match[str], text: str) -> bool:
    """Does a word that may begin a clause join two names, or what somebody is made?"""
    word = match.group().lower()
    if word == "as":
        return _MADE.search(text[: match.start()]) is not None
    before, behind = _BOTH_NAMES
    return (
        word in ("and", "or")
        and before.search(text[: match.start()]) is not None
        and behind.match(text, match.start()) is not None
    )


def _tells(word: Token) -> bool:
    return not (word.stop or word.number or word.text[0].isdigit() or word.stem in _NOT_NAMES or word.stem in _FLUFF)


def _clause(text: str, start: int, words: tuple[Token, ...], published_at: str | None) -> Clause:
    inside = tuple(word for word in words if start <= word.start < start + len(text))
    found = amounts(text)
    told = told_days(text, published_at)
    return Clause(
        content=frozenset(_alike(word, text[word.start - start + len(word.text) :]) for word in inside if _tells(word)),
        names=names_in(inside),
        amounts=found,
        days=_days(f"{text}\n{told}", found),
        weekdays=frozenset(word.text.lower() for word in inside if word.text.lower() in WEEKDAY_WORDS),
        tokens=inside,
        text=text,
    )


def _alike(word: Token, behind: str) -> str:
    """The stem that stands for a word; a start-up does not start anything."""
    return word.stem if behind.startswith("-") else same(word.stem)


def _days(text: str, found: tuple[Amount, ...]) -> tuple[Day, ...]:
    """The days and months named, and the years that neither belong to one nor count anything."""
    days = days_in(fold(text))
    known = {day.year for day in days}
    counted = {amount.start for amount in found}
    years = {int(year.group()) for year in _YEAR.finditer(text) if year.start() not in counted} - known
    return (*days, *(Day(year, None, None) for year in sorted(years)))
