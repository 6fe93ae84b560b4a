"""What tells two statements apart that only seem to disagree.

Another time, part, statistic, plan or object, and a change in between. One side that has such a mark is enough for
doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from retrieval.answers.disagreement.asked import Asked
from retrieval.answers.disagreement.assertion import Assertion, Clause, apart, same_stem
from retrieval.answers.wording.amounts import MONEY
from retrieval.answers.wording.equivalents import shared_stem
from retrieval.answers.wording.opposites import oppositions, verbal
from retrieval.calendar_names import CALENDAR_WORDS, MONTH_NUMBERS
from retrieval.index.days import day_of, later_by

_STATISTICS = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        "average|averages|averaged|mean|median|typical|typically|usually|normally",
        "maximum|highest|peak|up to|at most|as (?:many|much|high|long) as|record (?:of|high)",
        "minimum|lowest|record low|at the least",
    )
)
_SCOPE = re.compile(
    r"\b(?:per|each|every|an?) (?:day|week|month|year|night|head)\b|\bof (?:which|whom|them|these|those)\b|"
    r"\b(?:per|each|every|including|excluding|without|worldwide|nationwide|"
    r"nationally|globally|abroad|together the|combined|elsewhere|daily|weekly|monthly|annual|annually|yearly|alone)\b|"
    r"\bin the (?:north|south|east|west|cent(?:re|er)|suburb|interior)\w*|"
    r"(?<=\w )\bthere\b(?! (?:is|are|was|were|has|have|will)\b)|"
    r"\b(?:adults?|children|kids|women|men|girls|boys|students?|pensioners?|seniors?|residents only|foreigners?)\b",
    re.IGNORECASE,
)
_OFTEN = {"daily": "day", "weekly": "week", "monthly": "month", "annual": "year", "annually": "year", "yearly": "year"}
_PERIOD = re.compile(
    r"\b(?:semester|half-year|summer|winter|spring|autumn|mornings?|evenings?|nights?|weekends?|"
    r"since|(?:phase|round|stage|leg|edition|day|week) \w+|seasons?|months (?:to|through|until)|"
    r"(?:first|last|second|third|fourth|next|past|final|opening|this|that) "
    r"(?:quarter|season|half|day|week|month|year|phase|round|stage|leg)|quarter)\b",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"\d[^,;]{0,25}\b(?:more|less|fewer|longer|shorter|higher|lower|taller|bigger|larger|smaller|older|younger|later|"
    r"earlier|faster|slower|heavier|cheaper|dearer|above|below)\b(?: than\b(?! \d)|$| on| compared)|"
    r"\b(?:up|down|(?:ris|rose|gr[eo]w|f[ae]ll|increas|decreas|cut|drop|gain|climb|shrink|shrank|rais)"
    r"\w*(?: \w+)? by|\w+er by) (?:about |nearly |almost |around )?[$€£]?\d|\b(?:another|additional|extra|further) \d",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:will|would|shall|could|(?-i:may)|might|(?<!\bthe )(?<!\ba )plan(?:s|ned)?|"
    r"expect(?:s|ed)?|forecasts?|projected|budget(?:ed)?|"
    r"scheduled|target(?:s|ed)?|hop(?:e|es|ed)|wants?|intends?|aims?|proposed|proposal|"
    r"(?:is|are|was|were) (?:to|due|set to|likely|supposed|estimated|planned|meant)|to be)\b",
    re.IGNORECASE,
)
_IRREGULAR = (
    "came|come|cost|took|taken|paid|won|lost|began|begun|spent|sold|built|made|wrote|written|got|ran|run|saw|seen|gave|given|went|gone|"
    "rose|risen|fell|fallen|grew|grown|left|met|held|kept|drew|drawn|found|become|became"
)
_DONE = re.compile(
    rf"\b(?:was|were|(?:has|have|had) (?:\w+ly |now |also )?(?:been|{_IRREGULAR}|\w+ed)|"
    rf"(?!cost\b|come\b|run\b)(?:{_IRREGULAR})|"
    rf"(?<!\bis )(?<!\bare )(?!need|hundred|speed|indeed)\w{{3,}}ed)\b(?! to\b)",
    re.IGNORECASE,
)
# What says that it was otherwise before, or will be.
_CHANGE = re.compile(
    r"\b(?:re-?open(?:s|ed|ing)?|resum(?:e|es|ed)|successor|succe(?:ed|eds|eded)|"
    r"tak(?:es|en|ing) over|took over|sworn in|has since|meanwhile|"
    r"(?:has|have|had) (?:now|since|risen|fallen|grown|climbed|dropped|increased|decreased|doubled|"
    r"been (?:raised|lowered|extended|postponed|delayed|moved|revised|cut|replaced))|"
    r"ris(?:es|en|ing)|rose|climb(?:s|ed)|fell|(?:up|down) from|"
    r"postponed|delayed|revised|corrected|raised|lowered|increased|reduced|extended|cut to|"
    rf"from (?:now|next|{'|'.join(MONTH_NUMBERS)})(?: on)?(?! to\b)|new(?:ly)? (?:elected|appointed))\b",
    re.IGNORECASE,
)
# The same of its clause alone: somebody may argue that a place is not used any more.
_BY_NOW = re.compile(r"\b(?:now|again|no longer|any ?more|any longer)\b", re.IGNORECASE)
# "This year" says nothing to tell two articles of one week apart.
_THIS = re.compile(r"\bthis (?:year|season|summer|winter|spring|autumn|month|week)\b", re.IGNORECASE)
_WHEREIN = re.compile(
    r"\b(?:in|for|at|on) (?:the |an? |its |his |her |their )?"
    r"((?:\d+ |[a-z]+ )?(?!to\b|of\b|the\b|by\b|in\b)[A-Za-z][\w-]+)"
)
_TIMES = frozenset("day week month year years decade winter summer spring autumn end beginning january".split())
_AT_PRESENT = re.compile(r"\b(?:at present|at the moment|currently|now|today|until now|so far)\b", re.IGNORECASE)
# A count that goes on.
_RUNNING = re.compile(
    r"\b(?:so far|at least|by (?:now|then|noon|\w+day)|still (?:missing|search|count)\w*|as yet|to date)\b", re.I
)
# What was thought before more was known.
_TENTATIVE = re.compile(
    r"\b(?:suggests?|suggested|first (?:look|estimates?|guess(?:es)?|reports?)|initial(?:ly)?|preliminary|provisional|"
    r"early (?:estimates?|reports?|figures?))\b",
    re.IGNORECASE,
)
# What a shop asks today it need not ask in another week.
_OFFER = re.compile(
    r"\b(?:on sale|(?:down|dropped|fallen|reduced) to|discount\w*|deals?|right now|off)\b", re.IGNORECASE
)
_FRESH = re.compile(r"\b(?:yesterday|today|tonight|\w{3,6}day)\b", re.IGNORECASE)
_STANDS_FOR_A_THING = frozenset("it they this that these those".split())
_A_THING = re.compile(r"(?<!\bis )(?<!\bwas )(?<!\bas )\b(?:[Aa]n?|[Aa]nother)\s+((?:[a-z]+\s+)?[a-z]+)")
# The Nova Max is not the Nova.
_LONGER_NAME = re.compile(r"\b([A-Z]\w+) (?:[A-Z]\w+|\d+)\b")
_OWN_WORDS = 2
# A state may have changed after so many days, a plan by then, and news of one event are over.
_LONG, _HALF_A_YEAR, _NEWS, _A_FEW_DAYS = (timedelta(days=days) for days in (365, 180, 14, 2))


@dataclass(frozen=True, slots=True)
class Marked:
    """A clause within its sentence, with what stands before that and the day of its article."""

    clause: Clause
    sentence: Assertion
    before: str
    published_at: str | None

    @property
    def text(self) -> str:
        """The clause."""
        return self.clause.text

    @property
    def plan(self) -> bool:
        """Does it tell of something to come?"""
        return _PLAN.search(self.text) is not None

    @property
    def done(self) -> bool:
        """Does it tell of something past?"""
        return not self.plan and _DONE.search(self.text) is not None

    @property
    def changed(self) -> bool:
        """Does its sentence say that something was otherwise before?"""
        return _CHANGE.search(self.sentence.text) is not None or _BY_NOW.search(self.text) is not None


def told_apart(a: Marked, b: Marked, asked: Asked, question: str, one_event: bool) -> bool:
    """Is there a mark by which both may be right?

    In reports of `one_event` a new hall is the same hall, and the days named are those of the reports.
    """
    if _updated(a, b) or _updated(b, a):
        return True
    if not one_event and (_replaced(a, b, asked) or _replaced(b, a, asked)):
        return True
    if a.plan != b.plan and (_foreseen(a, b) or _foreseen(b, a)):
        return True
    if (not asked.names and _two_events(a, b)) or _of_something_else(a, asked) or _of_something_else(b, asked):
        return True
    ours, theirs = a.sentence.ordinals, b.sentence.ordinals
    if ours - theirs and theirs - ours:
        return True
    if one_event:
        if asked.kind != "time" and _of_another_year(a, question) != _of_another_year(b, question):
            return True
    elif asked.kind != "time" and apart(a.sentence.days, b.sentence.days):
        return True
    # What tells two things apart that are called alike. Of one event both may tell where it was, each in its way, but
    # one event may have several winners.
    narrowed = (asked.kind == "person" or not one_event) and _narrowed(a, b, asked) and _narrowed(b, a, asked)
    if asked.kind == "person" and narrowed:
        return True
    if asked.kind == "yesno":
        return _beside_the_point(a, b, asked) or _beside_the_point(b, a, asked)
    if asked.kind in ("person", "place") or (one_event and asked.kind in ("reason", "other")):
        return False
    if asked.kind == "time":
        # What happened on Monday is not what happened in 1932.
        if bool(a.clause.weekdays) != bool(b.clause.weekdays) and _years_apart(a, b):
            return True
        return _one_sided(_SCOPE, a, b, question) or _one_sided(_PERIOD, a, b, question)
    if any(_DIFFERENCE.search(one.text) for one in (a, b)) and _DIFFERENCE.search(question) is None:
        return True
    if narrowed:
        return True
    if any(_one_sided(mark, a, b, question) for mark in (_SCOPE, *_STATISTICS)):
        return True
    priced = all(any(amount.units & MONEY for amount in one.sentence.amounts) for one in (a, b))
    if priced and _apart(a, b, _A_FEW_DAYS) and any(_OFFER.search(one.sentence.text) for one in (a, b)):
        return True
    return _of_another_period(a, b, question) or _of_another_time(a, b, question)


def _of_another_year(side: Marked, question: str) -> bool:
    """Does it tell of a year long before its article, as in "the flood of 1954"?"""
    day = day_of(side.published_at)
    return day is not None and any(
        found.year
        and abs(found.year - day.year) > 1
        and str(found.year) not in question
        and re.search(rf"\b(?:of|in|during) (?:\w+ )?{found.year}\b", side.sentence.text)
        for found in side.sentence.days
    )


def state_may_have_changed(a: Marked, b: Marked) -> bool:
    """Do both tell of a state, years apart?"""
    return _apart(a, b, _LONG) and not (a.done and b.done)


def _one_sided(mark: re.Pattern[str], a: Marked, b: Marked, question: str) -> bool:
    """Does one side have a mark that neither the other's sentence nor the question has?"""
    ours, theirs, given = (
        {_plain(found.group()) for found in mark.finditer(text)} for text in (a.text, b.text, question)
    )
    return bool((ours ^ theirs) - given)


