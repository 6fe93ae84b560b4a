"""Sentences that call something untrue: "officials rejected rumours that the dam had been blown up"."""

from __future__ import annotations

import re

_REBUTS = re.compile(
    r"\b(?:reject(?:s|ed|ing)?|den(?:y|ies|ied|ying)|disput(?:es?|ed|ing)|debunk(?:s|ed|ing)?"
    r"|dismiss(?:es|ed|ing)? (?:\w+ ){0,3}(?:claims?|reports?|rumou?rs?|allegations?|accusations?|suggestions?|it as)"
    r"|refut(?:es?|ed|ing)|contradict(?:s|ed|ing)?|rumou?rs?|hoax|untrue|not true|unfounded|baseless|no evidence"
    r"|conspiracy theor(?:y|ies)|fabricated|fake|false(?:ly|hoods?)?|misleading|disinformation|misinformation)\b",
    re.IGNORECASE,
)


def rebuts(sentence: str) -> bool:
    """May a sentence deny what somebody claims?"""
    return _REBUTS.search(sentence) is not None
