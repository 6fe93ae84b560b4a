"""A question of several that a quote for another one answers as well: "how many jobs?" behind a promise of 400 jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answers.answer import Quote
from retrieval.answers.asking.followup import named
from retrieval.answers.asking.question import answer_kind, counted_noun, counts
from retrieval.answers.evidence.evidence import Evidence
from retrieval.answers.wording.words import tokens
from retrieval.calendar_names import YEAR

_YEAR = re.compile(YEAR)
# "$5.1 billion, of which it has received $900 million" answers two questions for an amount.
_TWO = 2


def told_above(part: Evidence, quotes: Sequence[Quote]) -> bool:
    """Do quotes that answer the other parts of a message answer this one?

    Only one that names nothing itself: what is counted of one thing is not counted of another.
    """
    if named(part.question):
        return False
    noun = counted_noun(part.question)
    if noun:
        return any(counts(noun, tokens(quote.text)) for quote in quotes)
    if answer_kind(part.question) != "number" or not part.worth_reading:
        return False
    nearest = part.sentences[0].quote
    amounts = [token for token in tokens(nearest.text) if token.number and not _YEAR.fullmatch(token.text)]
    return len(amounts) >= _TWO and any(quote.holds(nearest) for quote in quotes)
