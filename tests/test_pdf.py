"""PDF files become articles."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents import (
    CITIES,
    LONG,
    PICTURE,
    ROWS,
    lines,
    make_docx,
    make_pdf,
    shown,
)
from tests.test_documents import read_one, why_not

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OFFICE = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)


class TestPdf:
    def test_lines_become_paragraphs_and_running_heads_go(self) -> None:
        pages = [
            lines((780, f"The Harbour Review, page {number}"))
            + lines((700, f"Why the {word} took so long"), size=20)
            + lines(
                (660, "Divers found an uncharted wreck in the spring, and work stopped for eleven months while ar-"),
                (646, "chaeologists recovered it from the harbour."),
                (610, f"The {word} vote was close."),
            )
            for number, word in enumerate(("first", "second", "third"), start=7)
        ]
        draft = read_one(make_pdf(pages), "harbour_review.pdf")
        assert draft.title == "Why the first took so long"
        paragraphs = draft.text.split("\n\n")
        assert paragraphs[:3] == [
            "# Why the first took so long",
            "Divers found an uncharted wreck in the spring, and work stopped for eleven months while archaeologists "
            "recovered it from the harbour.",
            "The first vote was close.",
        ]
        assert len(paragraphs) == 9
        assert "Review, page" not in draft.text

    def test_properties_give_title_author_and_date(self) -> None:
        info = "/Title (The plan) /Author (Mara Lind) /CreationDate (D:20240517093000+02'00')"
        draft = read_one(make_pdf([lines((700, LONG))], info=info), "a.pdf")
        assert (draft.title, draft.author, draft.published_at) == ("The plan", "Mara Lind", "2024-05-17")

    def test_a_title_that_a_program_made_up_is_none(self) -> None:
        draft = read_one(make_pdf([lines((700, LONG))], info="/Title (Microsoft Word - x.doc)"), "the_plan.pdf")
        assert draft.title == "The plan"

    def test_a_scanned_one_says_so(self) -> None:
        assert "12 pages, 0 characters of text: this PDF is scanned" in why_not(make_pdf([PICTURE] * 12), "a.pdf")
        stamped = make_pdf([PICTURE + "\n" + lines((20, "p. 1"))] * 3)
        assert "3 pages, 12 characters of text: this PDF is scanned" in why_not(stamped, "a.pdf")

    def test_an_empty_one_says_so(self) -> None:
        assert "1 page, 0 characters of text: this PDF is empty" in why_not(make_pdf([""]), "a.pdf")

    def test_an_encrypted_one_says_what_to_do(self) -> None:
        lock = (
            f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'11' * 32}> /U <{'22' * 32}> >> "
            f"/ID [<{'33' * 16}> <{'33' * 16}>]"
        )
        assert "remove its password first" in why_not(make_pdf([lines((700, LONG))], lock), "a.pdf")

    def test_a_damaged_one_says_so(self) -> None:
        assert "damaged" in why_not(b"%PDF-1.7\n" + bytes(range(256)) * 20, "a.pdf")

    def test_the_mark_of_a_note_is_left_out_and_the_power_of_a_unit_is_kept(self) -> None:
        page = lines((700, "It went far over its budget.")) + shown(210.5, 705, "1", size=7)
        page += shown(218, 700, "It covers 12 m") + shown(293.5, 705, "2", size=7) + shown(301, 700, "of mud.")
        assert "far over its budget. It covers 12 m² of mud." in read_one(make_pdf([page]), "a.pdf").text

    def test_a_row_carries_the_names_of_its_columns(self) -> None:
        page = lines((700, LONG)) + "".join(
            shown(72 + 150 * column, 660 - 16 * number, cell)
            for number, row in enumerate(CITIES)
            for column, cell in enumerate(row)
        )
        assert "\n".join(ROWS) in read_one(make_pdf([page]), "a.pdf").text

    def test_words_spread_to_the_margin_are_no_cells(self) -> None:
        page = lines((700, "The tunnel under the harbour opened on the"), (684, "planned day, which surprised"))
        page += "".join(shown(x, 668, word) for x, word in ((72, "many"), (141, "of"), (191, "the"), (248, "old")))
        page += shown(72, 652, "harbourmasters") + shown(215, 652, "who lived") + lines((636, "on the eastern shore."))
        text = read_one(make_pdf([page]), "a.pdf").text
        assert "which surprised many of the old harbourmasters who lived on the eastern shore." in " ".join(
            text.split()
        )

    def test_a_line_of_a_sentence_that_returns_on_every_page_is_kept(self) -> None:
        again = "and the responsible department was instructed to prepare an implementation plan before"
        pages = [lines((700, f"{word} statement. {LONG}"), (60, again)) for word in ("First", "Second", "Third")]
        assert read_one(make_pdf(pages), "a.pdf").text.count(again) == 3

    def test_arabic_that_comes_from_left_to_right_is_turned_round(self) -> None:
        letters = "/Differences [97 /uni0646 /uni0641 /uni0642]"
        drawn = "BT /F 12 Tf 100 700 Td [(a) 1100 (b) 1100 (c)] TJ ET"  # Each letter to the left of the one before.
        content = make_pdf([drawn]).replace(
            b"/Encoding /WinAnsiEncoding", f"/Encoding << /Type /Encoding {letters} >>".encode()
        )
        assert read_one(content, "a.pdf").text == "نفق"

    @pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
    def test_a_page_printed_by_a_browser_is_complete(self, tmp_path: Path) -> None:
        said = [f"Statement {number} of the council is {number * 37 % 101} words long. {LONG}" for number in range(40)]
        page = f"<title>Printed</title><h1>Report</h1><h2>Part</h2>{''.join(f'<p>{text}</p>' for text in said)}"
        page += f"<table>{''.join('<tr>' + ''.join(f'<td>{c}</td>' for c in row) + '</tr>' for row in CITIES)}</table>"
        (tmp_path / "page.html").write_text(page)
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
        command += [f"--print-to-pdf={tmp_path}/page.pdf", (tmp_path / "page.html").as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=90)
        draft = read_one((tmp_path / "page.pdf").read_bytes(), "page.pdf")
        paragraphs = draft.text.split("\n\n")
        assert paragraphs[:2] == ["# Report", "## Part"]
        assert [text for text in said if text not in paragraphs] == []
        assert "file://" not in draft.text
        assert any("Oslo" in line and "709,000" in line and "1048" in line for line in draft.text.splitlines())

    @pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
    def test_a_document_exported_by_an_office_program_is_complete(self, tmp_path: Path) -> None:
        (tmp_path / "plan.docx").write_bytes(make_docx())
        command = [OFFICE, f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, "--outdir", tmp_path, tmp_path / "plan.docx"], check=True, timeout=90)
        text = read_one((tmp_path / "plan.pdf").read_bytes(), "plan.pdf").text
        for kept in ("# Harbour plan", "# Costs", "The plan costs 40 million euros.", "Second item", *ROWS):
            assert kept in text
        assert [line.lstrip("# ") for line in text.splitlines() if line.startswith("#")] == [
            "Harbour plan",
            "Costs",
            "The end",
        ]
