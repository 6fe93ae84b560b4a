"""Two linear models over a handful of features: which sentence answers, and whether any does.

Both were fitted on SQuAD 2.0 and checked by article on held-out halves, on MultiHop-RAG and on the golden set
(docs/decisions.md has the figures). The features are cheap and can be read: cosines of the embedder, weighted
shares of the question's words, and whether the sentence holds the kind of thing that was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.answers.question import Question, counts, holds_kind
from retrieval.answers.words import PRONOUNS, Analysis

# Conditional logit over the candidate sentences of a question. `names` is negative because the passage already
# has to hold the names: beyond that, a sentence that repeats them is the less likely answer.
SENTENCE_WEIGHTS: Mapping[str, float] = {
    "cos": 8.0,
    "cover": 8.0,
    "before": 4.0,
    "pronoun": 3.0,
    "passage_cos": 9.0,
    "passage_cover": 3.0,
    "pairs": 1.5,
    "kind": 2.5,
    "names": -1.2,
    "passage_names": 1.5,
}

# Logistic regression: does the best sentence answer the question? Positives are answerable questions over their
# article; negatives are the same questions over the article without the paragraph that answers them, over other
# articles, and SQuAD's own unanswerable ones; MultiHop-RAG's questions of both sorts teach that a long question has
# no sentence that holds all of it.
ANSWER_WEIGHTS: Mapping[str, float] = {
    "cos": 5.1,
    "passage_cos": 2.2,
    "context_cover": 1.1,
    "margin": 0.27,
    "terms": 1.2,
    "names_missing": -2.0,
    "kind_missing": -1.2,
    "unit_missing": -1.4,
    "asked_not": -1.2,
}
ANSWER_BIAS = -7.65


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage that might answer: number `at` of the passage's sentences.

    `cosine` is its similarity to the question, 0 before it is embedded.
    """

    at: int
    cosine: float = 0.0


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage as the features see it; `head` are the stems of its head line, `cosine` that to the question."""

    head: frozenset[str]
    sentences: tuple[Analysis, ...]
    cosine: float

    @property
    def stems(self) -> frozenset[str]:
        """All stems, head line included."""
        return self.head.union(*(sentence.stems for sentence in self.sentences))

    def near(self, at: int) -> tuple[Analysis, ...]:
        """A sentence with its neighbours."""
        return self.sentences[max(0, at - 1) : at + 2]


def sentence_features(
    question: Question, passage: ScoredPassage, stems: frozenset[str], candidate: Candidate
) -> dict[str, float]:
    """What makes a sentence a good quote; `stems` are the passage's, computed once."""
    here = passage.sentences[candidate.at]
    before = question.coverage(passage.sentences[candidate.at - 1].stems - here.stems) if candidate.at else 0.0
    opens_with_pronoun = bool(here.tokens) and here.tokens[0].text.lower() in PRONOUNS
    asked = frozenset(question.weights)
    return {
        "cos": candidate.cosine,
        "cover": question.coverage(here.stems | passage.head),
        "before": before,
        "pronoun": before if opens_with_pronoun else 0.0,
        "passage_cos": passage.cosine,
        "passage_cover": question.coverage(stems),
        "pairs": len(question.pairs & here.pairs) / len(question.pairs) if question.pairs else 0.0,
        "kind": float(question.kind not in ("yesno", "other") and holds_kind(question.kind, here.tokens, asked)),
        "names": _part(question.names, here.stems),
        "passage_names": _part(question.names, stems),
    }


def blank_features(question: Question, passage: ScoredPassage, stems: frozenset[str]) -> dict[str, float]:
    """The features of a sentence of that passage that has nothing to do with the question itself."""
    return {
        **dict.fromkeys(SENTENCE_WEIGHTS, 0.0),
        "cover": question.coverage(passage.head),
        "passage_cos": passage.cosine,
        "passage_cover": question.coverage(stems),
        "passage_names": _part(question.names, stems),
    }


def sentence_score(features: Mapping[str, float]) -> float:
    """The score that orders candidates; about 8 to 25."""
    return sum(weight * features[name] for name, weight in SENTENCE_WEIGHTS.items())


def answer_features(
    question: Question,
    passages: Sequence[ScoredPassage],
    best: ScoredPassage,
    candidate: Candidate,
    margin: float,
) -> dict[str, float]:
    """What the best sentence, its neighbours and all passages say about whether the question is answered.

    `margin` is how far the best sentence stands out: its score by words alone over the median of all sentences'.
    """
    nearby = best.near(candidate.at)
    context = best.head.union(*(sentence.stems for sentence in nearby))
    everywhere: frozenset[str] = frozenset().union(*(passage.stems for passage in passages))
    asked = frozenset(question.weights)
    precise = question.kind in ("time", "number")
    return {
        "cos": candidate.cosine,
        "passage_cos": max(passage.cosine for passage in passages),
        "context_cover": question.coverage(context),
        "margin": margin,
        "terms": math.log(1 + len(question.weights)),
        "names_missing": 1.0 - _part(question.names, everywhere) if question.names else 0.0,
        "kind_missing": float(precise and not any(holds_kind(question.kind, s.tokens, asked) for s in nearby)),
        "unit_missing": float(bool(question.counted) and not any(counts(question.counted, s.tokens) for s in nearby)),
        "asked_not": float(question.negated and question.kind != "yesno" and not best.sentences[candidate.at].negated),
    }


def answerability(features: Mapping[str, float]) -> float:
    """The probability that the best sentence answers the question."""
    logit = ANSWER_BIAS + sum(weight * features[name] for name, weight in ANSWER_WEIGHTS.items())
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))


def _part(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0
