"""Words that a sentence sets in quotation marks: they must stand in the passages, one after the other.

Titles of works are in quotation marks as well, and are names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.text import STOP_WORDS, WORD, fold

LONGEST_NAME = 3
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"]{1,600})[”“»\"]")
# What a quotation leaves out, or says in words of its own.
_LEFT_OUT = re.compile(r"…|\.\.\.|\[[^\[\]]{0,60}\]|\(…\)")


def quoted_verbatim(text: str, passages: Sequence[str]) -> bool:
    """Does each stretch in quotation marks stand in one of the passages, which are given `in_a_row`?"""
    stretches = (part for match in _QUOTED.finditer(text) for part in _LEFT_OUT.split(match[1]))
    return all(any(in_a_row(part) in passage for passage in passages) for part in stretches if _is_speech(part))


def _is_speech(part: str) -> bool:
    """Are there words other than those of a name or a title?"""
    words = WORD.findall(part)
    telling = [word for word in words if word.lower() not in STOP_WORDS]
    # "Canis lupus" has one capital, too.
    named = telling == words and words[:1] and words[0][0].isupper() and len(words) <= LONGEST_NAME
    return not named and (any(word[0].islower() for word in telling) or (bool(words) and not telling))


def in_a_row(text: str) -> str:
    """The words of a text in small letters between single spaces, so that words can be looked for in it."""
    return f" {' '.join(word.lower() for word in WORD.findall(fold(text)))} "
