"""Lines of pages become paragraphs again: a PDF knows where ink goes, not what belongs together.

Headings are told by their size, running heads by their return on most pages, and the end of a paragraph by the room
that its last line left for the word that follows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from retrieval.sources.table import row_lines
from retrieval.text import CJK

# A running head stands among the outermost lines of a page, in the outer part of its height.
OUTERMOST = 3
MARGIN = 0.15
# Left and right pages have heads of their own, so half of the pages is as much as one may hope for.
MOST_PAGES = 0.4
FEW_PAGES = 3
# At the very edge browsers print date, title, address and page number, on a single page as well.
EDGE = 0.04
PRINTED = re.compile(r"\d+/\d+/\d+, \d+:\d\d|(?:https?|file)://|^\W*\d{1,4}(?: ?/ ?\d{1,4})?\W*$")
HEADING_SIZE = 1.12
LONGEST_HEADING = 200
LONGEST_BOLD_HEADING = 100
# White between lines that parts paragraphs, in heights of the font; less does not, where all lines stand wide apart.
PARAGRAPH_GAP = 0.7
# A paragraph this long that breaks off without a full stop goes on after the page's end.
FULL_LINE = 60
BULLET = re.compile(r"^(?:[•◦▪‣●○■□–*·\uf0b7\uf0a7-]|\d{1,3}[.)]|[a-z]\))\s+")
NUMBERED = re.compile(r"^\d{1,3}[.)]\s")
SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’)\]»]*$")
HYPHEN = re.compile(r"(\w+)[-\u00ad‐]$")
WORDS = re.compile(r"\w+(?:[-‐]\w+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, the height of its font, and where it stands (points from the lower left)."""

    text: str
    size: float
    bold: bool
    left: float
    right: float
    top: float
    bottom: float


