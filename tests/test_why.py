"""*Why this answer?* as text: what is called cited, and figures that say what they mean."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio

from bot.render import render
from bot.why import why_in_terminal, why_text
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import answerer
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAVES = "The ferry to Ulla leaves at nine every morning."
FERRY = f"{LEAVES} It takes *forty* cars."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    opened = await (await open_libraries()).open("local")
    drafts = [
        ArticleDraft("The ferry", FERRY, "ferry", published_at="2024-05-01"),
        ArticleDraft("Ferries of the coast", f"Many ferries sail here. {LEAVES} All of them are loud.", "coast"),
        ArticleDraft("Old boats", "Boats rot in the harbour of Ulla.", "boats"),
    ]
    assert len([added async for added in opened.add(drafts)]) == 3
    return opened


async def test_only_passages_whose_words_are_in_a_footnote_are_called_cited(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    asked = answerer(embeddings)
    question = "When does the ferry to Ulla leave?"
    answer = await asked.answer(library, question)
    considered = await asked.considered(library, question)
    shown = "\n".join(why_text(considered, render(answer).messages[0]))
    assert "· cited" in shown
    assert re.search(r"Old boats: .* · left out", shown)
    (found,) = (line for line in why_in_terminal(considered, answer) if "Old boats:" in line)
    assert found.endswith("left out")


async def test_a_refusal_cites_nothing_although_it_names_titles(library: Library, embeddings: MiniLMEmbeddings) -> None:
    asked = answerer(embeddings)
    question = "How many euros did the ferry company pay for new engines in 1998?"
    answer = await asked.answer(library, question)
    assert answer.status == "not_in_library"
    assert "“The ferry”" in answer.text
    shown = "\n".join(why_text(await asked.considered(library, question), render(answer).messages[0]))
    assert "none of them cited in this message" in shown
    assert "· cited" not in shown
    assert "**3 passages considered**" in shown


async def test_sentences_come_once_and_with_figures_next_to_the_best(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    considered = await answerer(embeddings).considered(library, "When does the ferry to Ulla leave?")
    shown = "\n".join(why_text(considered, ""))
    assert shown.count("leaves at nine every morning") == 1
    shares = [int(share) for share in re.findall(r"^-# (\d+) % “", shown, re.MULTILINE)]
    assert shares[0] == 100
    assert shares == sorted(shares, reverse=True)
    assert "50 % is half as likely" in shown
