"""Zip-based documents (Office, EPUB), opened with what a bomb would need refused.

A few kilobytes of zip can hold terabytes. Sizes are checked as declared, before anything is unpacked; zipfile
never gives more bytes of an entry than it declares, so the sum holds for overlapping entries as well.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from retrieval.errors import ArticleUnreadable

LARGEST_UNPACKED = 200_000_000
MOST_ENTRIES = 10_000
DAMAGED = "the file is damaged or cut off; try to open and save it again."


def open_archive(
    content: bytes, word: str, largest: int = LARGEST_UNPACKED, most: int = MOST_ENTRIES
) -> zipfile.ZipFile:
    """The archive, within its limits; raises ArticleUnreadable when it is none or breaks them."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ArticleUnreadable(DAMAGED) from error
    entries = archive.infolist()
    if len(entries) > most:
        raise ArticleUnreadable(f"the {word} has {len(entries):,} parts, over the limit of {most:,}.")
    size = sum(entry.file_size for entry in entries)
    if size > largest:
        raise ArticleUnreadable(
            f"the {word} unpacks to {size / 1e6:,.0f} MB, {(size - largest) / 1e6:,.0f} MB over the limit."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise ArticleUnreadable(f"the {word} is encrypted; remove its password first.")
    return archive


def open_office(content: bytes, word: str, part: str) -> zipfile.ZipFile:
    """An Office file's archive, which must hold this part and no XML that declares entities.

    No Office program writes a document type, and a file that has one wants its entities expanded.
    """
    archive = open_archive(content, word)
    names = archive.namelist()
    if not any(name.startswith(part) for name in names):
        others = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "xl/": "an Excel workbook"}
        actual = next((what for folder, what in others.items() if any(name.startswith(folder) for name in names)), None)
        raise ArticleUnreadable(
            f"this is {actual}, whatever its ending says; rename it." if actual else f"the {word} has no content part."
        )
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels", ".vml")):
            raw = read_entry(archive, entry.filename)
            # Without NULs, UTF-16 reads like ASCII.
            if b"<!DOCTYPE" in raw.replace(b"\0", b"") or b"<!ENTITY" in raw.replace(b"\0", b""):
                raise ArticleUnreadable(f"the {word} declares XML entities, which no Office program does; refused.")
    return archive


def read_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """An entry's bytes; raises ArticleUnreadable when it is missing or damaged."""
    try:
        return archive.read(name)
    except KeyError as error:
        raise ArticleUnreadable(f"a part of the file is missing ({name[:100]}).") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ArticleUnreadable(DAMAGED) from error