def _plain(mark: str) -> str:
    """A mark in small letters; "annually" and "per year" are "year"."""
    last = mark.lower().split()[-1]
    return _OFTEN.get(last, last if last in _OFTEN.values() else mark.lower())


def _narrowed(side: Marked, other: Marked, asked: Asked) -> bool:
    """Does it say in, at, on or for what it holds, with words that neither the other side nor the question has?"""
    told = {
        same_stem(word.lower())
        for found in _WHEREIN.finditer(side.text)
        for word in found[1].split()
        if word.lower() not in CALENDAR_WORDS | _TIMES
    }
    return bool(told - asked.content - other.sentence.content - other.sentence.context - asked.words)


def _beside_the_point(side: Marked, other: Marked, asked: Asked) -> bool:
    """Does it lack a word of the question, and have several of its own: no car park in place of a budget?"""
    known = asked.content | asked.words | other.sentence.content | other.sentence.context
    missing = asked.content & other.clause.content - side.sentence.content - asked.names
    turned = next(oppositions(asked.words, verbal(side.clause.tokens)), None)
    return not turned and bool(missing) and len(side.clause.content - known) >= _OWN_WORDS


def _of_another_period(a: Marked, b: Marked, question: str) -> bool:
    between = _between(a, b)
    near = between is not None and abs(between) <= _NEWS
    ours, theirs, given = (
        {found.group().lower() for found in _PERIOD.finditer(_THIS.sub("", text) if near else text)}
        for text in (a.text, b.text, question)
    )
    return bool((ours ^ theirs) - given)


