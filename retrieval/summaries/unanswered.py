"""What an article does not say that people ask.

A short list, and an honest one: a question is on it only when the article holds nothing of the asked kind anywhere (no
date, no name, no figure …) and the evidence gate finds no answer either. Long articles hold something of every kind,
so they have no such list; nor have those in other languages, whose words for times and places are not known here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from retrieval.answers.asking.question import Kind, holds_kind
from retrieval.answers.evidence.evidence import PASSAGES
from retrieval.answers.evidence.finder import EvidenceFinder
from retrieval.answers.languages.language import ENGLISH, detected
from retrieval.answers.wording.words import Token, tokens
from retrieval.articles import Passage, Standalone
from retrieval.library import Library

MOST_LISTED = 3
# How much the title counts as what a question is about.
TITLE_WEIGHT = 0.5

_MONEY = re.compile(
    r"\b(?:costs?|prices?|priced|pays?|paid|funds?|funding|funded|invest\w*|budgets?|buys?|bought|sells?|sold|sales?|"
    r"builds?|built|building|rent\w*|fees?|spend\w*|deal|acqui\w+)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|would|shall|next|soon|upcoming|tomorrow|plan(?:s|ned|ning)?|expect\w*|intend\w*|aims?|forecast\w*|"
    r"scheduled|due|going to|until|by (?:19|20)\d\d|later this)\b|'ll\b",
    re.IGNORECASE,
)


# Causes and purposes beyond the words that `holds_kind` knows: "why" is what a text most often says in passing.
_CAUSE = re.compile(
    r"\b(?:consequen\w+|results?|resulting|after|following|amid|driven|aimed?|aims|purpose|motiv\w+|explain\w*|"
    r"allow\w*|lets?|enabl\w+|in response|in return|thus|hence)\b",
    re.IGNORECASE,
)

# What is missing as it is listed, the question to the gate, and the kind of thing that would answer it; None for what
# comes next, which has words of its own.
QUESTIONS: tuple[tuple[str, str, Kind | None], ...] = (
    ("who is behind it", "Who is behind it?", "person"),
    ("when it happens", "When does it happen?", "time"),
    ("where it happens", "Where does it happen?", "place"),
    ("what it costs", "How much does it cost?", "number"),
    ("why it happens", "Why does it happen?", "reason"),
    ("what comes next", "What happens next?", None),
)


async def unanswered(
    evidence: EvidenceFinder, library: Library, title: str, passages: Sequence[Passage]
) -> tuple[str, ...]:
    """Up to three things that people ask and a short article leaves open, such as "when it happens"."""
    if not passages or len(passages) > PASSAGES:
        return ()
    text = "\n".join(passage.text for passage in passages)
    if await asyncio.to_thread(detected, text) not in (ENGLISH, None):
        return ()
    words = tokens(text)
    found: list[str] = []
    for missing, question, kind in QUESTIONS:
        if len(found) == MOST_LISTED or not _sensible(kind, text) or _touched(kind, text, words):
            continue
        asked = Standalone(question, title, TITLE_WEIGHT)
        if not (await evidence.within(library, asked, passages)).answers:
            found.append(missing)
    return tuple(found)


def _sensible(kind: Kind | None, text: str) -> bool:
    """Would anybody ask? A price only of what is bought, built or paid for."""
    return kind != "number" or _MONEY.search(text) is not None


def _touched(kind: Kind | None, text: str, words: tuple[Token, ...]) -> bool:
    """Does the text hold anything of the kind at all?"""
    if kind is None:
        return _FUTURE.search(text) is not None
    said_otherwise = kind == "reason" and _CAUSE.search(text) is not None
    return said_otherwise or holds_kind(kind, words, frozenset())
