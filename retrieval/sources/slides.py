"""PowerPoint presentations: a section for each slide, with its bullets, tables, charts and notes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from retrieval.errors import ArticleUnreadable
from retrieval.sources.archive import DAMAGED, open_office
from retrieval.sources.charts import chart_lines, extended_chart_lines
from retrieval.sources.isolated import Found
from retrieval.sources.properties import proper_author, proper_title, written_on
from retrieval.sources.table import flat, row_lines

# Placeholders that say the same on every slide: date, footer and slide number.
FURNITURE = {"DATE", "FOOTER", "SLIDE_NUMBER"}
BULLETED = {"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"}


def extract(content: bytes) -> Found:
    """The presentation as Markdown; slides that its author hid are left out."""
    open_office(content, "presentation", "ppt/")
    try:
        presentation = Presentation(io.BytesIO(content))
    except (PythonPptxError, ValueError, KeyError) as error:
        raise ArticleUnreadable(DAMAGED) from error
    slides = [slide for slide in presentation.slides if slide._element.get("show") not in ("0", "false")]
    parts = [line for slide in slides for line in _slide(slide)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).strip()
    if not text:
        raise ArticleUnreadable(f"{len(slides)} slides, 0 characters of text: the slides are pictures.")
    properties = presentation.core_properties
    return Found(
        text=text,
        title=proper_title(properties.title),
        author=proper_author(properties.author),
        date=written_on(properties),
        language=properties.language or None,
    )


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield f"\n## {flat(title.text_frame.text)}\n"
    else:
        yield "\n"
    yield from _shapes(shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id)
    for relation in slide.part.rels.values():
        if relation.is_external:
            continue
        if relation.reltype.endswith("/chartEx"):
            yield from extended_chart_lines(parse_xml(relation.target_part.blob))
        # A diagram keeps its words in a part of its own.
        if relation.reltype.endswith("/diagramData"):
            for point in parse_xml(relation.target_part.blob).iter(qn("a:p")):
                if words := flat("".join(run.text or "" for run in point.iter(qn("a:t")))):
                    yield f"- {words}"
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None and frame.text.strip():
        yield "\n" + _lines(frame) + "\n"


def _shapes(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        kind = shape.placeholder_format.type.name if shape.is_placeholder and shape.placeholder_format.type else ""
        if kind in FURNITURE:
            continue
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif getattr(shape, "has_table", False):
            rows = ([cell.text_frame.text for cell in row.cells] for row in shape.table.rows)
            yield "\n"
            yield from row_lines(rows, header=shape.table.first_row or None)
            yield "\n"
        elif getattr(shape, "has_chart", False):
            yield from _chart(shape)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            if kind in BULLETED:
                yield from _bullets(shape.text_frame)
            else:
                yield "\n" + _lines(shape.text_frame) + "\n"


def _bullets(frame: Any) -> Iterator[str]:
    for paragraph in frame.paragraphs:
        text = flat(paragraph.text)
        if text:
            plain = paragraph._p.find(f"{qn('a:pPr')}/{qn('a:buNone')}") is not None
            yield f"\n{text}\n" if plain else f"- {text}"


def _lines(frame: Any) -> str:
    return "\n\n".join(flat(paragraph.text) for paragraph in frame.paragraphs if paragraph.text.strip())


def _chart(frame: Any) -> Iterator[str]:
    try:
        part = frame.chart_part
    except KeyError:
        # The frame names a part that the file lacks, so there is nothing to read.
        return
    yield from chart_lines(part._element)