def markdown_of(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> str:
    """The text of a document's pages: `#` headings, `- ` items, `| rows |`, paragraphs with a blank line between."""
    kept = [_rows(page) for page in _without_running_heads(pages, heights)]
    body = _body_size(kept)
    sizes = sorted(
        {round(line.size) for page in kept for line in page if line.size > body * HEADING_SIZE}, reverse=True
    )
    levels = {size: min(level, 4) for level, size in enumerate(sizes, start=1)}
    words = Counter(word.lower() for page in kept for line in page for word in WORDS.findall(line.text))
    most_is_bold = sum(len(line.text) for page in kept for line in page if line.bold) * 3 > sum(
        len(line.text) for page in kept for line in page
    )
    found: list[tuple[str, str]] = []  # Kind and text, so that a paragraph can go on over a page's end.
    for page in kept:
        edges = _right_edges(page)
        leading = _leading(page)
        before: Line | None = None
        for number, line in enumerate(page):
            kind = _kind(line, levels, body, most_is_bold)
            if found and _continues(found[-1], before, line, kind, edges[number - 1] if number else 0.0, leading):
                found[-1] = (found[-1][0], _joined(found[-1][1], line.text, words))
            else:
                found.append((kind, line.text))
            before = line
    return "\n".join(_written(found)).strip()


def _without_running_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The pages without heads, feet and page numbers."""
    marginal = [_marginal(page, height) for page, height in zip(pages, heights, strict=True)]
    keys = [[_keys(line, number) for line in lines] for number, lines in enumerate(marginal)]
    counts = Counter(key for page in keys for key in {key for line in page for key in line})
    least = len(pages) if 1 < len(pages) <= FEW_PAGES else max(FEW_PAGES, MOST_PAGES * len(pages))
    dropped = {
        id(line)
        for height, lines, line_keys in zip(heights, marginal, keys, strict=True)
        for line, own in zip(lines, line_keys, strict=True)
        if max(counts[key] for key in own) >= least or _printed(line, height)
    }
    size = sum(len(line.text) for page in pages for line in page)
    lost = sum(len(line.text) for page in pages for line in page if id(line) in dropped)
    if lost * 2 > size:
        return [list(page) for page in pages]  # A form or a set of labels: what returns is the text.
    return [[line for line in page if id(line) not in dropped] for page in pages]


def _marginal(page: Sequence[Line], height: float) -> list[Line]:
    # What begins in the middle of a sentence and ends it is the rest of the page before.
    by_place = sorted(page, key=lambda line: line.bottom)
    by_place = [line for line in by_place if not _amid_sentence(line)]
    low = [line for line in by_place[:OUTERMOST] if line.top < MARGIN * height]
    high = [line for line in by_place[-OUTERMOST:] if line.bottom > (1 - MARGIN) * height]
    return low + [line for line in high if line not in low]


def _amid_sentence(line: Line) -> bool:
    ends = bool(SENTENCE_END.search(line.text)) or len(line.text) > FULL_LINE
    return line.text[:1].islower() and ends and not PRINTED.search(line.text)


def _printed(line: Line, height: float) -> bool:
    at_edge = line.top < EDGE * height or line.bottom > (1 - EDGE) * height
    return at_edge and bool(PRINTED.search(line.text))


def _keys(line: Line, page: int) -> set[tuple[int, str]]:
    """What a line has in common with the same head on other pages: its height and its words.

    The first or the last number may grow with the pages; numbers that differ otherwise are what a table has.
    """
    numbers = list(re.finditer(r"\d{1,5}", line.text))
    texts = {re.sub(r"^[ivxlc]+$", "#", line.text.strip().lower())}
    for number in (numbers[:1] + numbers[-1:]) if numbers else []:
        texts.add(f"{line.text[: number.start()]}#{int(number[0]) - page}{line.text[number.end() :]}".lower())
    return {(round(line.bottom / 4), text) for text in texts}


def _rows(page: Sequence[Line]) -> list[Line]:
    """Lines that stand side by side on one height are a table's row."""
    found: list[Line] = []
    for line in page:
        last = found[-1] if found else None
        if last is not None and _note_mark(line, last):
            continue
        if last is not None and _note_mark(last, line):
            found[-1] = line
            continue
        level = last is not None and abs(last.bottom - line.bottom) < 0.3 * max(last.size, 1)
        if last is not None and level and line.left >= last.right and abs(last.size - line.size) < 0.2 * last.size:
            gap = line.left - last.right
            between = " | " if gap > last.size else " " if gap > 0.15 * last.size else ""
            found[-1] = replace(
                last, text=last.text + between + line.text, right=line.right, bold=last.bold and line.bold
            )
        else:
            found.append(line)
    # A bullet or a number set apart from its text is no cell.
    found = [replace(line, text=re.sub(r"^(\W|\d{1,3}[.)]?) \| ", r"\1 ", line.text)) for line in found]
    return [
        replace(line, text=line.text.replace(" | ", " ")) if _spread(line, before, after) else line
        for before, line, after in zip([None, *found], found, [*found[1:], None], strict=False)
    ]


def _note_mark(mark: Line, line: Line) -> bool:
    """Is it a small raised number at the line's beginning or end, which refers to a note or begins one?"""
    raised = line.bottom < mark.bottom < line.top and mark.size < 0.85 * line.size
    beside = min(abs(mark.left - line.right), abs(line.left - mark.right)) < line.size
    return raised and beside and len(mark.text) <= 3 and mark.text.isdecimal()


def _spread(line: Line, before: Line | None, after: Line | None) -> bool:
    """Is it no row, but a line of a paragraph whose words are spread to the margin?

    It stands alone among lines of text, and one of them begins where it begins and ends where it ends.
    """
    around = [other for other in (before, after) if other is not None]
    if any(" | " in other.text for other in around):
        return False
    return any(
        abs(other.left - line.left) < line.size and abs(other.right - line.right) < 0.5 * line.size for other in around
    )


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    counts: Counter[int] = Counter()
    for page in pages:
        for line in page:
            counts[round(line.size)] += len(line.text)
    return float(counts.most_common(1)[0][0]) if counts else 0.0


def _right_edges(page: Sequence[Line]) -> list[float]:
    """For each line, how far right its column reaches: as the lines around it do that begin near its own beginning."""
    edges: list[float] = []
    for number, line in enumerate(page):
        around = page[max(0, number - 40) : number + 40]
        near = [other.right for other in around if abs(other.left - line.left) < 5 * max(line.size, 1)]
        edges.append(max(near, default=line.right))
    return edges


def _leading(page: Sequence[Line]) -> float:
    """The usual white between two lines that follow each other."""
    gaps = [before.bottom - line.top for before, line in pairwise(page) if line.bottom < before.bottom]
    return float(median(gaps)) if gaps else 0.0


def _kind(line: Line, levels: dict[int, int], body: float, most_is_bold: bool) -> str:
    """`#…` for a heading, `-` for a list item, `|` for a row, nothing for a paragraph."""
    words = re.search(r"\w", line.text)
    if words and round(line.size) in levels and len(line.text) <= LONGEST_HEADING:
        return "#" * levels[round(line.size)]
    if " | " in line.text:
        return "|"
    if BULLET.match(line.text):
        return "-"
    short = len(line.text) <= LONGEST_BOLD_HEADING and not SENTENCE_END.search(line.text)
    if words and line.bold and not most_is_bold and short and line.size >= body * 0.95:
        return "#" * min(max(levels.values(), default=0) + 1, 5)
    return ""


def _continues(last: tuple[str, str], before: Line | None, line: Line, kind: str, edge: float, leading: float) -> bool:
    """Does the line go on with what was written last?"""
    open_end = not SENTENCE_END.search(last[1])
    if kind.startswith("#") or last[0].startswith("#"):
        near = before is not None and -0.5 * line.size < before.bottom - line.top < 0.6 * line.size
        return kind == last[0] and near and len(last[1]) + len(line.text) < LONGEST_HEADING
    if kind or last[0] == "|":
        return False
    goes_on = bool(HYPHEN.search(last[1])) or line.text[:1].islower()
    if before is None or line.bottom > before.top:
        return open_end and (goes_on or (len(last[1]) > FULL_LINE and not last[0]))  # The next page or column.
    gap = before.bottom - line.top
    if gap > max(PARAGRAPH_GAP * line.size, 1.3 * leading):
        return open_end and goes_on and gap < 2 * line.size
    if open_end and goes_on:
        return True
    first_word = len(line.text.split(" ", 1)[0])
    room = edge - before.right
    width = (line.right - line.left) * first_word / max(len(line.text), 1)
    indented = line.left - before.left > 0.8 * line.size and not last[0]
    return room < width + 0.5 * line.size and not (indented and not open_end)


def _joined(text: str, more: str, words: Counter[str]) -> str:
    """The two with a space, or as one word where a hyphen only divided it at the line's end."""
    match = HYPHEN.search(text)
    following = WORDS.match(more)
    if not match or not following:
        close = CJK.match(text[-1:]) and CJK.match(more)
        return f"{text}{more}" if close else f"{text} {more}"
    whole = (match.group(1) + following.group()).lower()
    parted = f"{match.group(1)}-{following.group()}".lower()
    divided = words[whole] > words[parted] or (
        words[whole] == words[parted] and match.group(1)[-1:].islower() and following.group()[:1].islower()
    )
    return text[:-1] + ("" if divided else "-") + more


def _written(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    for kind, group in groupby(found, lambda item: item[0]):
        texts = [text.replace("\u00ad", "") for _, text in group]
        for number, text in enumerate(_table(texts) if kind == "|" else texts):
            if not kind or not number or kind.startswith("#"):
                yield ""
            if kind.startswith("#"):
                yield f"{kind} {text}"
            elif kind == "-":
                yield text if NUMBERED.match(text) else f"- {BULLET.sub('', text)}"
            else:
                yield text


def _table(lines: Sequence[str]) -> Iterator[str]:
    """The rows with the names of their columns; as they stand, where they have not all the same number of cells."""
    rows = [line.split(" | ") for line in lines]
    if len(rows) > 1 and len(set(map(len, rows))) == 1:
        return row_lines(rows)
    return (f"| {line} |" for line in lines)
