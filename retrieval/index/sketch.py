"""Recognising nearly the same text: a sketch of an article that two copies of it share.

The sketch is the `SIZE` smallest hashes of all groups of `WORDS` consecutive words; the share of common hashes
estimates the resemblance of the two sets of groups (Broder 1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from hashlib import blake2b

WORDS = 4
SIZE = 32
# An agency report on two sites differs in its first line, its last and a few words between.
ALIKE = 0.6
# Two short notes may share most of their few words by chance.
FEWEST_WORDS = 40


def sketch(text: str) -> tuple[int, ...]:
    """The smallest hashes, as signed 63-bit numbers, ascending; empty for a text too short to tell."""
    words = re.findall(r"\w+", text.casefold())
    if len(words) < FEWEST_WORDS:
        return ()
    return tuple(heapq.nsmallest(SIZE, set(_hashes(words))))


def alike(size: int, shared: int) -> bool:
    """Do two texts resemble each other whose sketches, the smaller of `size` hashes, share that many?"""
    return size > 0 and shared >= ALIKE * size


def _hashes(words: list[str]) -> Iterator[int]:
    for start in range(len(words) - WORDS + 1):
        group = " ".join(words[start : start + WORDS]).encode()
        yield int.from_bytes(blake2b(group, digest_size=8).digest(), "big") >> 1
