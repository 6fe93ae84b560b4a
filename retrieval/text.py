"""Reading text: words, stems, and sentences with character offsets.

Both indexes, the quoting reader and the citation checker look at text through these functions, so a word
is the same word everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import sentencex
import Stemmer

from retrieval.abbreviations import goes_on
from retrieval.articles import Passage, Span

# `5.2` and `1,000` are one word; an apostrophe ends one, so that `Microsoft's` is `Microsoft` and a stop word.
WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+")
HEADING = re.compile(r"#{1,6}\s")
LIST_MARKER = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
LINE_PREFIX = re.compile(r"\s*(?:>\s*)*(?:(?:[-*+•]|\d{1,3}[.)]|#{1,6})\s+)?")
SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’)\]»*_]*\s*$")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Letters that Unicode does not take apart, as keyboards without them write them.
_PLAIN = str.maketrans("øØłŁđĐðÐıſ", "oOlLdDdDis")
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")

STOP_WORDS = frozenset(
    "a about above after again against all also am an and any are aren as at be because been before being below "
    "between both but by can cannot could d did do does doing don down during each either else ever few for from "
    "further had has have having he her here hers herself him himself his how i if in into is isn it its itself "
    "just ll m me more most my myself no nor not now of off on once only or other our ours ourselves out over own "
    "re s same shall she should so some such t than that the their theirs them themselves then there these they "
    "this those through to too under until up upon us ve very was wasn we were what when where which while who "
    "whom whose why will with would you your yours yourself yourselves".split()
)

# One for all threads: its own cache is not made for several.
_stemmer = Stemmer.Stemmer("english", 0)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball (Porter2) stem of one lower-case word; kept, since that takes an eighth of the time."""
    return str(_stemmer.stemWord(word))


def fold(text: str) -> str:
    """Straight apostrophes and no accents, since questions rarely type them; every character keeps its place."""
    return text if text.isascii() else _NOT_ASCII.sub(lambda found: _fold_character(found.group()), text)


@lru_cache(maxsize=4_096)
def _fold_character(char: str) -> str:
    if char in "’‘":
        return "'"
    char = char.translate(_PLAIN)
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if len(parts) > 1 and unicodedata.combining(parts[1]) else char


def terms(text: str) -> list[str]:
    """The stems that carry meaning, in order: what the lexical index holds and what coverage counts.

    Runs of Chinese, Japanese or Korean become overlapping character pairs, the usual stand-in for word
    segmentation in full-text search.
    """
    found: list[str] = []
    for match in WORD.finditer(fold(text)):
        word = match.group().lower()
        if word in STOP_WORDS:
            continue
        if CJK.search(word):
            found.extend(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            found.append(stem(word))
    return found


def stems_of(passage: Passage) -> frozenset[str]:
    """The stems of a passage and of the head line above it."""
    return frozenset(terms(f"{passage.head} {passage.text}"))


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table row or heading of a text."""

    span: Span
    heading: bool


def blocks(text: str) -> Iterator[Block]:
    """The text's own structure, as spans in order.

    Lines are blocks of their own unless they are visibly one hard-wrapped paragraph: many plain-text
    articles put one paragraph on a line and separate nothing with blank lines.
    """
    lines = [match.span() for match in re.finditer(r"[^\n]+", text)]
    start: int | None = None
    for position, (begin, end) in enumerate(lines):
        line = text[begin:end]
        if not line.strip():
            continue
        start = begin if start is None else start
        following = lines[position + 1] if position + 1 < len(lines) else None
        if following is not None and _wraps(text, (begin, end), following):
            continue
        span = _trim(text, start, end)
        start = None
        if span.end > span.start:
            yield Block(span, _is_heading(text, span, following))


def sentences(text: str, language: str | None = None) -> Iterator[Span]:
    """The quotable sentences of a text, trimmed, without headings and list markers."""
    for block in blocks(text):
        if not block.heading:
            yield from _spans(text, block, language, segments)


def block_pieces(text: str, block: Block, language: str | None = None) -> Iterator[Span]:
    """One block cut where sentences seem to end, with offsets into the whole text.

    Passages and what is embedded of them are cut here, with fewer abbreviations known than to `sentences`: with
    other cuts the articles of a library would have to be embedded again.
    """
    yield from _spans(text, block, language, _cut)


def _spans(
    text: str, block: Block, language: str | None, cut: Callable[[str, str | None], Iterator[str]]
) -> Iterator[Span]:
    prefix = LINE_PREFIX.match(text, block.span.start, block.span.end)
    start = prefix.end() if prefix else block.span.start
    for piece in cut(text[start : block.span.end], language):
        span = _trim(text, start, start + len(piece))
        start += len(piece)
        if span.end > span.start:
            yield span


def segments(text: str, language: str | None = None) -> Iterator[str]:
    """The text cut where sentences end; the pieces together are the text."""
    begun = ""
    for piece in _cut(text, language):
        if begun and not goes_on(begun, piece, language):
            yield begun
            begun = ""
        begun += piece
    if begun:
        yield begun


def _cut(text: str, language: str | None) -> Iterator[str]:
    start = 0
    # sentencex panics, with no Exception, on a capital, a space of several bytes and a full stop.
    for piece in sentencex.segment(language or "en", _WIDE_SPACE.sub(" ", text)):
        yield text[start : start + len(piece)]
        start += len(piece)


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _wraps(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    """Does the paragraph go on in the following line?"""
    if text.count("\n", line[1], following[0]) > 1:
        return False
    current, after = text[slice(*line)], text[slice(*following)]
    if not after.strip() or SENTENCE_END.search(current) or current.lstrip().startswith(("#", "|")):
        return False
    if HEADING.match(after) or LIST_MARKER.match(after) or after.lstrip().startswith(("|", ">", "```")):
        return False
    return after.lstrip()[0].islower() or 60 <= len(current) <= 120


def _is_heading(text: str, span: Span, following: tuple[int, int] | None) -> bool:
    block = span.of(text)
    if HEADING.match(block):
        return True
    unmarked = not LIST_MARKER.match(block) and not block.startswith(("|", ">"))
    return following is not None and unmarked and len(block) < 80 and not SENTENCE_END.search(block)
