"""Excel workbooks: a section for each sheet, a line for each row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from retrieval.errors import ArticleUnreadable
from retrieval.sources.archive import DAMAGED, open_office
from retrieval.sources.isolated import Found
from retrieval.sources.properties import proper_author, proper_title, written_on
from retrieval.sources.table import flat, row_lines

PLACES = re.compile(r"\.([0#?]+)")


def extract(content: bytes) -> Found:
    """The workbook as Markdown; sheets that its author hid are left out."""
    open_office(content, "workbook", "xl/")
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, ValueError, KeyError, IndexError, TypeError) as error:
        raise ArticleUnreadable(DAMAGED) from error
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    parts: list[str] = []
    for sheet in sheets:
        lines = list(_sheet(sheet))
        if lines:
            parts.append(f"## {flat(sheet.title)}\n\n" + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())
    if not parts:
        raise ArticleUnreadable(f"{len(sheets)} sheets, 0 cells with a value: the workbook is empty.")
    properties = workbook.properties
    return Found(
        text="\n\n".join(parts),
        title=proper_title(properties.title),
        author=proper_author(properties.creator),
        date=written_on(properties),
    )


def _sheet(sheet: Any) -> Iterator[str]:
    """Rows with a blank one between them are tables of their own, each with its own header."""
    sheet.reset_dimensions()  # What a file claims to span may be a million empty rows.
    table: list[list[str]] = []
    for row in sheet.iter_rows():
        cells = [_value(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            table.append(cells)
        elif table:
            yield from _lines(table)
            table = []
    yield from _lines(table)


def _lines(table: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from row_lines(table)
    if table:
        yield ""


def _value(cell: Any) -> str:
    """A cell as its reader saw it, as far as the format says so in a simple way."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            places = PLACES.search(cell.number_format)
            return f"{value * 100:.{len(places[1]) if places else 0}f} %"
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return flat(str(value))
