"""The extractive summary: the article's own sentences that say most of it and do not repeat one another.

Salience is a linear model (Kupiec, Pedersen & Chen 1995) of what the words say for a sentence and of its nearness to
the centre of the text (Radev et al. 2004, on sentence embeddings) and to the title; redundancy is taken off by maximal
marginal relevance (Carbonell & Goldstein 1998). One pass over the text, so time is linear in its length.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.articles import Passage
from retrieval.index.collections import Vectors
from retrieval.summaries.heartbeat import Heartbeat
from retrieval.summaries.sentences import SentenceCandidate, candidates

# Passages read at a time: about 3,000 words.
PART_PASSAGES = 8
# Sentences embedded an article: all of an ordinary one; of a book the best of every part by their words.
EMBEDDED = 240
FEWEST_A_PART = 6
# From the same model as WORD_WEIGHTS.
CENTRE_WEIGHT = 0.7
TITLE_WEIGHT = 1.1
# What being like a sentence already chosen costs.
REDUNDANCY = 0.6
# Nearer than this, two sentences say the same.
SAME = 0.85


async def extract(
    embedder: Embeddings, title: str, passages: Sequence[Passage], most: int, heartbeat: Heartbeat
) -> list[SentenceCandidate]:
    """At most `most` sentences of the passages, best first."""
    parts = [passages[start : start + PART_PASSAGES] for start in range(0, len(passages), PART_PASSAGES)]
    quota = max(FEWEST_A_PART, EMBEDDED // max(1, len(parts)))
    heartbeat.begin(len(parts))
    found: list[SentenceCandidate] = []
    vectors: list[Vectors] = []
    for part in parts:
        best = await asyncio.to_thread(_best_by_words, part, quota)
        if best:
            embedded = await embedder.aembed_documents([candidate.text for candidate in best])
            vectors.append(np.asarray(embedded, dtype=np.float32))
            found += best
        heartbeat.advance()
    if not found:
        return []
    titled = np.asarray(await embedder.aembed_query(title), dtype=np.float32)
    chosen = await asyncio.to_thread(choose, found, np.concatenate(vectors), titled, most)
    return [found[index] for index in chosen]


def choose(found: Sequence[SentenceCandidate], vectors: Vectors, title: Vectors, most: int) -> list[int]:
    """The numbers of the chosen sentences, best first; `vectors` are their unit vectors, one a row."""
    centre = vectors.mean(axis=0)
    centre /= np.linalg.norm(centre) or 1.0
    words = np.asarray([candidate.worth for candidate in found], dtype=np.float32)
    salience = words + CENTRE_WEIGHT * (vectors @ centre) + TITLE_WEIGHT * (vectors @ title)
    chosen: list[int] = []
    nearest = np.zeros(len(found), dtype=np.float32)
    while len(chosen) < most:
        open_ = nearest < SAME
        open_[chosen] = False
        if not open_.any():
            break
        best = int(np.argmax(np.where(open_, salience - REDUNDANCY * nearest, -np.inf)))
        chosen.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen


def _best_by_words(part: Sequence[Passage], most: int) -> list[SentenceCandidate]:
    """The part's best sentences by words alone, in order."""
    found = candidates(part)
    best = heapq.nlargest(most, range(len(found)), key=lambda index: (found[index].worth, -index))
    return [found[index] for index in sorted(best)]
