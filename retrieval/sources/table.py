"""Tables as lines that can be quoted, and CSV files, which are nothing else.

A footnote quotes one sentence, and `| 709,000 | 1048 |` says nothing alone: so every row becomes a list item that
carries the header, `- City: Oslo; Population: 709,000`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import decode
from retrieval.sources.isolated import LARGEST_TEXT
from retrieval.sources.markdown import title_from_name

DELIMITERS = ",;\t|"
# What a column's name is cut to, since it is repeated on every row; longer ones are sentences, not names.
LONGEST_HEADER = 80
NUMBER = re.compile(r"[-+(]?[\s$€£¥]*[\d.,:/\s%-]*\d[\d.,:/\s%)-]*")


def row_lines(rows: Iterable[Sequence[str]], header: bool | None = None) -> Iterator[str]:
    """A line for each row; `header` says whether the first one names the columns (None: by its looks).

    A row with a single cell before the header is a caption, and text of its own.
    """
    waiting: list[str] | None = None
    names: list[str] | None = None
    for row in rows:
        cells = [flat(cell) for cell in row]
        filled = sum(map(bool, cells))
        if not filled:
            continue
        if names is None and waiting is None:
            if header is not False and filled > 1 and (header or _names(cells)):
                waiting = cells
            else:
                yield _line(cells, [])
                # A row of values came first, so no row names the columns.
                header = False if filled > 1 else header
            continue
        if waiting is not None:
            names, waiting = [cell[:LONGEST_HEADER].rstrip(" :") for cell in waiting], None
        yield _line(cells, names or [])
    if waiting is not None:
        yield _line(waiting, [])


def flat(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def read_csv(content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article: a line for each row, with the names of the columns."""
    name = Path(identity).name
    text = decode(content, name)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    lines: list[str] = []
    size = 0
    try:
        for line in row_lines(rows):
            lines.append(line)
            size += len(line) + 1
            if size > LARGEST_TEXT:
                raise ArticleUnreadable(f"{name}: the table's text is over the limit of {LARGEST_TEXT:,} characters.")
    except csv.Error as error:
        raise ArticleUnreadable(f"{name}: the table is damaged near row {rows.line_num:,} ({error}).") from error
    yield ArticleDraft(title=title_from_name(identity), text="\n".join(lines), identity=identity)


def _line(cells: Sequence[str], names: Sequence[str]) -> str:
    named = list(names) + [""] * (len(cells) - len(names))
    parts = [f"{name}: {cell}" if name else cell for name, cell in zip(named, cells, strict=False) if cell]
    return f"- {'; '.join(parts)}" if len(parts) > 1 or any(names) else parts[0] + "\n"


def _names(cells: Sequence[str]) -> bool:
    """Could these be the names of columns? Short, different, and none a number, a date or a sentence."""
    filled = [cell for cell in cells if cell]
    return (
        len(set(filled)) == len(filled)
        and all(len(cell) <= LONGEST_HEADER and not NUMBER.fullmatch(cell) for cell in filled)
        and len(filled) * 2 > len(cells)
    )


def _delimiter(text: str) -> str:
    """The delimiter that gives the first rows the same number of columns, and many of them."""
    sample = text[:50_000].splitlines()[:30]

    def columns(delimiter: str) -> tuple[float, int]:
        try:
            counts = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        most = max(counts, key=counts.count) if counts else 0
        return (counts.count(most) / len(counts) if most > 1 else 0.0), most

    return max(DELIMITERS, key=columns)
