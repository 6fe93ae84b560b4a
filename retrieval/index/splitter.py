"""Splitting an article into passages along its own structure.

A passage is a run of whole blocks (paragraphs, list items, headings) of up to `PASSAGE_WORDS` words; only a
block that is longer by itself is cut, between sentences. On news, passages of this size found the evidence more
often than ones of half the size (see docs/decisions.md); quotes are single sentences anyway.

The embedder reads only the first 256 word pieces of a text, so a passage is embedded as one or more windows
that together cover it; a question is as near to a passage as to its nearest window. That is measured in English words:
of other alphabets' windows only the beginning is read, as of everything that an English embedder is given of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.articles import Span
from retrieval.text import CJK, Block, block_pieces, blocks

PASSAGE_WORDS = 360
WINDOW_WORDS = 190
# A sentence longer than this is not prose (a table, a data dump); it is cut so that no passage is unbounded.
LONGEST_PIECE = 4_000


def split(text: str, language: str | None = None) -> list[Span]:
    """The passages of a text, in order, as spans; together they hold every word of it."""
    spans: list[Span] = []
    start, end, size = 0, 0, 0
    for piece, heading in _pieces(text, language, PASSAGE_WORDS):
        length = _count(piece.of(text))
        full = size + length > PASSAGE_WORDS
        # A heading opens a passage of its own section once the passage before it has some substance.
        if size and (full or (heading and size >= PASSAGE_WORDS // 2)):
            spans.append(Span(start, end))
            size = 0
        if not size:
            start = piece.start
        end, size = piece.end, size + length
    if size:
        spans.append(Span(start, end))
    return spans


def windows(text: str) -> list[str]:
    """The stretches of a passage that are embedded, of about equal size, cut between sentences."""
    total = _count(text)
    if total <= WINDOW_WORDS:
        return [text]
    target = total / -(-total // WINDOW_WORDS)
    return [span.of(text) for span in split_evenly(text, target)]


def split_evenly(text: str, target: float) -> Iterator[Span]:
    """Runs of sentences of about `target` words each."""
    start: int | None = None
    end, size = 0, 0
    for piece, _ in _pieces(text, None, int(target)):
        length = _count(piece.of(text))
        if start is not None and size + length / 2 > target:
            yield Span(start, end)
            start, size = None, 0
        start = piece.start if start is None else start
        end, size = piece.end, size + length
    if start is not None:
        yield Span(start, end)


def _pieces(text: str, language: str | None, words: int) -> Iterator[tuple[Span, bool]]:
    """Blocks, or the sentences of a block too long for one passage; each with whether it is a heading."""
    for block in blocks(text):
        if _count(block.span.of(text)) <= words and block.span.end - block.span.start <= LONGEST_PIECE:
            yield block.span, block.heading
        else:
            yield from ((span, False) for span in _long_block(text, block, language))


def _long_block(text: str, block: Block, language: str | None) -> Iterator[Span]:
    for sentence in block_pieces(text, block, language):
        for start in range(sentence.start, sentence.end, LONGEST_PIECE):
            piece = Span(start, min(start + LONGEST_PIECE, sentence.end))
            if not piece.of(text).isspace():
                yield piece


def _count(text: str) -> int:
    # A run without spaces, an address or a table of digits, is more than one word. Four characters of Chinese, Japanese
    # or Korean, a word piece each, are as many pieces as three English words.
    return max(len(text.split()), len(text) // 12, len(CJK.findall(text)) * 3 // 4)
