"""A choice between two things: "Which plant employs more people, Lima or Dresden?" wants both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retrieval.answers.asking.parts import side_of
from retrieval.answers.evidence.evidence import ANSWERS, Evidence
from retrieval.text import stems_of, terms


def with_both(parts: Sequence[str], found: Sequence[Evidence]) -> list[Evidence]:
    """The evidence for each part; where one side of a choice is answered, the other one needs less to be, too.

    Its best sentence is shown when it may answer and its passage names that side: half of a comparison says nothing.
    """
    if not any(one.answers for one in found):
        return list(found)
    return [
        replace(one, answerable=ANSWERS) if _may_stand_beside(part, one) else one
        for part, one in zip(parts, found, strict=True)
    ]


def _may_stand_beside(part: str, evidence: Evidence) -> bool:
    side = side_of(part)
    if not side or evidence.answers or not evidence.worth_reading or not evidence.sentences:
        return False
    return frozenset(terms(side)) <= stems_of(evidence.sentences[0].quote.passage)
