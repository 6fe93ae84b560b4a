"""Sources of articles: what they may be called, and where a question asks what one of them reports."""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.text import STOP_WORDS, fold

# What stands behind the name proper: "FOX News - Health", "Cnbc | World Business News", "Live Science: The Most …".
_SUBTITLE = re.compile(r"\s+[|–-]\s+|:\s+")
_HOST = re.compile(r"^(?:www\.)?([\w-]+)\.(?:\w+\.)?[a-z]{2,}$", re.IGNORECASE)
# "BBC News" is the BBC.
_ACRONYM = re.compile(r"^([A-Z]{3,5})\s+(?:News|Sport|Online|World|Radio)$")

_VERB = (
    r"(?:say|said|report(?:ed)?|write|wrote|written|publish(?:ed)?|claim(?:ed)?|mention(?:ed)?|cover(?:ed)?|agree(?:d)?|"
    r"think|thought|note(?:d)?|state(?:d)?|call(?:ed)?|describe(?:d)?|tell|told)"
)
_VERBS = r"(?:says|reports|writes|claims|agrees|states|said|reported|wrote|claimed)"
_AUXILIARY = r"(?:do|does|did|has|have|had)"
_PIECE = r"(?:(?:(?:an?|the|another)\s+)?(?:article|report|story|piece|review)s?\s+(?:by|from|in|of|on)\s+)?"
_WRITTEN = r"(?:articles?|reports?|story|stories|pieces?|reviews?|reported|published|written)"
_OF_PIECE = rf"{_WRITTEN}\s+(?:by|from|in|on)"
# "Rail Weekly's report", "Bloomberg's latest story".
_ITS_PIECE = r"'s\s+(?:\w+\s+){0,2}?(?:articles?|reports?|reporting|story|stories|pieces?|reviews?|coverage)"
# Whether any source is asked about at all is seen before it is looked up which ones there are.
_REPORTING = re.compile(
    rf"\b(?:according to|{_VERB}|{_VERBS}|{_OF_PIECE})\b|{_ITS_PIECE}\b|^[\w\s.&'-]{{2,40}}:", re.IGNORECASE
)

_OUTLET_WORDS = frozenset(
    "times post guardian news journal herald gazette tribune telegraph courier mail chronicle observer independent "
    "examiner inquirer mirror magazine weekly press newspaper bulletin dispatch sentinel globe register echo".split()
)
# No word of a name is longer: one of two thousand letters and points would be tried at each of them.
_PROPER = r"(?:\b[Tt]he\s+)?\b[^\W\d_a-z][\w.&-]{0,40}(?:\s+[^\W\d_a-z][\w.&-]{0,40}){0,3}"
_NAME = r"(?P<name>(?:the\s+)?[\w.&'-]+(?:\s+[\w.&'-]+){0,4}?)"
_UNKNOWN = (
    re.compile(
        rf"\baccording to\s+{_PIECE}{_NAME}(?=\s*(?:[,?;:!]|$)"
        r"|\s+(?:what|who|when|where|why|how|which|is|are|was|were)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_AUXILIARY}\s+{_NAME}(?=\s+(?:ever\s+)?{_VERB}\b)", re.IGNORECASE),
    re.compile(rf"(?P<name>{_PROPER})(?=\s+(?:says|reports|writes|claims|reported|wrote)\b|{_ITS_PIECE}\b)"),
    re.compile(rf"\b(?i:{_WRITTEN})\s+by\s+(?P<name>{_PROPER})"),
)


def may_ask_of_source(question: str) -> bool:
    """May the question be about what a source reports?"""
    return _REPORTING.search(fold(question)) is not None


def asks_of(question: str, source: str) -> bool:
    """Does the question ask what the source reports?"""
    text = fold(question)
    return _has_words(text, source) and _asking(source).search(text) is not None


def is_named(text: str, source: str) -> bool:
    """Is the source named in a folded text?"""
    return _has_words(text, source) and any(name.search(text) for name in _names(source))


def outlets_asked_of(question: str) -> tuple[str, ...]:
    """What a question asks the reports of, and what looks like the name of a newspaper, or like any name."""
    found = (_own(match["name"]) for pattern in _UNKNOWN for match in pattern.finditer(fold(question)))
    return tuple(dict.fromkeys(name for name in found if looks_like_an_outlet(name) or _is_proper(name)))


