"""The clauses of a long question, each searched for by itself.

One search for a question that compares two articles finds the one that shares more words with it, several times.
"""

from __future__ import annotations

import re

from retrieval.articles import Span
from retrieval.text import sentences, terms

# A clause with fewer different terms says too little to be searched for.
LEAST_TERMS = 6
MOST_CLAUSES = 4
# No comma before digits: "on November 1, 2023" is one date.
_SEAM = re.compile(
    r"[;:]\s+|,\s+(?!\d)"
    r"|\s(?=(?:while|whereas|and|but|or|compared|as opposed|in contrast|with|after|before|that|which|who)\b)",
    re.IGNORECASE,
)


def clauses(text: str) -> list[Span]:
    """Two to four clauses that together are the text, or none when it is one thought."""
    found: list[Span] = []
    start = 0
    # Not every full stop ends one: "Epic v. Google".
    seams = {sentence.start for sentence in sentences(text)} | {seam.end() for seam in _SEAM.finditer(text)}
    for seam in sorted(seams):
        if len(found) < MOST_CLAUSES - 1 and len(set(terms(text[start:seam]))) >= LEAST_TERMS:
            found.append(Span(start, seam))
            start = seam
    if found and len(set(terms(text[start:]))) < LEAST_TERMS:
        found[-1] = Span(found[-1].start, len(text))
    else:
        found.append(Span(start, len(text)))
    return found if len(found) > 1 else []
