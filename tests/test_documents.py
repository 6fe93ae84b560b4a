"""Documents made with the programs' own libraries give their whole text; hostile ones give a sentence in time."""

from __future__ import annotations

import io
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import ArticleUnreadable
from retrieval.sources import isolated
from retrieval.sources.archive import open_archive
from retrieval.sources.files import read_document
from retrieval.sources.signature import OLE
from retrieval.text import sentences
from tests.documents import (
    CITIES,
    LONG,
    MAKERS,
    ROWS,
    altered,
    archive,
    lines,
    make_charts,
    make_docx,
    make_epub,
    make_pdf,
    make_pptx,
    make_xlsx,
    saved,
    with_waterfall,
)

MALFORMED = Path(os.environ.get("EVAL_DATA", "")) / "malformed"


def read_one(content: bytes, name: str) -> ArticleDraft:
    (draft,) = read_document(content, name, f"/articles/{name}")
    assert isinstance(draft, ArticleDraft)
    return draft


def why_not(content: bytes, name: str) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        list(read_document(content, name, f"/articles/{name}"))
    return str(caught.value)


def quotable(draft: ArticleDraft) -> list[str]:
    return [span.of(draft.text) for span in sentences(draft.text)]


@pytest.mark.usefixtures("without_processes")
class TestWord:
    def test_headings_lists_and_tables_come_in_order(self) -> None:
        draft = read_one(make_docx(), "plan.docx")
        assert (draft.title, draft.author, draft.published_at) == ("Harbour plan", "Mara Lind", "2024-05-17")
        assert [line for line in draft.text.splitlines() if line] == [
            "# Harbour plan",
            "# Costs",
            "The plan costs 40 million euros. It was approved.",
            "- First item",
            "- Second item",
            *ROWS,
            "## The end",
            "Last words.",
        ]

    def test_a_row_can_be_quoted_as_a_sentence(self) -> None:
        assert ROWS[0].removeprefix("- ") in quotable(read_one(make_docx(), "plan.docx"))

    def test_insertions_and_content_controls_are_text_and_deletions_are_not(self) -> None:
        added = (
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            "<w:p><w:ins><w:r><w:t>Put in.</w:t></w:r></w:ins><w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del>"
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r></w:p><w:sectPr"
        )
        text = read_one(
            altered(make_docx(), "word/document.xml", lambda raw: raw.replace(b"<w:sectPr", added.encode(), 1)),
            "a.docx",
        ).text
        assert "In a control." in text
        assert "Put in." in text
        assert "Gone" not in text
        assert "Hidden" not in text

    def test_a_power_is_no_further_digit(self) -> None:
        document = docx.Document()
        paragraph = document.add_paragraph("It covers 10")
        paragraph.add_run("6").font.superscript = True
        paragraph.add_run(" square metres, the 2")
        paragraph.add_run("nd").font.superscript = True
        assert read_one(saved(document), "a.docx").text == "It covers 10⁶ square metres, the 2nd"
        assert "It covers 10⁶." in read_one(make_epub("<p>It covers 10<sup>6</sup>.</p>"), "a.epub").text

    def test_what_the_library_s_template_says_is_nobody_s_date_and_author(self) -> None:
        document = docx.Document()
        document.add_paragraph("The text.")
        draft = read_one(saved(document), "the_plan.docx")
        assert (draft.title, draft.author, draft.published_at) == ("The plan", None, None)

    def test_one_without_text_says_so(self) -> None:
        assert "0 characters of text" in why_not(saved(docx.Document()), "a.docx")


@pytest.mark.usefixtures("without_processes")
class TestSlides:
    def test_a_slide_is_a_section(self) -> None:
        draft = read_one(make_pptx(), "slides.pptx")
        assert draft.title == "Tunnel slides"
        assert draft.published_at is None
        assert draft.text.startswith(
            "## Why it took so long\n\n- Divers found a wreck\n- Work stopped for eleven months\n\nThe mayor agreed."
        )
        for kept in ("## Figures", *ROWS, "- 2021; Cars: 10.5", "- 2022; Cars: 20", "A text box."):
            assert kept in draft.text
        assert "Not shown" not in draft.text

    def test_charts_of_every_kind_are_read_as_the_tables_they_were_drawn_from(self) -> None:
        content = make_charts()
        shapes = pptx.Presentation(io.BytesIO(content)).slides[0].shapes
        with pytest.raises(ValueError, match="unsupported plot type"):
            list(next(shape for shape in shapes if shape.has_chart).chart.plots)
        text = read_one(with_waterfall(content), "charts.pptx").text
        assert (
            "Ships by harbour\n\n- Bergen; Ferries: 12; Tankers: 3\n- Moss; Tankers: 8.3\n- Narvik; Ferries: 7" in text
        )
        assert "- 1; North basin: 20\n- 2.5; North basin: 31\n- 4; South basin: 9\n" in text
        assert "- 2024-01-01; Crossings: 1500\n- 2024-02-01; Crossings: 1800" in text
        assert "What the bridge earns\n\n- Tolls; Crowns: 61\n- Repairs; Crowns: -18.5" in text


