"""What a model's sentence claims: its words without what only frames them, or why it claims nothing.

Shared by answers and summaries, so that a heading, a politeness or a refusal is no sentence without support in either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.answers.markers import Piece
from retrieval.answers.sanitize import plain

# Nothing to check; the model says that it cannot answer; or a list of sources begins: ours stands below every answer.
Silent = Literal["nothing", "refusal", "sources"]

# "Yes, the council did": only what follows can be checked, and it says the same. So with what leads to an answer.
_OPENER = re.compile(
    r"(?:(?:yes|no|correct|indeed)\s*[,.:;!–—-]\s+"
    r"|(?:(?:the |my )?(?:short |direct |final |brief |full )?(?:answer|summary|tl;?dr|note|key points?)(?: is)?"
    r"|in (?:short|brief|summary|conclusion|a nutshell|other words)|to (?:summari[sz]e|sum up|conclude)|overall|so)"
    r"\s*[,:–—-]\s+"
    r"|(?:according to|based on|as (?:stated|reported|noted|mentioned|described) in|from) (?:the|these|this) "
    r"(?:(?:provided|given|above|available|numbered|retrieved) )?"
    r"(?:passages?|articles?|sources?|texts?|documents?|context|information|library)(?: (?:provided|given|above))?"
    r"\s*,\s+)(?=\w|[“\"‘'])",
    re.IGNORECASE,
)
# Said to be polite, or about the answer itself.
_POLITE = re.compile(
    r"(?:yes|no|sure|certainly|of course|okay|ok|thank you|thanks|(?:that is a )?(?:good|great) question)\W*$"
    r"|(?:please )?(?:let me know|feel free)\b|i hope (?:this|that|it) helps\b|(?:i am|i'm|i’m) (?:happy|glad) to\b"
    r"|(?:sure|certainly|of course|okay|ok)[!,.]? here (?:is|are|'s|’s)\b|if you (?:have|need|want|would like)\b.*\b"
    r"(?:questions?|more|else|further|let me know|ask)\b"
    r"|here (?:is|are) (?:the|a|an|some|my|your) (?:\w+ ){0,2}(?:points?|summary|answers?|takeaways?|facts?)\b[^.]*:$",
    re.IGNORECASE,
)
_GIVEN = r"(?:passages?|articles?|sources?|texts?|documents?|library)"
_REFUSES = re.compile(
    r"(?:i(?: am|'m|’m) sorry,? (?:but )?|sorry,? (?:but )?|unfortunately,? |however,? )?"
    rf"(?:(?:the|these|this|none of the) (?:provided |given )?{_GIVEN}"
    r"(?: provided)? (?:do(?:es)? not|don't|doesn't|don’t|doesn’t|contains? no|gives? no)"
    r"|i (?:cannot|can't|can’t|could not|couldn't|do not|don't|don’t) (?:find|answer|see|have|know)"
    r"|there is no (?:information|mention))\b",
    re.IGNORECASE,
)
# Of a sentence without support: does it speak of what is not said, rather than say something?
_LACKING = re.compile(
    r"\b(?:not?|none|nothing|cannot|insufficient|unable|unknown|unclear|lacks?|lacking|without|sorry)\b|n['’]t\b|\bn/a\b",
    re.IGNORECASE,
)
_ABOUT_ANSWER = re.compile(
    rf"\b(?:{_GIVEN}|context|excerpts?|snippets?|information|details|answer(?:s|ed)?|mention(?:s|ed)?|specified|stated|"
    r"provided|available|found|requests?|help)\b|\bI\b|\bn/a\b|^\W*(?:unknown|unclear)\W*$",
    re.IGNORECASE,
)
_SOURCE_LIST = re.compile(
    r"(?:sources?|references?|footnotes?|citations?|bibliography|works cited)\s*:?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The words of a sentence that are to be checked and may be shown, or why there are none."""

    text: str = ""
    silent: Silent | None = None


def claim_of(piece: Piece) -> Claim:
    """What a piece of a model's text claims."""
    text = plain(piece.text)
    if piece.lead.lstrip().startswith("#") or not re.search(r"\w", text):
        return Claim(silent="nothing")
    # A number by itself claims something only where it says from where.
    if not re.search(r"[^\W\d_]", text) and not piece.numbers:
        return Claim(silent="nothing")
    if _SOURCE_LIST.match(text):
        return Claim(silent="sources")
    if _REFUSES.match(text):
        return Claim(silent="refusal")
    # A question claims nothing, and a model that writes one repeats what it was asked.
    if _POLITE.match(text) or text.endswith(("?", "？")):
        return Claim(silent="nothing")
    if opener := _OPENER.match(text):
        text = text[opener.end() :]
        text = text[0].upper() + text[1:]
    return Claim(text)


def speaks_of_lack(text: str) -> bool:
    """Does a sentence that nothing supports only say that there is no answer?"""
    return bool(_LACKING.search(text) and _ABOUT_ANSWER.search(text))
