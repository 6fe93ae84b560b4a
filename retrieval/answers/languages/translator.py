"""A checked answer in the asker's language: translated sentence by sentence, footnotes kept in place by code.

The model sees the checked sentences alone, without markers, passages or question. Code puts each translation in the
place of its sentence and shows the sentence itself where a translation changes numbers or names or brings anything of
its own. Whether it means the same is not checked; the footnotes quote the original.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import TYPE_CHECKING

from prompts import load
from retrieval.answers.answer import Sentence
from retrieval.answers.languages.language import LANGUAGES, detected
from retrieval.answers.markers import MARKER
from retrieval.answers.models import streamed
from retrieval.answers.sanitize import plain
from retrieval.answers.wording.english import frequency_rank
from retrieval.answers.wording.words import name_stems, tokens
from retrieval.text import CJK, WORD, fold

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_TRANSLATED = re.compile(r"<sentence number=\"(\d{1,3})\">(.*?)</sentence>", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3}(?!\d))*(?:[.,]\d+)?")
_GROUPS = re.compile(r"[.,\u00a0\u202f' ](?=\d{3}(?!\d))")
_LATIN_NAME = re.compile(r"(?<=[\w,;»”\"] )[A-ZÀ-ÖØ-Þ]\w*|\b\w*[A-Z]\w*[A-Z]\w*\b")
_CAPITALS = re.compile(r"\b\w*[A-Z]\w*[A-Z]\w*\b")
# Names among the commonest English words may have another form elsewhere: London, Germany, Supreme Court.
COMMON = 4_000
# Inflections and other spellings begin alike: Microsofts, Brussels and Bruselas.
SAME_START = 4
# Where a thousand million is a milliard, a "billion" is a mistake by a thousand.
_LONG_SCALE = frozenset("ca cs da de es fr gl hr hu it nl no pl sk sl sr sv".split())
_BILLION = re.compile(r"\bbil[lj]?[ij]?[oóòõ]", re.IGNORECASE)
_MILLIARD = re.compile(r"\bmil[lj]?[ij]?ard", re.IGNORECASE)
# Every noun has a capital.
_CAPITALISED_NOUNS = frozenset({"de"})
# How many times as long a translation may be; Chinese takes a third of the characters.
SHORTEST, LONGEST, SLACK = 0.15, 2.5, 40
LONGEST_REPLY = 20_000


class Translator:
    """Translates the sentences of an answer with the chat model, in one call."""

    def __init__(self, model: BaseChatModel, timeout: float) -> None:
        """`timeout` in seconds."""
        self._chain = load("translate") | model
        self._timeout = timeout

    async def translate(
        self, sentences: Sequence[Sentence], languages: Languages
    ) -> tuple[tuple[Sentence, ...], int, dict[str, int]]:
        """The sentences with their quotes, as many as hold translated; how many are; and the tokens it cost.

        Raises ModelUnavailable.
        """
        numbered = "\n".join(
            f'<sentence number="{n}">{escape(sentence.text, quote=False)}</sentence>'
            for n, sentence in enumerate(sentences, start=1)
        )
        usage: dict[str, int] = {}
        deadline = asyncio.get_running_loop().time() + self._timeout
        variables = {"language": LANGUAGES[languages.spoken], "sentences": numbered}
        reply = "".join([text async for text in streamed(self._chain, variables, deadline, LONGEST_REPLY, usage)])
        found = {int(number): " ".join(unescape(text).split()) for number, text in _TRANSLATED.findall(reply)}
        # What is not in the asker's language is no translation, whatever it is.
        if await asyncio.to_thread(detected, " ".join(found.values())) not in (languages.spoken, None):
            found = {}
        kept = {
            n: text
            for n, text in found.items()
            if 0 < n <= len(sentences)
            and says_no_more(sentences[n - 1].text, text, languages, _names_near(sentences[n - 1]))
        }
        translated = [replace(one, text=kept.get(n, one.text)) for n, one in enumerate(sentences, start=1)]
        return tuple(translated), len(kept), usage


@dataclass(frozen=True, slots=True)
class Languages:
    """The articles' language and the asker's, both of LANGUAGES."""

    written: str
    spoken: str


def says_no_more(
    original: str, translation: str, languages: Languages, known_names: frozenset[str] = frozenset()
) -> bool:
    """Has a translation the original's numbers and names, and neither links nor marks of its own?

    `known_names` are stems that are names elsewhere, so that they are recognised where a sentence begins.
    """
    if not SHORTEST * len(original) <= len(translation) <= LONGEST * len(original) + SLACK:
        return False
    if plain(translation) != translation:
        return False
    if MARKER.search(translation) or _numbers(original) != _numbers(translation):
        return False
    if not _scale_kept(original, translation, languages.spoken):
        return False
    return _names_kept(original, translation, languages, known_names)


def _names_near(sentence: Sentence) -> frozenset[str]:
    """Stems that are names somewhere in the passages a sentence stands on."""
    return frozenset().union(*map(name_stems, {quote.passage.text for quote in sentence.quotes}))


def _numbers(text: str) -> Counter[str]:
    """The numbers, however they are written: 1,000.5 and 1.000,5 are one."""
    digits = "".join(str(int(char)) if char.isdecimal() else char for char in text)
    return Counter(_GROUPS.sub("", number).replace(",", ".") for number in _NUMBER.findall(digits))


def _scale_kept(original: str, translation: str, language: str) -> bool:
    said = original.lower()
    if language in _LONG_SCALE and "trillion" not in said and "billion" in said and _BILLION.search(translation):
        return False
    return not ("million" in said and "billion" not in said and _MILLIARD.search(translation))


def _names_kept(original: str, translation: str, languages: Languages, known_names: frozenset[str]) -> bool:
    """Are names written as they were, and no others there, in so far as Latin letters and capitals tell?"""
    words = tokens(original)
    capitals = [word.text for word in words if word.name or (word.text[:1].isupper() and word.stem in known_names)]
    there = {_begin(word) for word in WORD.findall(translation)}
    lost = [name for name in capitals if _begin(name) not in there]
    names = lost
    if languages.written in _CAPITALISED_NOUNS:
        names = [name for name in lost if _CAPITALS.fullmatch(name)]
    rare = [name for name in names if (frequency_rank(fold(name).lower()) or COMMON) >= COMMON]
    if _latin(translation) and _latin(original) and rare:
        return False
    here = {_begin(word.text) for word in words}
    pattern = _CAPITALS if languages.spoken in _CAPITALISED_NOUNS else _LATIN_NAME
    new = [name for name in pattern.findall(translation) if _begin(name) not in here]
    # Germany became Alemania: at most as many new names as there are old ones that may change.
    return len(new) <= len(lost) - len(rare)


def _begin(word: str) -> str:
    return fold(word).lower()[:SAME_START]


def _latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return not CJK.search(text) and sum(fold(char).isascii() for char in letters) > len(letters) / 2
