"""A question taken apart: what it asks for, and how much each of its words matters."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from retrieval.answers.asking.posts import post_asked
from retrieval.answers.wording.english import frequency_rank
from retrieval.answers.wording.opposites import verbal
from retrieval.answers.wording.words import AUXILIARIES, Token, tokens
from retrieval.articles import Standalone
from retrieval.calendar_names import CALENDAR_WORDS, MONTH_NUMBERS, WEEKDAY_WORDS, YEAR
from retrieval.number_words import CARDINALS, TENS
from retrieval.text import STOP_WORDS, WORD, fold, stem

Kind = Literal["person", "time", "number", "place", "reason", "yesno", "other"]

# Passages of ordinary English that a library's own counts are added to: with a handful of passages plain idf
# says nothing, with thousands these fade.
PRIOR_PASSAGES = 50.0
# A word that the embedder's vocabulary lacks is about this rare.
RANK_OF_UNKNOWN = 40_000

# "Why not?" asks of what was just denied.
_ASKED_NOT = re.compile(r"\b(?:(?<!why )not|never|cannot)\b|n't\b", re.IGNORECASE)
_HOW = frozenset("many much long old often tall far fast big large high deep wide heavy".split())
_FILLER = frozenset((*AUXILIARIES, *"the a an kind type sort of".split()))
_ASKED: Mapping[Kind, frozenset[str]] = {
    "time": frozenset("year years date day month century decade time era".split()),
    "number": frozenset("percentage percent number amount population price cost age size height length share".split()),
    "place": frozenset(
        "country city state states region place continent town province area location county nation".split()
    ),
    "person": frozenset(
        "person king president emperor leader scientist author general monarch queen founder ruler engineer "
        "inventor physicist philosopher".split()
    ),
}
TIME = frozenset(
    "century centuries decade decades ago today yesterday tomorrow tonight bc ad bce ce year years month months week "
    "weeks spring summer autumn winter".split()
)
NUMERALS = frozenset(CARDINALS | TENS) | frozenset(
    "hundred hundreds thousand thousands million millions billion billions trillion half twice dozen dozens percent "
    "quarter once double triple several".split()
)
_HOURS = 24
_BEFORE_HOURS = frozenset("at until till".split())
_HOUR = re.compile(r"\d{1,2}[ap]m")
_HALVES = (["am"], ["pm"], ["a", "m"], ["p", "m"], ["o'clock"], ["o", "clock"])
_BEFORE_PLACES = frozenset("in at near from to across throughout outside inside around along toward towards".split())
_REASONS = frozenset(
    "because due since therefore thus cause caused so reason led order result owing thanks blame blames blamed "
    "reasons causes prompted forced".split()
)
_PLURALS = frozenset("people men women children feet teeth mice geese police staff cattle".split())
# What is counted in each other's words: "1,140 people will lose their jobs", "nine dead", "injured 14".
_COUNTED_ALIKE = tuple(
    frozenset(map(stem, words.split()))
    for words in (
        "job position post role worker employee people staff workforce",
        "people person man men woman women child children victim dead death died killed hurt injured wounded casualty "
        "fatality arrested missing resident passenger worker employee student life lives",
    )
)
_NOTHING: Mapping[str, float] = MappingProxyType({})
_YEAR = re.compile(rf"{YEAR}s?$")
# "11th", "nineteenth": which century it was.
_ORDINAL = re.compile(r"(?:\d+(?:st|nd|rd|th)|first|second|third|[a-z-]+th)$")
# "When forces act on a body, what …": what asks comes behind the clause.
_CLAUSE_FIRST = re.compile(
    rf"(?<!\W)\W*(?:when|where)\b(?! (?:{'|'.join(AUXILIARIES)})\b)[^,]*,.*?"
    r"\b(?=(?:who|whom|whose|when|where|why|how|what|which)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the features see it.

    `weights` holds its distinct content stems in order, `verbal` the stems of all words but nouns behind "their" or
    "many"; `counted` is the stem of what "how many …" counts, and `post` finds who holds the post that is asked for.
    """

    text: str
    weights: Mapping[str, float]
    verbal: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    kind: Kind
    negated: bool
    counted: str
    post: re.Pattern[str] | None

    def coverage(self, found: frozenset[str], near: Mapping[str, float] = _NOTHING) -> float:
        """The share of the question's weight that these stems hold; 1 for a question without content words.

        A stem that is not among them counts for as much as `near` says, from 0 to 1.
        """
        total = sum(self.weights.values())
        held = sum(w if stem in found else w * near.get(stem, 0.0) for stem, w in self.weights.items())
        return held / total if total else 1.0


def parse_question(
    question: Standalone, frequencies: Mapping[str, int], passages: int, asking: frozenset[str] = frozenset()
) -> Question:
    """Analyse a question; `frequencies` counts the library's passages that hold each of its terms.

    Stems that are only `asking` ("tell me about") weigh nothing. Words that only its context has weigh as much less as
    it leans on it; names there are names.
    """
    text = question.text
    every = tokens(text)
    content = [token for token in every if not token.stop and token.stem not in asking]
    inherited = [token for token in tokens(question.context) if not token.stop]
    surface: dict[str, str] = {}
    for token in (*content, *inherited):
        surface.setdefault(token.stem, token.text.lower())
    own = {token.stem for token in content}
    stems = [token.stem for token in content]
    return Question(
        text=text,
        weights={
            stem: term_weight(frequencies.get(stem, 0), passages, common_share(word, stem))
            * (1.0 if stem in own else question.weight)
            for stem, word in surface.items()
        },
        verbal=verbal(every),
        names=frozenset(token.stem for token in (*content, *inherited) if token.name),
        numbers=frozenset(token.stem for token in content if token.number),
        pairs=frozenset(itertools.pairwise(stems)),
        kind=answer_kind(text),
        negated=_ASKED_NOT.search(fold(text)) is not None,
        counted=counted_noun(text),
        post=post_asked(text),
    )


