"""The pipelines that are compared with work as their users know them, and ratios pair the rounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings
from rich.console import Console

from bot.app import open_app
from evals import pipelines, retrieval
from evals.alone import settings_alone
from evals.cost import ARTICLE, COSTS, QUESTION, WAIT, Counting, word_pieces
from evals.ingesting import BARE, FOOTNOTE, Ingesting
from evals.pipelines import LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX, opened
from evals.report import write
from evals.sets import EvalSet
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MOST_TOKENS, MiniLMEmbeddings
from retrieval.library import LOCAL

ARTICLES = [
    ArticleDraft("Tunnel", "The harbour tunnel opened on Friday. Divers had found a wreck.", "a"),
    ArticleDraft("Bakery", "The bakery on Mill Street closes in June.", "b", source="The Herald"),
    ArticleDraft("Chess", "Corvo won the chess match. " + "The match was long. " * 1_000, "c"),
]


@pytest.mark.parametrize("system", [LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX])
def test_a_framework_finds_the_article_in_its_folder_again(
    system: str, tmp_path: Path, embeddings: MiniLMEmbeddings
) -> None:
    made = opened(system, tmp_path, embeddings)
    assert made.add(ARTICLES[:1]) == 1
    assert made.add(ARTICLES[1:]) > 2
    for pipeline in (made, opened(system, tmp_path, embeddings)):
        for number, question in enumerate(("Who found a wreck?", "Which bakery closes?", "Who won the chess match?")):
            best, *_ = pipeline.find(question, 2)
            assert best.article_id == number
            assert best.text in ARTICLES[number].text


def test_langchain_takes_more_chunks_than_chroma_takes_at_once(tmp_path: Path) -> None:
    class Short(Embeddings):
        """A vector without an embedder, since there are thousands."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[1.0, float(len(text))] for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    drafts = [ArticleDraft(f"Town {n}", f"Town {n} has a tower.", str(n)) for n in range(5_500)]
    assert opened(LANGCHAIN, tmp_path, Short()).add(drafts) == 5_500


def test_word_pieces_are_counted_as_far_as_the_model_reads(embeddings: MiniLMEmbeddings) -> None:
    counting = Counting(embeddings)
    counting.embed_documents(["word", "word " * 1_000])
    assert counting.count() == 3 + MOST_TOKENS
    assert counting.count() == 0


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_sums() -> None:
    measured = Ingesting()
    measured.seconds.update({FOOTNOTE: [1.0, 10.0, 2.0], BARE: [2.0, 20.0, 100.0]})
    measured.tokens.update({FOOTNOTE: [10, 10, 10], BARE: [20, 20, 20]})
    assert measured.ratio(BARE) == 2.0
    assert measured.ratio(BARE, per_token=True) == 1.0


@pytest.mark.slow
@pytest.mark.asyncio
async def test_what_an_answer_costs_stands_beside_how_good_it_is_for_every_system(tmp_path: Path) -> None:
    asked = "Which bakery closes?"
    chosen = EvalSet("squad2", "k", tuple(ARTICLES), ({"question": asked, "answerable": True, "evidence_ids": ["b"]},))
    async with open_app(settings_alone(tmp_path / "ours")) as app:
        library = await app.libraries.open(LOCAL)
        async for _ in library.add(chosen.drafts):
            pass
        ids = {record.id: record.identity for record in await library.articles()}
        values = await retrieval.measure(app.libraries, library, chosen, ids)
    made, again = (
        pipelines.compare(Console(quiet=True), chosen, tmp_path / "theirs", pipelines.SYSTEMS) for _ in range(2)
    )
    assert again.read == made.read
    rows = [*retrieval.rows("squad2", values, ARTICLES), *pipelines.rows("squad2", again, len(ARTICLES))]
    by = {(one.measure, one.system): one.value for one in rows}
    for system in ("footnote", LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX):
        assert by["hit@1", system] == 1.0
        assert by[WAIT, system] > 0
        assert by[QUESTION, system] == word_pieces([asked])[0]
    # The long chunks are cut at 256 word pieces, the short ones overlap.
    assert by[ARTICLE, LANGCHAIN] < by[ARTICLE, "footnote"] < by[ARTICLE, LANGCHAIN_TUTORIAL]
    assert not any(
        measure in sentence for sentence in pipelines.ratios("squad2", values, made.values) for measure in COSTS
    )
    write(tmp_path, rows, [])
    assert f"| squad2 | {ARTICLE} | {LANGCHAIN} |" in (tmp_path / "results.md").read_text()
    assert (tmp_path / "results.png").read_bytes().startswith(b"\x89PNG")
