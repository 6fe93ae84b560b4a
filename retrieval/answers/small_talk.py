"""Greetings and thanks: no questions, so no article is searched for them."""

from __future__ import annotations

import re

from retrieval.text import fold

_TO_WHOM = r"(?:[\s,]+(?:there|all|everyone|everybody|again|bot|footnote|friend|you|so much|very much|a lot))*"
_END = r"[\s.!…:)(]*"
_GREETING = re.compile(
    rf"(?:hi|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|day|night)|bye|goodbye){_TO_WHOM}{_END}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    rf"(?:ok(?:ay)?[\s,]+)?(?:thanks|thank you|thx|ty|cheers|many thanks){_TO_WHOM}{_END}", re.IGNORECASE
)

OFFER = "Ask me something about the articles in this library; every answer carries footnotes."


def small_talk(message: str) -> str | None:
    """What to say to a message that only greets or thanks; None for anything else."""
    text = fold(message).strip()
    if _GREETING.fullmatch(text):
        return f"Hello! {OFFER}"
    return f"You are welcome. {OFFER}" if _THANKS.fullmatch(text) else None
