"""What a sentence denies of another answer: "not by the deputy but by the clerk", "it was not Oslo that saw it"."""

from __future__ import annotations

import re

from retrieval.answers.checking.statement import words_of
from retrieval.answers.disagreement.assertion import Assertion, same

# Behind these a "not" denies what is done, and not who, where or what it was.
_OF_THE_VERB = "".join(
    rf"(?<!\b{word} )" for word in "do does did has have had will would can could may must should".split()
)
_INSTEAD = re.compile(
    rf"{_OF_THE_VERB}\b(?:not|rather than|instead of|was no|were no)\s+"
    r"(?:(?:by|in|at|from|to|for|on|because of|due to)\s+)?(?:(?:the|an?|his|her|its|their)\s+)?"
    r"(?!only\b|just\b|all\b|until\b|even\b|yet\b|every)([\w'’-]+(?:\s+[\w'’-]+){0,2}?)"
    r"(?=\s*(?:[,;:.)]|$|\bbut\b|\bthat\b|\bwho\b|\bwhich\b|\bas\b|\band\b))",
    re.IGNORECASE,
)


def denied_answers(sentence: str) -> tuple[frozenset[str], ...]:
    """The stems of each who, where or what that a sentence names to say that it was another."""
    found = (
        frozenset(same(word.stem) for word in words_of(match[1]) if not word.stop)
        for match in _INSTEAD.finditer(sentence)
    )
    return tuple(stems for stems in found if stems)


def denies_answer(sentence: str, other: Assertion, asked: frozenset[str]) -> bool:
    """Does a sentence name what another one says, to deny it? What the question has itself answers nothing."""
    affirmed = other.content - frozenset(map(same, other.denied))
    return any(stems <= affirmed and not stems <= asked for stems in denied_answers(sentence))
