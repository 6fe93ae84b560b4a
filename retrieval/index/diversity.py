"""Which passages to take from a ranking, so that each clause of the question has one and no article has all.

Greedy, after xQuAD (Santos et al. 2010): what a passage adds is its own score, plus how much better than the chosen
ones it answers one of the clauses, minus a penalty for each chosen passage of its article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Chosen on MultiHop-RAG, where 0.4 to 0.9 and 0.1 to 0.2 differ little (docs/decisions.md).
NOVELTY = 0.6
SAME_ARTICLE = 0.15


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its article, its score for the whole question, and one for each clause."""

    passage_id: int
    article_id: int
    score: float
    clauses: tuple[float, ...] = ()


def pick(candidates: Sequence[Candidate], limit: int) -> list[tuple[int, float]]:
    """At most `limit` passage ids, each with what it added, best first; a longer list begins like a shorter one."""
    left = {candidate.passage_id: candidate for candidate in candidates}
    covered = [0.0] * max((len(candidate.clauses) for candidate in candidates), default=0)
    taken: dict[int, int] = {}
    picked: list[tuple[int, float]] = []

    def gain(candidate: Candidate) -> float:
        new = max((score - held for score, held in zip(candidate.clauses, covered, strict=True)), default=0.0)
        return candidate.score + NOVELTY * max(new, 0.0) - SAME_ARTICLE * taken.get(candidate.article_id, 0)

    while left and len(picked) < limit:
        added, best = max(((gain(one), one) for one in left.values()), key=lambda pair: (pair[0], -pair[1].passage_id))
        picked.append((best.passage_id, added))
        del left[best.passage_id]
        taken[best.article_id] = taken.get(best.article_id, 0) + 1
        covered = [max(pair) for pair in zip(covered, best.clauses, strict=True)]
    return picked
