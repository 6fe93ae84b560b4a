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
from retrieval.sources.decode import raised
from retrieval.sources.isolated import Found
from retrieval.sources.paragraphs import Line, markdown_of
from retrieval.sources.properties import proper_author, proper_title

# A stamp or a page number on each picture of a page does not make a scan readable.
CHARACTERS_OF_A_SCANNED_PAGE = 25
# A gap between words that is wider than this many line heights separates cells.
CELL_GAP = 1.2
# As does a smaller one in a line that has far narrower ones; where words are spread to the margin, all are wide.
CLEAR_GAP = 0.5
# So many gaps of a line that differ by less than this factor are spaces.
EVEN_GAPS = 3
EVEN = 1.4
LABEL = re.compile(r"\W|\(?\w{1,3}[.)]")
# How far a font reaches over and under its baseline, in sizes.
ABOVE, BELOW = 0.92, 0.25
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
LEFT_TO_RIGHT = re.compile(r"([A-Za-z0-9\u0660-\u0669]+(?:[ .,:/-][A-Za-z0-9\u0660-\u0669]+)*)")
DIGITS = frozenset("0123456789")
SMALL = 0.9
NOTED = re.compile(r"(?:[.,;:!?)\]”’\"]|[^\W\d_]{4})$")
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
        character = HYPHENS.get(codes[index]) or _character(codes[index])
        if character in DIGITS and _is_raised(page, index, box, size, sample[1]):
            # A reference to a note is no part of the sentence, and the power of a unit is.
            character = "" if NOTED.search(words[-1]) else raised(character)
        words[-1] += character
        previous = index
    usual = min(gaps, default=0.0)
    # Words that are spread to the margin stand equally far apart, as cells hardly ever do.
    inner = gaps[1:] if LABEL.fullmatch(words[0]) else gaps
    spread = len(inner) >= EVEN_GAPS and max(inner) < EVEN * min(inner)
    pieces = words[:1]
    for gap, word in zip(gaps, words[1:], strict=True):
        cell = not spread and (gap > CELL_GAP * size > 0 or gap > max(CLEAR_GAP * size, 2.5 * usual) > 0)
        pieces.append((" | " if cell else " ") + word)
    bold = all(_is_bold(page, index) for index in (first, last))
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if sample[0][0] < sample[2][0] and 2 * len(RIGHT_TO_LEFT.findall(text)) > len(visible):
        text = _in_reading_order(text)
    return Line(
        text=text,
        size=size,
        bold=bold,
        left=sample[0][0],
        right=sample[2][2],
        top=sample[0][1],
        bottom=sample[0][3],
    )


def _is_raised(
    page: pdfium.PdfTextPage, index: int, box: raw.FS_RECTF, size: float, usual: tuple[float, float, float, float]
) -> bool:
    _, top, _, bottom = _box(page, index, box)
    return top - bottom < SMALL * size and bottom > usual[3] + 0.1 * size


def _is_bold(page: pdfium.PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(page, index, name, len(name), None)
    return bool(BOLD.search(name.value)) or raw.FPDFText_GetFontWeight(page, index) >= HEAVY


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 else "\ufffd"


def _in_reading_order(text: str) -> str:
    """A line of Arabic or Hebrew whose characters were written from left to right, the right way round again."""
    runs = LEFT_TO_RIGHT.split(text)
    return "".join(run if LEFT_TO_RIGHT.fullmatch(run) else run[::-1] for run in reversed(runs))


def _box(page: pdfium.PdfTextPage, index: int, box: raw.FS_RECTF) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a character's place; its height is the font's, whatever the letter.

    Of many fonts PDFium knows no height and gives the letter's own, which makes headings of lines with long letters:
    so it is taken from the size the text was set in, where that is plausible (a font made of drawings has any size).
    """
    raw.FPDFText_GetLooseCharBox(page, index, ctypes.byref(box))
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    matrix = raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    if raw.FPDFText_GetMatrix(page, index, ctypes.byref(matrix)) and raw.FPDFText_GetCharOrigin(page, index, x, y):
        height = raw.FPDFText_GetFontSize(page, index) * matrix.d
        if abs(matrix.b) < 0.1 * matrix.d and 0.4 * height < top - bottom < 1.6 * height:
            return left, y.value + ABOVE * height, right, y.value - BELOW * height
    return left, top, right, bottom