def _of_another_time(a: Marked, b: Marked, question: str) -> bool:
    """Does one name a month or year, and the other none of that time? A single day is when something happened."""
    periods, others = ([day for day in one.clause.days if day.day is None and day.lead != "since"] for one in (a, b))
    if not periods and not others:
        return False
    if a.clause.days and b.clause.days:
        return apart(a.clause.days, b.clause.days)
    return not any(str(day.year) in question for day in (*periods, *others))


def _years_apart(a: Marked, b: Marked) -> bool:
    ours, theirs = ({day.year for day in one.clause.days if day.year} for one in (a, b))
    return bool(ours and theirs) and not ours & theirs


def _between(a: Marked, b: Marked) -> timedelta | None:
    return later_by(a.published_at, b.published_at)


def _apart(a: Marked, b: Marked, days: timedelta) -> bool:
    between = _between(a, b)
    return between is not None and abs(between) > days


def _newer(a: Marked, b: Marked, by: timedelta = timedelta(0)) -> bool:
    between = _between(a, b)
    return between is not None and between > by


def _updated(a: Marked, b: Marked) -> bool:
    """Is one newer and says that things have changed, or was the other a count that went on?

    Where both say so, they may tell of one change.
    """
    if _RUNNING.search(b.sentence.text) and not _newer(b, a):
        return True
    if not _newer(a, b):
        return False
    if _TENTATIVE.search(b.sentence.text):
        return True
    return a.changed and not b.changed


