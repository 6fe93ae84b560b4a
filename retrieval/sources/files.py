"""Local files become article drafts: Markdown, text, HTML, PDF, Office, EPUB, CSV, and JSON Lines.

This is the seam for every way in: whatever brings bytes (a path here; later an attachment or a fetched page)
ends in `read_document`, and gives drafts or an ArticleUnreadable whose sentence a person understands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import overload

from retrieval.articles import ArticleDraft, Unreadable
from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import bounded_identity, storable
from retrieval.sources.isolated import read_isolated
from retrieval.sources.jsonl import read_jsonl
from retrieval.sources.markdown import read_markdown, read_text
from retrieval.sources.table import read_csv

# A book as plain text has about a megabyte; a larger article is a mistake more often than an article.
LARGEST_FILE = 20_000_000
# A JSON Lines file holds many articles, so the limit for one does not fit it.
LARGEST_JSONL = 1_000_000_000
# The title stands in front of every passage, in both indexes and in every answer.
LONGEST_TITLE = 300
LONGEST_LANGUAGE = 16

Reader = Callable[[bytes, str], Iterable[ArticleDraft | Unreadable]]
READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    ".html": partial(read_isolated, "html"),
    ".htm": partial(read_isolated, "html"),
    ".pdf": partial(read_isolated, "pdf"),
    ".docx": partial(read_isolated, "docx"),
    ".pptx": partial(read_isolated, "pptx"),
    ".xlsx": partial(read_isolated, "xlsx"),
    ".epub": partial(read_isolated, "epub"),
    ".csv": read_csv,
    ".jsonl": read_jsonl,
}

# What the programs of other formats can save as.
SAVE_AS = {
    **dict.fromkeys((".odt", ".doc", ".rtf", ".pages"), ".docx"),
    **dict.fromkeys((".ods", ".xls", ".numbers"), ".xlsx"),
    **dict.fromkeys((".odp", ".ppt", ".key"), ".pptx"),
}


def read_paths(paths: Iterable[Path]) -> Iterator[ArticleDraft | Unreadable]:
    """The articles of files and folders, in order; a file that cannot be read is reported and skipped.

    Blocking: call it from a thread. An article's identity is its URL if it has one, else its path.
    """
    for path in paths:
        files = find_files(path)
        if not files:
            yield _tidy(Unreadable(str(path), _nothing_at(path)))
        for file in files:
            try:
                yield from read_document(_bytes_of(file), file.name, str(file.resolve()))
            except ArticleUnreadable as error:
                yield _tidy(Unreadable(str(file), str(error)))


def find_files(path: Path) -> list[Path]:
    """The file itself, or all files of a known format below a folder, sorted; hidden ones are left out."""
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix.lower() in READERS and file.is_file())
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))


def read_document(content: bytes, name: str, identity: str) -> Iterator[ArticleDraft | Unreadable]:
    """The drafts of one document; `name` decides the format, `identity` names it if it has no URL.

    Raises ArticleUnreadable when it is of no known format, or holds no text.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in READERS:
        known = ", ".join(sorted(READERS))
        advice = f" Save it as {SAVE_AS[suffix]}." if suffix in SAVE_AS else ""
        raise ArticleUnreadable(f"{name}: files of this kind cannot be read; known are {known}.{advice}")
    if not content.strip():
        raise ArticleUnreadable(f"{name}: the file is empty.")
    for draft in READERS[suffix](content, identity):
        if isinstance(draft, ArticleDraft) and not re.search(r"\w", draft.text):
            raise ArticleUnreadable(f"{name}: the file holds no text.")
        yield _tidy(draft)


def read_attachment(content: bytes, name: str) -> list[ArticleDraft | Unreadable]:
    """The articles of a file that somebody sent: it is the same one if it has the same bytes and name.

    Blocking: call it from a thread. Raises ArticleUnreadable.
    """
    return list(read_document(content, name, f"sent/{hashlib.sha256(content).hexdigest()[:16]}/{name}"))


@overload
def _tidy(item: ArticleDraft) -> ArticleDraft: ...
@overload
def _tidy(item: Unreadable) -> Unreadable: ...
def _tidy(item: ArticleDraft | Unreadable) -> ArticleDraft | Unreadable:
    """Facts about an article as every database takes them; file names and metadata may hold anything."""
    if isinstance(item, Unreadable):
        return Unreadable(storable(item.name), storable(item.reason))
    language = item.language and storable(item.language)
    return replace(
        item,
        title=storable(item.title)[:LONGEST_TITLE],
        text=storable(item.text),
        identity=bounded_identity(item.identity),
        url=item.url and storable(item.url),
        source=item.source and storable(item.source),
        author=item.author and storable(item.author),
        language=language if language and len(language) <= LONGEST_LANGUAGE else None,
    )


def _bytes_of(file: Path) -> bytes:
    largest = LARGEST_JSONL if file.suffix.lower() == ".jsonl" else LARGEST_FILE
    try:
        size = file.stat().st_size
        if size > largest:
            over = f"{(size - largest) / 1e6:.1f} MB over the limit of {largest / 1e6:.0f} MB"
            raise ArticleUnreadable(f"{file.name}: {size / 1e6:.1f} MB is {over}.")
        return file.read_bytes()
    except OSError as error:
        raise ArticleUnreadable(f"{file.name}: {error.strerror or error}.") from error


def _nothing_at(path: Path) -> str:
    if not path.exists():
        return f"{path}: no such file or folder."
    return f"{path}: no file of a known kind in this folder ({', '.join(sorted(READERS))})."
