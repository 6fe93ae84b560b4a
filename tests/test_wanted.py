"""What a question insists on, a time or a source: the answer is from there, or it is said that it is not."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from rich.console import Console

from bot.console import show_answer
from bot.render import render
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import answerer, holding, verbatim
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAST_YEAR = datetime.now(UTC).year - 1
DRAFTS = (
    ArticleDraft(
        "A cellar for cheese at Vik",
        "The dairy Hestnes opened a cellar for its cheese in an old tunnel at Vik. It sells 40 tonnes of cheese a year "
        "and employs 25 people.\n\nVisitors may taste the cheese on Saturdays.",
        "cellar",
        source="The Dale Post",
        published_at="2021-03-10",
    ),
    ArticleDraft(
        "Hestnes buys the farm Solgard",
        "The dairy Hestnes bought the farm Solgard for 9 million kroner. The farm has 80 cows, and its barn was built "
        "in 1911.",
        "farm",
        source="Fjord Radio",
        published_at="2022-08-21",
    ),
    ArticleDraft(
        "Hestnes recalls cheese",
        "The dairy Hestnes recalled 3,000 cheeses, which were made in November 2022, because of bits of plastic. "
        "Nobody was hurt.",
        "recall",
        source="The Dale Post",
        published_at="2023-02-11",
    ),
    ArticleDraft(
        "A prize for Hestnes",
        "The dairy Hestnes won the prize of the county for its goat cheese.",
        "prize",
        source="Fjord Radio",
        published_at=f"{LAST_YEAR}-06-01",
    ),
    ArticleDraft("Rain at Moss", "It rained in Moss for nine days. The river rose by a metre.", "rain"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    return await holding(await open_libraries(), DRAFTS)


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("What did the dairy Hestnes do before 2022?", {"2021-03-10"}),
        ("What did the dairy Hestnes open before 2022?", {"2021-03-10"}),
        ("What has the dairy Hestnes done since 2023?", {"2023-02-11", f"{LAST_YEAR}-06-01"}),
        ("What did the dairy Hestnes buy in August 2022?", {"2022-08-21"}),
        ("What did the dairy Hestnes do with cheese between 2020 and June 2022?", {"2021-03-10"}),
        ("What did the dairy Hestnes win last year?", {f"{LAST_YEAR}-06-01"}),
        # The sentence itself names the time, whatever the day of its article.
        ("Which cheeses did the dairy Hestnes recall that were made in 2022?", {"2023-02-11"}),
    ],
)
async def test_what_is_asked_of_a_time_is_answered_from_articles_of_it_or_sentences_that_name_it(
    library: Library, embeddings: MiniLMEmbeddings, question: str, days: set[str]
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.status == "answered"
    assert {citation.quote.passage.published_at for citation in answer.citations} <= days
    assert answer.preface == ()
    assert await verbatim(library, answer)


@pytest.mark.parametrize(
    ("question", "time"),
    [
        ("What did the dairy Hestnes open in May 2022?", "May 2022"),
        ("For how much did the dairy Hestnes buy the farm Solgard before 2022?", "before 2022"),
        ("For how many million kroner was the farm Solgard bought since March 2023?", "March 2023 or later"),
        ("How many cows did the farm Solgard have last year?", "last year"),
        # A year that is said once and has no such day.
        ("What did the dairy Hestnes buy between 29 February and May 2023?", "between 29 February and May 2023"),
    ],
)
async def test_an_answer_of_another_time_says_so_first(
    library: Library, embeddings: MiniLMEmbeddings, question: str, time: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.citations
    said = f"Found nothing from {time} that answers this; what comes nearest:"
    assert answer.preface == (said,)
    assert answer.text.startswith(f"{said}\n\n{answer.body}")
    assert render(answer).messages[0].startswith(said)
    shown = Console(file=io.StringIO(), width=200)
    show_answer(shown, answer)
    assert shown.file.getvalue().lstrip().startswith(said)  # type: ignore[attr-defined]


async def test_a_time_to_come_and_an_article_without_a_day_are_answered_as_they_are(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    for question in ("How many days did it rain in Moss in 2021?", f"What will Hestnes win in {LAST_YEAR + 9}?"):
        answer = await answerer(embeddings).answer(library, question)
        assert answer.preface == ()


@pytest.mark.parametrize("day", ["0001-01-01", "0500-03-01", "9999-12-31"])
async def test_what_is_told_from_a_day_at_the_end_of_the_calendar_stops_no_answer(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, day: str
) -> None:
    text = "The mill at Moss closed yesterday. It was the oldest of the last 900 years and open until after this year."
    library = await (await open_libraries()).open("local")
    assert [one.status async for one in library.add([ArticleDraft("A mill", text, "mill", published_at=day)])] == [
        "added"
    ]
    answer = await answerer(embeddings).answer(library, "When did the mill at Moss close in 2023?")
    assert answer.status == "not_in_library"


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("What did Fjord Radio say about the dairy Hestnes?", "Fjord Radio"),
        ("what did the dale post report about the dairy hestnes?", "The Dale Post"),
        ("According to The Dale Post, what did the dairy Hestnes do with its cheese?", "The Dale Post"),
        ("Fjord Radio: what did the dairy Hestnes win or buy?", "Fjord Radio"),
    ],
)
async def test_what_is_asked_of_a_source_is_answered_from_its_articles(
    library: Library, embeddings: MiniLMEmbeddings, question: str, source: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.preface == ()
    assert {citation.quote.passage.source for citation in answer.citations} == {source}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "According to The Dale Post, for how much did the dairy Hestnes buy the farm Solgard?",
            "Found nothing by The Dale Post that answers this; what others say:",
        ),
        (
            "According to the Oslo Gazette, for how much did the dairy Hestnes buy the farm Solgard?",
            "The library has no articles by the Oslo Gazette.",
        ),
        ("What did CNN say about Hestnes and the farm Solgard?", "The library has no articles by CNN."),
        ("What did The Guardian write about the price of gold?", "The library has no articles by The Guardian."),
        (
            "According to Bloomberg, for how much did the dairy Hestnes buy the farm Solgard?",
            "The library has no articles by Bloomberg.",
        ),
        ("Does Reuters say that Hestnes sold its barn to a bank?", "The library has no articles by Reuters."),
        ("In Der Spiegel's latest report, who owns the farm Solgard?", "The library has no articles by Der Spiegel."),
        ("Is the cellar old, as Le Monde writes?", "The library has no articles by Le Monde."),
    ],
)
async def test_a_source_that_says_nothing_of_it_or_is_not_there_is_told(
    library: Library, embeddings: MiniLMEmbeddings, question: str, said: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.preface == (said,)
    assert answer.text.startswith(said)


@pytest.mark.parametrize(
    "question",
    [
        "According to the dairy, for how much did Hestnes buy the farm Solgard?",
        "Did Hestnes report how many cheeses it recalled?",
        "What did the mayor say about the farm Solgard?",
        "Was the barn of the farm Solgard built in 1911, in times of war?",
    ],
)
async def test_who_is_spoken_of_is_no_missing_source(
    library: Library, embeddings: MiniLMEmbeddings, question: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.preface == ()


@pytest.mark.parametrize(
    "who", ["NOAF", "Ines Okafor", "Professor Okafor", "Arne Lie"], ids=["office", "person", "title", "author"]
)
async def test_who_is_quoted_in_an_article_or_wrote_it_is_no_missing_source(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, who: str
) -> None:
    text = (
        "The cod stock has halved since 2015, Ines Okafor of NOAF said. She asked for a ban on trawling in the fjord."
    )
    library = await (await open_libraries()).open("local")
    draft = ArticleDraft("Cod", text, "cod", source="Fjord Radio", author="Arne Lie")
    assert [added async for added in library.add([draft])]
    answer = await answerer(embeddings).answer(library, f"According to {who}, what has the cod stock done since 2015?")
    assert answer.passages
    assert answer.preface == ()


async def test_a_time_within_what_is_asked_is_told_by_the_sentence_that_names_it(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    text = (
        "The ferry office closes in Vik. The closure follows a failure of the computers in May, the office said.\n\n"
        "In 1911 the quay was built of stone. It cost 40,000 kroner then."
    )
    library = await (await open_libraries()).open("local")
    draft = ArticleDraft("Closed", text, "closed", source="Fjord Radio", published_at="2024-08-28")
    assert [added async for added in library.add([draft])]
    for question in (
        "What does the closure of the office after the failure of the computers in May follow?",
        "What does the closure of the office after the failure of the computers in May 2024 follow?",
        "How many kroner did the quay that was built of stone in 1911 cost?",
    ):
        answer = await answerer(embeddings).answer(library, question)
        assert answer.citations
        assert answer.preface == ()


async def test_what_is_asked_of_a_time_is_looked_for_among_all_articles_of_it(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    newer = [
        ArticleDraft(
            f"Tram costs, part {n}",
            f"The costs of the tram of Moss are debated. The tram costs {500 + n} million kroner, says part {n}.",
            f"new{n}",
            source="The Dale Post",
            published_at=f"2023-{1 + n % 12:02}-{1 + n // 12:02}",
        )
        for n in range(60)
    ]
    old = ArticleDraft(
        "Moss votes for rails",
        "The council of Moss voted on Monday. Its new tram is to cost 410 million kroner; the state pays half.",
        "old",
        source="The Dale Post",
        published_at="2021-05-11",
    )
    library = await (await open_libraries()).open("local")
    assert len([added async for added in library.add([*newer, old])]) == len(newer) + 1
    for question in (
        "What did The Dale Post report before 2022 about the costs of the tram of Moss?",
        "How many million kroner does the tram of Moss cost according to articles from before 2022?",
    ):
        answer = await answerer(embeddings).answer(library, question)
        assert "410 million" in answer.body
        assert answer.preface == ()


async def test_that_a_source_does_not_say_it_is_told_even_where_it_says_something_else(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    asked = "According to The Dale Post, for how many million kroner did the dairy Hestnes buy its farm?"
    answer = await answerer(embeddings).answer(library, asked)
    assert "9 million kroner" in answer.citations[0].quote.text
    assert answer.preface == ("Found nothing by The Dale Post that answers this; what others say:",)


async def test_what_is_there_in_another_language_only_is_not_called_nothing(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    french = (
        "Deux semaines après la crue de la Tarn, le bilan est désormais de 26 morts, selon la préfecture. Les "
        "habitants de Brod n'acceptent plus les explications officielles."
    )
    english = "The flood of the river Tarn killed 23 people. The dam above the town of Brod held, engineers said."
    drafts = [
        ArticleDraft("Crue de la Tarn", french, "crue", source="Le Midi", published_at="2023-10-02"),
        ArticleDraft("The flood", english, "flood", source="The Dale Post", published_at="2023-09-21"),
    ]
    library = await holding(await open_libraries(), drafts)
    for question, said in (
        ("news about the flood from early october 2023", "in English from early october 2023 that"),
        ("According to Le Midi, did the dam above the town of Brod hold?", "in English by Le Midi that"),
        ("How many people did the flood of the river Tarn kill in November 2023?", "from November 2023 that"),
    ):
        answer = await answerer(embeddings).answer(library, question)
        assert answer.citations
        assert [line.split("nothing ")[1].split(" answers")[0] for line in answer.preface] == [said]
    # What common words tell of is not missing.
    for question in (
        "How many people did the flood of the river Tarn kill in October 2023?",
        "flood news october 2023",
    ):
        answer = await answerer(embeddings).answer(library, question)
        assert (answer.preface, answer.citations[0].quote.passage.source) == ((), "Le Midi")
