"""What a model writes, sentence by sentence, with the passages it points to.

Models point with `[1]`, but also `[1, 2]`, `[[1]]`, `【1】`, `[^1]` or `[Passage 1]`. A marker is taken out of the
text and kept as numbers; whether a number means anything is decided by the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sentencex

from retrieval.text import LINE_PREFIX

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_NAME = r"(?:(?:source|passage|footnote|article|ref)s?\.?\s{0,2})?"
# Every repetition is bounded and unambiguous, so the pattern is linear on any input.
MARKER = re.compile(
    rf"\s{{0,3}}{_OPEN}{{1,2}}\^?{_NAME}#?(\d{{1,4}}(?:\s{{0,2}}[,;&–-]\s{{0,2}}\^?{_NAME}\d{{1,4}}){{0,8}}){_CLOSE}{{1,2}}",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"(?:{MARKER.pattern})+[.,;]?", re.IGNORECASE)
_BEGUN = re.compile(rf"\s*{_OPEN}[^\]】］]{{0,60}}$")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence as the model wrote it: what stands before it, its words, and the numbers it cites."""

    lead: str
    text: str
    numbers: tuple[int, ...]


class SentenceStream:
    """Cuts a stream of text into sentences as they become complete.

    A sentence is complete when the next one has begun, since a marker may follow the full stop.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._lead = ""

    def feed(self, text: str) -> list[Piece]:
        """Add text; gives the sentences that are complete now."""
        self._buffer += text
        # While a code block is open nothing can be cut: it is one piece.
        if self._buffer.count(_FENCE) % 2:
            return []
        raw = _raw_pieces(self._buffer)
        complete = len(raw) - 1
        if raw and _BEGUN.match(raw[-1]):
            # A marker has begun that may belong to the sentence before it.
            complete -= 1
        if complete < 1:
            return []
        self._buffer = "".join(raw[complete:])
        return self._pieces(raw[:complete])

    def flush(self) -> list[Piece]:
        """The rest, once the model is done."""
        raw, self._buffer = _raw_pieces(self._buffer), ""
        return self._pieces(raw)

    def _pieces(self, raw: list[str]) -> list[Piece]:
        pieces: list[Piece] = []
        for text in raw:
            stripped = text.strip()
            if not stripped:
                self._lead += text
                continue
            before = self._lead + text[: len(text) - len(text.lstrip())]
            self._lead = text[len(text.rstrip()) :]
            prefix = LINE_PREFIX.match(stripped)
            mark = prefix.group() if prefix and not stripped.startswith(_FENCE) else ""
            words, numbers = _without_markers(stripped[len(mark) :])
            if words:
                pieces.append(Piece(before + mark, words, numbers))
        return pieces


def _raw_pieces(text: str) -> list[str]:
    """Sentences and code blocks of a text, markers kept with the sentence they follow; nothing is lost."""
    pieces: list[str] = []
    for index, part in enumerate(re.split(r"(```[\s\S]*?```)", text)):
        if index % 2:
            pieces.append(part)
            continue
        for line in re.split(r"(?<=\n)", part):
            pieces.extend(sentencex.segment("en", line) if line.strip() else [line])
    joined: list[str] = []
    for piece in (piece for piece in pieces if piece):
        marker = _LEADING.match(piece)
        if marker and joined and not joined[-1].endswith("\n"):
            joined[-1] += marker.group()
            piece = piece[marker.end() :]
        if piece and joined and not piece.strip():
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined


def _without_markers(text: str) -> tuple[str, tuple[int, ...]]:
    numbers: list[int] = []
    for match in MARKER.finditer(text):
        for low, high in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", match.group(1)):
            numbers.extend(range(int(low), min(int(high or low), int(low) + 8) + 1))
    words = re.sub(r"(?<!\s)\s{1,20}([.,;:!?])", r"\1", MARKER.sub("", text)).strip()
    return words, tuple(dict.fromkeys(numbers))
