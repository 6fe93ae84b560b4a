"""The pipelines that are compared with work as their users know them, and ratios pair the rounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.ingesting import BARE, FOOTNOTE, Counting, Ingesting
from evals.pipelines import LANGCHAIN, LANGCHAIN_TUTORIAL, LLAMAINDEX, opened
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MOST_TOKENS, MiniLMEmbeddings

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
