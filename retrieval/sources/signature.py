"""What a file really is, by its first bytes: endings lie, and a parser's complaint about it helps nobody."""

from __future__ import annotations

from retrieval.errors import ArticleUnreadable

# The container of Office before 2007, and of every encrypted Office file since.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
ZIPPED = {"docx": "Word document", "pptx": "PowerPoint presentation", "xlsx": "Excel workbook", "epub": "EPUB book"}
NEWER = {"docx": ".docx", "pptx": ".pptx", "xlsx": ".xlsx"}
# How many bytes programs tolerate before a PDF's mark.
PDF_SLACK = 1024


def refuse_other_kinds(kind: str, content: bytes, name: str) -> None:
    """Raises ArticleUnreadable when the bytes are of another format than the file's ending says."""
    if kind == "html":
        return
    head = content[:PDF_SLACK].lstrip()
    if kind != "pdf":
        _refuse_unzipped(kind, content, head, name)
    elif head.startswith(b"PK\x03\x04"):
        raise ArticleUnreadable(f"{name}: this is a zip archive or an Office file, not a PDF; give it its own ending.")
    elif head.startswith((b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML")):
        raise ArticleUnreadable(f"{name}: this is a web page, not a PDF (a link may lead to a login or an error).")


def _refuse_unzipped(kind: str, content: bytes, head: bytes, name: str) -> None:
    proper = ZIPPED[kind]
    if b"%PDF-" in head:
        raise ArticleUnreadable(f"{name}: this is a PDF, not a {proper}; give it the ending .pdf.")
    if content.startswith(OLE):
        if ENCRYPTED_PACKAGE in content:
            raise ArticleUnreadable(f"{name}: the file is encrypted; remove its password first.")
        raise ArticleUnreadable(
            f"{name}: this is a file of an Office program before 2007; save it as {NEWER.get(kind, 'a newer format')}."
        )
    if not head.startswith(b"PK"):
        raise ArticleUnreadable(f"{name}: this is not a {proper}, or it is damaged at its beginning.")
