"""What the quoting reader takes a question to mean: time, source, a choice of two, a list, a slip of the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import pytest_asyncio

from retrieval.answers.answer import Answer
from retrieval.answers.checking.checker import Checker
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import LOCAL, Library
from tests.answers import answerer, holding, verbatim
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOVED = (
    "Three stops of the ferry are moved:\n\n- Ulla: to the fish market\n- Narvik: to the old pier\n- Bodo: to the bank"
)
DRAFTS = (
    ArticleDraft(
        "The Ulla tunnel is begun",
        "The tunnel to Ulla is expected to cost 310 million kroner, the county said.",
        "begun",
        source="The Courier",
        published_at="2023-09-14",
    ),
    ArticleDraft(
        "The Ulla tunnel is late",
        "The tunnel to Ulla is expected to cost 350 million kroner, the county said.",
        "late",
        source="Fjord Radio",
        published_at="2024-04-20",
    ),
    ArticleDraft(
        "Passengers of the railway",
        "The railway counts its passengers.\n\n| Station | Winter | Summer |\n| --- | ---: | ---: |\n"
        "| Hamar | 1,900 | 2,450 |\n| Lom | 310 | 870 |\n",
        "railway",
    ),
    ArticleDraft(
        "The beach at Tornby",
        "The beach at Tornby is closed to swimmers because of jellyfish.",
        "closed",
        source="Fjord Radio",
        published_at="2022-07-03",
    ),
    ArticleDraft(
        "Swimming at Tornby",
        "The beach at Tornby has been opened to swimmers again.",
        "opened",
        source="The Courier",
        published_at="2023-05-20",
    ),
    ArticleDraft(
        "Dugnad opens a shop",
        "The bakery Dugnad has opened a shop in Lom. Manager Siri Aas said that the bakery has 14 ovens.",
        "shop",
        source="Fjord Radio",
        published_at="2021-02-03",
    ),
    ArticleDraft(
        "Dugnad moves",
        "The bakery Dugnad is moving to Otta. Manager Nils Berg said that the bakery now has 31 ovens. Bread is dear.",
        "moves",
        source="The Courier",
        published_at="2024-09-08",
    ),
    ArticleDraft("The ferry", f"{MOVED}\n\nThe new ferry cost 90 million kroner.", "ferry", published_at="2024-06-01"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    return await holding(await open_libraries(), DRAFTS)


async def first(library: Library, embeddings: MiniLMEmbeddings, question: str) -> tuple[str, Answer]:
    answer = await answerer(embeddings).answer(library, question)
    assert await verbatim(library, answer), answer.text
    return answer.citations[0].quote.text, answer


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the tunnel expected to cost according to the latest report?", "350"),
        ("What was the tunnel to Ulla expected to cost in September 2023?", "310"),
        ("What was the tunnel to Ulla expected to cost in April 2024?", "350"),
        ("What was the tunnel to Ulla expected to cost before 2024?", "310"),
        ("What is the tunnel to Ulla expected to cost according to The Courier?", "310"),
        ("What is the tunnel to Ulla expected to cost according to Fjord Radio?", "350"),
    ],
)
async def test_the_sentence_of_the_time_or_source_that_is_asked_for_comes_first(
    library: Library, embeddings: MiniLMEmbeddings, question: str, said: str
) -> None:
    evidence = await answerer(embeddings).considered(library, question)
    assert evidence.answers
    assert said in evidence.sentences[0].quote.text


@pytest.mark.parametrize(
    "question",
    [
        "Is the beach at Tornby closed to swimmers now?",
        "Is the beach at Tornby still closed to swimmers?",
        "Can swimmers currently use the beach at Tornby?",
    ],
)
async def test_what_is_so_now_is_told_newest_first_with_its_day(
    library: Library, embeddings: MiniLMEmbeddings, question: str
) -> None:
    quote, answer = await first(library, embeddings, question)
    assert quote == "The beach at Tornby has been opened to swimmers again."
    assert answer.body.split("\n")[-1].startswith(("- 2022-07-03, Fjord Radio: ", "- 2023-05-20, The Courier: "))
    _, price = await first(library, embeddings, "What does the new ferry currently cost?")
    assert price.body.startswith("- 2024-06-01, The ferry: The new ferry cost 90 million kroner.")
    _, past = await first(library, embeddings, "Was the beach at Tornby closed because of jellyfish?")
    assert past.body.startswith("2022-07-03, Fjord Radio: The beach at Tornby is closed")


@pytest.mark.parametrize(
    ("question", "now", "before"),
    [
        ("Who is the manager of the bakery Dugnad?", "Nils Berg", "Siri Aas"),
        ("Who manages the bakery Dugnad now?", "Nils Berg", "Siri Aas"),
        ("How many ovens does the bakery Dugnad have?", "31 ovens", "14 ovens"),
    ],
)
async def test_a_role_or_a_count_is_told_by_the_newest_and_what_was_so_before_with_its_day(
    library: Library, embeddings: MiniLMEmbeddings, question: str, now: str, before: str
) -> None:
    quote, answer = await first(library, embeddings, question)
    assert now in quote
    days = {line[2:12] for line in answer.body.split("\n") if now in line or before in line}
    assert len(days) == 2


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who was the manager of the bakery Dugnad in 2021?", "Siri Aas"),
        ("How many ovens did the bakery Dugnad have in Lom?", "14 ovens"),
        ("Is it in Lom that the bakery Dugnad has a shop?", "a shop in Lom"),
    ],
)
async def test_what_was_so_or_what_only_an_older_article_says_is_told_by_that(
    library: Library, embeddings: MiniLMEmbeddings, question: str, said: str
) -> None:
    quote, _ = await first(library, embeddings, question)
    assert said in quote


async def test_a_sentence_that_leads_to_a_list_is_quoted_with_the_list(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    quote, answer = await first(library, embeddings, "Which stops of the ferry are moved?")
    assert quote == MOVED
    assert "\n- Narvik: to the old pier\n" in answer.body
    assert answer.body.count("fish market") == 1


async def test_every_quote_is_told_with_who_says_it(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, article: Callable[..., ArticleDraft]
) -> None:
    """What one article claims is its claim, and of two each says its own."""
    claim = "Chlorine in the water of Tornby makes people blind within ten years."
    other = "Chlorine in the water of Tornby keeps it free of germs, so that people stay well."
    library = await (await open_libraries()).open(LOCAL)
    blog = article("Wake up", claim, source="Truth Blog", published_at="2024-05-02")
    assert [one.kept async for one in library.add([blog])] == [True]
    asked = "What does chlorine in the water of Tornby do to people?"
    alone = await answerer(embeddings).answer(library, asked)
    assert alone.body == f"2024-05-02, Truth Blog: {claim} [1]"
    assert [one.kept async for one in library.add([article("Water", other, source="The Courier")])] == [True]
    both = await answerer(embeddings).answer(library, asked)
    lines = sorted(line.split(" [")[0] for line in both.body.splitlines())
    assert lines == [f"- 2024-05-02, Truth Blog: {claim}", f"- The Courier: {other}"]


async def test_sentences_of_an_article_stand_in_one_run_behind_who_says_them(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, article: Callable[..., ArticleDraft]
) -> None:
    library = await (await open_libraries()).open(LOCAL)
    text = (
        "The pill Lumol has killed 312 people in Norway. Lumol killed 40 people in Sweden, a doctor of the town said."
    )
    blog = article("The pill", text, source="Truth Blog", published_at="2024-05-02")
    assert [one.kept async for one in library.add([blog])] == [True]
    asked = "How many people has the pill Lumol killed?"
    alone = await answerer(embeddings).answer(library, asked)
    assert len(alone.citations) == 2
    (line,) = alone.body.splitlines()
    assert line.startswith("2024-05-02, Truth Blog: ")
    other = article("Pills", "The pill Lumol has killed no people, 9 doctors found.", source="The Courier")
    assert [one.kept async for one in library.add([other])] == [True]
    both = await answerer(embeddings).answer(library, asked)
    lines = [line for line in both.body.splitlines() if not line.startswith("The articles disagree")]
    assert all(line.startswith(("- 2024-05-02, Truth Blog: ", "- The Courier: ")) for line in lines)


@pytest.mark.parametrize(
    ("asked", "quoted"),
    [
        (
            "What yield does he expect by the end of the year?",
            "Walter Jang runs the plant of Northfab in Ohio. He expects a yield of 80 percent by the end of the year.",
        ),
        (
            "How many million kroner are owed to banks?",
            "Tornby Rovers sold a striker.\n\nThe club still owes 29 million kroner to banks.",
        ),
        ("When was the cause of the fire found?", "The cause of the fire was found in March."),
    ],
)
async def test_a_sentence_that_speaks_of_what_another_names_is_quoted_with_it(
    open_libraries: OpenLibraries,
    embeddings: MiniLMEmbeddings,
    article: Callable[..., ArticleDraft],
    asked: str,
    quoted: str,
) -> None:
    library = await (await open_libraries()).open(LOCAL)
    text = (
        "Walter Jang runs the plant of Northfab in Ohio. He expects a yield of 80 percent by the end of the year.\n\n"
        "Tornby Rovers sold a striker.\n\nThe club still owes 29 million kroner to banks.\n\n"
        "The Courier wrote about it. The cause of the fire was found in March."
    )
    assert [one.kept async for one in library.add([article("News", text)])] == [True]
    answer = await answerer(embeddings).answer(library, asked)
    assert await verbatim(library, answer)
    assert answer.citations[0].quote.text == quoted
    assert " ".join(quoted.split()) in answer.body


async def test_further_sentences_of_an_article_are_shown_only_where_they_add_something(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, article: Callable[..., ArticleDraft]
) -> None:
    library = await (await open_libraries()).open(LOCAL)
    text = (
        "The bridge of Hamar was opened in May 1932.\n\n"
        "The bridge of Hamar was opened anew in 1967, when trams came.\n\n"
        "The bridge of Hamar was opened by its old keeper and his dog."
    )
    assert [one.kept async for one in library.add([article("Bridge", text)])] == [True]
    answer = await answerer(embeddings).answer(library, "When was the bridge of Hamar opened?")
    assert [citation.quote.text[-5:] for citation in answer.citations] == ["1932.", "came."]


async def test_a_row_of_a_table_is_read_with_the_names_of_its_columns(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    quote, answer = await first(library, embeddings, "How many passengers does the station of Lom have in summer?")
    assert quote == "| Lom | 310 | 870 |"
    assert answer.sentences[0].text.startswith("Station: Lom; Winter: 310; Summer: 870")
    passages = [found.passage for found in answer.passages]
    assert Checker().quotes("In summer 870 passengers were counted at the station of Lom.", passages)
    assert not Checker().quotes("In summer 2,450 passengers were counted at the station of Lom.", passages)
    assert not Checker().quotes("In summer 870 passengers were counted at the station of Hamar.", passages)


async def test_both_of_a_choice_are_answered(library: Library, embeddings: MiniLMEmbeddings) -> None:
    _, answer = await first(library, embeddings, "Which cost more, the new ferry or the tunnel to Ulla?")
    assert "90 million" in answer.body
    assert "million kroner, the county said" in answer.body


async def test_slips_of_the_keyboard_are_mended_and_told_but_names_are_not(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    quote, answer = await first(library, embeddings, "how much did the new fery cost in milion kroner?")
    assert quote == "The new ferry cost 90 million kroner."
    assert "Read as “how much did the new ferry cost in million kroner?”." in answer.notices
    answer = await answerer(embeddings).answer(library, "Who is Tunel of Brgen?")
    assert answer.standalone_question == "Who is Tunel of Brgen?"
