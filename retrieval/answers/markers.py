"""What a model writes, sentence by sentence, with the passages it points to.

Models point with `[1]`, but also `[1, 2]`, `[[1], [2]]`, `【1†source】`, `[^1]`, `[Passage 1]`, `[1](#note)`,
`(source 1)`, `(1)`, `^1^`, `<sup>1</sup>` or `.¹`. A marker is taken out of the text, with an "According to passage"
before it and the brackets around it, and kept as numbers; whether a number means anything is decided by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten

from retrieval.answers.sanitize import harmless, printable
from retrieval.text import LINE_PREFIX, segments

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_NAMES = r"(?:source|passage|footnote|article|reference|ref|document|doc|number|no|note|citation|quote|p)s?\.?"
_NAME = rf"(?:{_NAMES}:?\s{{0,2}})?"
_JOIN = rf"\s{{0,2}}{_CLOSE}?\s?(?:[,;&–-]|and\s)\s{{0,2}}{_OPEN}?\^?{_NAME}"
_NUMBERS = rf"\d{{1,4}}(?:{_JOIN}\d{{1,4}}){{0,8}}"
# Every repetition is bounded and unambiguous, so the pattern is linear on any input.
MARKER = re.compile(
    rf"\s{{0,3}}(?:\\?{_OPEN}{{1,2}}\^?{_NAME}#?({_NUMBERS})(?:[†:][^\[\]【】［］\n]{{0,60}})?\\?{_CLOSE}{{1,2}}"
    rf"(?:\([^()\s]{{0,300}}\))?"
    rf"|\((?:see\s)?(?:source|passage)s?\s{{1,2}}#?({_NUMBERS})\)|\^({_NUMBERS})\^|<sup>\[?({_NUMBERS})\]?</sup>)",
    re.IGNORECASE,
)
# Behind a full stop or a word; elsewhere they are powers and square metres.
_RAISED = re.compile(r"(?:(?<=[.!?”\"])|(?<=[^\W\d_]{3}))[¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?=[\s.,;:!?)]|$)")
# Only where something ends, since "(2) the town" counts.
_ROUND = re.compile(r"\(\s?(\d{1,2}(?:\s?[,;–-]\s?\d{1,2}){0,8})\s?\)(?=\s{0,3}(?:[.,;:!?]|$|\(\d))")
_DIGITS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹", "123456789")
# What leads to a marker that is part of the sentence: "According to passage [1], …".
_LED = re.compile(
    rf"(?:^|,?\s{{1,3}})(?:according to|as (?:stated|reported|noted) in|in|per)\s{{1,3}}(?:the\s)?{_NAMES}"
    rf"(?={MARKER.pattern})",
    re.IGNORECASE,
)
# What says no more than the marker in it: "Passage [1] states that …", "Passage 1: …".
_SAID_BY = re.compile(
    rf"(?:as\s)?(?:the\s)?(?:{_NAMES}(?P<marker>{MARKER.pattern})|(?:passage|source|document)s?\s#?(?P<bare>{_NUMBERS}))"
    r"(?:\s(?:says?|states?|reports?|notes?|explains?|mentions?|shows?|indicates?|adds?)\b(?:\sthat\b)?[,:]?|[,:])\s{1,3}",
    re.IGNORECASE,
)
# "[citation needed]", "[Courier, 2024]": a marker that points to nothing.
_POINTLESS = re.compile(r"\s{0,3}\\?\[[^\[\]\n]{1,80}\](?=\s{0,3}[.,;:!?]?$)")
# Brackets around markers that are gone.
_HOLLOW = re.compile(rf"\s?\((?:see(?:\salso)?|cf\.?|from|via|per|{_NAMES}|and|[\s:,;&–-]){{0,6}}\)", re.IGNORECASE)
_LEADING = re.compile(
    rf"(?:{MARKER.pattern}|[¹²³⁴⁵⁶⁷⁸⁹]{{1,3}}(?=\s|$)|\(\d{{1,2}}\)(?=\s|$|\()|[)\]](?=\s|$))+[.,;]?",
    re.IGNORECASE,
)
_BEGUN = re.compile(rf"\s*(?:{_OPEN}[^\]】］]{{0,60}}|\([^)]{{0,40}}|<[^\s<]{{0,20}}(?:<[/sup]{{0,4}})?)$")
# The number of a list's item, which the splitter takes for a sentence.
_ITEM = re.compile(r"\s*\d{1,3}[.)]\s*")
_CLOSING = re.compile(r"[)\]}”’»\"'*_.]+\s*")
# Blank lines belong to the line before them; one by one, a thousand of them would be joined again and again.
_LINES = re.compile(r"(?<=\n)(?![^\S\n]*\n)")
_FENCE = "```"
# In so many characters without a sentence's end it is looked for when there are a quarter more, not with every word.
LONG = 600
# Of the name of an article or a source among our own words, so many characters are shown.
LONGEST_NAME = 60


def unmarked(name: str) -> str:
    """A title or a source among our own words: "[2]" in it would pass for a footnote, and a link for ours."""
    return harmless(MARKER.sub("", printable(name)))


def short_name(name: str) -> str:
    """The same, cut where it is long."""
    return shorten(unmarked(name), LONGEST_NAME, placeholder=" …")


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
        self._looked_at = 0
        self._lead = ""

    def feed(self, text: str) -> list[Piece]:
        """Add text; gives the sentences that are complete now."""
        self._buffer += text
        if len(self._buffer) < self._looked_at + max(0, self._looked_at - LONG) // 4:
            return []
        self._looked_at = len(self._buffer)
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
        self._looked_at = len(self._buffer)
        return self._pieces(raw[:complete])

    def flush(self) -> list[Piece]:
        """The rest, once the model is done."""
        raw = _raw_pieces(self._buffer)
        self._buffer = ""
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
            if "\n" in before and _ITEM.fullmatch(stripped):
                # The model was cut off before it said anything there.
                continue
            mark = prefix.group() if prefix and not stripped.startswith(_FENCE) else ""
            said = stripped[len(mark) :]
            if said.startswith("|"):
                mark, said = "- ", _cells(said)
            words, numbers = _without_markers(said)
            if words:
                # What a model sets as a quotation is its own words.
                pieces.append(Piece(before + mark.replace("> ", "").replace(">", ""), words, numbers))
        return pieces


def _raw_pieces(text: str) -> list[str]:
    """Sentences and code blocks of a text, markers kept with the sentence they follow; nothing is lost."""
    pieces: list[str] = []
    for index, part in enumerate(re.split(r"(```[\s\S]*?```)", text)):
        if index % 2:
            pieces.append(part)
            continue
        for line in _LINES.split(part):
            pieces.extend(segments(line) if line.strip() else [line])
    joined: list[str] = []
    for piece in (piece for piece in pieces if piece):
        marker = _LEADING.match(piece)
        if marker and joined and not joined[-1].endswith("\n"):
            joined[-1] += marker.group()
            piece = piece[marker.end() :]
        item = bool(joined) and _ITEM.fullmatch(joined[-1]) and (len(joined) == 1 or joined[-2].endswith("\n"))
        # A bracket that closes behind a full stop belongs to what it closes.
        closing = bool(joined) and _CLOSING.fullmatch(piece) and not joined[-1].endswith("\n")
        if piece and joined and (item or closing or not piece.strip()):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined


def _without_markers(text: str) -> tuple[str, tuple[int, ...]]:
    if text.startswith(_FENCE):
        return text, _numbers(MARKER.finditer(text))
    text = _RAISED.sub(lambda match: "".join(f"[{digit}]" for digit in match.group().translate(_DIGITS)), text)
    text = _ROUND.sub(r"[\1]", text)
    numbers = _numbers(MARKER.finditer(text))
    said_by = _SAID_BY.match(text)
    if said_by:
        numbers = numbers or _numbers([said_by])
        text = text[said_by.end() :]
    led = _LED.match(text) is not None
    words = _tidy(_HOLLOW.sub("", MARKER.sub("", _LED.sub("", text))))
    words = words.lstrip(", ") if led else words
    return words[:1].upper() + words[1:] if led or said_by else words, numbers


def _numbers(markers: Iterable[re.Match[str]]) -> tuple[int, ...]:
    """The numbers of markers in order, those of a span one by one."""
    found: list[int] = []
    for match in markers:
        said = next(group for group in reversed(match.groups()) if group)
        for low, high in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", said):
            found.extend(range(int(low), min(int(high or low), int(low) + 8) + 1))
    return tuple(dict.fromkeys(found))


def _tidy(text: str) -> str:
    """The words without what a marker leaves behind, or a model that was cut off."""
    text = _POINTLESS.sub("", text)
    text = re.sub(r"(?<!\s)\s{1,20}([.,;:!?])", r"\1", text)
    text = re.sub(r"[,;:]{1,3}(?=[.!?,;:](?:\s|$))|(?<!\.)\.(?=\.(?:\s|$))(?!\.\.\.)", "", text)
    return text.rstrip("([{【［ \t").strip()


def _cells(row: str) -> str:
    """A row of a table as words; nothing of the line below its head."""
    cells = [cell.strip() for cell in row.split("|") if re.search(r"\w", cell)]
    return ": ".join(cells) if len(cells) == 2 else ", ".join(cells)