@pytest.mark.usefixtures("without_processes")
class TestSheets:
    def test_a_row_carries_the_names_of_its_columns(self) -> None:
        draft = read_one(make_xlsx(), "cities.xlsx")
        assert draft.title == "City figures"
        assert draft.text == (
            "## Cities\n\nCities of Norway\n\n"
            "- City: Oslo; Population: 709000; Counted: 2024-01-02; Share: 12.5 %\n\nFar away"
        )

    def test_an_empty_workbook_says_so(self) -> None:
        assert "0 cells" in why_not(saved(openpyxl.Workbook()), "a.xlsx")


@pytest.mark.usefixtures("without_processes")
class TestBook:
    def test_chapters_come_in_reading_order(self) -> None:
        draft = read_one(make_epub(), "harbour.epub")
        assert (draft.title, draft.author, draft.published_at, draft.language) == (
            "The Harbour",
            "Mara Lind",
            "2024-05-17",
            "en",
        )
        kept = [line for line in draft.text.splitlines() if line]
        assert kept == ["# One", "First chapter.", "- An item", *ROWS, "Loose.", "## Two", "Second chapter."]

    def test_a_chapter_that_is_no_xml_is_read_all_the_same(self) -> None:
        assert "Unclosed" in read_one(make_epub("<p>Unclosed <br> & <b>broken"), "a.epub").text

    def test_marks_of_notes_are_left_out(self) -> None:
        chapter = (
            "<p>It cost more.<a role='doc-noteref' href='#n'><sup>1</sup></a> It opened.</p><p id='n'>Far more.</p>"
        )
        assert "It cost more. It opened.\n\nFar more." in read_one(make_epub(chapter), "a.epub").text

    def test_a_locked_book_says_so(self) -> None:
        lock = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
        assert "DRM" in why_not(make_epub(more=lock), "a.epub")

    def test_a_zip_that_is_no_book_says_so(self) -> None:
        assert "no EPUB" in why_not(archive({"a.txt": "words"}), "a.epub")


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_a_row_carries_the_names_of_its_columns(self, delimiter: str) -> None:
        content = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in CITIES)
        draft = read_one(content.encode(), "city_list.csv")
        assert (draft.title, draft.text) == ("City list", "\n".join(ROWS))

    def test_a_cell_may_hold_lines_and_delimiters(self) -> None:
        draft = read_one(b'City,Note\nOslo,"A, b\nand c"\nBergen,\n', "a.csv")
        assert draft.text == "- City: Oslo; Note: A, b and c\n- City: Bergen"

    def test_values_without_names_are_a_list(self) -> None:
        assert read_one(b"1,Oslo\n2,Bergen\n", "a.csv").text == "- 1; Oslo\n- 2; Bergen"

    def test_a_quote_that_never_ends_is_explained(self) -> None:
        assert "damaged near row" in why_not(b'a,b\nc,"' + b"long\n" * 50_000, "a.csv")


