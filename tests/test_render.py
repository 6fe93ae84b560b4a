"""What Discord receives: escaped, split, footnoted."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from bot.console import show_answer
from bot.conversation import cited_titles, parse_answer, turns_of
from bot.links import quote_link
from bot.render import MESSAGE_LIMIT, MOST_MESSAGES, escape, render, render_draft, split
from retrieval.answers.answer import Answer, Quote, Sentence, Turn
from retrieval.articles import Passage


def passage(text: str, url: str | None = "https://news.example/a", title: str = "A title") -> Passage:
    return Passage(1, "k", 1, 0, 0, len(text), text, title, url, "News", "2024-05-02", None)


def quote(text: str, start: int = 0, **about: str | None) -> Quote:
    return Quote(passage(text, **about), text, start, start + len(text), 1.0)


def answer(*sentences: Sentence, notices: tuple[str, ...] = ()) -> Answer:
    return Answer("Q?", "Q?", "answered", sentences, notices)


def test_a_footnote_has_number_title_date_quote_and_a_link_without_a_preview() -> None:
    (message,) = render(answer(Sentence("The plant opened.", (quote("The plant opened in May."),)))).messages
    assert message.startswith("The plant opened. [1]\n")
    link = "https://news.example/a#:~:text=The%20plant%20opened%20in%20May."
    assert message.endswith(f"-# [1] [A title](<{link}>) · 2024-05-02 · “The plant opened in May.”")


def test_where_a_link_in_an_article_leads_to_is_not_shown_and_no_address_can_be_followed() -> None:
    told = "[Click here](https://evil.example/steal?q=token) or see https://www.example.com/a and discord.gg/trap."
    given = answer(Sentence("Click here.", (quote(told, url=None),)))
    shown = Console(file=io.StringIO(), width=400)
    show_answer(shown, given)
    long = answer(Sentence("word " * 2_000, (quote(told, url=None),)))
    for text in (shown.file.getvalue(), "\n".join(render(given).messages), render(long).document or ""):  # type: ignore[attr-defined]
        assert "“Click here or see" in text or "> Click here or see" in text
        assert "evil.example" not in text
        assert not re.search(r"https?:/|www\.e|discord\.gg", text)


def test_the_same_quote_has_one_number_and_numbers_follow_first_use() -> None:
    first, second = quote("One.", 0), quote("Two.", 9)
    text = answer(Sentence("B.", (second,)), Sentence("A.", (first, second))).text
    assert text == "B. [1] A. [1][2]"


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone",
        "<@123456789012345678>",
        "[click](https://evil.example)",
        "https://evil.example",
        "**bold** `code`",
        "*bold* [x](y) **z** (q)",
        "Click](https:/evil.example) [x",
        "discord.gg/abc",
        "- list",
        "> quote",
        "# big",
    ],
)
def test_text_from_outside_has_no_meaning_to_discord(hostile: str) -> None:
    shown = escape(hostile)
    assert not re.search(r"@everyone|<@\d|https:/\w|discord\.gg|(?<!\\)[*`_\[\]]|^[-#>]", shown)


def test_a_title_cannot_break_out_of_its_link() -> None:
    title = "Breaking] (<https://evil.example>) [x"
    (message,) = render(answer(Sentence("Yes.", (quote("Yes.", title=title),)))).messages
    assert re.findall(r"\]\(<(.*?)>\)", message) == ["https://news.example/a#:~:text=Yes."]


def test_a_code_block_that_must_be_cut_is_closed_and_opened_again() -> None:
    code = "\n".join(f"line {n} = {n * n}" for n in range(300))
    pieces = split(f"Before.\n```python\n{code}\n```\nAfter.")
    assert len(pieces) > 1
    for piece in pieces:
        assert len(piece) <= MESSAGE_LIMIT
        assert piece.count("```") % 2 == 0
    assert all(piece.startswith("```python\n") for piece in pieces[1:-1])
    assert all(f"line {n} = {n * n}" in "\n".join(pieces) for n in range(300))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 9000,
        "word " * 3000,
        "👩‍👩‍👧‍👦" * 900,
        "a\n" * 4000,
        "```" + "y" * 5000,
        "\u200d" * 9000,
        "The mayor is Ann Lee" + "\u200d" * 3000 + ".",
        "e" + "\u0301" * 5000,
        "```" + "\u200d" * 5000,
    ],
)
def test_every_piece_fits_and_nothing_is_lost(text: str) -> None:
    pieces = split(text)
    assert all(0 < len(piece) <= MESSAGE_LIMIT for piece in pieces)
    joined = re.sub(r"[\s`]", "", "".join(pieces))
    assert joined == re.sub(r"[\s`]", "", text)


def test_an_answer_too_long_for_three_messages_becomes_a_file() -> None:
    many = [Sentence(f"Sentence {n} " + "word " * 30, (quote(f"Quote {n} " + "w " * 60, n * 500),)) for n in range(60)]
    rendered = render(answer(*many))
    assert len(rendered.messages) <= MOST_MESSAGES
    assert "attached file" in rendered.messages[-1]
    assert rendered.document is not None
    assert all(f"Quote {n} " in rendered.document for n in range(60))


def test_a_draft_is_one_message_that_shows_it_is_not_finished() -> None:
    draft = render_draft(answer(*(Sentence("Long " * 90) for _ in range(20))))
    assert len(draft) <= MESSAGE_LIMIT
    assert draft.endswith(" …")


def test_the_question_and_the_answer_can_be_read_back_for_the_conversation() -> None:
    (message,) = render(
        answer(Sentence("The *plant* opened.", (quote("The plant opened."),))), asked="Did it_open?"
    ).messages
    assert parse_answer(message) == ("Did it_open?", "The *plant* opened. [1]")


@pytest.mark.parametrize("url", ["https://news.example/a", None])
def test_the_titles_of_the_cited_articles_can_be_read_back_for_the_conversation(url: str | None) -> None:
    cited = ("Up *5* · [and] 2 < 3 · 2024-01-05", "A_b")
    sentences = (Sentence("One.", tuple(quote("One.", n, url=url, title=title) for n, title in enumerate(cited))),)
    (message,) = render(answer(*sentences)).messages
    assert cited_titles(message) == Turn.of(answer(*sentences)).cited == cited


def test_the_footnotes_of_a_long_answer_are_read_back_from_all_its_messages() -> None:
    titles = tuple(f"Title {n} {'of many words ' * 7}".strip() for n in range(8))
    quotes = tuple(quote("word " * 50, n, title=title) for n, title in enumerate(titles))
    messages = render(answer(Sentence("Long. " * 200, quotes))).messages
    assert len(messages) > 1
    bot, ada = SimpleNamespace(id=1, bot=True), SimpleNamespace(id=2, bot=False)
    said = [SimpleNamespace(content="Why?", author=ada)]
    said += [SimpleNamespace(content=text, author=bot) for text in messages]
    assert [(turn.role, turn.cited) for turn in turns_of(said, 1)] == [("user", ()), ("assistant", titles)]


def test_a_link_points_at_the_quoted_words_whatever_they_hold() -> None:
    text = "Up 5-6 %, they said & left, after a very long day that went on and on until the end of it all."
    link = quote_link(quote(text, url="https://news.example/a#part"))
    assert link == "https://news.example/a#part:~:text=Up%205%2D6%20%25%2C%20they,end%20of%20it%20all."
    link = quote_link(quote("Stops:\n\n- Ulla: the fish market\n- Narvik: the old pier on the bay"))
    assert link == "https://news.example/a#:~:text=Stops%3A,pier%20on%20the%20bay"
    assert quote_link(quote("| Ulla | 310 |")) == "https://news.example/a#:~:text=Ulla,310"
    assert quote_link(quote("x", url=None)) is None
    assert quote_link(quote("x", url="javascript:alert(1)")) is None
