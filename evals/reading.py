"""Does the embedded reader find the answer, and keep silent where there is none? SQuAD 2.0 and MultiHop-RAG.

Three sorts of unanswerable questions: about articles that the library lacks, SQuAD's own (the paragraph looks right
but does not say it), and MultiHop-RAG's null queries.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evals.measures import says
from evals.sets import EvalSet
from retrieval.answers.answer import Answer
from retrieval.answers.answerer import Answerer
from retrieval.library import Library


@dataclass
class Reading:
    """What the answers to a set of questions showed.

    `first` and `any_quote` are what a user gets; `best_one` and `best_three` the reader's best sentences, whether the
    gate let them pass or not. `likely_…` are the gate's probabilities, `cosine_…` those of the nearest passage.
    """

    first: list[float] = field(default_factory=list)
    best_one: list[float] = field(default_factory=list)
    best_three: list[float] = field(default_factory=list)
    any_quote: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    likely_answerable: list[float] = field(default_factory=list)
    likely_unanswerable: list[float] = field(default_factory=list)
    cosine_answerable: list[float] = field(default_factory=list)
    cosine_unanswerable: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    verbatim: list[float] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    writers: Counter[str] = field(default_factory=Counter)


async def read(answerer: Answerer, library: Library, chosen: EvalSet, answerable: bool | None = None) -> Reading:
    """Ask every question; `answerable` overrides what the set says, for a library that lacks the articles."""
    reading = Reading()
    for question in chosen.questions:
        has_answer = question.get("answerable", True) if answerable is None else answerable
        begun = time.perf_counter()
        answer = await answerer.answer(library, question["question"])
        reading.seconds.append(time.perf_counter() - begun)
        reading.tokens.update(answer.usage)
        # A model that is not worth asking, or whose answer does not hold, is stood in for by quotes.
        reading.writers[answer.model or "nobody"] += 1
        evidence = await answerer.considered(library, question["question"])
        cosine = max((found.cosine or 0.0 for found in evidence.passages), default=0.0)
        (reading.likely_answerable if has_answer else reading.likely_unanswerable).append(evidence.answerable)
        (reading.cosine_answerable if has_answer else reading.cosine_unanswerable).append(cosine)
        said = answer.status != "not_in_library"
        if has_answer:
            reading.kept.append(float(said))
            if isinstance(question["answer"], list):
                hits = _hits([citation.quote.text for citation in answer.citations], question)
                reading.first.append(float(any(hits[:1])))
                reading.any_quote.append(float(any(hits)))
                hits = _hits([sentence.quote.text for sentence in evidence.sentences[:3]], question)
                reading.best_one.append(float(any(hits[:1])))
                reading.best_three.append(float(any(hits)))
        else:
            reading.refused.append(float(not said))
        reading.verbatim.extend(await _verbatim(library, answer))
    return reading


def _hits(quotes: Sequence[str], question: dict[str, Any]) -> Sequence[bool]:
    return [any(says(quote, gold) for gold in question["answer"]) for quote in quotes]


async def _verbatim(library: Library, answer: Answer) -> list[float]:
    found: list[float] = []
    for citation in answer.citations:
        quote = citation.quote
        text = await library.text(quote.passage.article_id) or ""
        found.append(float(text[quote.start : quote.end] == quote.text))
    return found
