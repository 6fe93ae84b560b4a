"""Files become articles, or a sentence that says why not; nothing a file holds stops the others."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from pathlib import Path

import pytest

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import ArticleUnreadable
from retrieval.index.splitter import split
from retrieval.sources.files import LONGEST_TITLE, read_document, read_paths

NAUGHTY = Path(os.environ.get("EVAL_DATA", "")) / "malformed" / "naughty_strings.jsonl"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Harbour tunnel opens two years late | Coast Daily</title>
  <link rel="canonical" href="https://coast.example/news/harbour-tunnel">
  <meta property="og:title" content="Harbour tunnel opens two years late">
  <meta property="og:site_name" content="Coast Daily">
  <meta name="author" content="Mara Lind">
  <meta property="article:published_time" content="2024-05-17T09:30:00+02:00">
  <script>window.tracker = {"secret": "track-everything"};</script>
  <style>.menu { color: red }</style>
</head>
<body>
  <nav class="menu"><a href="/">Home</a> <a href="/sports">Sports</a> <a href="/login">Log in to your account</a></nav>
  <article>
    <h1>Harbour tunnel opens two years late</h1>
    <p>The tunnel under the harbour opened on Friday, two years later than planned and 40 million euros over
    budget. The first cars went through at nine in the morning.</p>
    <h2>Why it took so long</h2>
    <p>Divers found an uncharted wreck in the spring of 2021, and work stopped for eleven months while
    archaeologists recovered it. The city council approved the extra money in a close vote.</p>
    <ul><li>Length: 3.2 kilometres</li><li>Cost: 340 million euros &amp; counting</li></ul>
    <p>“Nobody will remember the delay in ten years,” said the mayor, Jon Vik, at the opening ceremony.</p>
  </article>
  <footer><p>Copyright Coast Daily. All rights reserved. Accept our cookies.</p></footer>
</body>
</html>
"""


def read(content: bytes | str, name: str = "article.md") -> list[ArticleDraft | Unreadable]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_document(raw, name, f"/articles/{name}"))


def read_one(content: bytes | str, name: str = "article.md") -> ArticleDraft:
    (draft,) = read(content, name)
    assert isinstance(draft, ArticleDraft)
    return draft


def why_not(content: bytes | str, name: str = "article.md") -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        read(content, name)
    sentence = str(caught.value)
    assert sentence.startswith(name)
    assert "Traceback" not in sentence
    return sentence


