"""Errors whose message is a sentence for a person.

Every one of them says what happened and what to do. Faces (Discord, terminal) print `str(error)`
and log the cause; anything else that escapes is a defect and is logged with its traceback.
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Base of all errors that may be shown to a person as they are."""


class ArticleUnreadable(FootnoteError):
    """A source gave nothing that can be quoted: wrong format, empty, damaged."""


class NotAFeed(FootnoteError):
    """An address holds something other than a feed; `links` are the feeds a web page there points to."""

    def __init__(self, sentence: str, links: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.links = links


class NothingFound(FootnoteError):
    """A library holds nothing of what somebody named. The sentence repeats their words, so it is not for the log."""


class DataDirectoryBusy(FootnoteError):
    """Another process holds the data directory; two of them would damage the vector index."""


class DatabaseUnavailable(FootnoteError):
    """The SQL database does not answer: its server is away, or the connection broke."""


class LibraryRemoved(FootnoteError):
    """A library was removed while something was to be added to it."""


class EmbeddingModelChanged(FootnoteError):
    """The index was built with another embedding model; mixed vectors would find nonsense."""


class EmbedderUnavailable(FootnoteError):
    """The embedding model's files are missing, changed, or its server does not answer."""


class VectorIndexUnavailable(FootnoteError):
    """Chroma does not answer: its worker died twice, or the server at CHROMA_URL is away."""


class ModelUnavailable(FootnoteError):
    """The chat model could not be asked: refused, overloaded, unreachable, or cut off.

    `usage` has the tokens of a call that was answered and still is of no use.
    """

    def __init__(self, sentence: str, usage: dict[str, int] | None = None) -> None:
        super().__init__(sentence)
        self.usage = usage or {}
