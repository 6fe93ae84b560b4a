"""JSON Lines: one article a line, `{id, title, url, published_at, source, text}`."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.sources.decode import decode, iso_date


class _Line(BaseModel):
    """One line; other keys are ignored, since exports of other programs carry more."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    text: str
    id: str | None = None
    title: str | None = None
    url: str | None = None
    published_at: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None


def read_jsonl(content: bytes, identity: str) -> Iterator[ArticleDraft | Unreadable]:
    """The articles of a file, line by line; a bad line is reported with its number and skipped.

    A line's identity is its URL when it has no id, or the id is that URL (as in an export); else its id within this
    file, since many lines may share one page.
    """
    for number, raw in enumerate(io.BytesIO(_utf_8(content, identity)), start=1):
        if not raw.strip():
            continue
        place = f"{identity}:{number}"
        try:
            line = _Line.model_validate(json.loads(raw))
        except (ValueError, RecursionError) as error:
            yield Unreadable(place, f"line {number}: {_why(error)}")
            continue
        if not re.search(r"\w", line.text):
            yield Unreadable(place, f"line {number}: the text holds no words.")
            continue
        url = (line.url or "").strip() or None
        yield ArticleDraft(
            title=(line.title or "").strip() or (line.id or "").strip() or f"Line {number}",
            text=line.text,
            identity=_identity(line, url, identity, place),
            url=url,
            source=line.source or None,
            author=line.author or None,
            published_at=iso_date(line.published_at),
            language=line.language or None,
        )


def _utf_8(content: bytes, identity: str) -> bytes:
    """The file as UTF-8, which JSON Lines is; what a program saved as UTF-16 is read all the same.

    Everything else is left to the lines, of which a damaged one spoils no other.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:4]:
        return decode(content, Path(identity).name).encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _identity(line: _Line, url: str | None, file: str, place: str) -> str:
    if url and line.id in (None, "", url):
        return url
    return f"{file}#{line.id}" if line.id else place


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        if not first["loc"]:
            return "not a JSON object."
        return f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}."
    return f"not JSON ({error})."
