"""Web pages: main text, title, author, date and language, by trafilatura.

Extraction is pure Python and a hostile page can keep it busy for a minute, so it runs in a process that is
killed after `SECONDS` and cannot take more memory than `MEMORY`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import iso_date

SECONDS = 20
MEMORY = 1 << 30


def read_html(content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article: the page's main text as Markdown, headings and lists kept.

    Blocking: call it from a thread. Raises ArticleUnreadable when the page has no main text.
    """
    name = Path(identity).name
    try:
        done = subprocess.run(
            [sys.executable, "-m", "retrieval.sources.html"],
            input=content,
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ArticleUnreadable(f"{name}: reading the page took more than {SECONDS} seconds.") from error
    if done.returncode:
        raise ArticleUnreadable(f"{name}: the page is too large or too damaged to read.") from RuntimeError(
            done.stderr.decode(errors="replace")[-2_000:]
        )
    found = json.loads(done.stdout)
    if not found:
        raise ArticleUnreadable(f"{name}: the page has no text to quote (it may need JavaScript).")
    url = found.get("source") or None
    yield ArticleDraft(
        title=found.get("title") or Path(identity).stem,
        text=found["text"],
        identity=url or identity,
        url=url,
        source=found.get("hostname") or None,
        author=found.get("author") or None,
        published_at=iso_date(found.get("date")),
        language=found.get("language") or None,
    )


def _extract() -> None:
    """In the killable process: a page on standard input, its article as JSON on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import trafilatura

    page = sys.stdin.buffer.read()
    text = trafilatura.extract(page, output_format="markdown", fast=True, with_metadata=False)
    if not text or not text.strip():
        print("null")
        return
    facts = trafilatura.extract_metadata(page)
    found = facts.as_dict() if facts else {}
    keep = {
        "title": found.get("title"),
        "author": found.get("author"),
        "date": found.get("date"),
        "source": found.get("url"),
        "hostname": found.get("sitename") or found.get("hostname"),
        "language": found.get("language"),
    }
    print(json.dumps({**{key: value for key, value in keep.items() if isinstance(value, str)}, "text": text}))


if __name__ == "__main__":
    _extract()
