"""One ranking of what was found for a question and its clauses: fused, boosted, without copies, diverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from retrieval.articles import Passage
from retrieval.index.copies import originals
from retrieval.index.diversity import PassageCandidate, pick
from retrieval.index.feedback import describes, feedback
from retrieval.index.fusion import Fused, fuse
from retrieval.index.mentions import Mentions
from retrieval.index.proximity import closeness, nearness, neighbours
from retrieval.text import terms

# Added for a passage whose source, or date, the question names; a fused score is about 1 to 2.
NAMED = 0.3
# Added, for the question and for each clause, to a passage in which all its neighbouring words adjoin.
PROXIMITY = 0.7
# Added for the newest of the passages looked at when the question asks for the latest, for older ones less; the other
# way round when it asks for the earliest.
AGE = 0.3
# Added for a passage that holds most of the words of the first ones, where a question only describes.
FEEDBACK = 0.3
# Passages whose words are looked at; 25, 40 and 60 gave the same figures.
LOOKED_AT = 30

Lists = tuple[Sequence[tuple[int, float]], Sequence[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage id with the score that orders the list, and the ids of its copies that were found as well."""

    passage_id: int
    score: float
    copies: tuple[int, ...]


def rank(
    texts: Sequence[str],
    known: Mapping[int, Passage],
    words: Mapping[int, Sequence[str]],
    lists: Sequence[Lists],
    limit: int,
    today: date | None = None,
) -> list[RankedPassage]:
    """The best passages, best first.

    `texts` are the question and its clauses, asked on the day `today`; `words` are the terms of the passages, those of
    the head line first; `lists` has (id, BM25) and (id, cosine), best first, of each of the texts.
    """
    mentions = [Mentions.of(text, today) for text in texts]
    whole, *parts = scores = [
        _boosted(named, known, fuse(*found)) for named, found in zip(mentions, lists, strict=True)
    ]
    first = sorted(known, key=lambda found: (-whole[found], found))[:LOOKED_AT]
    pairs = [neighbours(terms(text)) for text in texts]
    for found in first:
        # The pairs of a clause are among the question's.
        near = nearness(pairs[0], words[found])
        for score, own in zip(scores, pairs, strict=True):
            score[found] += PROXIMITY * closeness(own, near)
    for found, share in zip(first, mentions[0].ages([known[one].day for one in first]), strict=True):
        whole[found] += AGE * share
    first.sort(key=lambda found: (-whole[found], found))
    if not parts and describes(texts[0]):
        for found, share in feedback(whole, first, words).items():
            whole[found] += FEEDBACK * share
        first.sort(key=lambda found: (-whole[found], found))
    # Copies stand under heads of their own.
    bodies = [words[found][_head_terms(known[found].head) :] for found in first]
    same = originals(bodies, [known[found].text for found in first])
    candidates = [
        PassageCandidate(found, known[found].article_id, whole[found], tuple(part[found] for part in parts))
        for place, found in enumerate(first)
        if same[place] == place
    ]
    copies: dict[int, list[int]] = {}
    for place, found in enumerate(first):
        if same[place] != place:
            copies.setdefault(first[same[place]], []).append(found)
    return [RankedPassage(found, score, tuple(copies.get(found, ()))) for found, score in pick(candidates, limit)]


def _boosted(mentions: Mentions, known: Mapping[int, Passage], fused: Fused) -> dict[int, float]:
    # Many passages are of one article, or of one source and day.
    said = {(passage.source, passage.published_at): passage for passage in known.values()}
    named = {where: NAMED * mentions.match(passage) for where, passage in said.items()}
    return {found: fused.of(found) + named[passage.source, passage.published_at] for found, passage in known.items()}


@lru_cache(maxsize=4_096)
def _head_terms(head: str) -> int:
    """How many terms a head line has; many passages share one."""
    return len(terms(head))
