"""What a question insists on, and not only prefers: articles of a time, articles by a source.

"What did the mayor decide before 2024?" is not answered by what an article of 2025 says, nor "according to Reuters" by
another paper. Where nothing better is there, that is shown, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from retrieval.answers.answer import Quote
from retrieval.answers.sanitize import printable
from retrieval.articles import Passage
from retrieval.calendar_names import YEAR
from retrieval.index.days import day_of
from retrieval.index.mentions import Mentions
from retrieval.index.outlets import asks_of, is_called, is_named, looks_like_an_outlet, outlets_asked_of
from retrieval.index.times import Time, times_in
from retrieval.text import fold

_A_YEAR = re.compile(rf"\b{YEAR}\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The times and the sources that a question insists on; an article may be of any of them.

    `unknown` are names of newspapers and the like, of which nothing is there. What was found of what is wanted may be
    `foreign`, in another language than English.
    """

    times: tuple[Time, ...] = ()
    sources: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def narrows(self) -> bool:
        """May articles that are there be none of those wanted?"""
        return bool(self.times or self.sources)

    @property
    def steps(self) -> tuple[Wanted, ...]:
        """Itself and, where nothing answers to so much, its sources and its times alone."""
        alone = (replace(self, times=()), replace(self, sources=()))
        return (self, *alone) if self.times and self.sources else (self,) if self.narrows else ()

    def without(self, step: Wanted) -> Wanted:
        """What is left where one of the steps is met."""
        return replace(self, times=() if step.times else self.times, sources=() if step.sources else self.sources)

    def names(self, said: str) -> bool:
        """Are these words one of the sources?"""
        return any(is_called(said, source) for source in self.sources)

    def met_by(self, passage: Passage, sentence: str) -> bool:
        """Is a sentence of the time and the source that are wanted?"""
        return self._of_time(passage, sentence) and self._of_source(passage, sentence)

    def said_of(self, quotes: Sequence[Quote]) -> tuple[str, ...]:
        """What is to be said before these quotes, best first: that the best is of another time, or by another."""
        nothing = "Found nothing in English" if self.foreign else "Found nothing"
        said = [f"The library has no articles by {printable(name)}." for name in self.unknown]
        if quotes and not self._of_source(quotes[0].passage, quotes[0].text):
            names = " or ".join(printable(source) for source in self.sources)
            said.append(f"{nothing} by {names} that answers this; what others say:")
        if quotes and not self._of_time(quotes[0].passage, _paragraph(quotes[0])):
            times = " or ".join(dict.fromkeys(printable(time.told) for time in self.times))
            said.append(f"{nothing} from {times} that answers this; what comes nearest:")
        return tuple(said)

    def _of_source(self, passage: Passage, sentence: str) -> bool:
        """Is the article by such a source, or does the sentence name it?"""
        if not self.sources or passage.source in self.sources:
            return True
        return any(is_named(fold(sentence), source) for source in self.sources)

    def _of_time(self, passage: Passage, sentence: str) -> bool:
        """Is the article of such a time, or undated, or does the sentence itself name the time?"""
        if not (self.times and passage.published_at):
            return True
        if any(time.holds(passage.published_at) for time in self.times):
            return True
        told = _told(fold(sentence), passage.published_at)
        # "Before 2024" would be met by every date that anybody looks back to.
        closed = [time for time in self.times if not time.open]
        return any(time.meets(one) for time in closed for one in told if not one.open)


NOTHING = Wanted()


def with_times(wanted: Wanted, mentions: Mentions, today: date | None) -> Wanted:
    """What a request for an overview insists on: every time that it names, "flood news may 2024"."""
    return replace(wanted, times=tuple(time for time in mentions.times if today is None or time.first <= today))


def wanted_by(mentions: Mentions, sources: Sequence[str], today: date | None) -> Wanted:
    """What a question insists on; `sources` are the library's. What is still to come is no time of an article."""
    times = tuple(time for time in mentions.times if time.binding and (today is None or time.first <= today))
    asked = [source for source in sources if asks_of(mentions.text, source)]
    # "According to the report in A, and does B agree": both are meant.
    named = [source for source in sources if is_named(mentions.text, source)] if asked else []
    unknown = (name for name in outlets_asked_of(mentions.text) if not any(is_called(name, one) for one in sources))
    return Wanted(times, tuple(dict.fromkeys([*asked, *named])), tuple(unknown))


def all_of(several: Sequence[Wanted]) -> Wanted:
    """What several questions insist on, together."""
    return Wanted(
        tuple(dict.fromkeys(time for one in several for time in one.times)),
        tuple(dict.fromkeys(source for one in several for source in one.sources)),
        tuple(dict.fromkeys(name for one in several for name in one.unknown)),
        any(one.foreign for one in several),
    )


def heard(wanted: Wanted, passages: Sequence[Passage], authors: Iterable[str]) -> Wanted:
    """Without the unknown names that are no missing source: those that one of these passages mentions, or of an author.

    Who is quoted there need be no newspaper, and of a person the last name will do.
    """
    texts = [fold(f"{passage.title}\n{passage.text}").lower() for passage in passages]
    wrote = [fold(author).lower() for author in authors]

    def known(name: str) -> bool:
        bare = re.sub(r"^the\s+", "", name.lower())
        said = re.compile(rf"\b{re.escape(bare if looks_like_an_outlet(name) else bare.split()[-1])}\b")
        return any(said.search(text) for text in (*texts, *wrote))

    return replace(wanted, unknown=tuple(name for name in wanted.unknown if not known(name)))


def _paragraph(quote: Quote) -> str:
    """What a quote stands in: the sentence before it may say when it was."""
    text, span = quote.passage.text, quote.span
    after = text.find("\n", span.end)
    return text[text.rfind("\n", 0, span.start) + 1 : after if after >= 0 else len(text)]


def _told(sentence: str, published_at: str) -> tuple[Time, ...]:
    """The times that a sentence of an article of that day names; one without a year is of a year around that day."""
    day = day_of(published_at)
    every = times_in(sentence, day)
    named = [time for time in every if not time.any_year]
    near = [one for time in every if time.any_year and day for one in time.around(day)]
    bare = [
        Time(date(int(found.group()), 1, 1), date(int(found.group()), 12, 31), found.group(), found.start())
        for found in _A_YEAR.finditer(sentence)
        if not any(time.start <= found.start() < time.end for time in named)
    ]
    return (*named, *near, *bare)
