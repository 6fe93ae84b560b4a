"""What a sentence tells only as a question that is open: "accounts differ on who runs it" does not say who does."""

from __future__ import annotations

import re

_IF = (
    r"(?:unclear|uncertain|unknown|clear|ask|wonder|doubt|decide|check|investigat|determin|see"
    r"|(?:not|n['’]t|nobody|declined? to|refused? to) (?:know|say|tell|disclose))\w*(?: \w+)?? if"
)
# Where sources disagree, whoever it is is not told; "nobody knows who stole it" tells that it was stolen.
_WHICH = r"(?:differ|disagree|divided|split|debat|disput)\w*(?: \w+){0,2}? (?:who|whom|whose|which|what)"
# "Whether" opens a question by itself; "why he left" says that he did.
_OPEN = re.compile(
    rf"\b(?:(?<!regardless of )whether|{_IF}|{_WHICH})\b"
    r"(.*?)(?=,? (?:but|although|though|while)\b|, and\b|[.;:!?](?!\d)|$)",
    re.IGNORECASE | re.DOTALL,
)


def open_questions(text: str) -> tuple[str, str]:
    """What stands in the open questions of a sentence, and all else of it."""
    return " ".join(match[1] for match in _OPEN.finditer(text)), _OPEN.sub(" ", text)
