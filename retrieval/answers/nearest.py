"""Which articles came near to a question that is not answered, and may be named for it."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.answers.wording.english import frequency_rank
from retrieval.answers.wording.words import tokens
from retrieval.articles import FoundPassage, Passage
from retrieval.calendar_names import CALENDAR_WORDS
from retrieval.text import stems_of, terms

MOST_ARTICLES = 3
# The cosine from which a passage is about what was asked. Of eighteen questions about anything but two small libraries
# none came nearer than .21; all of thirteen about their articles came to .25 or shared a word.
NEAR = 0.25
# From here on a passage that holds half of the question's words is, too. Below it words are shared by chance: "Is it
# going to rain on Monday?" and a council that met on one.
NEAR_IN_WORDS = 0.15
SHARED = 0.5
# "Time", "year" and "go" are in any article; the five hundred most frequent words show no topic.
FREQUENT = 500


def nearest_articles(question: str, found: Sequence[FoundPassage]) -> tuple[Passage, ...]:
    """The best passage of each article that is near to the question, best first."""
    asked = frozenset(terms(question))
    telling = asked & {
        token.stem
        for token in tokens(question)
        if not (token.stop or token.number or token.text.lower() in CALENDAR_WORDS or _is_frequent(token.text.lower()))
    }
    best: dict[int, Passage] = {}
    for one in found:
        cosine = one.cosine or 0.0
        if cosine >= NEAR or (cosine >= NEAR_IN_WORDS and _shares(one.passage, telling, len(asked))):
            best.setdefault(one.passage.article_id, one.passage)
    return tuple(best.values())[:MOST_ARTICLES]


def _is_frequent(word: str) -> bool:
    return (frequency_rank(word) or FREQUENT + 1) <= FREQUENT


def _shares(passage: Passage, telling: frozenset[str], asked: int) -> bool:
    return bool(telling) and len(telling & stems_of(passage)) >= SHARED * asked
