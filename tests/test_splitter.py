"""Passages and windows: nothing of an article is lost, and none is too long."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from retrieval.articles import Span
from retrieval.index.splitter import LONGEST_PIECE, PASSAGE_WORDS, WINDOW_WORDS, split, windows

PARAGRAPH = "The company said it would spend more. Its board had not been told. Nobody was surprised by that."


def words_in(text: str, spans: list[Span]) -> list[str]:
    return [word for span in spans for word in span.of(text).split()]


def random_article(seed: int) -> str:
    """Paragraphs, headings, lists, wrapped lines, long and foreign sentences, in any order."""
    chance = random.Random(seed)
    vocabulary = [
        "data",
        "centre",
        "Dr.",
        "U.S.",
        "3.5",
        "said",
        "café",
        "“quoted”",
        "資金",
        "—",
        "x" * 30,
        "e.g.",
        "🙂",
    ]

    def sentence() -> str:
        count = chance.choice([1, 3, 8, 20, 60])
        return " ".join(chance.choices(vocabulary, k=count)) + chance.choice([".", "!", "?", "。", ""])

    def paragraph() -> str:
        kind = chance.randrange(6)
        if kind == 0:
            return "#" * chance.randint(1, 6) + " " + sentence()
        if kind == 1:
            return "\n".join(f"- {sentence()}" for _ in range(chance.randint(1, 5)))
        if kind == 2:
            return "\n".join(sentence() for _ in range(chance.randint(2, 6)))
        return chance.choice([" ", "  "]).join(sentence() for _ in range(chance.randint(1, 12)))

    gaps = ["\n", "\n\n", "\n \n", "\n\n\n"]
    return "".join(paragraph() + chance.choice(gaps) for _ in range(chance.randint(1, 60)))


@pytest.mark.parametrize("seed", range(40))
def test_passages_hold_every_word_of_any_text_in_order(seed: int) -> None:
    text = random_article(seed)
    spans = split(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert words_in(text, spans) == text.split()


@pytest.mark.parametrize("seed", range(20))
def test_windows_cover_every_word_of_a_passage_in_order(seed: int) -> None:
    text = random_article(seed)
    for span in split(text):
        passage = span.of(text)
        assert " ".join(windows(passage)).split() == passage.split()


def test_a_short_article_is_one_passage_and_one_window() -> None:
    assert split(PARAGRAPH) == [Span(0, len(PARAGRAPH))]
    assert windows(PARAGRAPH) == [PARAGRAPH]


def test_a_long_article_is_cut_between_paragraphs() -> None:
    text = "\n\n".join([PARAGRAPH] * 60)
    spans = split(text)
    assert len(spans) > 1
    for span in spans:
        assert span.of(text).startswith("The company")
        assert span.of(text).endswith("by that.")
        assert len(span.of(text).split()) <= PASSAGE_WORDS


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join([PARAGRAPH] * 60)
    spans = split(text)
    assert len(spans) > 1
    assert all(span.of(text).endswith(".") and len(span.of(text).split()) <= PASSAGE_WORDS for span in spans)


def test_a_heading_opens_the_passage_of_its_section() -> None:
    text = "\n\n".join([PARAGRAPH] * 14) + "\n\n## The second half\n\n" + "\n\n".join([PARAGRAPH] * 14)
    assert [span.of(text).startswith("## The second half") for span in split(text)] == [False, True]


def test_windows_are_of_about_equal_size() -> None:
    sizes = [len(window.split()) for window in windows(" ".join([PARAGRAPH] * 22))]
    assert len(sizes) > 1
    assert max(sizes) <= WINDOW_WORDS * 1.25
    assert min(sizes) > max(sizes) / 2


@pytest.mark.parametrize("letter", ["漢", "か", "한"])
def test_a_window_without_spaces_is_read_whole(letter: str) -> None:
    """A letter of these scripts is a word piece, and the embedder reads 256."""
    passage = f"{letter * 24}。" * 40
    found = windows(passage)
    assert "".join(found) == passage
    assert max(map(len, found)) <= 260


@pytest.mark.parametrize("text", ["", "  \n\n\t "])
def test_an_empty_text_has_no_passage(text: str) -> None:
    assert split(text) == []


def test_headings_alone_are_kept() -> None:
    text = "# One\n\n## Two\n"
    assert words_in(text, split(text)) == ["#", "One", "##", "Two"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("character", ["a", "漢", "1", ".", "#", '"'], ids=ascii)
def test_a_megabyte_without_spaces_gives_bounded_passages(character: str) -> None:
    text = character * 1_000_000
    spans = split(text)
    assert "".join(span.of(text) for span in spans) == text
    assert max(span.end - span.start for span in spans) <= LONGEST_PIECE
    assert sum(len(window) for window in windows(spans[0].of(text))) == spans[0].end - spans[0].start


def test_a_huge_gap_inside_a_line_is_no_passage() -> None:
    text = "before" + " " * 100_000 + "after"
    spans = split(text)
    assert words_in(text, spans) == ["before", "after"]
    assert all(span.of(text).strip() for span in spans)
