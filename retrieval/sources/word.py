"""Word documents: paragraphs, headings, lists, tables, text boxes and notes, in their order.

python-docx's own paragraph text leaves out tracked insertions, content controls and text boxes, so the walk is
over the XML; the library opens the package and knows the styles.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from retrieval.errors import ArticleUnreadable
from retrieval.sources.archive import DAMAGED, open_office
from retrieval.sources.decode import raised
from retrieval.sources.isolated import Found
from retrieval.sources.properties import proper_author, proper_title, written_on
from retrieval.sources.table import flat, row_lines

HEADING_STYLE = re.compile(r"heading (\d)", re.IGNORECASE)
NOTE_PARTS = ("/footnotes", "/endnotes")
P, R, TBL, TR, TC, T = qn("w:p"), qn("w:r"), qn("w:tbl"), qn("w:tr"), qn("w:tc"), qn("w:t")
TEXT_BOX, DELETED = qn("w:txbxContent"), qn("w:del")
# The same drawing again, for programs that do not know the newer markup.
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
AS_TEXT = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): " "}


def extract(content: bytes) -> Found:
    """The document as Markdown."""
    open_office(content, "document", "word/")
    try:
        document = Document(io.BytesIO(content))
    except (OpcError, ValueError, KeyError) as error:
        raise ArticleUnreadable(DAMAGED) from error
    body = _Body(document.styles.element)
    lines = list(body.blocks(document.element.body))
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(NOTE_PARTS):
            lines.extend(body.blocks(parse_xml(relation.target_part.blob)))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not text:
        raise ArticleUnreadable("the document has 0 characters of text (pictures cannot be quoted).")
    properties = document.core_properties
    return Found(
        text=text,
        title=proper_title(properties.title),
        author=proper_author(properties.author),
        date=written_on(properties),
        language=properties.language or None,
    )


class _Body:
    """The walk through a document, with what the styles say about levels and lists."""

    def __init__(self, styles: Any) -> None:
        self.styles = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}
        self.known: dict[str, tuple[int, bool]] = {}

    def blocks(self, container: Any) -> Iterator[str]:
        """The lines of everything in this element; a blank one stands between paragraphs."""
        for child in container:
            if child.tag == P:
                yield from self._paragraph(child)
            elif child.tag == TBL:
                yield from self._table(child)
            elif child.tag not in (DELETED, FALLBACK) and len(child):
                # Content controls, tracked insertions and the like hold paragraphs of their own.
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        boxes: list[Any] = []
        text = "".join(_text(paragraph, boxes)).strip()
        if text:
            level, listed = self._role(paragraph)
            if level:
                yield f"\n{'#' * min(level, 6)} {flat(text)}\n"
            elif listed:
                yield f"- {flat(text)}"
            else:
                yield "\n" + "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"
        for box in boxes:
            yield from self.blocks(box)

    def _table(self, table: Any) -> Iterator[str]:
        rows = [[cell for cell in row.iter(TC) if _owner(cell, TR) is row] for row in table.iter(TR)]
        rows = [cells for cells in rows if cells and _owner(cells[0], TBL) is table]
        if all(len(cells) == 1 for cells in rows):
            # A frame around text, which is what many letters and newsletters use tables for.
            for (cell,) in rows:
                yield from self.blocks(cell)
            return
        marked = any(True for _ in table.iter(qn("w:tblHeader")))
        yield "\n"
        yield from row_lines((_cells(cells) for cells in rows), header=marked or None)
        yield "\n"

    def _role(self, paragraph: Any) -> tuple[int, bool]:
        """The paragraph's heading level (0: none), and whether it is a list item."""
        properties = paragraph.find(qn("w:pPr"))
        style = properties.find(qn("w:pStyle")) if properties is not None else None
        level, listed = self._style(style.get(qn("w:val"))) if style is not None else (0, False)
        if properties is not None:
            own_level, own_list = _level(properties), _list(properties)
            level = level if own_level is None else own_level
            listed = listed if own_list is None else own_list
        return level, listed and not level

    def _style(self, name: str | None, depth: int = 0) -> tuple[int, bool]:
        if name is None or name not in self.styles or depth > 20:
            return 0, False
        if name not in self.known:
            style = self.styles[name]
            based = style.find(qn("w:basedOn"))
            level, listed = self._style(based.get(qn("w:val")), depth + 1) if based is not None else (0, False)
            properties = style.find(qn("w:pPr"))
            if properties is not None:
                own_level, own_list = _level(properties), _list(properties)
                level = level if own_level is None else own_level
                listed = listed if own_list is None else own_list
            label = style.find(qn("w:name"))
            title = (label.get(qn("w:val")) or "") if label is not None else ""
            if match := HEADING_STYLE.fullmatch(title):
                level = int(match.group(1))
            elif title.lower() == "title":
                level = 1
            self.known[name] = (level, listed)
        return self.known[name]


def _text(element: Any, boxes: list[Any]) -> Iterator[str]:
    """The text of a paragraph; text boxes anchored in it are collected, since they are blocks of their own."""
    for child in element:
        if child.tag == T:
            yield child.text or ""
        elif child.tag in AS_TEXT:
            yield AS_TEXT[child.tag]
        elif child.tag == TEXT_BOX:
            boxes.append(child)
        elif child.tag == R and _raised(child):
            yield raised("".join(_text(child, boxes)))
        elif child.tag not in (DELETED, FALLBACK) and not _hidden(child):
            yield from _text(child, boxes)


def _hidden(run: Any) -> bool:
    properties = run.find(qn("w:rPr"))
    mark = properties.find(qn("w:vanish")) if properties is not None else None
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false", "off")


def _raised(run: Any) -> bool:
    mark = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
    return mark is not None and mark.get(qn("w:val")) == "superscript" and not _hidden(run)


def _level(properties: Any) -> int | None:
    """An outline level is how documents with styles of their own, in any language, mark their headings."""
    outline = properties.find(qn("w:outlineLvl"))
    value = outline.get(qn("w:val")) if outline is not None else None
    if value is None or not value.isdecimal():
        return None
    return int(value) + 1 if int(value) < 9 else 0


def _list(properties: Any) -> bool | None:
    numbering = properties.find(qn("w:numPr"))
    number = numbering.find(qn("w:numId")) if numbering is not None else None
    return None if number is None else number.get(qn("w:val")) != "0"


def _cells(cells: list[Any]) -> list[str]:
    """The texts of a row, with a blank for each further column that a merged cell spans."""
    texts: list[str] = []
    for cell in cells:
        boxes: list[Any] = []
        parts = ["".join(_text(paragraph, boxes)).strip() for paragraph in cell.iter(P)]
        texts.append(" ".join(part for part in parts if part))
        span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        value = span.get(qn("w:val")) if span is not None else None
        if value and value.isdecimal():
            texts.extend([""] * min(int(value) - 1, 100))
    return texts


def _owner(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)
