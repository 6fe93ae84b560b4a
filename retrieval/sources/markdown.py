"""Markdown and plain text: kept as they are, so that offsets count the characters the author wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.dates import spelled_date
from retrieval.sources.decode import decode

# YAML is parsed in Python at about a second a megabyte; what is longer than this is not front matter.
FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,50000}?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Trailing marks are stripped afterwards: a pattern for them would try every way to divide a run of spaces.
FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(\S.*)$", re.MULTILINE)

FIRST_LINE = re.compile(r"\s*(\S[^\n]{0,200})\n(?:[ \t]*\n|[=~*_-]{3,}[ \t]*\n)\s*\S")
LONGEST_FIRST_LINE = 120
MOST_WORDS = 16
# The end of a sentence, an item, a quote, a table, a greeting, and `Date: …` as letters and mails begin.
NO_TITLE = re.compile(
    r"[.,;:…。，；：]$|^[-*+•>|#<{\[]|\t|^\d{1,3}[.)]\s|^\w+: |://|@|^(?:dear|hi|hello|hey)\b", re.IGNORECASE
)


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
        published_at=spelled_date(fields.get("date") or fields.get("published_at")),
        language=_string(fields.get("language") or fields.get("lang")),
    )


def read_text(content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article; its title is its first line where that looks like one, else its file's name."""
    text = decode(content, Path(identity).name)
    yield ArticleDraft(title=_first_line(text) or title_from_name(identity), text=text, identity=identity)


def _first_line(text: str) -> str | None:
    """The first line if it is a title: short, begun like one, not a sentence, a list item or a field, and set apart.

    Set apart is a line that a blank one follows, or a line of signs under it, with more text after that.
    """
    match = FIRST_LINE.match(text)
    if not match:
        return None
    line = match.group(1).strip()
    words = line.split()
    begun = line[0].isupper() or line[0].isdigit() or not line[0].isascii() or line[0] in "\"'("
    titled = len(line) <= LONGEST_FIRST_LINE and len(words) <= MOST_WORDS and begun and re.search(r"[^\W\d_]{2}", line)
    return line if titled and not NO_TITLE.search(line) else None


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
