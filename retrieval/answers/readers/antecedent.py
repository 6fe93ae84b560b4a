"""Sentences that say "it", "she" or "the plant" of what another names, and the sentence that names it."""

from __future__ import annotations

import re
from dataclasses import replace

from retrieval.answers.answer import Quote
from retrieval.answers.evidence.evidence import EvidenceSentence
from retrieval.answers.wording.orders import orders
from retrieval.answers.wording.words import PRONOUNS, Token, tokens
from retrieval.articles import Span
from retrieval.text import LIST_MARKER, sentences, terms

# So many sentences before it are looked through for the name.
MOST_BEFORE = 2
# Characters of sentences quoted together.
LONGEST = 500
# Where a name this near to the beginning says what is meant, "the company" is explained by it.
BEGINNING = 7
# "It is known that …", "That year …" and "This week …" stand for nothing.
_EMPTY = re.compile(
    r"\W*(?:it (?:is|was|will be|remains?|seems|appears) (?:\w+ )?(?:that|to|in|on|at|not|whether|unclear|when)\b"
    r"|(?:that|this|these|those) (?:spring|summer|autumn|winter|day|night|week|month|year|decade|century|time|who)"
    r"|such as\b)",
    re.IGNORECASE,
)
# Behind such a word stands what "the cause" is the cause of.
_EXPLAINING = frozenset(
    "of in at on for that which who whose to between from by with behind around near where when under".split()
)


def refers_back(text: str) -> bool:
    """Does a sentence begin with a word for what another one names?"""
    words = tokens(text)
    if len(words) < 2 or _EMPTY.match(text):
        return False
    if words[0].text.lower() in PRONOUNS:
        return not (words[1].name and words[0].text.lower() == "that")
    if words[0].text.lower() != "the" or words[1].text[:1].isupper():
        return False
    return not any(word.name or word.text.lower() in _EXPLAINING for word in words[1:BEGINNING])


def with_antecedent(sentence: EvidenceSentence) -> EvidenceSentence | None:
    """The sentence, from the one on that names what it speaks of where it does not itself.

    None if none does; "the plant" that nothing before it names may be one that everybody knows.
    """
    quote = sentence.quote
    passage = quote.passage
    if not refers_back(quote.text):
        return sentence
    alone = sentence if quote.text.lower().startswith("the ") else None
    spans = list(sentences(passage.text, passage.language))
    at = next((n for n, span in enumerate(spans) if span.start == quote.span.start), 0)
    given = orders(passage.text, spans, [span.of(passage.text) for span in spans])
    for first in range(at - 1, max(-1, at - 1 - MOST_BEFORE), -1):
        before = spans[first].of(passage.text)
        between = passage.text[spans[first].end : spans[first + 1].start]
        if given[first] or between.strip() or before.startswith("|") or LIST_MARKER.match(before):
            return alone
        span = Span(spans[first].start, quote.span.end)
        if span.end - span.start > LONGEST:
            return alone
        if not refers_back(before):
            if not _names(tokens(before)):
                return alone
            joined = Quote.of(passage, span, quote.score)
            return replace(sentence, quote=joined, stems=sentence.stems | frozenset(terms(joined.text)))
    return alone


def _names(words: tuple[Token, ...]) -> bool:
    """Does a sentence name anything? Its first word has a capital anyway."""
    return any(word.name for word in words)
