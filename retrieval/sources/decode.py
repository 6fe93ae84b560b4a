"""Bytes to text that every database and both indexes can hold."""

from __future__ import annotations

import re
from datetime import date, datetime

from charset_normalizer import from_bytes

from retrieval.errors import ArticleUnreadable

# PostgreSQL stores no NUL, UTF-8 encodes no lone surrogate. One character for one, so offsets stay.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(content: bytes, name: str) -> str:
    """The text of a file, with line ends as `\\n`.

    UTF-8 unless the bytes say otherwise. Raises ArticleUnreadable for bytes that are not text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content[:200_000]).best()
        if best is None:
            raise ArticleUnreadable(f"{name}: the file is not text.") from None
        text = content.decode(best.encoding, errors="replace").removeprefix("\ufeff")
    return storable(text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(text: str) -> str:
    """The text with what no database stores replaced, character for character."""
    return UNSTORABLE.sub("\ufffd", text)


def iso_date(value: object) -> str | None:
    """A date as articles keep it (ISO 8601), or None when it is none.

    YAML gives dates as objects, JSON as strings; a Z suffix is what most feeds write.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str):
        return None
    text = value.strip()
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text).isoformat()
        except ValueError:
            continue
    return None
