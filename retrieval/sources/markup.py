"""HTML as Markdown, all of it: what a book's chapter or a feed's item holds is text, without a menu to tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from retrieval.sources.decode import raised
from retrieval.sources.table import flat, row_lines

DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30};)")
XML_ENTITIES = {"amp;", "lt;", "gt;", "quot;", "apos;"}
NOTE_LINK = re.compile(r"\b(?:doc-)?(?:noteref|backlink)\b|\b(?:foot|end)note-?(?:ref|back)\b")
HEADINGS = {f"h{level}": level for level in range(1, 7)}
SKIPPED = {"head", "script", "style", "template", "nav", "svg", "math", "rt", "rp", "audio", "video", "object"}
BLOCKS = {
    *HEADINGS, "p", "div", "section", "article", "aside", "header", "footer", "main", "body", "html", "blockquote",
    "ul", "ol", "li", "dl", "dt", "dd", "table", "pre", "figure", "figcaption", "hr", "address", "details", "summary",
}  # fmt: skip


def markdown_of(text: str) -> str:
    """The document's text, with headings, list items and table rows on lines of their own."""
    root = _parse(text)
    return "" if root is None else re.sub(r"\n{3,}", "\n\n", "\n".join(_blocks(root))).strip()


def words_of(text: str) -> str:
    """The document's text on one line, for titles and names that are written in HTML."""
    root = _parse(text)
    return "" if root is None else flat(_words(root))


def local_name(element: Any) -> str:
    """The element's name without its namespace; empty for comments and entities."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _parse(text: str) -> Any:
    """As XML, which XHTML is, else as forgiving HTML. Named characters are known; other entities stay unexpanded."""
    text = DECLARATION.sub("", text)
    if not text.strip():
        return None
    known = ENTITY.sub(lambda match: match[0] if match[1] in XML_ENTITIES else html5.get(match[1], match[0]), text)
    try:
        return etree.fromstring(known, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        pass
    try:
        return html.document_fromstring(text)
    except etree.ParserError:
        return None


def _blocks(element: Any) -> Iterator[str]:
    name = local_name(element)
    if name in HEADINGS:
        if words := flat(_inline(element)):
            yield f"\n{'#' * HEADINGS[name]} {words}\n"
    elif name == "table":
        yield "\n"
        yield from row_lines(_rows(element), header=any(local_name(item) == "th" for item in element.iter()) or None)
        yield "\n"
    elif name == "pre":
        yield "\n" + _inline(element).strip("\n") + "\n"
    else:
        yield from _flow(element, "- " if name in ("li", "dd") else "")
        if name in ("ul", "ol", "dl"):
            yield ""


def _flow(element: Any, mark: str) -> Iterator[str]:
    """An element's runs of inline text and its blocks, in order; the first run of a list item carries the mark."""
    run = [element.text or ""]

    def paragraph() -> Iterator[str]:
        nonlocal mark
        text = "".join(run).strip()
        run.clear()
        lines = [words for line in text.split("\x0b") if (words := flat(line))]
        if lines and mark:
            yield mark + " ".join(lines)
            mark = ""
        elif lines:
            yield "\n" + "\n".join(lines) + "\n"

    for child in element:
        name = local_name(child)
        if name in BLOCKS or (
            name and name not in SKIPPED and any(local_name(item) in BLOCKS for item in child.iter())
        ):
            yield from paragraph()
            if mark and name in ("p", "div"):
                yield from _flow(child, mark)
                mark = ""
            else:
                yield from _blocks(child)
        elif name not in SKIPPED:
            run.append(_inline(child))
        run.append(child.tail or "")
    yield from paragraph()


def _inline(element: Any) -> str:
    """The text of an element; a forced line break stays one."""
    name = local_name(element)
    if not name or name in SKIPPED:
        return ""
    if name == "br":
        return "\x0b"
    if name == "a" and _leads_to_note(element):
        return ""
    if name == "sup" and not len(element):
        return raised(element.text or "")
    return (element.text or "") + "".join(_inline(child) + (child.tail or "") for child in element)


def _words(element: Any) -> str:
    name = local_name(element)
    if not name or name in SKIPPED:
        return ""
    words = (element.text or "") + "".join(_words(child) + (child.tail or "") for child in element)
    return f" {words} " if name in BLOCKS or name == "br" else words


def _leads_to_note(link: Any) -> bool:
    """Is it the mark of a note, or the arrow back from one? They would stand in the middle of quotes."""
    said = " ".join(
        value for name, value in link.attrib.items() if name.rpartition("}")[2] in ("type", "role", "class")
    )
    return NOTE_LINK.search(said) is not None


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter():
        if local_name(row) == "tr":
            yield [_inline(cell) for cell in row if local_name(cell) in ("td", "th")]
