"""Does a passage support a sentence, and with which words?

By code, without a model: the names, numbers and dates of the sentence must stand in the passage (or its head
line), no negation may have come or gone, and enough of its words must be found together in one or two
neighbouring sentences. Those sentences are the quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.answers.answer import Quote
from retrieval.articles import Passage, Span
from retrieval.text import STOP_WORDS, fold, sentences, terms

# The share of a sentence's meaning-carrying stems that must be found in the quoted words.
ENOUGH = 0.55
NEGATIONS = frozenset("no not never without neither nor none cannot nobody nothing n't lack lacks fails failed".split())
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-'’][^\W\d_]+)*\d*", re.UNICODE)
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    span: Span
    stems: frozenset[str]
    negated: bool


class Checker:
    """Finds the quotes that support a sentence."""

    def quotes(self, claim: str, passages: Sequence[Passage]) -> tuple[Quote, ...]:
        """The supporting quote of each passage that has one, best first; empty when none supports it."""
        found = [quote for passage in dict.fromkeys(passages) if (quote := _quote(claim, passage))]
        return tuple(sorted(found, key=lambda quote: -quote.score))


def _quote(claim: str, passage: Passage) -> Quote | None:
    wanted = frozenset(terms(claim))
    if not wanted:
        return None
    head = frozenset(terms(passage.head))
    context = head | frozenset(terms(passage.text))
    if any(fact not in context for fact in facts(claim)):
        return None
    best: tuple[float, Span] | None = None
    for candidate in _candidates(passage):
        if candidate.negated != negated(claim):
            continue
        # Words of the title count half: a sentence about "the company" under its name in the title is about it.
        inside = wanted & candidate.stems
        titled = (wanted - inside) & head
        score = (len(inside) + 0.5 * len(titled)) / len(wanted)
        if best is None or score > best[0] + 1e-9:
            best = (score, candidate.span)
    if best is None or best[0] < ENOUGH:
        return None
    score, span = best
    return Quote(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, round(score, 3))


def facts(text: str) -> set[str]:
    """The stems of a sentence's numbers and names: what a supporting passage must contain literally.

    A capital at the beginning of the sentence says nothing, unless the word is an abbreviation.
    """
    found: set[str] = set()
    for index, match in enumerate(_TOKEN.finditer(text)):
        word = match.group()
        folded = fold(word).split("'")[0].replace(",", "")
        if not folded or folded in STOP_WORDS or folded in _CALENDAR:
            continue
        named = word[0].isupper() and (index > 0 or (len(word) > 1 and word.isupper()))
        if word[0].isdigit() or named:
            found.update(terms(folded))
    return found


def negated(text: str) -> bool:
    """Does the sentence deny something?"""
    folded = fold(text).replace("n't", " n't")
    return any(word in NEGATIONS for word in re.findall(r"n't|\w+", folded))


def _candidates(passage: Passage) -> list[_Candidate]:
    """Each sentence, then each pair of neighbours; singles first, so that a pair must be better to win."""
    spans = list(sentences(passage.text, passage.language))
    pairs = [Span(a.start, b.end) for a, b in pairwise(spans)]
    return [
        _Candidate(span, frozenset(terms(span.of(passage.text))), negated(span.of(passage.text)))
        for span in (*spans, *pairs)
    ]
