"""Understanding a follow-up without a model: does it lean on the question before it?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answers.answer import Turn
from retrieval.answers.small_talk import small_talk
from retrieval.answers.words import PRONOUNS, Token, tokens
from retrieval.articles import Standalone
from retrieval.text import fold, terms

_LEADS = re.compile(
    r"\s*(?:and|but|so|then|also|what about|how about|what else|who else|why not|why|really|since when)\b",
    re.IGNORECASE,
)
_LONG_WHY = re.compile(r"\s*(?:why|since when)(?:\s+\S+){4}", re.IGNORECASE)
_REFERS = PRONOUNS - {"such", "that"} | frozenset("them him both there".split())
# "Is it true that", "are there", "both A and B": words that refer to nothing before.
_EMPTY = re.compile(
    r"\b(?:is|was|are|were|has|have|be|been|would) there\b|\bthere (?:is|are|was|were)\b"
    r"|\bis it (?:true|possible|easier|legal|allowed|safe|hard)\b|\bit (?:take|cost|called|possible)\b"
    r"|\b(?:is|was) it (?:called|from|to|that)\b|\bboth (?:\w+ ){1,4}?and\b|\bboth (?:the )?\w+s\b"
    r"|\bthis (?:year|month|week)\b|^\W*who\b.*\btheir\b|\bof those \w+ing\b|\bthose (?:who|responsible|with)\b",
    re.IGNORECASE,
)
# A message this long says for itself what it is about.
MOST_WORDS = 25
# With fewer words of its own a message has no subject.
LEAST_OWN_WORDS = 2


# How much of the question before counts. A pronoun stands for something in it: half was best on 402 simulated
# follow-ups (docs/decisions.md). "And what does Microsoft get?" brings its own subject and needs only the topic.
PRONOUN_WEIGHT = 0.5
TOPIC_WEIGHT = 0.2


def standalone_by_rule(question: str, history: Sequence[Turn]) -> Standalone:
    """The question, with the last question that stood alone as context when it leans on the conversation."""
    asked = asked_before(history)
    if not asked or not leans_on_context(question):
        return Standalone(question)
    alone = next((earlier for earlier in reversed(asked) if not leans_on_context(earlier)), asked[0])
    return leaning(question, alone)


def asked_before(history: Sequence[Turn]) -> list[str]:
    """What was asked so far: the user's messages that say something and do more than greet or thank."""
    said = [turn.text for turn in history if turn.role == "user"]
    return [text for text in said if terms(text) and not small_talk(text)]


def leaning(question: str, earlier: str) -> Standalone:
    """A question that leans on an earlier one, as much as its words need."""
    refers = any(token.text.lower() in _REFERS for token in tokens(question))
    own = {token.stem for token in tokens(question) if not token.stop}
    return Standalone(question, earlier, PRONOUN_WEIGHT if refers or len(own) < LEAST_OWN_WORDS else TOPIC_WEIGHT)


def leans_on_context(text: str) -> bool:
    """Does a message need the words of the question before it?

    It does when it begins like a follow-up ("and …", "what about …"), has no words of its own, or holds a pronoun
    that nothing in it explains.
    """
    flat = fold(text)
    if _LEADS.match(flat) and not _LONG_WHY.match(flat):
        return True
    if len(flat.split()) > MOST_WORDS:
        return False
    content = [token for token in tokens(text) if not token.stop]
    if not content:
        return True
    for token in tokens(_EMPTY.sub(lambda match: " " * len(match.group()), flat)):
        low = token.text.lower()
        if low not in _REFERS:
            continue
        before = [earlier for earlier in content if earlier.start < token.start]
        explained = any(_can_be_meant(earlier, flat) for earlier in before)
        if not explained and not (low not in ("this", "these", "those") and len(before) > 1):
            return True
    return False


def _can_be_meant(token: Token, text: str) -> bool:
    """Can a word before a pronoun be what it stands for: a name, or a noun with an article?"""
    before = text[: token.start].lower().split()
    return token.name or (bool(before) and before[-1] in ("the", "a", "an"))
