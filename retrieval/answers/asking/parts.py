"""A message that asks several questions, taken apart, so that each can be found, and missed, for itself."""

from __future__ import annotations

import re

from retrieval.answers.wording.words import AUXILIARIES, QUESTION_WORDS

_WH = rf"(?:{'|'.join(QUESTION_WORDS)})"
_BE = rf"(?:{'|'.join(AUXILIARIES)})"
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
# "… and who built it", "… and is it open": without a comma, behind a whole question in which no clause could go on.
_LOOSE_SEAM = re.compile(
    rf"\s+(?:and|but)\s+(?:also\s+)?(?=(?i:{_WH})\s+\w+|(?i:do|does|did)\s+{_SUBJECT}\b"
    rf"|(?i:{_BE})\s+(?i:it|they|he|she|there|you|we)\b)"
)
_CLAUSE = re.compile(rf",|\w\W+(?:{_WH}|that|if|whether)\b", re.IGNORECASE)
_END = re.compile(r"\?\s+(?=\S)")
_HEAD = re.compile(r"\s*(?:(?:and|but|or|so|also)\b,?\s*)+", re.IGNORECASE)
_TAIL = re.compile(r"[,;]?\s*(?:\b(?:and|but|or)\s*)?(?:\balso\s*)?$")
# "1) … 2) …", "a. … b. …"
_MARKER = re.compile(r"(?:(?<=\s)|^)\(?(\d|[a-i])[.)]\s+(?=\S)")

# "Which cost more, the bridge or the tunnel?"
_CHOICE = re.compile(
    r"\s*(?P<ask>(?:which|who|what|where)\b[^,:?]+)[,:]\s*(?P<one>[^,?]+?),?\s+or\s+(?P<other>[^,?]+?)\s*\?*\s*",
    re.IGNORECASE,
)
# One of the two as `split_question` writes it.
_CHOSEN = re.compile(r"(?P<ask>(?:which|who|what|where)\b[^,:?]+), (?P<one>[^,?]+)\?", re.IGNORECASE)

_DIGITS, _LETTERS = "123456789", "abcdefghi"

MOST_PARTS = 4
LEAST_WORDS = 3
# "Who won the match and who scored": what is asked for has been said.
LEAST_WORDS_LATER = 2


def side_of(part: str) -> str:
    """The one thing of a choice that a part is about, "Lima" in "Which plant employs more people, Lima?"; else ""."""
    chosen = _CHOSEN.fullmatch(part)
    return chosen["one"] if chosen else ""


def split_question(text: str) -> list[str]:
    """The questions inside a message, each readable by itself; usually just the one.

    A missed split costs little, since the whole is judged at once; a false one makes a good answer look partial.
    So a piece must open like a question and have at least three words, a later one two, or nothing is split.
    """
    # Runs of spaces would take the patterns minutes.
    text = " ".join(text.split())
    if choice := _CHOICE.fullmatch(text):
        # What is known of both is needed.
        return [f"{choice['ask']}, {choice[name]}?" for name in ("one", "other")]
    parts: list[str] = []
    for sentence in (sentence for item in _items(text) for sentence in _END.split(item)):
        asked = sentence.strip().rstrip("?.;, ")
        cuts = [0]
        for match in sorted([*_SEAM.finditer(asked), *_LOOSE_SEAM.finditer(asked)], key=re.Match.end):
            left, right = asked[cuts[-1] : match.start()], asked[match.end() :]
            loose = match.re is _LOOSE_SEAM
            if match.start() < cuts[-1] or not _OPENS.match(left) or (loose and _CLAUSE.search(left)):
                continue
            least = LEAST_WORDS if len(cuts) == 1 else LEAST_WORDS_LATER
            if len(left.split()) >= least and len(right.split()) >= (LEAST_WORDS_LATER if loose else LEAST_WORDS):
                cuts.append(match.end())
        pieces = [asked[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(asked)], strict=True)]
        parts.extend(piece for piece in (_TAIL.sub("", piece).strip() for piece in pieces) if piece)
    parts = [*parts[:1], *(part[head.end() :] if (head := _HEAD.match(part)) else part for part in parts[1:])]
    readable = all(
        _OPENS.match(part) and len(part.split()) >= (LEAST_WORDS_LATER if at else LEAST_WORDS)
        for at, part in enumerate(parts)
    )
    return [f"{part}?" for part in parts] if 1 < len(parts) <= MOST_PARTS and readable else [text]


def _items(text: str) -> list[str]:
    """The items of a numbered list in a message, without their markers; the message where there is none."""
    found = list(_MARKER.finditer(text))
    numbers = [match[1] for match in found]
    if len(found) < 2 or "".join(numbers) not in (_DIGITS[: len(found)], _LETTERS[: len(found)]):
        return [text]
    # What leads to a list asks nothing itself.
    lead = text[: found[0].start()].strip()
    ends = [*(match.start() for match in found[1:]), len(text)]
    items = [text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)]
    return items if not lead or lead.endswith(":") else [lead, *items]
