"""Two linear models over a handful of features: which sentence answers, and whether any does.

Both were fitted on SQuAD 2.0, cross-validated by article, and checked on MultiHop-RAG and on the golden set
(docs/decisions.md has the figures). The features are cheap and can be read: cosines of the embedder, weighted
shares of the question's words, and whether the sentence holds the kind of thing that was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from retrieval.answers.asking.question import Question, counts, holds_kind
from retrieval.answers.evidence.sought import lacks_kind, lacks_reason, lacks_year
from retrieval.answers.wording.opposites import opposed, verbal
from retrieval.answers.wording.words import PRONOUNS, Analysis

# Conditional logit over the candidate sentences of a question. `names` is negative because the passage already
# has to hold the names: beyond that, a sentence that repeats them is the less likely answer.
SENTENCE_WEIGHTS: Mapping[str, float] = {
    "cos": 4.4,
    "cover": 9.1,
    "before": 2.6,
    "pronoun": 2.7,
    "passage_cos": 4.5,
    "passage_cover": 3.3,
    "pairs": 2.3,
    "kind": 2.3,
    "names": -1.1,
    "passage_names": 2.0,
}

# Logistic regression: does the best sentence answer the question? Positives are answerable questions over their
# articles; negatives are the same questions over the articles without the paragraph that answers them, over other
# articles, and SQuAD's own unanswerable ones.
SHORT_WEIGHTS: Mapping[str, float] = {
    "cos": 3.2,
    "passage_cos": 1.2,
    "context_cover": 3.0,
    "names_missing": -1.4,
    "numbers_missing": -1.4,
    "kind_missing": -2.0,
    "reason_missing": -3.0,
    "year_missing": -1.8,
    "unit_missing": -1.3,
    "asked_not": -3.0,
    "opposed": -1.5,
}
SHORT_BIAS = -5.0
# A question of many words, which several articles answer together, is held by no single sentence; whether it is
# answered is seen from the passages. MultiHop-RAG's questions of both sorts teach that.
LONG_WEIGHTS: Mapping[str, float] = {"passage_cos": 15.0, "names_missing": -9.0}
LONG_BIAS = -5.8
# Up to so many distinct content words a question is short, from so many on it is long, and in between it is both.
SHORT_UNTIL = 12
LONG_FROM = 22


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage that might answer: number `at` of the passage's sentences.

    `cosine` is its similarity to the question, and `near` how near it comes to each of the question's stems, from 0
    to 1; both are known once it is embedded.
    """

    at: int
    cosine: float = 0.0
    near: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoredPassage:
    """A passage as the features see it; `head` are the stems of its head line, `cosine` that to the question."""

    head: frozenset[str]
    sentences: tuple[Analysis, ...]
    cosine: float

    @cached_property
    def stems(self) -> frozenset[str]:
        """All stems, head line included."""
        return self.head.union(*(sentence.stems for sentence in self.sentences))

    def near(self, at: int) -> tuple[Analysis, ...]:
        """A sentence with its neighbours."""
        return self.sentences[max(0, at - 1) : at + 2]


def sentence_features(question: Question, passage: ScoredPassage, candidate: Candidate) -> dict[str, float]:
    """What makes a sentence a good quote."""
    here = passage.sentences[candidate.at]
    before = question.coverage(passage.sentences[candidate.at - 1].stems - here.stems) if candidate.at else 0.0
    opens_with_pronoun = bool(here.tokens) and here.tokens[0].text.lower() in PRONOUNS
    asked = frozenset(question.weights)
    return {
        "cos": candidate.cosine,
        "cover": question.coverage(here.stems | passage.head, candidate.near),
        "before": before,
        "pronoun": before if opens_with_pronoun else 0.0,
        "passage_cos": passage.cosine,
        "passage_cover": question.coverage(passage.stems),
        "pairs": len(question.pairs & here.pairs) / len(question.pairs) if question.pairs else 0.0,
        "kind": float(_holds_what_is_asked(question, here, asked)),
        "names": _part(question.names, here.stems),
        "passage_names": _part(question.names, passage.stems),
    }


def _holds_what_is_asked(question: Question, sentence: Analysis, asked: frozenset[str]) -> bool:
    if question.kind in ("yesno", "other") or not holds_kind(question.kind, sentence.tokens, asked):
        return False
    return question.post is None or question.post.search(sentence.text) is not None


def sentence_score(features: Mapping[str, float]) -> float:
    """The score that orders candidates; a difference of 1 makes the better one 2.7 times as likely the answer."""
    return _linear(SENTENCE_WEIGHTS, 0.0, features)


def answer_features(
    question: Question,
    passages: Sequence[ScoredPassage],
    best: ScoredPassage,
    candidate: Candidate,
    near: Mapping[str, float],
) -> dict[str, float]:
    """What the best sentence, its neighbours and all passages say about whether the question is answered.

    `near` is how near sentence and neighbours together come to each of the question's stems.
    """
    here = best.sentences[candidate.at]
    nearby = best.near(candidate.at)
    context = best.head.union(*(sentence.stems for sentence in nearby))
    everywhere: frozenset[str] = frozenset().union(*(passage.stems for passage in passages))
    return {
        "cos": candidate.cosine,
        "passage_cos": max(passage.cosine for passage in passages),
        "context_cover": question.coverage(context, near),
        "names_missing": _missing(question.names, everywhere),
        "numbers_missing": _missing(question.numbers, context),
        "kind_missing": float(lacks_kind(question, best.sentences, candidate.at)),
        "reason_missing": float(lacks_reason(question, best.sentences, candidate.at)),
        "year_missing": float(lacks_year(question, context)),
        "unit_missing": float(bool(question.counted) and not any(counts(question.counted, s.tokens) for s in nearby)),
        "asked_not": float(question.negated and question.kind != "yesno" and not here.negated),
        # "She" of a question is the one that was spoken of; a sentence with "he" may tell of both.
        "opposed": float(opposed(question.verbal - PRONOUNS, verbal(here.tokens) - PRONOUNS)),
    }


def answerability(question: Question, features: Mapping[str, float]) -> float:
    """The probability that the question is answered."""
    short = min(1.0, max(0.0, (LONG_FROM - len(question.weights)) / (LONG_FROM - SHORT_UNTIL)))
    logit = short * _linear(SHORT_WEIGHTS, SHORT_BIAS, features) + (1.0 - short) * _linear(
        LONG_WEIGHTS, LONG_BIAS, features
    )
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))


def _linear(weights: Mapping[str, float], bias: float, features: Mapping[str, float]) -> float:
    return bias + sum(weight * features[name] for name, weight in weights.items())


def _missing(wanted: frozenset[str], found: frozenset[str]) -> float:
    return 1.0 - _part(wanted, found) if wanted else 0.0


def _part(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0