def _replaced(a: Marked, b: Marked, asked: Asked) -> bool:
    """Does the newer article speak of a new one of what is asked about, and the older not?"""
    if not _newer(a, b):
        return False
    new = re.compile(r"\b(?:new|next|incoming)\s+(\w+)", re.IGNORECASE)
    ours, theirs = ({found[1].lower() for found in new.finditer(f"{one.before} {one.sentence.text}")} for one in (a, b))
    return any(shared_stem(word) in asked.words for word in ours - theirs)


def _foreseen(plan: Marked, fact: Marked) -> bool:
    """Is one a plan, and the other how it turned out or how it is long after?"""
    if not plan.plan or fact.plan:
        return False
    if _AT_PRESENT.search(fact.text):
        return True
    # What is planned after a report did not come of that.
    if _newer(plan, fact):
        return False
    return fact.done or _newer(fact, plan, _HALF_A_YEAR)


def _of_something_else(side: Marked, asked: Asked) -> bool:
    """Does a sentence begin with a word that stands for a thing which the one before has brought up?"""
    if side.sentence.first == "the" and asked.names:
        # "The dynasty" may be any that has been named.
        noun = re.escape(side.sentence.text.split()[1]) if " " in side.sentence.text else "$"
        named = re.findall(rf"\b(?!The |An? |Its? )([A-Z]\w+) {noun}\b", side.before.split("\n")[-1])
        return bool({shared_stem(name.lower()) for name in named} - asked.content)
    if side.sentence.first not in _STANDS_FOR_A_THING:
        return False
    last = re.split(r"[.!?]\s|\n", side.before.strip(" .!?"))[-1]
    if {shared_stem(word.lower()) for word in last.split()[:2]} & asked.names:
        # What the sentence before is about from its first word on, it most likely stands for.
        return False
    things = {same_stem(found[1].split()[-1]) for found in _A_THING.finditer(last)}
    longer = any(shared_stem(found[1].lower()) in asked.content for found in _LONGER_NAME.finditer(last))
    return bool(things - asked.content) or longer


def _two_events(a: Marked, b: Marked) -> bool:
    """Are both told as news, weeks apart?"""
    return _apart(a, b, _NEWS) and all(_FRESH.search(f"{side.before} {side.sentence.text}") for side in (a, b))
