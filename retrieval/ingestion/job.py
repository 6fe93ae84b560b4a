"""What an ingestion job is made of: requests that say what to read, and the progress that people watch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import FootnoteError
from retrieval.index.writer import Added

Outcome = Added | Unreadable
Stage = Literal["waiting", "fetching", "reading", "indexing", "done"]


class TooManyJobs(FootnoteError):
    """The library has as many unfinished jobs as it may have."""


@dataclass(frozen=True, slots=True)
class AddressRequest:
    """Read what is at an address. `fallback` is what the feed itself says, for a page that cannot be read."""

    address: str
    fallback: ArticleDraft | None = None
    feed_item_id: int | None = None

    @property
    def name(self) -> str:
        """What it is called until its title is known."""
        return self.address


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Read a file that somebody sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """What cannot be read for a reason that is known already; it stands in the job's table with the others."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class TextRequest:
    """Add an article that is already text."""

    draft: ArticleDraft
    feed_item_id: int | None = None

    @property
    def name(self) -> str:
        """The article's title."""
        return self.draft.title


Request = AddressRequest | FileRequest | RefusedRequest | TextRequest


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its row has it. `asked_by` is a Discord user's id, or `feed:` with a feed's."""

    id: int
    library_key: str
    asked_by: str | None
    channel_id: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """How far one request has come; `passages` are done of all, while it is being indexed."""

    name: str
    stage: Stage = "waiting"
    passages: tuple[int, int] = (0, 0)
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come."""

    items: tuple[ItemProgress, ...]
    finished: bool = False
    stopped: bool = False

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of everything that is done, in the order it was asked for."""
        return [outcome for item in self.items for outcome in item.outcomes]

    @property
    def done(self) -> int:
        """How many requests are finished."""
        return sum(item.stage == "done" for item in self.items)


def request_columns(request: Request) -> dict[str, Any]:
    """A request as the columns of a row."""
    match request:
        case AddressRequest(address, fallback, feed_item_id):
            stored = json.dumps({"address": address, "fallback": asdict(fallback) if fallback else None})
            return {"kind": "address", "request": stored, "content": None, "feed_item_id": feed_item_id}
        case FileRequest(_, content):
            return {"kind": "file", "request": None, "content": content, "feed_item_id": None}
        case RefusedRequest(_, reason):
            return {"kind": "refused", "request": reason, "content": None, "feed_item_id": None}
        case TextRequest(draft, feed_item_id):
            stored = json.dumps(asdict(draft))
            return {"kind": "text", "request": stored, "content": None, "feed_item_id": feed_item_id}


def request_of(kind: str, name: str, stored: str | None, content: bytes | None, feed_item_id: int | None) -> Request:
    """The request of a row."""
    if kind == "file":
        return FileRequest(name, content or b"")
    if kind == "refused":
        return RefusedRequest(name, stored or "")
    value = json.loads(stored or "{}")
    if kind == "text":
        return TextRequest(ArticleDraft(**value), feed_item_id)
    fallback = ArticleDraft(**value["fallback"]) if value["fallback"] else None
    return AddressRequest(value["address"], fallback, feed_item_id)


def outcomes_text(outcomes: Sequence[Outcome]) -> str:
    """Outcomes as a row keeps them."""
    return json.dumps([asdict(outcome) for outcome in outcomes])


def outcomes_of(text: str) -> tuple[Outcome, ...]:
    """The outcomes of a row."""
    return tuple(Added(**row) if "status" in row else Unreadable(**row) for row in json.loads(text))
