"""Markdown and plain text: kept as they are, so that offsets count the characters the author wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import decode, iso_date

# YAML is parsed in Python at about a second a megabyte; what is longer than this is not front matter.
FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,50000}?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Trailing marks are stripped afterwards: a pattern for them would try every way to divide a run of spaces.
FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(\S.*)$", re.MULTILINE)


def read_markdown(content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article; YAML front matter gives title, date, source, url, author, language.

    The article's text is what follows the front matter, character for character.
    """
    name = Path(identity).name
    text = decode(content, name)
    match = FRONT_MATTER.match(text)
    fields = _fields(match.group(1), name) if match else {}
    body = text[match.end() :] if match else text
    heading = FIRST_HEADING.search(body)
    url = _string(fields.get("url"))
    yield ArticleDraft(
        title=_string(fields.get("title")) or (_heading(heading.group(1)) if heading else title_from_name(identity)),
        text=body,
        identity=url or identity,
        url=url,
        source=_string(fields.get("source")),
        author=_string(fields.get("author")),
        published_at=iso_date(fields.get("date") or fields.get("published_at")),
        language=_string(fields.get("language") or fields.get("lang")),
    )


def read_text(content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article; its title is its file's name, since a first line may be anything."""
    text = decode(content, Path(identity).name)
    yield ArticleDraft(title=title_from_name(identity), text=text, identity=identity)


def _fields(front_matter: str, name: str) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(front_matter)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArticleUnreadable(
            f"{name}: the front matter between the --- lines is not valid YAML ({error})."
        ) from error
    return {str(key).lower(): value for key, value in loaded.items()} if isinstance(loaded, dict) else {}


def _string(value: object) -> str | None:
    if not isinstance(value, str | int | float):
        return None
    try:
        return str(value).strip()[:1000] or None
    except ValueError:  # Python writes no integer of more than 4,300 digits.
        return None


def _heading(line: str) -> str:
    return line.rstrip().rstrip("#").rstrip() or line.strip()


def title_from_name(identity: str) -> str:
    """A title for what has none: its file's name, as words."""
    words = re.sub(r"[-_\s]+", " ", Path(identity).stem).strip()
    return words[:1].upper() + words[1:] or "Untitled"
