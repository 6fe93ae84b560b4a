"""Chats without a model: messages that go on with a story without naming it, and changes of the subject."""

from __future__ import annotations

import pytest
import pytest_asyncio

from retrieval.answers.answer import Answer, Turn
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import answerer, holding
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

EGGS = "Bramwell recalls chocolate eggs after salmonella cases"
CAUSE = "Buttermilk tank was source of salmonella at Bramwell"
ARTICLES = {
    EGGS: "The confectioner Bramwell is recalling its chocolate eggs because they may contain salmonella. Customers "
    "can return the eggs to the shop for a refund without a receipt. They were sold by Tesbury, Aldino and Morrows.",
    CAUSE: "A filter in a tank for buttermilk was the source of the salmonella in Bramwell's chocolate eggs. The "
    "company was founded in 1921 by the brothers Edgar and Louis Bramwell.",
    "Musicians in Aldersund strike over pay": "The Aldersund Philharmonic cancelled three concerts after its musicians "
    "went on strike. Holders of tickets can get their money back or come to a concert in January.",
    "Tessel buys Pale Harbor for 410 million dollars": "The publisher Tessel is buying the studio Pale Harbor. The "
    "company was founded in 2009 by Joris Vaan. Shops sold 17 million copies of its game.",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    return await holding(await open_libraries(), [ArticleDraft(title, text, title) for title, text in ARTICLES.items()])


async def chat(library: Library, embeddings: MiniLMEmbeddings, *asked: str) -> Answer:
    """The answer to the last message of a chat."""
    history: list[Turn] = []
    for text in asked[:-1]:
        answer = await answerer(embeddings).answer(library, text, history)
        history += [Turn("user", text), Turn.of(answer)]
    return await answerer(embeddings).answer(library, asked[-1], history)


def cited(answer: Answer) -> set[str]:
    return {citation.quote.passage.title for citation in answer.citations}


@pytest.mark.parametrize(
    ("message", "said"), [("can i get my money back", "for a refund"), ("who founded the company", "Edgar and Louis")]
)
async def test_a_message_that_names_nothing_goes_on_with_the_story(
    library: Library, embeddings: MiniLMEmbeddings, message: str, said: str
) -> None:
    for between in ([], ["which shops sold them"]):
        answer = await chat(library, embeddings, "why did bramwell recall chocolate eggs", *between, message)
        assert said in answer.body
        assert cited(answer) <= {EGGS, CAUSE}
    assert not cited(await chat(library, embeddings, message)) & {EGGS}


@pytest.mark.parametrize(
    ("message", "said"),
    [("why did the aldersund concerts stop", "on strike"), ("who bought the studio pale harbor", "Tessel is buying")],
)
async def test_another_subject_is_answered_as_if_nothing_had_been_asked_before(
    library: Library, embeddings: MiniLMEmbeddings, message: str, said: str
) -> None:
    answer = await chat(library, embeddings, "why did bramwell recall chocolate eggs", "which shops sold them", message)
    assert said in answer.body
    assert answer.citations == (await chat(library, embeddings, message)).citations


async def test_after_a_change_of_the_subject_a_message_goes_on_with_the_new_one(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    begun = ("why did bramwell recall chocolate eggs", "who bought the studio pale harbor")
    answer = await chat(library, embeddings, *begun, "who founded the company")
    assert "Joris Vaan" in answer.body
    assert not cited(answer) & {EGGS, CAUSE}
