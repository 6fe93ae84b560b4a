"""Questions about the library itself, answered from its own records: how many articles, of which sources, which new."""

from __future__ import annotations

import re
from typing import Literal

from retrieval.answers.answer import Answer, Quote, Sentence
from retrieval.answers.asking.small_talk import MOST_WORDS, small_talk
from retrieval.answers.markers import short_name, unmarked
from retrieval.articles import Passage
from retrieval.library import Library
from retrieval.text import fold, sentences

Fact = Literal["count", "sources", "newest"]

SHOWN_SOURCES = 12
SHOWN_ARTICLES = 3

_POLITE = r"(?:(?:hi|hello|hey|please|ok|so|and)\s+)*"
_LIBRARY = r"(?:the|this|your)\s+(?:library|database|archive|collection)"
_HERE = (
    r"(?:\s+(?:do\s+(?:you|we)\s+(?:have|hold|know|use|search|cover)|have\s+you(?:\s+got)?|are\s+(?:there|in\s+here)"
    rf"|(?:are|is)\s+(?:in|part\s+of)\s+{_LIBRARY}|do\s+you\s+get\s+(?:your\s+)?(?:\w+\s+)?from"
    r"|can\s+(?:i|you)\s+(?:search|ask(?:\s+about)?)|(?:have\s+been|were|are)\s+(?:added|indexed)))?"
    rf"(?:\s+(?:here|now|so\s+far|in\s+total|in\s+{_LIBRARY}))*"
)
_SOURCES = r"(?:news\s+)?(?:sources?|outlets?|newspapers?|papers|publications?|publishers?|media|websites?|sites)"
_ARTICLES = r"(?:articles?|stories|news|reports?|documents?|texts?|headlines?|entries|things)"
_NEWEST = r"(?:(?:very\s+)?(?:newest|latest|most\s+recent|recent|last|new))"
_SHOW = r"(?:(?:show|list|give|tell|name|send)\s+(?:me\s+)?(?:all\s+|about\s+)?|what(?:'s|s|\s+is|\s+are|\s+was)\s+)?"
_TODAY = r"(?:\s+(?:here|today|now))?"
_ASKED: tuple[tuple[Fact, str], ...] = (
    ("count", rf"how\s+many\s+{_ARTICLES}{_HERE}"),
    ("count", rf"how\s+(?:big|large)\s+is\s+{_LIBRARY}"),
    ("count", rf"(?:what\s+is\s+)?the\s+number\s+of\s+articles(?:\s+in\s+{_LIBRARY})?"),
    ("sources", rf"(?:which|what)\s+{_SOURCES}{_HERE}"),
    ("sources", rf"{_SHOW}(?:the|your|all|all\s+your)\s+{_SOURCES}"),
    ("sources", rf"(?:list|show)\s+(?:me\s+)?{_SOURCES}"),
    ("sources", rf"where\s+(?:do|are|does)\s+(?:your|these)\s+{_ARTICLES}\s+(?:come\s+)?from"),
    ("newest", rf"{_SHOW}(?:the\s+|your\s+)?{_NEWEST}\s+{_ARTICLES}(?:\s+(?:that\s+)?you\s+have)?{_TODAY}"),
    (
        "newest",
        rf"(?:which|what)\s+(?:{_ARTICLES})?\s*(?:is|are)\s+(?:the\s+)?{_NEWEST}(?:\s+(?:one|ones|{_ARTICLES}))?",
    ),
    ("newest", rf"what(?:'s|s|\s+is)\s+new{_TODAY}"),
    ("newest", rf"(?:is\s+there\s+|do\s+you\s+have\s+)?any(?:thing)?\s+(?:news|new){_TODAY}"),
    ("newest", rf"(?:which|what)\s+articles{_HERE}"),
    ("newest", rf"(?:list|show)\s+(?:me\s+)?(?:all\s+)?(?:the\s+|your\s+)?articles|what\s+is\s+in\s+{_LIBRARY}"),
)
_QUESTIONS = tuple(
    (fact, re.compile(rf"{_POLITE}(?:{asked})(?:\s+(?:please|thanks))?", re.IGNORECASE)) for fact, asked in _ASKED
)


def fact_asked(question: str) -> Fact | None:
    """What a question wants to know of the library itself; None for a question to its articles."""
    words = " ".join(re.findall(r"[\w']+", fold(question)))
    if len(words.split()) > MOST_WORDS:
        return None
    return next((fact for fact, asked in _QUESTIONS if asked.fullmatch(words)), None)


def searched_for(question: str) -> bool:
    """Are the articles searched for an answer to a message?"""
    return small_talk(question) is None and fact_asked(question) is None


async def told(library: Library, fact: Fact, question: str) -> Answer:
    """The answer, from the records; no article is searched."""
    count = await library.count()
    holds = f"The library holds {count:,} article{'' if count == 1 else 's'}."
    if not count:
        return Answer(question, question, "small_talk", notices=("The library is empty: it holds no article yet.",))
    if fact == "newest":
        return await _newest(library, question, holds)
    if fact == "sources":
        holds = f"{holds} {_named(sorted(await library.sources(), key=str.casefold))}"
    return Answer(question, question, "small_talk", notices=(holds,), further="articles")


async def _newest(library: Library, question: str, holds: str) -> Answer:
    """The newest articles, each with a footnote to its beginning."""
    firsts = await library.first_passages([article for article, _ in await library.titles("", SHOWN_ARTICLES)])
    if not any(passage.published_at for passage in firsts):
        holds = f"{holds} None of them bears a date, so I cannot tell which is the newest."
        return Answer(question, question, "small_talk", notices=(holds,), further="articles")
    said = tuple(_titled(passage) for passage in firsts)
    return Answer(question, question, "answered", said, preface=(f"{holds} The newest:",), further="articles")


def _titled(passage: Passage) -> Sentence:
    """An article's title with its source and day; the footnote holds the sentence that it begins with."""
    facts = ", ".join(part for part in (passage.source, passage.day or "undated") if part)
    spans = list(sentences(passage.text, passage.language))
    quotes = tuple(Quote.of(passage, span, 1.0) for span in spans[:1])
    return Sentence(unmarked(f"“{passage.title}” ({facts})"), quotes, "\n- ")


def _named(sources: list[str]) -> str:
    """A sentence that names sources, the first ones where there are many."""
    if not sources:
        return "None of them says what source it is from."
    names = ", ".join(map(short_name, sources[:SHOWN_SOURCES]))
    more = len(sources) - SHOWN_SOURCES
    return f"Their sources: {names}{f' and {more:,} more' if more > 0 else ''}."
