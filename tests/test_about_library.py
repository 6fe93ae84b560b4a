"""Questions about the library itself: how many articles, of which sources, which are the newest."""

from __future__ import annotations

import pytest
import pytest_asyncio

from retrieval.answers.asking.about_library import fact_asked, searched_for
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import answerer, verbatim
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    opened = await (await open_libraries()).open("local")
    drafts = [
        ArticleDraft(f"Harbour report {n}", f"Ship {n} came in at noon.", f"ship-{n}", source=f"Post {n % 2}")
        for n in range(3)
    ]
    drafts += [
        ArticleDraft("The old mill", "It burned. The fire took an hour.", "mill", published_at="2019-01-02"),
        ArticleDraft("A bridge [2] opens", "The bridge is open.", "b", source="Fjord Times", published_at="2025-06-01"),
    ]
    assert len([added async for added in opened.add(drafts)]) == 5
    return opened


@pytest.mark.parametrize("question", ["How many articles do you have?", "how many articles are in the library"])
async def test_articles_are_counted(library: Library, embeddings: MiniLMEmbeddings, question: str) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert (answer.text, answer.passages) == ("The library holds 5 articles.", ())


@pytest.mark.parametrize("question", ["Which sources do you have?", "what are your outlets?", "list your newspapers"])
async def test_sources_are_named(library: Library, embeddings: MiniLMEmbeddings, question: str) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert "Their sources: Fjord Times, Post 0, Post 1." in answer.text


@pytest.mark.parametrize("question", ["What is the newest article?", "latest news", "What's new?", "any news today?"])
async def test_the_newest_articles_come_with_their_days_and_footnotes(
    library: Library, embeddings: MiniLMEmbeddings, question: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.status == "answered"
    first, second, third = answer.body.split("\n")
    # The number in the title is no footnote of ours.
    assert first == "- “A bridge opens” (Fjord Times, 2025-06-01) [1]"
    assert second == "- “The old mill” (2019-01-02) [2]"
    assert third.endswith("undated) [3]")
    assert [one.quote.text for one in answer.citations][:2] == ["The bridge is open.", "It burned."]
    assert await verbatim(library, answer)


async def test_without_dates_no_article_is_called_the_newest(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    opened = await (await open_libraries()).open("undated")
    answer = await answerer(embeddings).answer(opened, "How many articles do you have?")
    assert answer.text == "The library is empty: it holds no article yet."
    assert [added async for added in opened.add([ArticleDraft("A mill", "It burned at night.", "mill")])]
    answer = await answerer(embeddings).answer(opened, "What is the newest article?")
    assert answer.text.startswith("The library holds 1 article. None of them bears a date")
    assert not answer.citations


@pytest.mark.parametrize(
    "question",
    [
        "How many articles mention the bridge?",
        "What is the latest on the bridge?",
        "Which sources does the report cite?",
        "How many articles of the treaty were changed?",
        "latest news about the mill",
        "What happened last month?",
        "sources?",
    ],
)
async def test_questions_to_the_articles_stay_such(question: str) -> None:
    assert fact_asked(question) is None
    assert searched_for(question)
