"""How many sentences of a model's answer were left out, as the answer says it and as it is read there again.

Answers are not stored, so an answer's own words are what *Why this answer?* knows of them.
"""

from __future__ import annotations

import re

_BY_CODE, _BY_JUDGE = "", " at a second look"
_SAID = re.compile(
    rf"\b(One|\d+) sentences? of the model's answer had no support in the articles({_BY_JUDGE})? and (?:was|were) left"
)
SILENT = "The chat model answered nothing."
UNVERIFIED = "The chat model's answer could not be verified against the articles"


def left_out(by_code: int, by_judge: int) -> list[str]:
    """A sentence for those that the check by code left out, and one for those that the judge did."""
    counts = ((by_code, _BY_CODE), (by_judge, _BY_JUDGE))
    return [
        f"{'One sentence' if count == 1 else f'{count} sentences'} of the model's answer had no support in the articles"
        f"{look} and {'was' if count == 1 else 'were'} left out."
        for count, look in counts
        if count
    ]


def unverified(by_judge: int) -> str:
    """That nothing of a model's answer is left; `by_judge` sentences had passed the check by code."""
    return f"{UNVERIFIED}{_BY_JUDGE if by_judge else _BY_CODE}, so it is not shown."


def read_left_out(text: str) -> tuple[int, int]:
    """How many the check by code and the judge left out, as an answer says."""
    counts = {look: 1 if count == "One" else int(count) for count, look in _SAID.findall(text)}
    return counts.get(_BY_CODE, 0), counts.get(_BY_JUDGE, 0)


def read_unverified(text: str) -> str | None:
    """Who left nothing of a model's answer, as an answer says: "the check by code" or "the judge"; else None."""
    if UNVERIFIED not in text:
        return None
    return "the judge" if f"{UNVERIFIED}{_BY_JUDGE}" in text else "the check by code"