BOMB = (
    "<!DOCTYPE html [<!ENTITY a 'boom boom boom boom boom '>"
    + "".join(f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_says_the_same_in_a_process_of_its_own(name: str, request: pytest.FixtureRequest) -> None:
    content = MAKERS[name]()
    apart = read_one(content, name)
    request.getfixturevalue("without_processes")
    assert read_one(content, name) == apart


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A small archive that unpacks to 240 MB."""
    return archive(
        {f"{folder}/{number}.xml": bytes(30_000_000) for number in range(2) for folder in ("a", "b", "c", "d")}
    )


class TestHostile:
    @pytest.mark.parametrize("name", MAKERS)
    @pytest.mark.parametrize("share", [0.2, 0.5, 0.98])
    def test_a_truncated_file_is_said_to_be_damaged(self, name: str, share: float) -> None:
        content = MAKERS[name]()
        assert "damaged" in why_not(content[: int(len(content) * share)], name)

    @pytest.mark.parametrize("name", MAKERS)
    def test_a_damaged_part_is_said_to_be_damaged(self, name: str) -> None:
        content = bytearray(MAKERS[name]())
        for place in range(len(content) // 4, len(content) // 2, 50):
            content[place] ^= 0xFF
        assert "damaged" in why_not(bytes(content), name)

    @pytest.mark.parametrize(
        "content, name, sentence",
        [
            (make_pdf([lines((700, LONG))]), "a.docx", "this is a PDF, not a Word document"),
            (make_docx(), "a.pdf", "not a PDF"),
            (make_docx(), "a.xlsx", "this is a Word document"),
            (make_xlsx(), "a.docx", "this is an Excel workbook"),
            (b"<!DOCTYPE html><p>Log in</p>", "a.pdf", "this is a web page"),
            (OLE + bytes(600), "a.docx", "save it as .docx"),
            (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "remove its password first"),
            (b"just words", "a.pptx", "not a PowerPoint presentation"),
        ],
    )
    def test_an_ending_that_lies_is_explained(self, content: bytes, name: str, sentence: str) -> None:
        assert sentence in why_not(content, name)

    def test_a_bomb_is_refused_by_what_it_declares(self) -> None:
        bomb = archive({"word/document.xml": bytes(50_000_000)})
        assert len(bomb) < 100_000
        with pytest.raises(ArticleUnreadable, match="unpacks to 50 MB, 40 MB over the limit"):
            open_archive(bomb, "document", largest=10_000_000)
        with pytest.raises(ArticleUnreadable, match="12 parts, over the limit of 10"):
            open_archive(archive({str(number): "" for number in range(12)}), "document", most=10)

    @pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.epub"])
    def test_a_bomb_does_not_get_as_far_as_the_memory(self, name: str, bomb: bytes) -> None:
        started = time.monotonic()
        assert "MB over the limit" in why_not(bomb, name)
        assert time.monotonic() - started < 10

    @pytest.mark.parametrize(
        "name, part",
        [("a.docx", "word/document.xml"), ("a.pptx", "ppt/presentation.xml"), ("a.xlsx", "xl/workbook.xml")],
    )
    def test_entities_of_an_office_file_are_refused(self, name: str, part: str) -> None:
        def arm(raw: bytes) -> bytes:
            end = raw.index(b"?>") + 2 if raw.startswith(b"<?xml") else 0
            return raw[:end] + BOMB.encode() + raw[end:]

        assert "declares XML entities" in why_not(altered(MAKERS[name](), part, arm), name)

    def test_entities_of_a_book_stay_unexpanded(self) -> None:
        draft = read_one(make_epub("<p>Second chapter &i; ends.</p>", BOMB), "a.epub")
        assert "Second chapter" in draft.text
        assert len(draft.text) < 1000
        outside = "<!DOCTYPE html [<!ENTITY i SYSTEM 'file:///etc/passwd'>]>"
        assert "root:" not in read_one(make_epub("<p>Second chapter &i; ends.</p>", outside), "a.epub").text

    def test_a_reader_that_takes_too_long_is_killed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "SECONDS", 0.05)
        assert "more than 0.05 seconds" in why_not(make_docx(), "a.docx")

    @pytest.mark.slow
    def test_a_reader_that_takes_too_much_memory_is_stopped(self) -> None:
        rows = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 5_000_000
        content = altered(
            make_docx(), "word/document.xml", lambda raw: raw.replace(b"<w:sectPr", rows + b"<w:sectPr", 1)
        )
        started = time.monotonic()
        why_not(content, "a.docx")
        assert time.monotonic() - started < isolated.SECONDS + 5

    def test_the_reader_sees_nothing_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: dict[str, object] = {}

        def run(*_: object, **options: object) -> subprocess.CompletedProcess[bytes]:
            seen.update(options)
            return subprocess.CompletedProcess([], 0, b'{"text": "Fine."}', b"")

        monkeypatch.setenv("DISCORD_TOKEN", "secret")
        monkeypatch.setattr(isolated.subprocess, "run", run)
        read_one(make_docx(), "a.docx")
        assert "secret" not in str(seen["env"])
        assert seen["timeout"] == isolated.SECONDS


@pytest.mark.skipif(not MALFORMED.is_dir(), reason="EVAL_DATA names no folder with malformed/")
@pytest.mark.timeout(600)
def test_every_malformed_file_gives_an_outcome_in_time() -> None:
    def outcome(file: Path) -> tuple[str, float, ArticleDraft | Unreadable]:
        name = file.name if file.suffix == ".pdf" else f"{file.name}.html"
        started = time.monotonic()
        try:
            (found,) = read_document(file.read_bytes(), name, name)
        except ArticleUnreadable as error:
            found = Unreadable(name, str(error))
        return name, time.monotonic() - started, found

    files = [*sorted((MALFORMED / "pdf").glob("*.pdf")), *sorted((MALFORMED / "html5lib").iterdir())]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, files))
    assert len(outcomes) > 200
    assert [name for name, seconds, _ in outcomes if seconds > isolated.SECONDS] == []
    assert [name for name, _, found in outcomes if isinstance(found, ArticleDraft) and not found.text.strip()] == []
    assert sum(isinstance(found, ArticleDraft) for _, _, found in outcomes) > 100
