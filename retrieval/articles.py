"""The nouns every part shares: an article, a passage of it, and what was found for a question."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as a source understood it, before a library gives it an identity.

    `text` is what will be quoted: offsets of passages and quotes count its characters. `published_at`
    is ISO 8601, a date or a date with time. `identity` names the same article across ingestions (its
    canonical URL, its id in a JSONL file, or its path), so that a second ingestion replaces the first.
    """

    title: str
    text: str
    identity: str
    url: str | None = None
    source: str | None = None
    author: str | None = None
    published_at: str | None = None
    language: str | None = None
    # What a later visit to the address can ask with: has it changed since?
    etag: str | None = None
    last_modified: str | None = None

    def composed(self) -> ArticleDraft:
        """With an accented letter as one character (NFC).

        Files from a Mac and many PDFs have it as two, which are no word to anybody who types it.
        """
        text, title = (unicodedata.normalize("NFC", said) for said in (self.text, self.title))
        source, author = (said and unicodedata.normalize("NFC", said) for said in (self.source, self.author))
        return replace(self, text=text, title=title, source=source, author=author)

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything that is indexed or shown; equal hashes mean nothing to do."""
        parts = (self.title, self.text, self.url, self.source, self.author, self.published_at, self.language)
        return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, page or line that gave no article, and why, in a sentence for a person."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as a library lists it, without its text.

    `added_by` is a Discord user's id, `feed:` with a feed's, or None for the terminal. `checked_at` is when its source
    was last compared with it. `twin_of` is the first article it repeats almost word for word.
    """

    id: int
    identity: str
    title: str
    url: str | None
    source: str | None
    author: str | None
    published_at: str | None
    language: str | None
    added_at: str
    passages: int
    added_by: str | None = None
    checked_at: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    twin_of: int | None = None

    @property
    def day(self) -> str:
        """The day it was published, "2024-05-28"; empty where that is not known."""
        return _day(self.published_at)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters [start, end) of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous span of an article's text: what is embedded, retrieved, quoted and cited."""

    id: int
    key: str
    article_id: int
    ordinal: int
    start: int
    end: int
    text: str
    title: str
    url: str | None
    source: str | None
    published_at: str | None
    language: str | None

    @property
    def head(self) -> str:
        """The line that stands in front of the passage in both indexes."""
        return head_line(self.title, self.source, self.published_at)

    @property
    def day(self) -> str:
        """The day its article was published, "2024-05-28"; empty where that is not known."""
        return _day(self.published_at)


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage with what the retrievers thought of it.

    `score` is the fused score that orders the list. `cosine` is the passage's similarity to the question
    (None when only the words found it), `bm25` its lexical score (None when only the vectors found it).
    `copies` are passages of other articles with the same text, which take no place in the list.
    """

    passage: Passage
    score: float
    cosine: float | None = None
    bm25: float | None = None
    copies: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched for.

    `context` is an earlier question that it leans on, if it does, and `weight` says how much: 1 would make the
    earlier question's words as important as its own. `asked_on` is the day on which it is asked, from which "last
    year" is told; without it such words name no time. `also` has words that are searched for as well: those in which a
    question in another language was asked. `trust` says how far the text can be relied on to be what was asked: 1 for
    somebody's own words.
    """

    text: str
    context: str = ""
    weight: float = 0.0
    asked_on: date | None = None
    also: str = ""
    trust: float = 1.0


def head_line(title: str, source: str | None, published_at: str | None) -> str:
    """Title, source and date on one line: news questions name them and the passage's own text does not."""
    return " | ".join(part for part in (title, source, _day(published_at)) if part)


def _day(published_at: str | None) -> str:
    return (published_at or "")[:10]
