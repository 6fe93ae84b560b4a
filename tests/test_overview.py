"""Questions for an overview are answered with the beginnings of the newest articles of what is left of them."""

from __future__ import annotations

import pytest
import pytest_asyncio

from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import answerer, holding, verbatim
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORY = (
    ("2021-05-04", "Fjord Radio", "Møre Aero orders planes", "The airline Møre Aero has ordered nine small planes."),
    ("2022-05-04", "The Dale Post", "Strike at Møre Aero", "Pilots of the airline Møre Aero went on strike on Monday."),
    (
        "2023-05-04",
        "Fjord Radio",
        "Møre Aero grows",
        "The airline Møre Aero opened a route between Molde and Kirkwall.",
    ),
    ("2024-05-04", "The Dale Post", "Møre Aero is sold", "A fund from Bergen has bought the airline Møre Aero."),
)
REST = "It did not say more. The weather was fine. Passengers can have their fares back until the end of the month."
DRAFTS = [
    *(
        ArticleDraft(title, f"{first} {REST}", title, source=source, published_at=day)
        for day, source, title, first in STORY
    ),
    ArticleDraft(
        "A lighthouse for sale",
        "The lighthouse on Runde is for sale. Its keeper, Ola Vik, has a beard. He wants two million kroner for it.",
        "light",
        source="The Dale Post",
        published_at="2023-09-09",
    ),
    ArticleDraft("Soup", "Barley soup is made from barley, carrots and leeks. It takes an hour.", "soup"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    return await holding(await open_libraries(), DRAFTS)


LIGHTHOUSE = "The lighthouse on Runde is for sale."
NEWEST, SECOND, THIRD, OLDEST = (first for *_, first in reversed(STORY))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("newest news about Møre Aero pls", [NEWEST, SECOND, THIRD]),
        ("tell me about møre aero", [NEWEST, SECOND, THIRD]),
        ("Tell me about Møre Aero", [NEWEST, SECOND, THIRD]),
        ("What do you know about Møre Aero?", [NEWEST, SECOND, THIRD]),
        ("Can you please give me an overview of the Møre Aero story?", [NEWEST, SECOND, THIRD]),
        ("møre aero news", [NEWEST, SECOND, THIRD]),
        ("What was the first report on Møre Aero?", [OLDEST, THIRD, SECOND]),
        ("What happened at Møre Aero in May 2022?", [THIRD]),
        ("What did Fjord Radio report about Møre Aero?", [SECOND, OLDEST]),
        ("what did fjord radio report in 2023?", [SECOND]),
        ("What happened between June 2022 and June 2023?", [SECOND]),
        ("What happened in May?", [NEWEST, SECOND, THIRD]),
        ("What was the first news in 2022?", [THIRD]),
        ("What was the first news since 2022?", [THIRD, SECOND, LIGHTHOUSE]),
        ("What happened last in 2022?", [THIRD]),
        ("news from May 2022", [THIRD]),
        ("What is the latest from May 2022?", [THIRD]),
        ("what's the latest since 2022?", [NEWEST, LIGHTHOUSE, SECOND]),
        ("What do the articles say about Møre Aero?", [NEWEST, SECOND, THIRD]),
        ("What did the articles of 2022 say about Møre Aero?", [THIRD]),
        ("What did the reports of May 2023 say about Møre Aero?", [SECOND]),
        ("what do the articles from fjord radio say about møre aero?", [SECOND, OLDEST]),
        ("anything on the lighthouse?", [LIGHTHOUSE]),
    ],
)
async def test_an_overview_is_the_beginnings_of_the_newest_articles_each_with_its_day(
    library: Library, embeddings: MiniLMEmbeddings, question: str, told: list[str]
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert [citation.quote.text for citation in answer.citations] == told
    days = [citation.quote.passage.published_at for citation in answer.citations]
    assert [line[2:12] for line in answer.body.split("\n")] == days
    assert (answer.status, answer.preface) == ("answered", ())
    assert await verbatim(library, answer)


async def test_where_nothing_is_of_the_time_the_newest_others_are_shown_and_that_is_said(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(library, "Any news on Møre Aero in 2019?")
    assert answer.preface == ("Found nothing from 2019 that answers this; what comes nearest:",)
    assert answer.citations[0].quote.text == NEWEST


@pytest.mark.parametrize(
    "question",
    ["Tell me about the weather on Mars.", "What happened in 1867?", "any news on the royal wedding?"],
)
async def test_an_overview_of_what_is_not_there_is_refused(
    library: Library, embeddings: MiniLMEmbeddings, question: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.status == "not_in_library"


async def test_the_words_that_only_ask_need_not_stand_in_an_answer(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    # No article begins with him, so it is no overview.
    answer = await answerer(embeddings).answer(library, "Any recent news about Ola Vik?")
    assert "Ola Vik" in answer.citations[0].quote.text


async def test_the_same_beginning_on_two_sites_is_told_once_with_both(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    lead = "The bridge at Otta will be closed from May on because its bolts are loose, the county said on Tuesday"
    drafts = [
        ArticleDraft(
            "Bridge at Otta", f"OTTA, Norway — {lead}. {REST}", "a", source="Agency", published_at="2024-02-01"
        ),
        ArticleDraft(
            "Bridge is closed",
            f"(Agency) - {lead}, according to the Agency. It rains in Otta. Two boats will carry people instead.",
            "b",
            source="Fjord Radio",
            published_at="2024-02-02",
        ),
        ArticleDraft(
            "Otta bridge bolts",
            "New bolts for the bridge at Otta have come by rail from Gdansk. They are made of steel.",
            "c",
            source="The Dale Post",
            published_at="2024-03-01",
        ),
    ]
    library = await (await open_libraries()).open("local")
    assert len([added async for added in library.add(drafts)]) == len(drafts)
    for question in ("The latest on the bridge at Otta", "What was reported in February 2024?"):
        answer = await answerer(embeddings).answer(library, question)
        closed = [citation for citation in answer.citations if "loose" in citation.quote.text]
        assert len(closed) == 1
        sources = {closed[0].quote.passage.source, *(copy.source for copy in closed[0].copies)}
        assert sources == {"Agency", "Fjord Radio"}
