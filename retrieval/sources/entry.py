"""What every kind of feed gives of an item, and the limits all of them keep to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypedDict
from urllib.parse import quote, urljoin, urlsplit

from retrieval.errors import ArticleUnreadable
from retrieval.sources.address import LONGEST_URL
from retrieval.sources.decode import bounded_identity, storable
from retrieval.sources.isolated import LARGEST_TEXT
from retrieval.sources.markup import markdown_of, words_of
from retrieval.sources.table import flat

# Feeds hold ten to a hundred items; what is older than the newest two hundred is an archive.
MOST_ITEMS = 200
LONGEST_TITLE = 300
LONGEST_AUTHOR = 200
# Feeds that ask for every minute are not obeyed, and those that ask for every year would look dead.
LEAST_REFRESH, MOST_REFRESH = 300, 86_400
# Line feeds and tabs are layout; all other control characters are not text.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# White space and control characters that URL parsers skip, replace or stumble over (WHATWG URL, 4.4).
UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f-\xa0]+")
HTML = frozenset({"text/html", "application/xhtml+xml"})


class Entry(TypedDict):
    """The fields of a FeedItem, as they leave the killable process."""

    id: str
    url: str | None
    title: str
    published_at: str | None
    author: str | None
    summary: str | None
    content: str | None


class Parsed(TypedDict):
    """The fields of a Feed but its address, as they leave the killable process."""

    title: str
    items: list[Entry]
    kind: str
    refresh_after: int | None
    sitemaps: list[str]


def entry(
    identity: str | None,
    url: str | None,
    title: str = "",
    published_at: str | None = None,
    author: str | None = None,
    summary: str | None = None,
    content: str | None = None,
) -> Entry:
    """An entry within its limits; one without a name of its own is named by its URL, else by what it says."""
    named = identity and one_line(identity)
    said = "\n".join(filter(None, (title, published_at, summary, content)))
    return Entry(
        id=bounded_identity(named or url or hashlib.sha256(said.encode(errors="replace")).hexdigest()),
        url=url,
        title=title[:LONGEST_TITLE],
        published_at=published_at,
        author=author[:LONGEST_AUTHOR] if author else None,
        # What repeats the content, or its beginning, is no teaser.
        summary=None if not summary or (content and content.startswith(summary)) else summary,
        content=content or None,
    )


def bounded(entries: Iterable[Entry], most: int = MOST_ITEMS) -> list[Entry]:
    """The first entries, each id once; their source gives the newest first, and makes no more than are taken.

    Raises ArticleUnreadable when together they are larger than any feed: entities can repeat a text without end.
    """
    once: dict[str, Entry] = {}
    size = 0
    for item in entries:
        once.setdefault(item["id"], item)
        size += len(item["content"] or "") + len(item["summary"] or "")
        if size > LARGEST_TEXT:
            raise ArticleUnreadable(
                f"the feed's text is over the limit of {LARGEST_TEXT / 1e6:.0f} million characters."
            )
        if len(once) == most:
            break
    return list(once.values())


def one_line(text: str) -> str:
    """Plain text on one line, without control characters."""
    return flat(_clean(text))


def heading(text: str, media_type: str | None = None) -> str:
    """A title or a name on one line; markup and escapes are resolved where the text is HTML."""
    return one_line(words_of(_clean(text)) if media_type in HTML else text)


def prose(text: str, media_type: str | None = None) -> str | None:
    """A text of several lines, or None when it is empty; HTML becomes Markdown, as all articles are."""
    text = _clean(text)
    return _clean(markdown_of(text) if media_type in HTML else text).strip() or None


def _clean(text: str) -> str:
    return CONTROL.sub("", storable(text.replace("\r\n", "\n").replace("\r", "\n")))


def web_link(link: object, base: str) -> str | None:
    """The link as an absolute http or https URL, or None when it is none."""
    if not isinstance(link, str) or not link.strip() or len(link) > LONGEST_URL:
        return None
    try:
        url = urljoin(base, UNSAFE_IN_URL.sub(lambda match: quote(match[0].strip("\t\r\n\x00"), safe=""), link.strip()))
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL:
        return None
    return storable(url)


def utc(moment: datetime) -> str:
    """The moment in UTC to the second, as ISO 8601; one without a zone is taken to be in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0).isoformat()


def iso_moment(text: Any) -> str | None:
    """A date of the W3C's profile of ISO 8601 (year, month, day or time), or None when it is none."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        text += "-01-01"[len(text) - 10 :]
    try:
        return utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
