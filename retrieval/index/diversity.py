"""Which passages to take from a ranking, so that each clause of the question has one and no article has all.

Greedy, after xQuAD (Santos et al. 2010): what a passage adds is its own score, plus how much better than the chosen
ones it answers one of the clauses, minus a penalty for each chosen passage of its article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Chosen on MultiHop-RAG, where 0.4 to 0.9 and 0.1 to 0.2 differ little (docs/decisions.md).
NOVELTY = 0.6
SAME_ARTICLE = 0.15


@dataclass(frozen=True, slots=True)
class PassageCandidate:
    """A passage with its article, its score for the whole question, and one for each clause."""

    passage_id: int
    article_id: int
    score: float
    clauses: tuple[float, ...] = ()


def pick(candidates: Sequence[PassageCandidate], limit: int) -> list[tuple[int, float]]:
    """At most `limit` passage ids, each with what it added, best first; a longer list begins like a shorter one."""
    # By id, since of equal gains the first is taken.
    left = sorted(candidates, key=lambda candidate: candidate.passage_id)
    scores = np.array([candidate.score for candidate in left])
    clauses = np.array([candidate.clauses for candidate in left], dtype=np.float64)
    articles = np.array([candidate.article_id for candidate in left])
    covered, taken = np.zeros(clauses.shape[-1]), np.zeros(len(left))
    picked: list[tuple[int, float]] = []
    for _ in range(min(limit, len(left))):
        gains = scores + NOVELTY * (clauses - covered).max(axis=1, initial=0.0) - SAME_ARTICLE * taken
        best = int(gains.argmax())
        picked.append((left[best].passage_id, float(gains[best])))
        taken += articles == articles[best]
        scores[best] = -np.inf
        covered = np.maximum(covered, clauses[best])
    return picked
