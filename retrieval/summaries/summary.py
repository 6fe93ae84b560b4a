"""The summary: one frozen value that every face only renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from retrieval.answers.answer import Citation, Sentence, footnotes, marked
from retrieval.articles import ArticleRecord

Length = Literal["short", "medium", "long"]
# Key points a summary has at most.
POINTS: Mapping[Length, int] = {"short": 3, "medium": 5, "long": 7}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a summary is: parts read, of how many."""

    done: int
    parts: int


# Called at every part, and at least every `HEARTBEAT` seconds; it must return at once.
Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What one article says, or what several say on a topic.

    `articles` are what it stands on, a topic's in time order. `points` are the key points, in the order of the text
    (a topic's in time order), `disagreement` the two sides where articles contradict each other. `unanswered` is
    what people ask and the article does not say. `notices` are sentences about the summary itself.
    `cached` says that no one was asked this time; `timings` are seconds a step.
    """

    topic: str | None
    length: Length
    articles: tuple[ArticleRecord, ...]
    points: tuple[Sentence, ...]
    disagreement: tuple[Sentence, ...] = ()
    unanswered: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    model: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    cached: bool = False

    @property
    def title(self) -> str:
        """What the summary is of."""
        return self.topic or self.articles[0].title

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The footnotes of points and disagreement, numbered by first use."""
        return footnotes((*self.points, *self.disagreement))

    @property
    def lines(self) -> tuple[str, ...]:
        """The points with the markers of their footnotes."""
        return tuple(marked((*self.points, *self.disagreement))[: len(self.points)])

    @property
    def disagreement_lines(self) -> tuple[str, ...]:
        """The sentences of the disagreement with the markers of their footnotes; the first one introduces it."""
        texts = marked((*self.points, *self.disagreement))[len(self.points) :]
        return tuple(f"{s.lead.lstrip()}{text}" for s, text in zip(self.disagreement, texts, strict=True))
