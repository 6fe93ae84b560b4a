"""What a library holds on a topic: the passages that a summary of it draws on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from retrieval.answers.answer import Sentence
from retrieval.answers.disagreement.disagreement import find_disagreement
from retrieval.answers.evidence.finder import EvidenceFinder
from retrieval.answers.readers.quoting_reader import disagreeing
from retrieval.articles import FoundPassage, Passage, Standalone
from retrieval.index.retriever import Query
from retrieval.library import Library
from retrieval.text import terms

# Passages looked at, and of those taken: in all, and from one article.
LOOKED_AT = 40
MOST_PASSAGES = 16
MOST_OF_ONE = 3
# A passage this much worse than the best one is about something else.
LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class TopicMaterial:
    """Passages on a topic in time order, undated ones first, and where their articles contradict each other."""

    passages: tuple[Passage, ...] = ()
    disagreement: tuple[Sentence, ...] = ()


async def gather(evidence: EvidenceFinder, library: Library, topic: str) -> TopicMaterial:
    """What the library holds on a topic; empty when it is about other things."""
    question = Standalone(topic)
    weighed = await evidence.find(library, question)
    query: Query = await library.retriever.query(question)
    found = await library.retriever.find(query, LOOKED_AT)
    # What every article is about sets none apart, and the gate takes it for nothing; but it stands there.
    if not weighed.worth_reading and not any(_names(one.passage, topic) for one in found):
        return TopicMaterial()
    taken = _taken(found)
    sides = find_disagreement(weighed, of_topic=True)
    return TopicMaterial(tuple(sorted(taken, key=in_time)), disagreeing(sides) if sides else ())


def in_time(passage: Passage) -> tuple[str, int, int]:
    """Where a passage stands among those of several articles: by date, then article, then place in it."""
    return (passage.published_at or "", passage.article_id, passage.start)


def _names(passage: Passage, topic: str) -> bool:
    """Does the passage, with its head line, hold every word of the topic?"""
    asked = set(terms(topic))
    return bool(asked) and asked <= set(terms(f"{passage.head} {passage.text}"))


def _taken(found: list[FoundPassage]) -> list[Passage]:
    taken: list[Passage] = []
    of_article: Counter[int] = Counter()
    for one in found:
        near = one.score >= LEAST_SHARE * found[0].score
        if near and len(taken) < MOST_PASSAGES and of_article[one.passage.article_id] < MOST_OF_ONE:
            of_article[one.passage.article_id] += 1
            taken.append(one.passage)
    return taken
