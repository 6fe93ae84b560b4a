"""What is read from web pages: the article's text, against pages marked by hand, and its day of publication.

The text is the one a library would hold, through the same door as a fetched page; what our Markdown adds at the
beginning of lines is taken off before words are compared.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trafilatura
from htmldate import find_date
from lxml import etree, html  # type: ignore[import-untyped]
from readability import Document

from evals.measures import bootstrap, f1_of_means, overlap
from evals.report import Row, row
from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.fetcher import Fetched
from retrieval.sources.web import read_fetched

PAGES, DAYS = "article-extraction", "pubdate"
SETS = (PAGES, DAYS)
# Each page is read in a process of its own.
AT_ONCE = 2
MARKS = re.compile(r"^(?:#{1,6}|[-*+]|>)[ ]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was sent, with what is known about it."""

    url: str
    content: bytes
    facts: dict[str, Any]


def measure(folder: Path, name: str, limit: int | None) -> list[Row]:
    """The rows of one set; none when it is not there."""
    pages = list(_pages(folder / name))[:limit]
    if not pages:
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        drafts = list(pool.map(_ours, pages))
    if name == DAYS:
        return list(_day_rows(pages, drafts))
    texts = {
        "footnote": [MARKS.sub("", draft.text) if draft else "" for draft in drafts],
        "trafilatura": _each(pages, lambda content: trafilatura.extract(content) or ""),
        "trafilatura, precision": _each(
            pages, lambda content: trafilatura.extract(content, favor_precision=True) or ""
        ),
        "readability": _each(pages, _readability),
    }
    return [found for system, read in texts.items() for found in _text_rows(system, pages, read)]


def _pages(folder: Path) -> Iterator[Page]:
    truth = folder / "ground_truth.jsonl"
    for line in truth.read_text(encoding="utf-8").splitlines() if truth.is_file() else []:
        facts = json.loads(line)
        yield Page(facts["url"], gzip.decompress((folder / facts["html"]).read_bytes()), facts)


def _ours(page: Page) -> ArticleDraft | None:
    try:
        (found,) = read_fetched(Fetched(page.url, page.content, "text/html"))
    except ArticleUnreadable:
        return None
    return found if isinstance(found, ArticleDraft) else None


def _each(pages: Sequence[Page], extract: Callable[[bytes], str]) -> list[str]:
    return [extract(page.content) for page in pages]


def _readability(content: bytes) -> str:
    body = html.fromstring(Document(content).summary())
    etree.strip_elements(body, "script", "style", with_tail=False)
    return " ".join(body.itertext())


def _text_rows(system: str, pages: Sequence[Page], texts: Sequence[str]) -> Iterator[Row]:
    pairs = [overlap(page.facts["article_body"], text) for page, text in zip(pages, texts, strict=True)]
    low, high = bootstrap(pairs, f1_of_means)
    yield Row(PAGES, "F1 of 4-word shingles", system, f1_of_means(pairs), round(low, 4), round(high, 4), len(pairs))
    yield row(PAGES, "precision", system, [precision for precision, _ in pairs])
    yield row(PAGES, "recall", system, [recall for _, recall in pairs])


def _day_rows(pages: Sequence[Page], drafts: Sequence[ArticleDraft | None]) -> Iterator[Row]:
    ours = [(draft.published_at or "")[:10] if draft else "" for draft in drafts]
    plain = _each(pages, lambda content: find_date(content, extensive_search=True, original_date=True) or "")
    for system, days in (("footnote", ours), ("htmldate, extensive", plain)):
        right = [float(day == page.facts["published_on"]) for page, day in zip(pages, days, strict=True)]
        yield row(DAYS, "exact day", system, right)
