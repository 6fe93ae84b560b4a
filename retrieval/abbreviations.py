"""Where a stop or a mark ends no sentence: behind abbreviations, in dates and in names."""

from __future__ import annotations

import re

# So much of what stands before a cut is looked at.
LOOKED_BACK = 24
# What stands before a name or a number, and so before no end.
_TITLES = (
    "Messrs|Mr|Mrs|Ms|Mx|Dr|Drs|Prof|Profs|Rev|Fr|Msgr|Mgr|Hon|Pres|Amb|Atty|Attys|Gen|Lt|Col|Maj|Brig|Capt|Cmdr|Cdr|"
    "Sgt|Cpl|Pvt|Pfc|Adm|Supt|Insp|Det|Gov|Govs|Sen|Sens|Rep|Reps|Ste|Ft|Mt|Mlle|Mlles|Mme|Mmes|MM|Hr|Fa|Sté"
)
_MONTHS = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_DAYS = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_GERMAN_MONTHS = "Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_CUT = r"\.\s*$"


def _pair(before: str, after: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(before), re.compile(after)


# The end of a piece and the beginning of the next that belong together.
_PAIRS = (
    _pair(rf"(?<![\w.])(?:{_TITLES}|incl|excl|vs|bzw){_CUT}", ""),
    _pair(rf"(?<![\w.])(?:[Nn]os?|[Aa]pprox|ca|env|Fig|Sec|n){_CUT}", r"\d"),
    _pair(rf"(?<![\w.])(?:{_DAYS}|{_MONTHS}){_CUT}", rf"\d|{_MONTHS}\b"),
    _pair(r"(?<![\w.])[ap]\.m\.\s*$", r"(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T)\b"),
    # A name with a mark of its own: "Yahoo! said".
    _pair(r"(?<![\w.])[A-Z]\w*!\s+$", r"[a-z]"),
    _pair(r"(?<!\d)\d{1,2}\.\s+$", rf"(?:{_GERMAN_MONTHS}|FC|FSV|SC)\b"),
    _pair(rf"(?<![\w.])(?:Mio|Mrd){_CUT}", r"(?:Euro|Dollar|US|Franken|Kronen|Pfund|Menschen|Einwohner|Tonnen|€)"),
    # Initials: "J.-P. Dupont", "av. J.-C. en Gaule".
    _pair(r"(?<![\w.])(?:[A-Z]|av)\.$", "-"),
    _pair(r"(?<![\w.])av\.\s+$", r"J\.-C"),
    _pair(r"(?<![\w.])[A-Z]\.-[A-Z]\.\s+$", r"\w"),
)
# In French these are titles; in English they are words, or an initial that ends a sentence.
_FRENCH = _pair(rf"(?<![\w.])(?:M|Me){_CUT}", r"[A-ZÀ-Ý]")


def goes_on(before: str, after: str, language: str | None) -> bool:
    """Does the sentence that seems to end before `after` go on in it?"""
    end = before[-LOOKED_BACK:]
    pairs = (*_PAIRS, _FRENCH) if (language or "").lower().startswith("fr") else _PAIRS
    return any(one.search(end) and other.match(after) for one, other in pairs)
