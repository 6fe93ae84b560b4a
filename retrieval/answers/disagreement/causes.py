"""What a sentence gives as the cause or the reason of something: "due to a faulty heater", "blamed on the pilot"."""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.answers.checking.statement import words_of
from retrieval.answers.disagreement.assertion import LONGEST, same, same_stem
from retrieval.text import fold

# What asks for one, apart from "why".
_ASKS = re.compile(
    r"\bwhy\b|\b(?:cause[sd]?|reasons?|trigger(?:ed)?|spark(?:ed)?|responsible for|to blame|led to|prompted)\b|"
    r"\bhow did\b.*\b(?:start|begin|happen|die|get|break out|occur|come about)\b|"
    r"\bwhat (?:killed|destroyed|brought down|made|sank|started)\b",
    re.IGNORECASE,
)
# Words that only ask for it.
ASKING = frozenset(map(same_stem, "cause reason trigger spark responsible blame happen occur lead prompt".split()))
_TO = r"(?:(?:the|an?|its|his|her|their|this|that|it)\s)?(?:[\w'-]+\s){0,4}?"
# What stands before a cause.
_BEFORE = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|as a result of|on account of|blamed? on|stem(?:s|med)? from|"
    rf"result(?:s|ed)? from|blam(?:e|es|ed|ing) (?!for\b){_TO}on|(?:trace|attribute|ascribe)[sd]? {_TO}to|"
    rf"puts? {_TO}down to|(?:was|were|been|being|is|are) (?:\w+ly )?(?:\w+ed|brought|set|sunk|laid|begun)(?: \w+)? by|"
    r"(?:quit|resign(?:s|ed)?|le(?:aves|ft)|walk(?:s|ed) out|stepp?(?:s|ed) down|pull(?:s|ed) out|fell out)\b"
    r"[^,.;]{0,40}? over|"
    r"blam(?:e|es|ed|ing)(?! [^,.;]{1,60} on\b)|(?:the )?(?:cause|reason)\b[^,.;]{0,40}? (?:was|is))\s+"
    r"(?P<cause>[^,.;:–—]+)",
    re.IGNORECASE,
)
# What stands behind one.
_BEHIND = re.compile(
    r"(?:^|[,;:]\s|\b(?:that|and|it was)\s)(?P<cause>(?:[\w'-]+\s){1,9}?)(?:has |had |have |may have |had )?"
    r"(?:caus(?:e|es|ed|ing)|trigger(?:s|ed)?|spark(?:s|ed)|led to|set off|set fire to|brought (?:down|about|in)|"
    r"killed|wiped out|destroyed|ignited|prompted|(?:was|were|is|are) (?:to blame|behind|responsible))\b",
    re.IGNORECASE,
)
# Where a cause ends and what came of it, or when it was, is told.
_ENDS = re.compile(
    r"\b(?:for the|for its|for his|that had|which|who|after|when|while|until|as|and (?:said|has|was))\b.*", re.I
)


def asks_cause(question: str) -> bool:
    """Does a question ask for a cause or a reason?"""
    return _ASKS.search(question) is not None


@lru_cache(maxsize=256)
def causes(sentence: str) -> tuple[frozenset[str], ...]:
    """The content stems of each cause that a sentence gives."""
    sentence = fold(" ".join(sentence[:LONGEST].split()))
    found = [match["cause"] for pattern in (_BEFORE, _BEHIND) for match in pattern.finditer(sentence)]
    stems = (
        frozenset(same(word.stem) for word in words_of(_ENDS.sub("", cause)) if not (word.stop or word.number))
        for cause in found
    )
    return tuple(dict.fromkeys(one for one in stems if one))
