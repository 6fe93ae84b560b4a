"""What is written in several ways and says the same: countries and their adjectives, spellings, numbers.

Tables and rules of English, so that "Chinese officials" are China's and "3,800 metres" are 3800 meters. Nothing here is
a synonym: exchanging equal words cannot change what a sentence says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from retrieval.answers.wording.words import Token
from retrieval.calendar_names import MONTH_NUMBERS, MONTHS, YEAR
from retrieval.number_words import NUMBER_WORDS
from retrieval.text import fold, stem

# A country or continent with what belongs to it, separated by bars; plurals share a stem already.
_COUNTRIES = """
afghanistan afghan | africa african | albania albanian | algeria algerian | america us usa american | angola angolan
argentina argentine argentinian | armenia armenian | asia asian | australia australian | austria austrian
azerbaijan azerbaijani | bangladesh bangladeshi | belarus belarusian | belgium belgian | bolivia bolivian
bosnia bosnian | brazil brazilian | britain uk british briton | bulgaria bulgarian | cambodia cambodian
cameroon cameroonian | canada canadian | chile chilean | china chinese | colombia colombian | congo congolese
croatia croatian croat | cuba cuban | cyprus cypriot | czechia czech | denmark danish dane | ecuador ecuadorian
egypt egyptian | england english | eritrea eritrean | estonia estonian | ethiopia ethiopian | europe european
finland finnish finn | france french | georgia georgian | germany german | ghana ghanaian | greece greek
guatemala guatemalan | haiti haitian | holland netherlands dutch | honduras honduran | hungary hungarian
iceland icelandic | india indian | indonesia indonesian | iran iranian | iraq iraqi | ireland irish | israel israeli
italy italian | jamaica jamaican | japan japanese | jordan jordanian | kazakhstan kazakh | kenya kenyan | korea korean
kosovo kosovar | kuwait kuwaiti | latvia latvian | lebanon lebanese | liberia liberian | libya libyan
lithuania lithuanian | malaysia malaysian | malta maltese | mexico mexican | moldova moldovan | mongolia mongolian
morocco moroccan | mozambique mozambican | myanmar burma burmese | namibia namibian | nepal nepali nepalese
nicaragua nicaraguan | nigeria nigerian | norway norwegian | pakistan pakistani | palestine palestinian
panama panamanian | paraguay paraguayan | peru peruvian | philippines filipino philippine | poland polish pole
portugal portuguese | qatar qatari | romania romanian | russia russian | rwanda rwandan | scotland scottish scot
senegal senegalese | serbia serbian serb | singapore singaporean | slovakia slovak | slovenia slovenian slovene
somalia somali | spain spanish spaniard | sudan sudanese | sweden swedish swede | switzerland swiss | syria syrian
taiwan taiwanese | tanzania tanzanian | thailand thai | tunisia tunisian | turkey turkish turk | uae emirati
uganda ugandan | ukraine ukrainian | uruguay uruguayan | venezuela venezuelan | vietnam vietnamese | wales welsh
yemen yemeni | zambia zambian | zimbabwe zimbabwean
"""
_COUNTRY = {
    stem(word): stem(words.split()[0])
    for words in _COUNTRIES.strip().replace("\n", "|").split("|")
    for word in words.split()
}
_COUNTRIES_THEMSELVES = frozenset(_COUNTRY.values())
_LONG_NAMES = {"united states": "US", "united kingdom": "UK", "great britain": "UK", "european union": "EU"}

# Verbs of two words, whose first word alone says something else.
_PHRASES = tuple(
    (re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE), verb)
    for phrase, verb in (
        ("(?:giv(?:es?|ing|en)|gave) up", "relinquish"),
        ("shut(?:s|ting)? down", "close"),
        ("call(?:s|ed|ing)? off", "cancel"),
        ("turn(?:s|ed|ing)? down", "reject"),
        (r"(?:is|was|are|were|be) over(?=\W*$|[,.;:?!)])", "ended"),
        (r"(?<=^is )(.{1,60}) over(?=\W*$)", r"\1 ended"),
        ("vot(?:es?|ed|ing) against", "reject"),
        ("vot(?:es?|ed|ing) (?:for|in favou?r of)", "approve"),
        ("(?:(?:is|are|was|were|came|come) (?:out )?)?in favou?r of", "support"),
        ("sets? up", "found"),
        ("(?:goes|go|went) back to", "founded by"),
        ("(?:takes?|took) first place", "won"),
        ("head offices?", "headquarters"),
    )
)

_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}|\b(?:[A-Z]\.)+[A-Z]\b")
_LONG = re.compile(rf"\b({'|'.join(_LONG_NAMES)})\b", re.IGNORECASE)
_MONTH = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
# Money before its number, a percent sign behind it, and units that are cut short.
_MONEY = re.compile(r"(?:\bUS|\bA|\bC)?([£$€])\s?(\d+(?:\.\d+)?)(\s?(?:thousand|million|billion|trillion|bn|m)\b)?")
_CURRENCIES = {"£": "pounds", "$": "dollars", "€": "euros"}
_CUT_SCALES = {"bn": " billion", "m": " million"}
_SHORT = tuple(
    (re.compile(rf"(?<=\d)\s?{short}\b"), f" {long}")
    for short, long in (("km", "kilometers"), ("cm", "centimeters"), ("mm", "millimeters"), ("kg", "kilograms"))
)
_PERCENT = re.compile(r"(?<=\d)\s?%|\bper cent\b")
# 133.0 is 133 and 1.70 billion 1.7, but version 1.10 is not 1.1.
_ZEROS = re.compile(r"(?<=\d)\.0(?![\d.])|(?<=\.[1-9])0(?= (?:million|billion|trillion|percent)\b)")
_CHIEF = re.compile(r"\b(?:CEO|chief executive officer)\b")
# 2018-19, but not the beginning of 2018-11-24.
_YEARS = re.compile(rf"\b({YEAR})([-–/])(\d\d)\b(?![-–/]\d)")
_COUNTED = {word: str(value) for word, value in NUMBER_WORDS.items() if value > 1}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_COUNTED)})\b", re.IGNORECASE)
_BRITISH = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=\w\w)tre(s?)$", r"ter\1"),
        (r"(?<=\w\w\w)our(?=$|s$|ed$|ing$|able$|ite$|al$|hood$|er$|ers$)", "or"),
        (r"(?<=\w\w\w)is(?=e$|es$|ed$|ing$|ation$|ations$|er$|ers$)", "iz"),
        # Fuelled, dialled. The stemmer itself takes an l from longer words (travelled), and called must stay call.
        (r"(?<=[^\Wq]ue|\wia)ll(?=ed$|ing$|er$|ers$)", "l"),
        (r"^(def|off|lic)ence", r"\1ense"),
        (r"^programmes?$", "program"),
    )
)


def spelled_out(text: str) -> str:
    """Folded, £5 as 5 pounds, % as percent, U.S. as US, Nov. as November, "ninth" and "9th" as 9, 3,800 as 3800."""
    text = _DOTTED.sub(lambda match: match.group().replace(".", ""), fold(text))
    text = _LONG.sub(lambda match: _LONG_NAMES[match.group().lower()], text)
    text = _MONTH.sub(lambda match: MONTHS[MONTH_NUMBERS[match.group(1).lower()] - 1], text)
    text = _YEARS.sub(_both_years, _THOUSANDS.sub("", text))
    text = _PERCENT.sub(" percent", _MONEY.sub(_money, _CHIEF.sub("chief executive", text)))
    for short, long in _SHORT:
        text = short.sub(long, text)
    text = _ZEROS.sub("", text)
    for pattern, verb in _PHRASES:
        text = pattern.sub(verb, text)
    return _ORDINAL.sub(r"\1", _NUMBER_WORD.sub(lambda match: _COUNTED[match.group().lower()], text))


@lru_cache(maxsize=65_536)
def shared_stem(word: str) -> str:
    """The stem of a lower-case word, British spelling as American; two words it confuses are confused everywhere."""
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return stem(word)


def shared_stems(words: str) -> frozenset[str]:
    """The shared stems of a list of words."""
    return frozenset(map(shared_stem, words.split()))


def is_country(stem: str) -> bool:
    """Is a shared stem that of a country or continent?"""
    return stem in _COUNTRIES_THEMSELVES


def with_shared_stem(token: Token) -> Token:
    """The token with the stem of all its ways of writing; a country is a name at the beginning of a sentence, too.

    Without a capital "polish" and "turkey" are no countries.
    """
    shared = shared_stem(token.text.lower())
    # US in capitals is the country, whose lower-case letters are a stop word.
    named = token.text == "US" or (token.text[0].isupper() and not token.stop)
    if named and shared in _COUNTRY:
        return replace(token, stem=_COUNTRY[shared], name=True, stop=False)
    return token if shared == token.stem else replace(token, stem=shared)


def _money(match: re.Match[str]) -> str:
    sign, number, scale = match.groups()
    scale = (scale or "").strip()
    return f"{number}{_CUT_SCALES.get(scale, f' {scale}' if scale else '')} {_CURRENCIES[sign]}"


def _both_years(match: re.Match[str]) -> str:
    first, dash, last = match.groups()
    return f"{first}{dash}{first[:2]}{last}" if last > first[2:] else match.group()
