"""The quoting reader: answers with the articles' own sentences. No model, no invention."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from retrieval.answers.answer import Quote, Sentence
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.reader import Reading

# What stands for a model in answers of this reader.
QUOTES = "quotes"
MOST = 3


class QuotingReader:
    @property
    def name(self) -> str:
        return QUOTES

    async def read(self, question: str, evidence: Evidence, today: date) -> AsyncIterator[Reading]:
        if not evidence.answers:
            yield Reading("not_in_library")
            return
        yield Reading("answered", tuple(_quoted(s) for s in evidence.sentences[:MOST]))


def _quoted(s: EvidenceSentence) -> Sentence:
    p = s.found.passage
    quote = Quote(p, s.text, p.start + s.span.start, p.start + s.span.end, 1.0)
    return Sentence(s.text, (quote,))
