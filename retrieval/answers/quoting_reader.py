"""The quoting reader: answers with the articles' own sentences. No model, no invention."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date

from retrieval.answers.answer import Sentence
from retrieval.answers.disagreement import find_disagreement
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.reader import Reading
from retrieval.answers.sanitize import harmless

# What stands for a model in answers of this reader.
QUOTES = "quotes"
MOST_SENTENCES = 3
# A further sentence must come this near to the best one.
SCORE_MARGIN = 2.5
# Sentences that share this much of their words say the same; one of them is enough.
SAME = 0.8


class QuotingReader:
    """Quotes up to three sentences, or says that the library does not hold the answer."""

    @property
    def name(self) -> str:
        """Not a model."""
        return QUOTES

    async def read(self, question: str, evidence: Evidence, today: date) -> AsyncIterator[Reading]:
        """One reading: there is nothing to wait for."""
        if not evidence.answers:
            yield Reading("not_in_library")
            return
        sides = find_disagreement(evidence.sentences)
        if sides:
            yield Reading("answered", disagreeing(sides))
            return
        yield Reading("answered", tuple(quoted(sentence) for sentence in chosen(evidence.sentences)))


def disagreeing(sides: tuple[EvidenceSentence, EvidenceSentence]) -> tuple[Sentence, ...]:
    """Both sides of a disagreement, newest first, each with its date."""
    opening = Sentence("The articles disagree:", tuple(side.quote for side in sides), "\n")
    return (opening, *(quoted(side, f"\n- {(side.quote.passage.published_at or 'undated')[:10]}: ") for side in sides))


def chosen(ranked: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """The best sentence and up to two that add something to it."""
    picked: list[EvidenceSentence] = []
    for sentence in ranked:
        if len(picked) == MOST_SENTENCES or sentence.score < ranked[0].score - SCORE_MARGIN:
            break
        if all(_overlap(sentence.stems, other.stems) < SAME for other in picked):
            picked.append(sentence)
    return picked


def quoted(sentence: EvidenceSentence, lead: str = "\n") -> Sentence:
    """A sentence of an article as a sentence of the answer; its footnote holds the words verbatim."""
    return Sentence(harmless(" ".join(sentence.quote.text.split())), (sentence.quote,), lead)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
