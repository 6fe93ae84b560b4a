"""Answers by the type of their question: the set's own type, else its question word.

A mean over all questions hides what kind is answered badly, and MultiHop-RAG's yes-or-no questions are mostly "yes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evals.measures import says
from evals.readers import Shown

# The first that a question holds; longer ones first.
_WORDS = {
    "how many": r"how (?:many|much)",
    "when": r"when|(?:what|which|in what|in which) (?:year|date|day|month|decade|century)",
    "who": r"who|whom|whose",
    "where": r"where",
    "why": r"why",
    "how": r"how",
    "what": r"what|which",
}
_QUESTION_WORDS = {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in _WORDS.items()}
# How MultiHop-RAG names its types, and those of them whose answer is a verdict that no sentence of an article says.
_QUERY = "_query"
_VERDICTS = frozenset({"comparison", "temporal"})


def type_of(question: Mapping[str, Any]) -> str:
    """The type of a question of a set."""
    own = str(question.get("type", ""))
    if own.endswith(_QUERY):
        return own.removesuffix(_QUERY)
    return next((name for name, word in _QUESTION_WORDS.items() if word.search(question["question"])), "other")


def judge(question: Mapping[str, Any], shown: Sequence[Shown], ids: Mapping[int, str]) -> dict[str, float]:
    """What can be told of an answer to an answerable question; `ids` says which article has which id in the set.

    An answer that is silent says nothing and cites nothing.
    """
    kind, gold = type_of(question), question["answer"]
    told: dict[str, float] = {}
    if kind not in _VERDICTS:
        answers = gold if isinstance(gold, list) else [gold]
        told["answer quoted"] = float(any(says(one.text, answer) for one in shown for answer in answers))
    if "evidence" in question:
        cited, evidence = {ids[one.article_id] for one in shown}, set(question["evidence_ids"])
        told["evidence articles cited"] = len(cited & evidence) / len(evidence)
        if cited:
            told["cited articles that are evidence"] = len(cited & evidence) / len(cited)
    return told
