"""PDF files, by PDFium: lines with their places, which `paragraphs` makes into text again.

PDFium and not pypdf: on damaged files it gave text for more of them and the right words where pypdf gave glyph
names, it opens AES without a further library, and it is five times as fast. It is C++, hence the killable process.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from retrieval.errors import ArticleUnreadable
from retrieval.sources.isolated import Found
from retrieval.sources.paragraphs import Line, markdown_of
from retrieval.sources.properties import proper_author, proper_title

# A stamp or a page number on each picture of a page does not make a scan readable.
CHARACTERS_OF_A_SCANNED_PAGE = 25
# A gap between words that is wider than this many line heights separates cells.
CELL_GAP = 1.2
# As does a smaller one in a line that has far narrower ones; where words are spread to the margin, all are wide.
CLEAR_GAP = 0.5
HEAVY = 600
BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
BLANK = {0, 10, 13, 32, 0xA0}
HYPHENS = {0x02: "\u00ad", 0xFFFE: "\u00ad"}  # PDFium's mark for a hyphen at a line's end.
DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?")


def extract(content: bytes) -> Found:
    """The document as Markdown."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise ArticleUnreadable("the PDF is encrypted; remove its password first.") from error
        raise ArticleUnreadable("the PDF is damaged, or no PDF at all.") from error
    count = len(document)
    pages: list[list[Line]] = []
    heights: list[float] = []
    pictures = unread = 0
    for number in range(count):
        try:
            page = document[number]
            pages.append(list(_lines(page.get_textpage())))
            heights.append(page.get_height())
            pictures += _has_picture(page)
        except pdfium.PdfiumError:
            unread += 1
    if unread * 2 > count or not count:
        raise ArticleUnreadable(f"the PDF is damaged: {unread} of {_pages(count)} cannot be read.")
    text = markdown_of(pages, heights)
    letters = sum(map(len, (line.text for page in pages for line in page)))
    readable = sum(char.isprintable() or char.isspace() for char in text)
    if (pictures * 2 > len(pages) and letters < CHARACTERS_OF_A_SCANNED_PAGE * len(pages)) or not text:
        what = "this PDF is scanned" if pictures else "this PDF is empty or only drawn"
        raise ArticleUnreadable(f"{_pages(count)}, {letters} characters of text: {what}.")
    if readable * 10 < len(text) * 9:
        raise ArticleUnreadable(f"{_pages(count)}: the PDF's fonts do not say which characters they show.")
    facts = document.get_metadata_dict()
    return Found(
        text="".join(char if char.isprintable() or char == "\n" else " " for char in text),
        title=proper_title(facts.get("Title")),
        author=proper_author(facts.get("Author")),
        date=_date(facts.get("CreationDate")) or _date(facts.get("ModDate")),
    )


def _pages(count: int) -> str:
    return f"{count:,} page" + ("" if count == 1 else "s")


def _has_picture(page: pdfium.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3))


def _date(value: str | None) -> str | None:
    match = DATE.match(value or "")
    return "-".join(part or "01" for part in match.groups()) if match else None


def _lines(page: pdfium.PdfTextPage) -> Iterator[Line]:
    """The page's lines in reading order; PDFium ends each with a line break, or with its mark for a hyphen alone."""
    count = raw.FPDFText_CountChars(page)
    box = raw.FS_RECTF()
    start = 0
    codes = [raw.FPDFText_GetUnicode(page, index) for index in range(count)]
    for end in range(count + 1):
        if end == count or codes[end] in (10, 13) or codes[end] in HYPHENS:
            if line := _line(page, codes, start, min(end + 1, count), box):
                yield line
            start = end + 1


def _line(page: pdfium.PdfTextPage, codes: list[int], start: int, end: int, box: raw.FS_RECTF) -> Line | None:
    """The characters [start, end) as a line, with ` | ` where a gap separates cells."""
    visible = [index for index in range(start, end) if codes[index] not in BLANK]
    if not visible:
        return None
    first, last = visible[0], visible[-1]
    sample = [_box(page, index, box) for index in (first, visible[len(visible) // 2], last)]
    size = sorted(top - bottom for _, top, _, bottom in sample)[1]
    words: list[str] = [""]
    gaps: list[float] = []
    previous = first
    for index in visible:
        if index > previous + 1:
            gaps.append(_box(page, index, box)[0] - _box(page, previous, box)[2])
            words.append("")
        words[-1] += HYPHENS.get(codes[index]) or _character(codes[index])
        previous = index
    usual = min(gaps, default=0.0)
    pieces = words[:1]
    for gap, word in zip(gaps, words[1:], strict=True):
        cell = gap > CELL_GAP * size > 0 or gap > max(CLEAR_GAP * size, 2.5 * usual) > 0
        pieces.append((" | " if cell else " ") + word)
    bold = all(_is_bold(page, index) for index in (first, last))
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Line(
        text=text,
        size=size,
        bold=bold,
        left=sample[0][0],
        right=sample[2][2],
        top=sample[0][1],
        bottom=sample[0][3],
    )


def _is_bold(page: pdfium.PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(page, index, name, len(name), None)
    return bool(BOLD.search(name.value)) or raw.FPDFText_GetFontWeight(page, index) >= HEAVY


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 else "\ufffd"


def _box(page: pdfium.PdfTextPage, index: int, box: raw.FS_RECTF) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a character's place; its height is the font's, whatever the letter."""
    raw.FPDFText_GetLooseCharBox(page, index, ctypes.byref(box))
    return box.left, box.top, box.right, box.bottom
