"""The beginning of an article, which says what it is about, and its vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleRecord
from retrieval.index.collections import Vectors
from retrieval.library import Library

# Characters of text: with the title about what the embedder reads at once.
LEAD = 600
# Articles whose leads are embedded at most, the newest: 0.2 s each on two busy cores.
MOST_EMBEDDED = 300


async def leads(library: Library, records: Sequence[ArticleRecord]) -> list[str]:
    """Titles with the beginnings of the texts."""
    return [f"{record.title}\n{(await library.text(record.id) or '')[:LEAD]}" for record in records]


async def embedded(embedder: Embeddings, texts: Sequence[str]) -> Vectors:
    """Unit vectors, one a row."""
    return np.asarray(await embedder.aembed_documents(list(texts)), dtype=np.float32)


def newest_first(record: ArticleRecord) -> tuple[str, str, int]:
    """The age of an article as a key to sort by, in reverse: when it was published, else when it was added."""
    return (record.published_at or record.added_at, record.added_at, record.id)
