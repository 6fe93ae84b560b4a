"""What a question seeks that the sentences found do not give, although they are about the same.

Who told of a sale need not have told what it cost, nor why. Kinds of things are told by their words: a sentence with no
word of money gives no price. Whether one that has such a word says it of what is asked about is another matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answers.asking.question import NUMERALS, TIME, Question, holds_kind
from retrieval.answers.wording.words import Analysis, Token
from retrieval.calendar_names import CALENDAR_WORDS, YEAR

_TIMES = (
    r"seconds?|minutes?|hours?|days?|nights?|fortnight|weeks?|months?|seasons?|summers?|winters?|years?|decades?|centur\w+"
    rf"|generations?|terms?|life(?:time)?|since|until|forever|always|permanent\w*|{YEAR}s?"
)
_LENGTHS = (
    r"[kcm]?m|ft|mi|(?:kilo|centi|milli)?met(?:er|re)s?|miles?|foot|feet|yards?|inch(?:es)?|light-years?|pages?|words?"
    r"|blocks?|storeys?|stor(?:y|ies)|floors?|hours?|minutes?"
)
_MONEY = (
    r"dollars?|cents?|euros?|pounds?|sterling|pence|shillings?|yen|yuan|renminbi|won|francs?|marks?|guilders?|florins?"
    r"|kron[ae]r?|crowns?|zlot\w+|forints?|r(?:o)?ubles?|rupees?|reais|real|pesos?|lir[ae]s?|dinars?|rand|baht|shekels?"
    r"|usd|eur|gbp|money|gold|silver|free"
)
_SHARES = (
    r"per\s?cent|percentage|hal(?:f|ves)|thirds?|quarters?|fourths?|fifths?|eighths?|tenths?|majority|most|all|none"
    r"|one in"
)
# Questions for an amount of something, and what any such amount is told with.
_AMOUNTS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(rf"{signs}\b(?:{words})\b", re.IGNORECASE))
    for asked, signs, words in (
        (
            r"\b(?:what|which) (?:(?:is|was|were|are) the )?(?:percent|percentage|proportion|share)\b",
            "%|",
            _SHARES,
        ),
        (
            r"\bhow much (?:money|profits?|revenues?|tax(?:es)?|funding|debt|income)\b"
            r"|\bhow much\b.*\b(?:costs?|prices?|pay|pays|paid|worth|spen[dt]|spends|earn(?:s|ed)?|salary|donated?"
            r"|charged?|invest(?:ed)?|sold for|money|fined?|dollars?|euros?|pounds?|owed?|fetch(?:ed)?|funding"
            r"|make (?:last|a|per|each|every) \w+)\b"
            r"|\bfor how much\b"
            r"|\bwhat (?:is|was|were|are) (?:the|[\w ]+['’]s?) (?:\w+ ){0,2}(?:costs?|prices?|salary|fees?|fine)\b"
            r"|\bwhat (?:do|does|did|will|would)\b.*\b(?:cost|earn)\b",
            "[$€£¥]|",
            _MONEY,
        ),
        (r"\bhow long\b", r"\d[km]?m\b|", f"{_TIMES}|{_LENGTHS}"),
        (
            r"\bsince when\b",
            "",
            r"since|ago|from|began|begun|start(?:s|ed)?|join(?:s|ed)?|t(?:ook|akes?) over|founded|opened|built"
            rf"|{YEAR}",
        ),
        (r"\bhow (?:old|soon)\b", r", \d{1,3}\b(?=[,.])|", rf"{_TIMES}|aged?|old|born|million|billion"),
        (r"\bhow fast\b", r"\d ?(?:km|m)\b|", rf"{_TIMES}|{_LENGTHS}|per|mph|knots?|speeds?|bits?|[mg]bit|light|sound"),
        (r"\bhow (?:far|tall|high|wide|deep)\b", r"\d[kc]?m\b|", _LENGTHS),
        (
            r"\bhow heavy\b|\bhow much\b.*\bweigh",
            r"\dk?g\b|",
            r"k?g|kilos?|(?:kilo)?grams?|tonnes?|tons?|pounds?|lbs?|ounces?",
        ),
    )
)
# "Which company": only a name answers. "Which part of the company" is another question.
_NAMED = re.compile(
    r"\b(?:which|what) (?:other )?(?:compan(?:y|ies)|firms?|clubs?|teams?|organi[sz]ations?|universit(?:y|ies)"
    r"|colleges?|agenc(?:y|ies)|banks?|newspapers?|governments?|manufacturers?|makers?|suppliers?|airlines?|countr(?:y|ies)"
    r"|cit(?:y|ies)|towns?|states?|continents?|provinces?|count(?:y|ies))\b(?! (?:of|does|do)\b)",
    re.IGNORECASE,
)
_WHERE_BORN = re.compile(r"\bwhere\b.*\bborn\b", re.IGNORECASE)
_BORN_THERE = re.compile(
    r"\b(?:born|birth)\b[^.;]{0,40}?\b(?:in|at|near|on) (?:[a-z]+ ){0,4}"
    rf"(?!(?:{'|'.join(month.title() for month in sorted(CALENDAR_WORDS))})\b)[A-Z]"
    r"|\b[A-Z]\w+-born\b|\bnative of\b|\bbirthplace\b|\bgrew up\b"
)
# Words that give a cause wherever they stand.
_CAUSE = re.compile(
    r"\b(?:because|due to|since(?! (?:\w+ )?\d)|therefore|thus|hence|so|owing|thanks to|amid|protest|response|order to"
    r"|result(?:s|ed|ing)?|caus(?:e|es|ed|ing)|blam(?:e|es|ed|ing)|prompt(?:s|ed|ing)?|forc(?:e|es|ed|ing)|found|saying"
    r"|fear(?:s|ed|ing)?|afraid|fail(?:s|ed|ing|ure)?|need(?:s|ed|ing)?|want(?:s|ed|ing)?|believ(?:e|es|ed|ing)|led to"
    r"|lack(?:s|ed|ing)?|prevent(?:s|ed|ing)?|avoid(?:s|ed|ing)?|protect(?:s|ed|ing)?|argu(?:es?|ed|ing)|reasons?"
    r"|explain(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
# Words that may, where what is asked about is said: if they lead to something new that is no number and no time.
_MAYBE_CAUSE = frozenset("after for over to as too when with".split())
_AS_IF_CAUSE = frozenset("the it they he she its their his her this these there we more many".split())
_NO_AS = frozenset("known such well far long described regarded seen soon".split())
_BEFORE_PLACES = frozenset(
    "in at on near from to into onto off across through throughout outside inside within around along toward towards "
    "under behind beneath above below between beside via".split()
)
_NO_PLACES = (
    CALENDAR_WORDS
    | TIME
    | NUMERALS
    | frozenset(
        "time night day noon midnight morning evening afternoon moment first last end beginning fact order addition "
        "general particular case total average least most once present".split()
    )
)
# "Since March 2019" may be answered by any later year.
_YEAR = re.compile(rf"\b(?:(since|before|after|until|till|by|from)(?:\s+\w+){{0,2}}?\s+)?({YEAR})\b", re.IGNORECASE)


def lacks_kind(question: Question, sentences: Sequence[Analysis], at: int) -> bool:
    """Is a person, a time, a number, a place, a name or an amount asked for, and no sentence there gives one?

    An amount may stand in any neighbour of sentence `at`, all else in itself or in the next.
    """
    asked = frozenset(question.weights)
    said = sentences[at : at + 2]
    around = sentences[max(0, at - 1) : at + 2]
    if _NAMED.search(question.text):
        return not any(holds_kind("person", one.tokens, asked) for one in said)
    if _WHERE_BORN.search(question.text):
        return not any(_BORN_THERE.search(one.text) for one in around)
    if question.kind == "place":
        return not any(_holds_place(one.tokens, asked) for one in said)
    if told := next((told for amount, told in _AMOUNTS if amount.search(question.text)), None):
        return not any(told.search(one.text) for one in around)
    if question.post and not any(question.post.search(one.text) for one in around):
        return True
    if question.kind not in ("person", "time", "number"):
        return False
    return not any(holds_kind(question.kind, one.tokens, asked) for one in said)


def lacks_reason(question: Question, sentences: Sequence[Analysis], at: int) -> bool:
    """Is a reason asked for, and no word of sentence `at` and its neighbours gives one?"""
    if question.kind != "reason" or _may_give_reason(sentences[at].tokens, frozenset(question.weights)):
        return False
    return not any(_CAUSE.search(one.text) for one in sentences[max(0, at - 1) : at + 2])


def lacks_year(question: Question, context: frozenset[str]) -> bool:
    """Is a year asked about that is none of these stems?"""
    return any(year not in context for opening, year in _YEAR.findall(question.text) if not opening)


def _may_give_reason(sentence: Sequence[Token], asked: frozenset[str]) -> bool:
    """ "Closed for repairs" and "to save money" may give one; "sold to Brenwick", "for 18 million" do not."""
    for i, token in enumerate(sentence[:-1]):
        low, following = token.text.lower(), sentence[i + 1]
        if low not in _MAYBE_CAUSE or (i and low == "as" and sentence[i - 1].text.lower() in _NO_AS):
            continue
        if low == "as" and following.text.lower() not in _AS_IF_CAUSE:
            continue
        if low == "to" and (following.stop or following.text[0].isupper()):
            continue
        new = next((word for word in sentence[i + 1 :] if not word.stop), None)
        if new and not (new.number or new.stem in asked or new.text.lower() in NUMERALS | TIME):
            return True
    return False


def _holds_place(sentence: Sequence[Token], asked: frozenset[str]) -> bool:
    """Is there a name or a noun behind a preposition of place?"""
    for i, token in enumerate(sentence):
        if token.stem in asked or token.stop or token.number or token.text.lower() in _NO_PLACES:
            continue
        before = sentence[max(0, i - 3) : i]
        leads = [at for at, earlier in enumerate(before) if earlier.text.lower() in _BEFORE_PLACES]
        if leads and (token.name or not any(earlier.name for earlier in before[leads[-1] + 1 :])):
            return True
    return False