def term_weight(holding: int, passages: int, background: float) -> float:
    """Smoothed idf: the library's own counts plus `PRIOR_PASSAGES` imaginary passages of ordinary English."""
    return -math.log((holding + PRIOR_PASSAGES * background) / (passages + PRIOR_PASSAGES))


def common_share(word: str, stem: str) -> float:
    """How large a share of English passages holds a word, from its frequency rank (Zipf: p(word) = 0.1 / rank).

    The rank is the word's place in the embedder's vocabulary, which is ordered by frequency; it is the only
    knowledge of English the weights need.
    """
    return 1.0 - math.exp(-10.0 / (frequency_rank(word, stem) or RANK_OF_UNKNOWN))


def answer_kind(question: str) -> Kind:
    """What sort of thing is asked for."""
    words = [word.lower() for word in WORD.findall(_CLAUSE_FIRST.sub("", fold(question), count=1))]
    asking: Mapping[str, Kind] = {
        "who": "person",
        "whom": "person",
        "whose": "person",
        "when": "time",
        "where": "place",
        "why": "reason",
    }
    for i, word in enumerate(words):
        if word in asking:
            return asking[word]
        if word == "how":
            return "number" if words[i + 1 : i + 2] and words[i + 1] in _HOW else "other"
        if word in ("what", "which"):
            head = next((following for following in words[i + 1 : i + 4] if following not in _FILLER), "")
            return next((kind for kind, heads in _ASKED.items() if head in heads), "other")
    return "yesno" if words and words[0] in AUXILIARIES else "other"


def holds_kind(kind: Kind, sentence: tuple[Token, ...], asked: frozenset[str]) -> bool:
    """Does a sentence hold something of the asked kind that the question did not bring along itself?"""
    for i, token in enumerate(sentence):
        low = token.text.lower()
        if token.stem in asked:
            # "In which century" is answered by "in the 11th century".
            if kind == "time" and low == "century" and i and _which(sentence[i - 1], asked):
                return True
            continue
        if kind == "person" and token.name and low not in CALENDAR_WORDS:
            return True
        if kind == "time" and (
            _YEAR.match(low)
            or low in WEEKDAY_WORDS
            or low in TIME
            or (low in MONTH_NUMBERS and token.text[0].isupper())
            or _is_clock_time(sentence, i)
        ):
            return True
        if kind == "number" and (token.number or low in NUMERALS):
            return True
        if kind == "place" and token.name:
            before = sentence[max(0, i - 3) : i]
            if any(earlier.name or earlier.text.lower() in _BEFORE_PLACES for earlier in before):
                return True
        if kind == "reason" and low in _REASONS:
            return True
    return False


def _is_clock_time(sentence: tuple[Token, ...], at: int) -> bool:
    """ "Noon", "7 p.m.", and an hour behind "at" that counts nothing: "at six", "until 18:30"."""
    low = sentence[at].text.lower()
    if low in ("noon", "midnight") or _HOUR.fullmatch(low):
        return True
    hour = int(low) if low.isdecimal() else CARDINALS.get(low, _HOURS + 1)
    if hour > _HOURS:
        return False
    following = [token.text.lower() for token in sentence[at + 1 : at + 3]]
    if following[:1] in _HALVES or following in _HALVES:
        return True
    counted = bool(following) and not (following[0].isdecimal() or following[0] in STOP_WORDS - {"of"})
    return at > 0 and sentence[at - 1].text.lower() in _BEFORE_HOURS and not counted


def _which(token: Token, asked: frozenset[str]) -> bool:
    return token.stem not in asked and _ORDINAL.match(token.text.lower()) is not None


def counts(noun: str, sentence: tuple[Token, ...]) -> bool:
    """Does a sentence count the noun, or its like: a number at most three words before it or right behind it?"""
    alike = frozenset({noun}).union(*(nouns for nouns in _COUNTED_ALIKE if noun in nouns))
    for i, token in enumerate(sentence):
        if token.stem in alike:
            window = (*sentence[max(0, i - 3) : i], *sentence[i + 1 : i + 2])
            if any(near.number or near.text.lower() in NUMERALS for near in window):
                return True
    return False


def counted_words(question: str) -> list[str]:
    """What a "how many" question counts: square and miles in "how many square miles of …".

    The last of them is the noun; from the first plural on nothing belongs to it any more ("how many people live …").
    """
    match = re.search(r"\bhow many ((?:\w+ ?){1,4})", fold(question).lower())
    words = list(itertools.takewhile(lambda word: word not in STOP_WORDS, match.group(1).split() if match else []))
    plural = next((at for at, word in enumerate(words) if _is_plural(word)), None)
    return words[: 1 if plural is None else plural + 1]


def _is_plural(word: str) -> bool:
    return word in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us")) and stem(word) != word)


def counted_noun(question: str) -> str:
    """The stem of the noun that is counted."""
    phrase = counted_words(question)
    return tokens(phrase[-1])[0].stem if phrase else ""
