"""Words and sentences: what counts as one, and where it stands in the text."""

from __future__ import annotations

import pytest

from retrieval.text import blocks, fold, sentences, terms


def quotes(text: str, language: str | None = None) -> list[str]:
    return [span.of(text) for span in sentences(text, language)]


def test_a_sentence_is_found_with_the_offsets_of_its_characters() -> None:
    text = "  The plan failed.   Nobody knew why!\n\nLater it worked.  "
    found = list(sentences(text))
    assert [text[span.start : span.end] for span in found] == [
        "The plan failed.",
        "Nobody knew why!",
        "Later it worked.",
    ]
    assert [(span.start, span.end) for span in found] == [(2, 18), (21, 37), (39, 55)]


def test_offsets_hold_after_characters_of_every_width() -> None:
    text = "Café 🙂🙂 opened. 今日は晴れです。明日は雨です。\n\nThe naïve plan — “it works” — failed."
    assert "The naïve plan — “it works” — failed." in quotes(text)
    assert all(span.of(text) == span.of(text).strip() for span in sentences(text))


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u3000", "\u2028"], ids=ascii)
def test_a_wide_space_before_a_full_stop_ends_a_sentence_like_any_other(space: str) -> None:
    assert quotes(f"They sell vitamin{space}C{space}. It is cheap.") == [
        f"They sell vitamin{space}C{space}.",
        "It is cheap.",
    ]


@pytest.mark.parametrize("heading", ["# What happened", "###### Deep. Really.", "What happened", "Who pays the bill"])
def test_a_heading_is_not_a_sentence(heading: str) -> None:
    assert quotes(f"{heading}\n\nThe plan failed.") == ["The plan failed."]


def test_a_hard_wrapped_paragraph_is_read_as_one() -> None:
    text = (
        "The company said on Monday that it would spend far more on new data\n"
        "centres than its board had been told in the spring, and that nobody\n"
        "should be surprised. Investors were."
    )
    assert quotes(text) == [text[: text.index(" Investors")], "Investors were."]


def test_lines_that_end_like_sentences_are_paragraphs_of_their_own() -> None:
    text = "The plan failed, said Ann.\nNobody knew why.\nIt was late."
    assert [block.span.of(text) for block in blocks(text)] == text.split("\n")


def test_list_items_are_quoted_without_their_markers() -> None:
    text = "It needs:\n\n- a permit from the city.\n* the second thing.\n2. A third thing.\n> Somebody said this."
    assert quotes(text) == [
        "It needs:",
        "a permit from the city.",
        "the second thing.",
        "A third thing.",
        "Somebody said this.",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Smith met Mr. Jones of Acme Inc. in the U.S. on Friday.",
        "Sales rose 5.2 percent to $1,000.50 a head.",
        "He paid 3 percent of it, e.g. for rent, on Jan. 5 at No. 10.",
        "Ms. Roe and Mx. Lee met Atty. Gen. Maria Jones and Amb. Poe at Ft. Worth.",
        "On Wed. Feb. 3 at 5 p.m. EST it was Texas vs. No. 18 Ohio.",
        "Approx. 50 people paid 9 dollars, incl. tax.",
        "Yahoo! said it would sell the firm.",
        "It cost ca. 5 Mio. Euro am 3. Mai beim 1. FC Köln.",
        "Die Fa. Meier bzw. Ann zahlte z. B. 5 Mrd. Euro.",
        "J.-P. Dupont et Mlle. Petit vinrent env. 5 fois av. J.-C. en Gaule.",
    ],
)
def test_an_abbreviation_or_a_number_does_not_end_a_sentence(sentence: str) -> None:
    assert quotes(f"{sentence} Then he left.") == [sentence, "Then he left."]


def test_a_french_title_ends_no_sentence_in_french_only() -> None:
    assert quotes("M. Dupont et Me. Petit sont là. Il part.", "fr") == ["M. Dupont et Me. Petit sont là.", "Il part."]
    assert quotes("She chose Me. Then he left.") == ["She chose Me.", "Then he left."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("He works at Acme Corp.", "The firm sells it."),
        ("He came at 5 p.m.", "The shop was shut."),
        ("He left on Wed.", "The next day she came."),
        ("He said no.", "The end came on May 3."),
        ("They met on Elm St.", "The house is old."),
        ("He teaches at the U.S.", "He likes it!"),
        ("It cost 5 Mio.", "Das war viel."),
    ],
)
def test_an_abbreviation_at_the_end_of_a_sentence_ends_it(one: str, other: str) -> None:
    assert quotes(f"{one} {other}") == [one, other]


@pytest.mark.parametrize("language", [None, "en", "de-DE", "english", "", "no such language", "x" * 500])
def test_any_language_name_is_taken(language: str | None) -> None:
    assert quotes("The plan failed. Nobody knew why.", language) == ["The plan failed.", "Nobody knew why."]


@pytest.mark.parametrize("text", ["", "   \n \n", "# Only a heading", "# One\n\n## Two\n", "> > >"])
def test_a_text_without_sentences_has_none(text: str) -> None:
    assert quotes(text) == []


def test_the_same_word_in_other_dress_is_one_term() -> None:
    assert terms("The investors were investing") == terms("INVESTOR, invested!") == ["investor", "invest"]
    assert terms("Café") == terms("cafe")
    assert terms("Microsoft’s") == terms("Microsoft's") == terms("Microsoft")


def test_numbers_stay_whole() -> None:
    assert terms("It cost 1,000 or 5.2 percent in 2024.") == ["cost", "1,000", "5.2", "percent", "2024"]


def test_stop_words_carry_nothing() -> None:
    assert terms("What was it that they should have been?") == []


def test_chinese_and_japanese_become_overlapping_pairs() -> None:
    assert terms("人工智能") == ["人工", "工智", "智能"]
    assert terms("漢") == ["漢"]
    assert set(terms("智能")) <= set(terms("人工智能公司"))


def test_folding_keeps_every_character_in_its_place() -> None:
    text = "L’été à Zürich — “naïve” 🙂 が ﬁ ½ e\u0301"
    folded = fold(text)
    assert len(folded) == len(text)
    assert folded.startswith("L'ete a Zurich")
    assert terms("Østergård Łódź Đorđe") == terms("Ostergard Lodz Dorde")
    assert terms("the Congreſs of the United States") == terms("the Congress of the United States")
