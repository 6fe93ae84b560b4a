"""Does a passage support a sentence, and with which words?

By code, without a model: enough of the sentence's words must stand close together in the passage, every number and
every name of it must stand there or in the head line, and what is denied must be denied there too. That sees the
number, the date, the name and the "not" that are wrong; it cannot tell who does what to whom when all the words are
there (docs/decisions.md has what it catches and what it lets through).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.answers.answer import Quote
from retrieval.answers.question import common_share, term_weight
from retrieval.answers.words import NUMBER_WORDS, Token, tokens
from retrieval.articles import Passage, Span
from retrieval.text import sentences

# The weighted share of a sentence's words that the best window must hold: flat between .3 and .5 on Wikipedia claims
# and edited news summaries; the stricter end, since what is shown carries a footnote.
ENOUGH = 0.5
# For a passage that the sentence did not cite: there more must speak for it.
ENOUGH_UNCITED = 0.75
MOST_SENTENCES = 3
# A longer window has to earn its length.
SENTENCE_COST = 0.03
# How far a negation reaches, in words.
REACH = 4
_NEGATORS = frozenset("not no never without neither nor cannot hardly nobody none".split())


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as the checker sees it; words weigh what they weigh in English, since a passage is too small to
    count in."""

    weights: Mapping[str, float]
    names: frozenset[str]
    numbers: frozenset[str]
    denied: frozenset[str]

    def cover(self, stems: frozenset[str]) -> float:
        """The weighted share of the claim's words among these stems."""
        total = sum(self.weights.values()) or 1.0
        return sum(weight for stem, weight in self.weights.items() if stem in stems) / total


class Checker:
    """Finds the quotes that support a sentence."""

    def quotes(self, sentence: str, passages: Sequence[Passage], enough: float = ENOUGH) -> tuple[Quote, ...]:
        """The supporting quote of each passage that has one, best first; empty when none supports it."""
        claim = parse_claim(sentence)
        found = [quote for passage in dict.fromkeys(passages) if (quote := supporting_quote(claim, passage, enough))]
        return tuple(sorted(found, key=lambda quote: -quote.score))


def parse_claim(text: str) -> Claim:
    """Look at a sentence that claims something."""
    found = tokens(text)
    content = [token for token in found if not token.stop]
    return Claim(
        {token.stem: term_weight(0, 0, common_share(token.text.lower(), token.stem)) for token in content},
        frozenset(token.stem for token in found if token.name),
        _numbers(found),
        _denied(found),
    )


def supporting_quote(claim: Claim, passage: Passage, enough: float = ENOUGH) -> Quote | None:
    """The shortest run of up to three sentences of the passage that supports the claim best, or None."""
    spans = list(sentences(passage.text, passage.language))
    words = [tokens(span.of(passage.text)) for span in spans]
    head_words = tokens(passage.head)
    head = _stems(head_words)
    if not spans or not claim.weights:
        return None
    if claim.numbers - _numbers([*head_words, *(token for sentence in words for token in sentence)]):
        return None
    stems = [_stems(sentence) for sentence in words]
    if claim.names - head.union(*stems):
        return None
    ranked = sorted(
        (
            (claim.cover(head.union(*stems[first : first + length])) - SENTENCE_COST * length, -length, -first)
            for first in range(len(spans))
            for length in range(1, min(MOST_SENTENCES, len(spans) - first) + 1)
        ),
        reverse=True,
    )
    worth, length, first = ranked[0][0], -ranked[0][1], -ranked[0][2]
    cover = worth + SENTENCE_COST * length
    window = [token for sentence in words[first : first + length] for token in sentence]
    if cover < enough or _contradicts(claim, window):
        return None
    span = Span(spans[first].start, spans[first + length - 1].end)
    return Quote(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, round(cover, 4))


def _contradicts(claim: Claim, window: Sequence[Token]) -> bool:
    """Is a word that both have denied in one and not in the other?"""
    denied = _denied(window)
    both = claim.weights.keys() & _stems(window)
    return any((stem in claim.denied) != (stem in denied) for stem in both)


def _denied(words: Sequence[Token]) -> frozenset[str]:
    """Content stems that stand a few words behind a negation."""
    found: set[str] = set()
    reach = 0
    for index, token in enumerate(words):
        low = token.text.lower()
        contracted = low == "t" and index > 0 and words[index - 1].text.lower().endswith("n")
        if low in _NEGATORS or contracted:
            reach = REACH
        elif reach:
            reach -= 1
            if not token.stop:
                found.add(token.stem)
    return frozenset(found)


def _numbers(words: Sequence[Token]) -> frozenset[str]:
    """Numbers as plain digits: "four" and "4", "1,200" and "1200" are the same."""
    found: set[str] = set()
    for token in words:
        low = token.text.lower()
        if token.text[0].isdigit():
            found.add(low.replace(",", ""))
        elif low in NUMBER_WORDS and NUMBER_WORDS[low] > 1:
            found.add(str(NUMBER_WORDS[low]))
    return frozenset(found)


def _stems(words: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.stem for token in words if not token.stop)
