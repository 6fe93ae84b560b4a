"""Summaries as they are kept in the database, and under which key.

Of a quote only its place is kept: the words are cut from the article again, so what comes out is verbatim or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import prompts
from retrieval.answers.answer import Quote, Sentence
from retrieval.articles import Passage
from retrieval.library import Library
from retrieval.summaries.mapreduce import PROMPTS
from retrieval.summaries.summary import Length

# To be raised when the method of this package changes what comes out.
METHOD = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """The part of a summary that took work."""

    points: tuple[Sentence, ...]
    unanswered: tuple[str, ...]
    notices: tuple[str, ...]
    model: str


def key_of(hashes: Sequence[str], topic: str | None, length: Length, model: str) -> str:
    """What names a request: the articles' content, the topic, length, model, prompts and method."""
    folder = Path(prompts.__file__).parent
    worded = [(folder / f"{name}.md").read_text(encoding="utf-8") for name in PROMPTS]
    parts = [str(METHOD), *hashes, topic or "", length, model, *worded]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def find(library: Library, key: str) -> Kept | None:
    """The summary kept under that key, or None."""
    value = await library.summary_cache.get(key)
    if value is None:
        return None
    row = json.loads(value)
    ids = {place["passage"] for point in row["points"] for place in point["quotes"]}
    passages = await library.passages_by_id(sorted(ids))
    if ids - passages.keys():
        return None
    points = tuple(_sentence(point, passages) for point in row["points"])
    return Kept(points, tuple(row["unanswered"]), tuple(row["notices"]), row["model"])


async def keep(library: Library, key: str, kept: Kept, article_id: int | None) -> bool:
    """Keep a summary; `article_id` is None for one that draws on several articles. False when the article is gone."""
    row = {
        "points": [_row(point) for point in kept.points],
        "unanswered": kept.unanswered,
        "notices": kept.notices,
        "model": kept.model,
    }
    return await library.summary_cache.put(key, json.dumps(row, ensure_ascii=False), article_id)


def _row(sentence: Sentence) -> dict[str, Any]:
    places = [{"passage": q.passage.id, "start": q.start, "end": q.end, "score": q.score} for q in sentence.quotes]
    return {"text": sentence.text, "lead": sentence.lead, "quotes": places}


def _sentence(row: Mapping[str, Any], passages: Mapping[int, Passage]) -> Sentence:
    quotes = tuple(_quote(passages[place["passage"]], place) for place in row["quotes"])
    return Sentence(row["text"], quotes, row["lead"])


def _quote(passage: Passage, place: Mapping[str, Any]) -> Quote:
    start, end = place["start"], place["end"]
    words = passage.text[start - passage.start : end - passage.start]
    return Quote(passage, words, start, end, place["score"])
