"""Web pages: main text, title, author, date and language, by trafilatura."""

from __future__ import annotations

from retrieval.errors import ArticleUnreadable
from retrieval.sources.isolated import Found


def extract(content: bytes) -> Found:
    """The page's main text as Markdown, headings and lists kept."""
    import trafilatura

    text = trafilatura.extract(content, output_format="markdown", fast=True, with_metadata=False)
    if not text or not text.strip():
        raise ArticleUnreadable("the page has no text to quote (it may need JavaScript).")
    facts = trafilatura.extract_metadata(content)
    found = {key: value for key, value in facts.as_dict().items() if isinstance(value, str)} if facts else {}
    return Found(
        text=text,
        title=found.get("title"),
        author=found.get("author"),
        date=found.get("date"),
        url=found.get("url"),
        source=found.get("sitename") or found.get("hostname"),
        language=found.get("language"),
    )
