"""A digest as somebody subscribed to it, and one issue of it: frozen values that every face only renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from retrieval.answers.answer import Citation, Sentence, footnotes, marked
from retrieval.articles import ArticleRecord
from retrieval.digests.schedule import Cadence, Schedule
from retrieval.summaries.summary import Length

# Paused since it was refused, or broken: paused since it could not be made.
State = Literal["on", "paused", "broken"]


@dataclass(frozen=True, slots=True)
class Digest:
    """A subscription: a person's (`user_id`), a channel's (`channel_id`), or the terminal's own (neither).

    Moments are ISO 8601 in UTC. Articles added after `since` are new to it. `attempt_for` is the due moment that an
    issue was begun for, and `attempt_until` up to when that issue tells what is new (None until it is made).
    `failures` counts the deliveries that were refused, or failed by a defect, since the last one that did not; `told`
    says whether the person knows that the digest is paused.
    """

    id: int
    library_id: int
    library_key: str
    user_id: str | None
    channel_id: str | None
    topic: str | None
    feed_id: int | None
    length: Length
    cadence: Cadence
    hour: int
    weekday: int
    zone: str
    created_at: str
    since: str
    next_at: str
    attempt_for: str | None
    attempt_until: str | None
    claimed_until: str | None
    failures: int
    state: State
    told: bool
    # Of the feed it is limited to.
    feed_title: str | None = None

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        return Schedule(self.cadence, self.hour, self.zone, self.weekday)


@dataclass(frozen=True, slots=True)
class Story:
    """One event as one or more articles tell it, newest version first.

    `points` are its key points, none where no article of it has a sentence to quote; `model` says who wrote them.
    """

    title: str
    articles: tuple[ArticleRecord, ...]
    points: tuple[Sentence, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What was added after `since` until `until` (ISO 8601, UTC), by story; `more` stories were left out.

    Without stories nothing is new.
    """

    digest: Digest
    stories: tuple[Story, ...]
    more: int
    since: str
    until: str

    @property
    def due(self) -> datetime:
        """The moment the issue is for: the due one of a scheduled issue, else when it was asked for."""
        return datetime.fromisoformat(self.digest.attempt_for or self.until)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The footnotes of all points, numbered by first use over the whole issue."""
        return footnotes(self._points)

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The points of each story with the markers of their footnotes."""
        texts = iter(marked(self._points))
        return tuple(tuple(next(texts) for _ in story.points) for story in self.stories)

    @property
    def _points(self) -> tuple[Sentence, ...]:
        return tuple(point for story in self.stories for point in story.points)


def stamp(moment: datetime) -> str:
    """A moment as rows keep it, in UTC to the microsecond, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
