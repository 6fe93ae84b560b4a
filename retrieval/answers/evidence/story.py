"""What a conversation is about: the articles that its last answer cited, and which messages go on with them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from retrieval.answers.answer import Turn
from retrieval.answers.asking.followup import begins_anew, named
from retrieval.answers.asking.question import parse_question
from retrieval.answers.evidence.evidence import Evidence
from retrieval.articles import Passage, Standalone
from retrieval.library import Library
from retrieval.text import stems_of, terms

# A passage with its cosine to a message.
_Found = tuple[Passage, float]

# Of so many cited articles, in the order of their footnotes, are the passages compared with a message.
MOST_ARTICLES = 3
# Titles that stand for a story where they are searched for.
MOST_TITLES = 2
# From here on a message is about something else. It is a sum of how near the nearest passage of another article is to
# it, of how much nearer than those of the articles cited, and of what its best passage holds more of the message's
# words, by their weights (docs/decisions.md, 9).
ELSEWHERE = 1.0
OF_WORDS = 0.05

# An article belongs to a story when it holds this share of the words, by their weights, of what was asked and of the
# titles cited.
BELONGS = 0.1


async def going_on(library: Library, question: str, history: Sequence[Turn]) -> frozenset[str]:
    """The question and messages before it, back to one that began anew, that go on with a story without showing it.

    "Can I get my money back" names nothing and would be searched for in the whole library. It goes on unless another
    article is far nearer to it than those that the answer before it cited: that is a change of the subject.
    """
    turns = [*history, Turn("user", question)]
    carried: set[str] = set()
    for at in reversed(range(len(turns))):
        text = turns[at].text
        if not begins_anew(turns[at], frozenset()):
            continue
        cited = next((turn.cited for turn in reversed(turns[:at]) if turn.cited), ())
        if named(text) or not cited or not await _stays(library, text, cited):
            break
        carried.add(text)
    return frozenset(carried)


def story(history: Sequence[Turn], going_on: frozenset[str]) -> str:
    """The titles that the last answer cited; nothing where another question was begun after it."""
    at = next((at for at in reversed(range(len(history))) if history[at].cited), None)
    if at is None or any(begins_anew(turn, going_on) for turn in history[at + 1 :]):
        return ""
    return " ".join(history[at].cited[:MOST_TITLES])


async def of_story(library: Library, evidence: Evidence, told: str) -> Evidence:
    """The evidence without sentences of articles that do not belong to a story, `told` by its words.

    Where the best sentence is such a one the question is not answered.
    """
    weights = await _weights(library, told)
    least = BELONGS * sum(weights.values())
    kept = [one for one in evidence.sentences if _held(weights, one.quote.passage) >= least]
    likely = evidence.answerable if kept[:1] == list(evidence.sentences[:1]) else 0.0
    return replace(evidence, sentences=tuple(kept), answerable=likely)


async def _stays(library: Library, text: str, cited: Sequence[str]) -> bool:
    """Is no other article far nearer to a message than the cited ones?"""
    articles = (await library.articles_titled(cited))[:MOST_ARTICLES]
    if not articles:
        # They are gone, and the story with them.
        return False
    vector = (await library.retriever.query(Standalone(text))).vector
    near, here = await asyncio.gather(
        library.retriever.by_vectors(vector), library.retriever.by_vectors(vector, *articles)
    )
    weights = await _weights(library, text)
    elsewhere = [found for found in near if found[0].article_id not in articles]
    return await asyncio.to_thread(_further_off, weights, here, elsewhere) < ELSEWHERE


def _further_off(weights: Mapping[str, float], here: Sequence[_Found], elsewhere: Sequence[_Found]) -> float:
    """How far a message with words of these weights is from some passages and how near to others."""

    def best(found: Sequence[_Found]) -> tuple[float, float]:
        held = max((_held(weights, passage) for passage, _ in found), default=0.0)
        return max((cosine for _, cosine in found), default=0.0), held

    (near, held), (other_near, other_held) = best(here), best(elsewhere)
    return other_near + (other_near - near) + OF_WORDS * (other_held - held)


async def _weights(library: Library, text: str) -> Mapping[str, float]:
    """What each of a text's words weighs in a library."""
    frequencies, size = await library.frequencies(terms(text))
    return parse_question(Standalone(text), frequencies, size).weights


def _held(weights: Mapping[str, float], passage: Passage) -> float:
    stems = stems_of(passage)
    return sum(weight for stem, weight in weights.items() if stem in stems)
