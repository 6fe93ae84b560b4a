"""EPUB books: the chapters in reading order, through the same markup walk as any XHTML."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import ArticleUnreadable
from retrieval.sources.archive import DAMAGED, open_archive, read_entry
from retrieval.sources.decode import decode
from retrieval.sources.isolated import Found
from retrieval.sources.markup import local_name, markdown_of

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
# Fonts are scrambled in books without any lock; the text of those can be read.
FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def extract(content: bytes) -> Found:
    """The book as Markdown."""
    archive = open_archive(content, "book")
    names = set(archive.namelist())
    if CONTAINER not in names:
        raise ArticleUnreadable("this is a zip archive, but no EPUB book (it has no META-INF/container.xml).")
    if ENCRYPTION in names and _locked(_xml(read_entry(archive, ENCRYPTION))):
        raise ArticleUnreadable("the book is locked by its shop (DRM), so its text cannot be read.")
    root = next((item.get("full-path") for item in _all(_xml(read_entry(archive, CONTAINER)), "rootfile")), None)
    if not root:
        raise ArticleUnreadable(DAMAGED)
    package = _xml(read_entry(archive, root))
    chapters = [markdown_of(decode(read_entry(archive, path), "chapter")) for path in _spine(package, root, archive)]
    text = "\n\n".join(chapter for chapter in chapters if chapter)
    if not text:
        raise ArticleUnreadable(f"{len(chapters)} chapters, 0 characters of text: this book is made of pictures.")
    authors = [_text(item) for item in _all(package, "creator")]
    return Found(
        text=text,
        title=_first(package, "title"),
        author=", ".join(author for author in authors if author) or None,
        date=_date(package),
        source=_first(package, "publisher"),
        language=_first(package, "language"),
    )


def _spine(package: Any, root: str, archive: ZipFile) -> list[str]:
    """The chapters' places in the archive, without the table of contents: its words are the headings' words."""
    items = {item.get("id"): item for item in _all(package, "item")}
    names = {name.lower(): name for name in archive.namelist()}
    paths: list[str] = []
    for reference in _all(package, "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        if "html" not in (item.get("media-type") or "html"):
            continue
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(root), unquote(urlsplit(item.get("href") or "").path))
        )
        if path.lower() in names and names[path.lower()] not in paths:
            paths.append(names[path.lower()])
    if not paths:
        raise ArticleUnreadable("the book lists no chapters; it is damaged.")
    return paths


def _locked(encryption: Any) -> bool:
    methods = [item.get("Algorithm") for item in _all(encryption, "EncryptionMethod")]
    return any(method not in FONT_SCRAMBLING for method in methods)


def _xml(raw: bytes) -> Any:
    # Entities stay what they are: a book's package has no use for its own, and bombs are made of them.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(raw, parser)
    if root is None:
        raise ArticleUnreadable(DAMAGED)
    return root


def _all(root: Any, name: str) -> list[Any]:
    return [element for element in root.iter() if local_name(element) == name]


def _first(root: Any, name: str) -> str | None:
    return next((text for item in _all(root, name) if (text := _text(item))), None)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _date(package: Any) -> str | None:
    """When the book appeared; a year alone is kept as its first day."""
    dates = sorted(_all(package, "date"), key=lambda item: "publication" not in " ".join(item.attrib.values()))
    text = next((text for item in dates if (text := _text(item))), "")
    return f"{text}-01-01" if len(text) == 4 and text.isdecimal() else text or None
