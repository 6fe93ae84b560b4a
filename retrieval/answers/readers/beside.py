"""What is quoted beside an answer, however well that fits the question: who denies it, and what was counted since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from retrieval.answers.asking.question import counted_words, counts
from retrieval.answers.evidence.evidence import EvidenceSentence
from retrieval.answers.evidence.rebuttals import rebuts
from retrieval.answers.wording.words import name_stems, tokens
from retrieval.index.days import later_by
from retrieval.text import stems_of, terms

# Of the words of what is claimed, so many must stand in a sentence that denies it.
SHARED = 2


def denials_of(ranked: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """Sentences of other articles, no older ones, that call what the first one says a rumour, or deny it.

    A hoax repeats the question's words, and whoever puts it right does not. But names alone are shared by much else.
    """
    if not ranked:
        return []
    claim, *others = ranked
    named = name_stems(claim.quote.text)

    def denies(one: EvidenceSentence) -> bool:
        shared = one.stems & claim.stems
        later = _later_by(one, claim)
        older = later is not None and later < timedelta(0)
        return rebuts(one.quote.text) and len(shared) >= SHARED and bool(shared - named) and not older

    return [one for one in others if one.quote.article_id != claim.quote.article_id and denies(one)]


def later_counts(question: str, ranked: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """Where something is counted, sentences of newer articles that count it, too: votes are recounted, tolls rise."""
    noun = next(iter(terms(" ".join(counted_words(question)[-1:]))), "")
    named = name_stems(question)
    # Without a name anything may be counted.
    if not noun or not named or not ranked:
        return []
    first, *others = ranked

    def newer(one: EvidenceSentence) -> bool:
        later = _later_by(one, first)
        return later is not None and later > timedelta(0)

    def counted(one: EvidenceSentence) -> bool:
        return counts(noun, tokens(one.quote.text)) and named <= stems_of(one.quote.passage)

    return [one for one in others if newer(one) and counted(one)]


def _later_by(one: EvidenceSentence, other: EvidenceSentence) -> timedelta | None:
    return later_by(one.quote.passage.published_at, other.quote.passage.published_at)
