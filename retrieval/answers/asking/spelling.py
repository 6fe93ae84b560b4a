"""Slips of the keyboard in a question: "who is the cheif enginer of the conty".

A word that neither English nor the library knows finds nothing, and the gate counts it as missing. It is read as a word
of the library's that has two letters exchanged, or one more or a doubled one less (three of the four edits of Damerau
1964). A wrong letter is not mended: the list of English words lacks many, and "bake" would become "make". Capitals mark
names, which are left alone: a name that the library lacks must stay one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.answers.wording.english import frequency_rank
from retrieval.library import Library
from retrieval.text import STOP_WORDS, stem

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Words of so many letters are one more letter from too many others.
SHORTEST = 3
_PLAIN = re.compile(r"(?<![\w.'’/@-])[a-z]+(?![\w.'’/@-]|\.\w)")


async def respelled(library: Library, question: str) -> str:
    """The question with slips mended; as it is where most of its words are unknown, since then it is no English."""
    words = {word for word in _PLAIN.findall(question) if word not in STOP_WORDS}
    unknown = {word for word in words if len(word) >= SHORTEST and frequency_rank(word, stem(word)) is None}
    if not unknown or 2 * len(unknown) > len(question.split()):
        return question
    counts, _ = await library.frequencies([stem(word) for word in unknown])
    slips = [word for word in unknown if not counts.get(stem(word))]
    near = {slip: [word for word in dict.fromkeys(_edits(slip)) if _english(word)] for slip in slips}
    here, _ = await library.frequencies(list({stem(word) for words in near.values() for word in words}))
    near = {
        slip: [word for word in words if word in STOP_WORDS or here.get(stem(word))] for slip, words in near.items()
    }
    meant = {slip: min(words, key=lambda word: frequency_rank(word) or 0) for slip, words in near.items() if words}
    return _PLAIN.sub(lambda match: meant.get(match.group(), match.group()), question)


def _english(word: str) -> bool:
    return word in STOP_WORDS or frequency_rank(word) is not None


def _edits(word: str) -> Iterator[str]:
    """The words with two letters exchanged, with one letter more, and with a doubled one less."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        if tail and head.endswith(tail[0]):
            yield head + tail[1:]
        if len(word) > SHORTEST:
            yield from (head + letter + tail for letter in LETTERS)
