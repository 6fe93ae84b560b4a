"""Which new articles tell the same story, and what each story says.

Articles tell one story when they are twins, or when they are of the same days and their beginnings are alike: average
linkage over cosines (Sokal & Michener 1958), as topic detection and tracking groups news (Allan 2002).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleRecord
from retrieval.digests.digest import Story
from retrieval.digests.lead import MOST_EMBEDDED, embedded, leads, newest_first
from retrieval.errors import ArticleUnreadable
from retrieval.index.collections import Vectors
from retrieval.library import Library
from retrieval.summaries.summarizer import Summarizer
from retrieval.summaries.summary import Length

# Chosen on MultiHop-RAG (docs/decisions.md): below it more and more pairs are about different events.
SAME_STORY = 0.70
# Weekly columns and live reports of two matches are as alike as two reports of one; the days tell them apart.
SAME_DAYS = 3.0
MOST_STORIES = 8
# Key points a story.
POINTS: dict[Length, int] = {"short": 1, "medium": 2, "long": 3}


async def tell(
    library: Library, summarizer: Summarizer, embedder: Embeddings, records: Sequence[ArticleRecord], length: Length
) -> tuple[tuple[Story, ...], int]:
    """The stories of articles, those that most articles tell first, newer before older, and how many are left out."""
    newest = sorted(records, key=newest_first, reverse=True)
    # Each of the others counts as a story.
    told = newest[:MOST_EMBEDDED]
    vectors = await embedded(embedder, await leads(library, told))
    groups = await asyncio.to_thread(grouped, told, vectors)
    stories = [await _story(library, summarizer, group, length) for group in groups[:MOST_STORIES]]
    return tuple(stories), len(groups) - len(stories) + len(newest) - len(told)


def grouped(records: Sequence[ArticleRecord], vectors: Vectors) -> list[list[ArticleRecord]]:
    """The articles by story, largest and then newest story first, each newest article first."""
    if not records:
        return []
    similar = vectors @ vectors.T
    days = np.asarray([_published(record) for record in records])
    apart = np.abs(days[:, None] - days[None, :])
    similar[apart > SAME_DAYS] = -1.0
    roots = np.asarray([record.twin_of or record.id for record in records])
    similar[roots[:, None] == roots[None, :]] = 1.0
    groups = [
        sorted((records[at] for at in group), key=newest_first, reverse=True) for group in linked(similar, SAME_STORY)
    ]
    return sorted(groups, key=lambda group: (len(group), newest_first(group[0])), reverse=True)


def linked(similar: Vectors, least: float) -> list[list[int]]:
    """Average linkage: the two nearest groups become one while they are at least so similar; `similar` is square."""
    groups = {at: [at] for at in range(len(similar))}
    near = similar.astype(np.float32, copy=True)
    np.fill_diagonal(near, -np.inf)
    while len(groups) > 1:
        one, other = (int(at) for at in np.unravel_index(int(np.argmax(near)), near.shape))
        if near[one, other] < least:
            break
        sizes = len(groups[one]), len(groups[other])
        merged = (sizes[0] * near[one] + sizes[1] * near[other]) / sum(sizes)
        near[one], near[:, one] = merged, merged
        near[other], near[:, other] = -np.inf, -np.inf
        near[one, one] = -np.inf
        groups[one] += groups.pop(other)
    return list(groups.values())


async def _story(library: Library, summarizer: Summarizer, group: Sequence[ArticleRecord], length: Length) -> Story:
    """The story with the key points of its newest article that has a sentence to quote."""
    for record in group:
        try:
            # The shortest summary holds enough points for every length, and is the same one for all of them.
            summary = await summarizer.article(library, record, "short")
        except ArticleUnreadable:
            continue
        return Story(group[0].title, tuple(group), summary.points[: POINTS[length]], summary.model)
    return Story(group[0].title, tuple(group))


def _published(record: ArticleRecord) -> float:
    """When the article was published, in days; one without a date when it was added."""
    moment = datetime.fromisoformat(record.published_at or record.added_at)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 86_400
