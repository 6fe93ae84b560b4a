"""A message that asks several questions, taken apart, so that each can be found, and missed, for itself."""

from __future__ import annotations

import re

_WH = r"(?:who|whom|whose|what|when|where|why|which|how)"
_BE = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
_SUBJECT = r"(?:the|a|an|it|its|they|their|he|his|she|her|this|these|those|there|you|we|[A-Z]\w*)"
_PREPOSITION = r"(?:and|but|so|also|in|on|at|by|for|from|to|with|of|about)"

_OPENS = re.compile(rf"\s*(?!(?i:when|where)\s+(?!(?i:{_BE})\b))(?:(?i:{_PREPOSITION})\s+)?(?i:{_WH}|{_BE})\b")
# ", and when will it open", "and how many …": a conjunction before a new question word. Without a comma, "who",
# "which" or "where" may open a relative clause; then an auxiliary with a subject has to prove a question.
_SEAM = re.compile(
    rf"(?:[,;]\s*(?:and|but|or)?\s*|\s+(?:and|but)\s+)(?:also\s+|if so,?\s+)?"
    rf"(?=(?i:how\s+\w+|why|what)\s+\w+|(?i:{_WH})\s+(?:\w+\s+)?(?i:{_BE})\s+{_SUBJECT}\b)"
    rf"|[,;]\s*(?:and|but|or)\s+(?:also\s+)?"
    rf"(?=(?i:{_WH})\s+\w+|(?i:do|does|did|is|are|was|were|will|can|has|have)\s+{_SUBJECT}\b)"
)
_END = re.compile(r"\?\s+(?=\S)")
_TAIL = re.compile(r"[,;]?\s*(?:\b(?:and|but|or)\s*)?(?:\balso\s*)?$")

# "Which cost more, the bridge or the tunnel?"
_CHOICE = re.compile(
    r"\s*(?P<ask>(?:which|who|what|where)\b[^,:?]+)[,:]\s*(?P<one>[^,?]+?),?\s+or\s+(?P<other>[^,?]+?)\s*\?*\s*",
    re.IGNORECASE,
)

MOST_PARTS = 4
LEAST_WORDS = 3


def split_question(text: str) -> list[str]:
    """The questions inside a message, each readable by itself; usually just the one.

    A missed split costs little, since the whole is judged at once; a false one makes a good answer look partial.
    So a piece must open like a question and have at least three words, or nothing is split.
    """
    if choice := _CHOICE.fullmatch(text):
        # What is known of both is needed.
        return [f"{choice['ask']}, {choice[name]}?" for name in ("one", "other")]
    parts: list[str] = []
    for sentence in _END.split(text.strip()):
        asked = sentence.strip().rstrip("?").strip()
        if not asked:
            continue
        cuts = [0]
        for match in _SEAM.finditer(asked):
            left, right = asked[cuts[-1] : match.start()], asked[match.end() :]
            if _OPENS.match(left) and min(len(left.split()), len(right.split())) >= LEAST_WORDS:
                cuts.append(match.end())
        pieces = [asked[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(asked)], strict=True)]
        parts.extend(piece for piece in (_TAIL.sub("", piece).strip() for piece in pieces) if piece)
    readable = all(_OPENS.match(part) and len(part.split()) >= LEAST_WORDS for part in parts)
    return [f"{part}?" for part in parts] if 1 < len(parts) <= MOST_PARTS and readable else [text.strip()]
