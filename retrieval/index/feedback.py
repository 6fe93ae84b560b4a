"""Words that the best passages have in common, for a question that describes what it wants and names nothing.

A relevance model (Lavrenko & Croft 2001) of the first passages, by which those that are looked at anyway are scored
once more: no second search. A question with a name, a number or several clauses says itself what an answer must hold,
and would be led away (docs/decisions.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from retrieval.index.bm25 import Bm25
from retrieval.text import terms

# So many passages tell so many words; a question with fewer different terms is not described well enough.
BELIEVED = 5
WORDS = 10
LEAST_TERMS = 6


def describes(question: str) -> bool:
    """Has the question six different terms, no digit, and no capital but its first?"""
    named = any(char.isdigit() for char in question) or any(char.isupper() for char in question.lstrip()[1:])
    return not named and len(set(terms(question))) >= LEAST_TERMS


def feedback(
    scores: Mapping[int, float], ranked: Sequence[int], words: Mapping[int, Sequence[str]]
) -> dict[int, float]:
    """How much each ranked passage has of the words of the first ones, from 0 to 1.

    `words` are the terms of all that was found; a word that much of it has counts less.
    """
    model: dict[str, float] = {}
    for found in ranked[:BELIEVED]:
        for term in words[found]:
            model[term] = model.get(term, 0.0) + scores[found] / len(words[found])
    having = Counter(term for passage in words.values() for term in set(passage))
    weights = {term: share * math.log((len(words) + 1) / (having[term] + 0.5)) for term, share in model.items()}
    chosen = dict(sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:WORDS])
    average = sum(map(len, words.values())) / len(words)
    held = {found: Bm25(chosen, average).score(words[found]) for found in ranked}
    most = max(held.values(), default=0.0) or 1.0
    return {found: score / most for found, score in held.items()}