class TestMarkdown:
    def test_front_matter_names_the_article(self) -> None:
        draft = read_one(
            "---\ntitle: The deal\ndate: 2025-10-28\nsource: The Paper\nauthor: Ann Lee\n"
            "url: https://paper.example/deal\nlang: en\n---\n\n# Another title\n\nThe text.\n"
        )
        assert draft == ArticleDraft(
            title="The deal",
            text="\n# Another title\n\nThe text.\n",
            identity="https://paper.example/deal",
            url="https://paper.example/deal",
            source="The Paper",
            author="Ann Lee",
            published_at="2025-10-28",
            language="en",
        )

    def test_without_front_matter_the_first_heading_is_the_title_and_nothing_is_cut(self) -> None:
        content = "Some words first.\n\n## The deal ##\n\nThe text.\n"
        draft = read_one(content)
        assert (draft.title, draft.text, draft.url) == ("The deal", content, None)
        assert draft.identity == "/articles/article.md"

    def test_without_any_title_the_file_name_is_it(self) -> None:
        assert read_one("#\n\nThe text.", "what_openai-gains.md").title == "What openai gains"

    @pytest.mark.parametrize(
        "written, meant",
        [
            ("2025-10-28", "2025-10-28"),
            ("2025-10-28 14:30:00", "2025-10-28T14:30:00"),
            ("2025-10-28T14:30:00Z", "2025-10-28T14:30:00+00:00"),
            ("'2025-10-28'", "2025-10-28"),
            ("'2025-10-28T14:30:00Z'", "2025-10-28T14:30:00+00:00"),
            ("3 March 2024", "2024-03-03"),
            ("March 3, 2024", "2024-03-03"),
            ("3. März 2024", "2024-03-03"),
            ("28/10/2025", "2025-10-28"),
            ("05/06/2024", None),
            ("March 2024", None),
            ("foo 12 bar 2024", None),
            ("last autumn", None),
            ("2025", None),
            ("[2025-10-28]", None),
            ("0001-01-01", None),
            ("'0001-01-01T00:00:00Z'", None),
        ],
    )
    def test_a_date_is_read_however_yaml_understands_it(self, written: str, meant: str | None) -> None:
        assert read_one(f"---\ndate: {written}\n---\nThe text.").published_at == meant

    @pytest.mark.parametrize(
        "front_matter",
        ["title: [", "title: a: b", "date: 2024-13-45", "\t- x", "x: !!python/object:os.system {}", "[" * 1100],
        ids=lambda text: text[:12],
    )
    def test_front_matter_that_is_not_yaml_is_explained(self, front_matter: str) -> None:
        assert "front matter" in why_not(f"---\n{front_matter}\n---\nThe text.")

    @pytest.mark.parametrize(
        "front_matter", ["", "just words\n", "- a\n- list\n", "title:\n", "title: 0x" + "f" * 9000]
    )
    def test_front_matter_that_names_nothing_is_left_out(self, front_matter: str) -> None:
        draft = read_one(
            f"---\n{front_matter}---\nThe text." if "\n" in front_matter else f"---\n{front_matter}\n---\nThe text."
        )
        assert (draft.title, draft.text) == ("Article", "The text.")

    def test_a_line_of_dashes_inside_the_text_is_text(self) -> None:
        content = "The first part.\n\n---\n\nThe second part.\n\n---\n"
        assert read_one(content).text == content

    @pytest.mark.timeout(20)
    def test_a_heading_made_of_spaces_does_not_keep_the_reader_busy(self) -> None:
        assert read_one("# a" + " " * 20_000 + "b\n\nThe text.").title.startswith("a ")

    def test_a_title_is_cut_where_it_stops_being_one(self) -> None:
        assert len(read_one("# " + "long " * 10_000 + "\n\nThe text.").title) == LONGEST_TITLE

    def test_a_language_that_is_none_is_dropped(self) -> None:
        assert read_one(f"---\nlang: {'x' * 100}\n---\nThe text.").language is None


class TestText:
    @pytest.mark.parametrize(
        "first",
        [
            "Harbour tunnel opens late",
            "WHO OWNS THE SEA?",
            "1984 in the harbour",
            "港口隧道开通",
            "Überraschung am Hafen",
        ],
    )
    @pytest.mark.parametrize("after", ["\n\n", "\n=====\n\n", "\r\n \r\n"])
    def test_a_first_line_that_looks_like_a_title_is_it(self, first: str, after: str) -> None:
        draft = read_one(f"{first}{after}The tunnel opened on Friday.\n", "a_b.txt")
        assert draft.title == first
        assert draft.text.startswith(first)

    @pytest.mark.parametrize(
        "content",
        [
            "The tunnel opened on Friday.\n\nIt was late.\n",
            "The tunnel opened\non Friday, and\n\nthat was late.\n",
            "Only a line",
            "Dear Sir\n\nThe tunnel is open.\n",
            "Date: 3 March 2024\n\nThe tunnel is open.\n",
            "- The tunnel\n\n- The bridge\n",
            "lower case words\n\nThe tunnel is open.\n",
            "2024-03-03\n\nThe tunnel is open.\n",
            "https://coast.example\n\nThe tunnel is open.\n",
            "The tunnel that the council wanted and the harbour master did not want at all and nobody paid for"
            " in the end\n\nis open.\n",
        ],
    )
    def test_another_first_line_is_text_and_the_file_name_the_title(self, content: str) -> None:
        assert read_one(content, "a_b.txt").title == "A b"


