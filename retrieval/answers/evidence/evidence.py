"""Evidence: the sentences of the retrieved passages that may answer a question, and whether they do.

This is the gate before any reader: a question the library does not answer is refused here, and the quoting
reader answers with the best of these sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from retrieval.answers.answer import Quote
from retrieval.answers.asking.overview import Overview
from retrieval.answers.asking.wanted import NOTHING, Wanted, all_of
from retrieval.articles import FoundPassage, Passage
from retrieval.text import terms

PASSAGES = 6
# Of several questions together, and with those that a question insists on.
MOST_PASSAGES = 10
# From this probability on the quoting reader answers. It keeps nine of ten answerable questions.
ANSWERS = 0.22
# How likely the articles on a topic are what is wanted of whoever asks for an overview of it.
OVERVIEW = 0.9
# Below this one not even a language model is asked: nothing retrieved is about the question.
WORTH_READING = 0.1


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence that may answer; its quote's offsets count the article's text.

    `near` is how near it comes to each of the question's stems, from 0 to 1.
    """

    quote: Quote
    stems: frozenset[str]
    score: float
    near: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question: passages best first, sentences best first, and how likely they answer it.

    `parts` has the evidence of each question in a message that asks several; it is empty for a single one. `contexts`
    are the passages as a model reads them, neighbours in an article as one; empty before a model is to read. `wanted`
    is what the question insists on and these sentences do not meet. In an `overview` they are the beginnings of
    articles. `latest` says that the question is for the latest.
    """

    question: str
    passages: tuple[FoundPassage, ...] = ()
    sentences: tuple[EvidenceSentence, ...] = ()
    answerable: float = 0.0
    contexts: tuple[Passage, ...] = ()
    parts: tuple[Evidence, ...] = ()
    wanted: Wanted = NOTHING
    overview: bool = False
    latest: bool = False

    @property
    def answers(self) -> bool:
        """Does the best sentence answer the question?"""
        return self.answerable >= ANSWERS

    @property
    def worth_reading(self) -> bool:
        """Is anything here about the question at all?"""
        return self.answerable >= WORTH_READING


def overviewed(question: str, shown: Overview, found: Sequence[FoundPassage]) -> Evidence:
    """An overview as evidence: the articles that it shows come first."""
    known = {one.passage.id: one for one in found}
    first = [
        _with_copies(known.get(one.passage.id) or FoundPassage(one.passage, 0.0), one.copies)
        for one in shown.beginnings
    ]
    ids = {one.passage.id for one in first}
    others = [one for one in found if one.passage.id not in ids]
    told = tuple(
        EvidenceSentence(Quote.of(one.passage, one.lead, 1.0), frozenset(terms(one.text)), 0.0)
        for one in shown.beginnings
    )
    return Evidence(question, (*first, *others)[:PASSAGES], told, OVERVIEW, wanted=shown.unmet, overview=True)


def _with_copies(found: FoundPassage, copies: Sequence[Passage]) -> FoundPassage:
    return replace(found, copies=tuple(dict.fromkeys([*found.copies, *copies])))


def merged(question: str, parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several questions as one: passages in turn, so that each question keeps its best."""
    passages: dict[int, FoundPassage] = {}
    for rank in zip_longest(*(part.passages for part in parts)):
        for found in rank:
            if found is not None:
                passages.setdefault(found.passage.id, found)
    sentences = {
        (sentence.quote.passage.id, sentence.quote.start): sentence for part in parts for sentence in part.sentences
    }
    return Evidence(
        question,
        tuple(passages.values())[:MOST_PASSAGES],
        tuple(sorted(sentences.values(), key=lambda sentence: -sentence.score)),
        max(part.answerable for part in parts),
        parts=tuple(parts),
        wanted=all_of([part.wanted for part in parts]),
    )
