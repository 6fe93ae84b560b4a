"""Understanding a follow-up without a model: which words of the conversation it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers.answer import Turn
from retrieval.text import terms

_LEANS = re.compile(
    r"^\s*(?:and|but|so|or|also|then|ok|okay|what about|how about|why|what else|since when|really|who else)\b"
    r"|\b(?:it|its|they|them|their|theirs|he|she|him|his|her|this|that|these|those|there|one|ones|same|former"
    r"|latter|instead|else|both)\b",
    re.IGNORECASE,
)
# A message with this few words of its own cannot be searched for alone.
FEW_TERMS = 2


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched for. `context` is the earlier question it leans on, if it does."""

    text: str
    context: str = ""


def standalone_by_rule(question: str, history: Sequence[Turn]) -> Standalone:
    """The question, with the last question of the conversation as context when it leans on it.

    A follow-up leans when it begins like one ("and …", "what about …"), holds a pronoun, or has too few words
    of its own.
    """
    asked = [turn.text for turn in history if turn.role == "user" and terms(turn.text)]
    if not asked or not (_LEANS.search(question) or len(set(terms(question))) <= FEW_TERMS):
        return Standalone(question)
    # A chain of follow-ups leans on the last question that stood alone.
    for earlier in reversed(asked):
        if not _LEANS.search(earlier) or earlier == asked[0]:
            return Standalone(question, earlier)
    return Standalone(question, asked[-1])
