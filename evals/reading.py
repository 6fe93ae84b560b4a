"""Does the embedded reader find the answer, and keep silent where there is none? SQuAD 2.0 and MultiHop-RAG.

Three sorts of unanswerable questions: about articles that the library lacks, SQuAD's own (the paragraph looks right
but does not say it), and MultiHop-RAG's null queries.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evals.by_type import judge, type_of
from evals.measures import says
from evals.readers import SENTENCES, Shown, plain, quoted
from evals.sets import EvalSet
from retrieval.answers.answer import Answer
from retrieval.answers.answerer import Answerer
from retrieval.library import Library

BEST_ONE = "reader alone: answer in its best sentence"
BEST_THREE = "reader alone: answer in its best three"

# Measure → system → a value a question.
Values = defaultdict[str, defaultdict[str, list[float]]]


def _values() -> Values:
    return defaultdict(lambda: defaultdict(list))


@dataclass
class Reading:
    """What the answers to a set of questions showed.

    `first` and `any_quote` are what a user gets; `alone` has the best sentences of the reader, whether the gate let
    them pass or not, and of plain readers, and `by_type` what came of each type of question. `likely_…` are the gate's
    probabilities, `cosine_…` those of the nearest passage.
    """

    first: list[float] = field(default_factory=list)
    alone: Values = field(default_factory=_values)
    by_type: Values = field(default_factory=_values)
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


async def read(
    answerer: Answerer, library: Library, chosen: EvalSet, ids: Mapping[int, str], answerable: bool | None = None
) -> Reading:
    """Ask every question; `ids` says which article has which id in the set.

    `answerable` overrides what the set says, for a library that lacks the articles.
    """
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
            best = [Shown(one.quote.text, one.quote.passage.article_id) for one in evidence.sentences[:SENTENCES]]
            await _answered(reading, library, question, quoted(answer), best, ids)
        else:
            reading.refused.append(float(not said))
        reading.verbatim.extend(await _verbatim(library, answer))
    return reading


async def _answered(
    reading: Reading,
    library: Library,
    question: dict[str, Any],
    shown: Sequence[Shown],
    best: Sequence[Shown],
    ids: Mapping[int, str],
) -> None:
    """Judge what an answerable question got, and what plain readers would have quoted."""
    others = await plain(library, question["question"])
    for system, texts in {"footnote": shown, **others}.items():
        for measure, value in judge(question, texts, ids).items():
            reading.by_type[f"{type_of(question)}: {measure}"][system].append(value)
    if not isinstance(question["answer"], list):
        return
    hits = _hits(shown, question)
    reading.first.append(float(any(hits[:1])))
    reading.any_quote.append(float(any(hits)))
    for system, texts in {"footnote": best, **others}.items():
        hits = _hits(texts, question)
        reading.alone[BEST_ONE][system].append(float(any(hits[:1])))
        reading.alone[BEST_THREE][system].append(float(any(hits)))


def _hits(shown: Sequence[Shown], question: Mapping[str, Any]) -> Sequence[bool]:
    return [any(says(one.text, gold) for gold in question["answer"]) for one in shown]


async def _verbatim(library: Library, answer: Answer) -> list[float]:
    found: list[float] = []
    for citation in answer.citations:
        quote = citation.quote
        text = await library.text(quote.passage.article_id) or ""
        found.append(float(text[quote.start : quote.end] == quote.text))
    return found