def _own(name: str) -> str:
    """A name without the words of the question before it: "Does Reuters"."""
    words = name.split()
    while words and words[0].lower() != "the" and words[0].lower() in STOP_WORDS:
        del words[0]
    return " ".join(words)


def _is_proper(name: str) -> bool:
    """Is every word of it a name, as it is written?"""
    words = re.sub(r"^the\s+", "", name, flags=re.IGNORECASE).split()
    return bool(words) and all(word[0].isupper() and word.lower() not in STOP_WORDS for word in words)


def is_called(name: str, source: str) -> bool:
    """May a name be that of the source, in whatever letters?"""
    return _has_words(name, source) and any(re.search(rf"\b{one}\b", name, re.IGNORECASE) for one in _spelled(source))


def looks_like_an_outlet(name: str) -> bool:
    """Is it called as newspapers and channels are?"""
    words = re.sub(r"^the\s+", "", name, flags=re.IGNORECASE).split()
    if not words:
        return False
    if len(words) == 1:
        titled = words[0].istitle() and words[0].lower() in _OUTLET_WORDS
        return titled or re.fullmatch(r"[A-Z]{3,5}", words[0]) is not None or _HOST.match(words[0]) is not None
    return words[-1].lower() in _OUTLET_WORDS or words[0].lower() == "daily" or "news" in name.lower().split()


def _called(source: str) -> list[str]:
    """The names of a source, folded."""
    source = fold(source)
    called = {source, _SUBTITLE.split(source)[0]}
    called |= {host[1] for name in called if (host := _HOST.match(name))}
    called |= {acronym[1] for name in called if (acronym := _ACRONYM.match(name))}
    return sorted(called)


@lru_cache(maxsize=4_096)
def _words(source: str) -> tuple[tuple[str, ...], ...]:
    """The words of each name of a source, without an article before them."""
    names = (re.findall(r"\w+", name) for name in _called(source))
    return tuple(tuple(name[len(name) > 1 and name[0].lower() == "the" :]) for name in names if name)


@lru_cache(maxsize=64)
def _words_in(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def _has_words(text: str, source: str) -> bool:
    """Has a text all words of a name of the source?

    A library may have hundreds of sources, and for each of them patterns would take milliseconds to be made.
    """
    there = _words_in(text)
    return any(there.issuperset(map(str.lower, name)) for name in _words(source))


def _spelled(source: str) -> tuple[str, ...]:
    """Patterns for the names of a source."""
    return tuple(r"\W+".join(map(re.escape, name)) for name in _words(source))


@lru_cache(maxsize=4_096)
def _asking(source: str) -> re.Pattern[str]:
    name = rf"(?:the\s+)?(?:{'|'.join(_spelled(source)) or '(?!)'})"
    return re.compile(
        rf"\baccording to\s+{_PIECE}{name}\b|\b{_AUXILIARY}\s+{name}(?:'s\s+\w+)?\s+(?:ever\s+)?{_VERB}\b"
        rf"|^\W*{name}\s*:|\b{name}(?:\s+{_VERBS}|{_ITS_PIECE})\b|\b{_OF_PIECE}\s+{name}\b",
        re.IGNORECASE,
    )


@lru_cache(maxsize=4_096)
def _names(source: str) -> tuple[re.Pattern[str], ...]:
    """What a source may be called. A single word must be written as a name: "Fortune" is one, "fortune" is luck."""
    patterns: list[re.Pattern[str]] = []
    for name in _called(source):
        words = re.findall(r"\w+", name)
        article = len(words) > 1 and words[0].lower() == "the"
        proper = r"\W+".join(map(re.escape, words[article:]))
        if len(words) - article > 1:
            patterns.append(re.compile(rf"\b{proper}\b", re.IGNORECASE))
        elif words:
            the = r"\b(?i:the)\s+" if article else r"\b"
            patterns.append(re.compile(rf"{the}(?:(?=[^\Wa-z])|(?<=according to ))(?i:{proper})\b"))
    return tuple(patterns)