class TestBytes:
    @pytest.mark.parametrize("name", ["a.txt", "a.md"])
    def test_a_byte_order_mark_is_not_part_of_the_text(self, name: str) -> None:
        assert read_one("\ufeffThe text.".encode(), name).text == "The text."

    def test_a_byte_order_mark_does_not_hide_front_matter(self) -> None:
        assert read_one("\ufeff---\ntitle: The deal\n---\nThe text.".encode()).title == "The deal"

    def test_line_ends_of_any_system_become_newlines(self) -> None:
        draft = read_one(b"---\r\ntitle: The deal\r\n---\r\nOne.\r\nTwo.\rThree.\n")
        assert (draft.title, draft.text) == ("The deal", "One.\nTwo.\nThree.\n")

    @pytest.mark.parametrize(
        "text, encoding",
        [
            ("L'été à Nîmes était agréable, où êtes-vous?", "latin-1"),
            ("Die Größe der Straße überraschte alle Gäste.", "latin-1"),
            ("He said “it costs €5” – and left…", "cp1252"),
            ("Příliš žluťoučký kůň úpěl ďábelské ódy a běžel přes pole.", "cp1250"),
            ("Быстрая коричневая лиса прыгает через ленивую собаку.", "cp1251"),
            ("これは日本語の文章です。今日は天気がいいですね。", "shift_jis"),
            ("Plain words — and “quotes”.", "utf-16"),
            ("Plain words without a mark.", "utf-16-le"),
        ],
    )
    def test_text_in_another_encoding_is_read(self, text: str, encoding: str) -> None:
        assert read_one(text.encode(encoding), "a.txt").text == text

    def test_one_damaged_character_does_not_spoil_the_others(self) -> None:
        content = "Die Größe der Straße ".encode() + b"\xff" + " überraschte.".encode()
        assert read_one(content, "a.txt").text == "Die Größe der Straße \ufffd überraschte."

    def test_a_character_cut_by_the_sample_does_not_change_the_encoding(self) -> None:
        text = "語" * 100_000
        assert read_one(text.encode(), "a.txt").text == text

    def test_a_nul_is_replaced_in_its_place(self) -> None:
        draft = read_one(b"The plan\x00 failed.", "a.txt")
        assert draft.text == "The plan\ufffd failed."
        assert draft.text.index("failed") == "The plan\x00 failed.".index("failed")

    def test_a_binary_file_named_as_text_is_refused(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("a.txt", "words " * 100)
        for content in (random.Random(1).randbytes(5000), archive.getvalue(), b"\x7fELF" + b"\0" * 5000 + b"abc"):
            assert "not text" in why_not(content, "a.txt")

    @pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.jsonl"])
    @pytest.mark.parametrize("content", [b"", b" \n\t\r\n "])
    def test_an_empty_file_is_said_to_be_empty(self, name: str, content: bytes) -> None:
        assert "empty" in why_not(content, name)

    @pytest.mark.parametrize("content", ["…!?\n---\n", "---\ntitle: The deal\n---\n\n  \n", "🙂🙂"])
    def test_a_file_without_a_word_holds_no_text(self, content: str) -> None:
        assert "no text" in why_not(content)

    def test_an_unknown_kind_of_file_is_refused_with_the_known_ones(self) -> None:
        assert "Save it as .docx." in why_not(b"words", "report.odt")
        sentence = why_not(b"words", "report.doc")
        assert ".md" in sentence
        assert ".jsonl" in sentence


class TestPage:
    def test_the_article_of_a_page_is_kept_and_the_rest_is_not(self) -> None:
        draft = read_one(PAGE, "page.html")
        assert draft.title == "Harbour tunnel opens two years late"
        assert draft.url == draft.identity == "https://coast.example/news/harbour-tunnel"
        assert (draft.source, draft.author) == ("Coast Daily", "Mara Lind")
        assert (draft.published_at or "").startswith("2024-05-17")
        for kept in ("40 million euros over", "Why it took so long", "3.2 kilometres", "euros & counting", "Jon Vik"):
            assert kept in draft.text
        assert draft.text.startswith("#")
        for dropped in ("track-everything", "Log in", "cookies", "color: red", "<p>"):
            assert dropped not in draft.text

    @pytest.mark.usefixtures("without_processes")
    @pytest.mark.parametrize(
        "page", ["<html><body></body></html>", "<script>render()</script><div id=root></div>", "\x00\x01\x02<"]
    )
    def test_a_page_without_text_says_so(self, page: str) -> None:
        assert "no text" in why_not(page, "page.html")

    @pytest.mark.usefixtures("without_processes")
    @pytest.mark.parametrize("broken", [PAGE[:1700], PAGE.replace("</p>", "").replace("</article>", ""), PAGE * 3])
    def test_a_damaged_page_still_gives_its_article(self, broken: str) -> None:
        assert "two years later than planned" in read_one(broken, "page.html").text


class TestPaths:
    def test_a_folder_is_read_in_order_with_what_lies_below_it(self, tmp_path: Path) -> None:
        (tmp_path / "below" / "deeper").mkdir(parents=True)
        for name in ("b.md", "a.TXT", "below/deeper/c.markdown", "ignored.doc"):
            (tmp_path / name).write_text("The text.")
        found = [Path(item.identity).name for item in read_paths([tmp_path]) if isinstance(item, ArticleDraft)]
        assert found == ["a.TXT", "b.md", "c.markdown"]

    def test_hidden_files_and_everything_in_hidden_folders_are_left_out(self, tmp_path: Path) -> None:
        for name in (".hidden.md", ".git/a.md", ".git/objects/deep/b.md", "seen/c.md"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("The text.")
        assert [getattr(item, "title", "") for item in read_paths([tmp_path])] == ["C"]

    def test_a_hidden_folder_is_read_when_it_is_asked_for(self, tmp_path: Path) -> None:
        (tmp_path / ".articles").mkdir()
        (tmp_path / ".articles" / "a.md").write_text("The text.")
        assert [getattr(item, "title", "") for item in read_paths([tmp_path / ".articles"])] == ["A"]

    def test_what_cannot_be_read_is_reported_and_the_rest_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "a.md").write_text("")
        (tmp_path / "b.md").write_text("The text.")
        missing, empty, blank, read_after = read_paths([tmp_path / "none.md", tmp_path / "empty", tmp_path])
        assert isinstance(missing, Unreadable)
        assert "no such file" in missing.reason
        assert isinstance(empty, Unreadable)
        assert "no file of a known kind" in empty.reason
        assert isinstance(blank, Unreadable)
        assert "empty" in blank.reason
        assert isinstance(read_after, ArticleDraft)

    def test_a_file_name_may_hold_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        for name in (b"caf\xe9.md", b"\xff.pdf"):
            with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
                file.write(b"The text.")
        draft, refused = read_paths([tmp_path / os.fsdecode(b"caf\xe9.md"), tmp_path / os.fsdecode(b"\xff.pdf")])
        assert isinstance(draft, ArticleDraft)
        assert draft.title == "Caf\ufffd"
        assert isinstance(refused, Unreadable)
        assert f"{draft.identity}{refused.name}{refused.reason}".encode()

    def test_a_file_over_the_limit_is_refused_unread(self, tmp_path: Path) -> None:
        with (tmp_path / "huge.md").open("wb") as file:
            file.truncate(20_000_001)
        (reported,) = read_paths([tmp_path])
        assert isinstance(reported, Unreadable)
        assert "over the limit of 20 MB" in reported.reason


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="EVAL_DATA names no folder with malformed/naughty_strings.jsonl")
class TestNaughtyStrings:
    def texts(self) -> list[str]:
        return [json.loads(line)["text"] for line in NAUGHTY.read_bytes().splitlines() if line]

    def outcomes(self, content: bytes, name: str) -> list[ArticleDraft | Unreadable]:
        try:
            found = list(read_document(content, name, f"/articles/{name}"))
        except ArticleUnreadable as error:
            return [Unreadable(name, str(error))]
        for draft in found:
            if isinstance(draft, ArticleDraft):
                assert draft.content_hash
                assert split(draft.text)
        return found

    def test_every_one_gives_an_outcome_as_a_file(self) -> None:
        assert len(self.texts()) > 200
        for text in self.texts():
            for name in ("a.txt", "a.md"):
                assert self.outcomes(text.encode("utf-8", "surrogatepass"), name), text

    def test_every_one_gives_an_outcome_as_any_field_of_a_line(self) -> None:
        lines = self.texts()
        as_text = "\n".join(json.dumps({"text": text, "id": str(number)}) for number, text in enumerate(lines))
        assert len(self.outcomes(as_text.encode(), "a.jsonl")) == len(lines)
        names = ("id", "title", "url", "source", "author", "language", "published_at")
        as_fields = "\n".join(json.dumps({"text": "Fine.", **dict.fromkeys(names, text)}) for text in lines)
        found = self.outcomes(as_fields.encode(), "a.jsonl")
        assert len(found) == len(lines)
        assert all(isinstance(item, ArticleDraft) for item in found)
