"""Small factual edits of real sentences, made by rule: another number, name or month, a negation put in or taken out.

Each takes one sentence of a passage and changes one fact, most often for one that the same passage tells, so that no
word is new. Some edits come out clumsy, which makes them no truer; a few may say what the passage says elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.articles import Passage
from retrieval.calendar_names import MONTHS
from retrieval.text import STOP_WORDS, sentences

# Of each passage so many sentences, not too short to say something and not too long to be one.
SENTENCES = 5
WORDS = range(8, 41)
_NUMBER = re.compile(r"(?<![\w.,-])(?:\d[\d,.]*\d|\d)(?![\w-])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*\b")
# "May" is a verb as well.
_MONTHS = [name for name in MONTHS if name != "May"]
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_VERB = re.compile(r"\b(?:is|are|was|were|will|has|have|had|can|could|would|should|does|did)\b(?! not\b| no\b|n't)")
_NOT = re.compile(r"\b(is|are|was|were|will|has|have|had|can|could|would|should|does|did|do)(?: not|n['’]t)\b")


@dataclass(frozen=True, slots=True)
class Edit:
    """A sentence of a passage with one fact changed."""

    kind: str
    claim: str
    passage: Passage


def edits(passages: Sequence[Passage], seed: int) -> list[Edit]:
    """The edits of some sentences of each passage, always the same ones."""
    chance = random.Random(seed)
    return [
        Edit(kind, claim, passage)
        for passage in passages
        for sentence, told in _chosen(passage, chance)
        for kind, claim in _edited(sentence, told, chance)
        if claim != sentence
    ]


def _chosen(passage: Passage, chance: random.Random) -> list[tuple[str, str]]:
    """Sentences of a passage, each with all of its sentences."""
    found = [span.of(passage.text) for span in sentences(passage.text, passage.language)]
    long = [sentence for sentence in found if len(sentence.split()) in WORDS]
    return [(sentence, "\n".join(found)) for sentence in chance.sample(long, min(SENTENCES, len(long)))]


def _edited(sentence: str, told: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    numbers, names = list(_NUMBER.finditer(sentence)), _names(sentence)
    if numbers:
        place = chance.choice(numbers)
        yield "a digit changed", _put(sentence, place, _miscounted(place.group(), chance))
        others = sorted({found.group() for found in _NUMBER.finditer(told)} - {found.group() for found in numbers})
        if others:
            yield "a number of the passage for another", _put(sentence, place, chance.choice(others))
    if names:
        place = chance.choice(names)
        known = {word for name in names for word in name.group().split()}
        others = sorted(name.group() for name in _names(told) if not known.intersection(name.group().split()))
        if others:
            yield "a name of the passage for another", _put(sentence, place, chance.choice(others))
    for kind, places in (("two numbers exchanged", numbers), ("two names exchanged", names)):
        if len({place.group() for place in places}) > 1:
            yield kind, _exchanged(sentence, places[0], places[-1])
    if month := _MONTH.search(sentence):
        yield "another month", _put(sentence, month, chance.choice([name for name in _MONTHS if name != month.group()]))
    if denial := _NOT.search(sentence):
        yield "a negation taken out", _put(sentence, denial, denial.group(1))
    elif verb := _VERB.search(sentence):
        yield "a negation put in", _put(sentence, verb, f"{verb.group()} not")


def _names(text: str) -> list[re.Match[str]]:
    return [name for name in _NAME.finditer(text) if not STOP_WORDS.intersection(map(str.lower, name.group().split()))]


def _put(sentence: str, place: re.Match[str], text: str) -> str:
    return sentence[: place.start()] + text + sentence[place.end() :]


def _exchanged(sentence: str, first: re.Match[str], last: re.Match[str]) -> str:
    return _put(_put(sentence, last, first.group()), first, last.group())


def _miscounted(number: str, chance: random.Random) -> str:
    at = chance.choice([at for at, char in enumerate(number) if char.isdigit()])
    return number[:at] + chance.choice([digit for digit in "123456789" if digit != number[at]]) + number[at + 1 :]
