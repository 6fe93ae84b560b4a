"""Which new articles are about a topic."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleRecord
from retrieval.digests.lead import MOST_EMBEDDED, embedded, leads, newest_first
from retrieval.library import Library
from retrieval.text import terms

# Cosine of the topic and an article's beginning. Below it more and more of what is found is about something else
# (docs/decisions.md).
NEAR = 0.35


async def on_topic(
    library: Library, embedder: Embeddings, topic: str, records: Sequence[ArticleRecord]
) -> list[ArticleRecord]:
    """The articles whose beginnings hold all words of the topic, or are near it.

    The beginning alone, since a passing mention does not make an article news on a topic.
    """
    newest = sorted(records, key=newest_first, reverse=True)
    texts = await leads(library, newest)
    wanted = set(terms(topic))
    chosen = {at for at, text in enumerate(texts) if wanted and wanted <= set(terms(text))}
    others = [at for at in range(len(newest)) if at not in chosen][:MOST_EMBEDDED]
    vectors = await embedded(embedder, [topic, *(texts[at] for at in others)])
    chosen |= {at for at, cosine in zip(others, vectors[1:] @ vectors[0], strict=True) if cosine >= NEAR}
    return [newest[at] for at in sorted(chosen)]
