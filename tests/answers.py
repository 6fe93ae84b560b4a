"""What tests of answers and summaries share: a library of articles, an answerer, and a look at the quotes."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.answers.answer import Answer
from retrieval.answers.answerer import Answerer
from retrieval.answers.models import chat_model
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import LOCAL, Libraries, Library
from retrieval.summaries.summary import Summary
from tests.loopback.openai_server import OpenAIServer


async def holding(libraries: Libraries, drafts: Sequence[ArticleDraft]) -> Library:
    """The terminal's library with these articles."""
    library = await libraries.open(LOCAL)
    assert [added.kept async for added in library.add(drafts)] == [True] * len(drafts)
    return library


def answerer(embeddings: MiniLMEmbeddings, model: OpenAIServer | None = None, timeout: float = 20.0) -> Answerer:
    """Answers with the model at the server, or with quotes; `timeout` in seconds."""
    chat = chat_model("m", None, model.base_url, timeout) if model else None
    return Answerer(embeddings, chat, "m", timeout)


async def verbatim(library: Library, written: Answer | Summary) -> bool:
    """Are there quotes, and is each its article's text at its offsets?"""
    for citation in written.citations:
        quote = citation.quote
        text = await library.text(quote.passage.article_id)
        if text is None or text[quote.start : quote.end] != quote.text:
            return False
    return bool(written.citations)


async def told(asked: str, articles: Sequence[str], library: Library, embeddings: MiniLMEmbeddings) -> str:
    """What is answered from articles that each begin with their day, in a library that may hold others."""
    drafts = [
        ArticleDraft(f"Report {n}", text[11:], f"{asked}{n}", published_at=text[:10]) for n, text in enumerate(articles)
    ]
    assert len([added async for added in library.add(drafts)]) == len(drafts)
    return (await answerer(embeddings).answer(library, asked)).body
