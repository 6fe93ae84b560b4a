"""Words as evidence sees them: what their shape says beyond their stem.

Names are found by their capitals, numbers by their digits. That is crude, language-poor and fast, and it is what
a small embedder misses: a quote must hold the very names and numbers that were asked for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.text import CJK, STOP_WORDS, WORD, fold, stem

# What a question begins with, and its verb.
QUESTION_WORDS = tuple("who whom whose what when where why which how".split())
AUXILIARIES = tuple("is are was were do does did has have had can could will would should".split())
NEGATORS = frozenset("not no never without neither nor cannot hardly nobody none".split())
NEGATION = re.compile(rf"\b(?:{'|'.join(sorted(NEGATORS))}|nothing)\b|n't\b", re.IGNORECASE)
_RUN = re.compile(r"\d+(?:[.,]\d+)*|\D+")
# Endings and particles are written in it; words that carry meaning seldom are in it alone.
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")
PRONOUNS = frozenset("it he she they this these those its his her their that such".split())


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text.

    `name` is True for a capital where a capital means something: not at a sentence's start, unless another
    capital follows.
    """

    text: str
    stem: str
    start: int
    stop: bool
    name: bool
    number: bool


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text, in order."""
    text = fold(text)
    found: list[Token] = []
    fresh, opener, last = True, -1, 0
    for match in WORD.finditer(text):
        gap, word = text[last : match.start()], match.group()
        if CJK.search(word):
            found.extend(_without_spaces(word, match.start()))
            fresh, last = False, match.end()
            continue
        fresh = fresh or any(char in gap for char in ".!?\n:|")
        low = word.lower()
        stop = low in STOP_WORDS
        name = word[0].isupper() and not stop and (not fresh or (len(word) > 1 and word.isupper()))
        if name and not fresh and gap == " " and found and found[-1].start == opener:
            first = found[-1]
            if first.text[0].isupper() and not first.stop:
                found[-1] = Token(first.text, first.stem, first.start, False, True, first.number)
        # The 4 of GPT-4 is no amount.
        number = word[0].isdigit() and gap[-1:] not in ("-", "_")
        found.append(Token(word, stem(low), match.start(), stop, name, number))
        if fresh:
            opener = match.start()
        fresh, last = False, match.end()
    return tuple(found)


def name_stems(text: str) -> frozenset[str]:
    """The stems of the names in a text."""
    return frozenset(token.stem for token in tokens(text) if token.name)


def _without_spaces(run: str, start: int) -> Iterator[Token]:
    """A run of Chinese, Japanese or Korean: its numbers, and overlapping pairs of characters as in the indexes."""
    for piece in _RUN.finditer(run):
        text, at = piece.group(), start + piece.start()
        if text[0].isdigit():
            yield Token(text, text, at, False, False, True)
            continue
        for i in range(max(1, len(text) - 1)):
            pair = text[i : i + 2].lower()
            yield Token(text[i : i + 2], pair, at + i, _HIRAGANA.fullmatch(pair) is not None, False, False)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A sentence as the features see it; `pairs` are neighbouring content stems, one word between them allowed."""

    text: str
    tokens: tuple[Token, ...]
    stems: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    negated: bool


def analyse(text: str) -> Analysis:
    """Look at one sentence."""
    found = tokens(text)
    stems = [token.stem for token in found if not token.stop]
    pairs = frozenset(itertools.pairwise(stems)) | frozenset(zip(stems, stems[2:], strict=False))
    return Analysis(text, found, frozenset(stems), pairs, NEGATION.search(text) is not None)
