"""What somebody wants a summary of, as commands, buttons and messages say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from bot.links import without_quote
from retrieval.summaries.summary import Length

Kind = Literal["article", "topic", "url"]
# A custom id holds a hundred characters.
LONGEST_ID = 100
ID = r"sum:(?P<guild>\d{1,20}):(?P<length>short|medium|long):(?P<kind>article|topic|url):(?P<what>.+)"
ASKED = re.compile(r"\s*(?:please\s+)?(?:summari[sz]e|sum up|tl;?dr:?)\s+(?P<what>\S.*)", re.IGNORECASE | re.DOTALL)
# "Summarize", "tl;dr this": of what is not said.
NAMELESS = re.compile(
    r"\s*(?:please\s+)?(?:summari[sz]e|sum up|tl;?dr:?)(?:\s+(?:this|that|it))?(?:\s+please)?\s*[.!?]*\s*",
    re.IGNORECASE,
)
LONGER: dict[Length, Length] = {"short": "medium", "medium": "long"}
SHORTER: dict[Length, Length] = {"long": "medium", "medium": "short"}


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """`what` is an article's id or title, a topic, or an address."""

    kind: Kind
    what: str
    length: Length = "medium"


def custom_id(request: SummaryRequest, guild_id: int) -> str | None:
    """The id of a button that asks for this, or None where it does not fit."""
    found = f"sum:{guild_id}:{request.length}:{request.kind}:{request.what}"
    return found if len(found) <= LONGEST_ID else None


def of_match(match: re.Match[str]) -> tuple[SummaryRequest, int]:
    """The request and the server of a button's id."""
    kind, length = cast("Kind", match["kind"]), cast("Length", match["length"])
    return SummaryRequest(kind, match["what"], length), int(match["guild"])


def asked_in(text: str) -> SummaryRequest | None:
    """What a message asks to be summarised ("summarize the first article"), or None for other messages.

    `what` is empty where the message does not say it.
    """
    if NAMELESS.fullmatch(text):
        return SummaryRequest("article", "")
    match = ASKED.fullmatch(text)
    if match is None:
        return None
    what = match["what"].strip().strip("<>").rstrip(".!")
    if re.match(r"https?://", what):
        return SummaryRequest("url", without_quote(what))
    return SummaryRequest("article", what)
