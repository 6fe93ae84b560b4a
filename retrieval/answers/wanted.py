"""What a question insists on, and not only prefers: articles of a time, articles by a source.

"What did the mayor decide before 2024?" is not answered by what an article of 2025 says, nor "according to Reuters" by
another paper. Where nothing better is there, that is shown, and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.answers.answer import Quote
from retrieval.answers.sanitize import printable
from retrieval.articles import Passage
from retrieval.index.mentions import Mentions
from retrieval.index.times import Time, times_in
from retrieval.text import fold

_A_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The times that a question insists on, of which an article may be of any."""

    times: tuple[Time, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.times)

    def of_time(self, passage: Passage, sentence: str) -> bool:
        """Is the article of such a time, or undated, or does the sentence itself name the time?"""
        if not (self.times and passage.published_at):
            return True
        if any(time.holds(passage.published_at) for time in self.times):
            return True
        told = _told(fold(sentence), passage.published_at)
        # "Before 2024" would be met by every date that anybody looks back to.
        closed = [time for time in self.times if not time.open]
        return any(time.meets(one) for time in closed for one in told if not one.open)

    def said_of(self, quotes: Sequence[Quote]) -> tuple[str, ...]:
        """What is to be said before these quotes: that they are of other times."""
        if not quotes or any(self.of_time(quote.passage, quote.text) for quote in quotes):
            return ()
        times = " or ".join(dict.fromkeys(printable(time.told) for time in self.times))
        return (f"No article from {times} says this; what comes nearest:",)


NOTHING = Wanted()


def wanted_by(mentions: Mentions, today: date | None) -> Wanted:
    """What a question insists on; what is still to come is no time of an article."""
    return Wanted(tuple(time for time in mentions.times if time.binding and (today is None or time.first <= today)))


def _told(sentence: str, published_at: str) -> tuple[Time, ...]:
    """The times with a year that a sentence of an article of that day names."""
    try:
        day = date.fromisoformat(published_at[:10])
    except ValueError:
        day = None
    named = [time for time in times_in(sentence, day) if not time.any_year]
    bare = [
        Time(date(int(found.group()), 1, 1), date(int(found.group()), 12, 31), found.group(), found.start())
        for found in _A_YEAR.finditer(sentence)
        if not any(time.start <= found.start() < time.end for time in named)
    ]
    return (*named, *bare)
