"""The door to summaries: of one article, or of what a library holds on a topic."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel

from retrieval.answers.answer import Sentence
from retrieval.answers.evidence import EvidenceFinder, EvidenceSentence
from retrieval.answers.quoting_reader import QUOTES, quoted
from retrieval.answers.sanitize import printable
from retrieval.articles import ArticleRecord, Passage
from retrieval.errors import ArticleUnreadable, FootnoteError, ModelUnavailable
from retrieval.library import Library
from retrieval.summaries.extractive import extract
from retrieval.summaries.heartbeat import Heartbeat
from retrieval.summaries.kept import Kept, find, keep, key_of
from retrieval.summaries.mapreduce import MapReduce
from retrieval.summaries.summary import POINTS, Length, Report, Summary
from retrieval.summaries.topic import gather, in_time
from retrieval.summaries.unanswered import unanswered

QUOTES_INSTEAD = "So the key points are quoted without it."
LONGEST_TOPIC = 300


class Summarizer:
    """Summarises with a chat model when there is one, and with the articles' own sentences when there is none.

    The same request over the same texts is answered from the database. A task that summarises may be cancelled at
    any time.
    """

    def __init__(self, judge: Embeddings, model: BaseChatModel | None, model_name: str, model_timeout: float) -> None:
        """`judge` is the built-in embedder, which the weights were fitted with; `model_timeout` in seconds a call."""
        self._judge = judge
        self._evidence = EvidenceFinder(judge)
        self._model = MapReduce(model, model_name, model_timeout) if model is not None else None

    @property
    def name(self) -> str:
        """The chat model's name, or what stands for one."""
        return self._model.name if self._model else QUOTES

    async def article(
        self, library: Library, article: ArticleRecord, length: Length = "medium", report: Report | None = None
    ) -> Summary:
        """The key points of one article. Raises ArticleUnreadable when it is gone or has no sentence."""
        clock = time.perf_counter()
        content_hash = await library.content_hash(article.id)
        passages = await library.passages(article.id)
        if content_hash is None or not passages:
            raise ArticleUnreadable(f"“{printable(article.title)}” is not in the library any more.")
        key = key_of([content_hash], None, length, self.name)
        found = await find(library, key)
        if found is not None:
            return _summary(None, length, (article,), found, clock, cached=True)
        async with Heartbeat(report) as heartbeat:
            written = await self._write(passages, article.title, None, length, heartbeat)
            missing = await unanswered(self._evidence, library, article.title, passages)
        found = Kept(written.points, missing, written.notices, written.model)
        if not written.failed:
            await keep(library, key, found, article.id)
        return _summary(None, length, (article,), found, clock, written.usage)

    async def topic(
        self, library: Library, topic: str, length: Length = "medium", report: Report | None = None
    ) -> Summary:
        """What several articles say on a topic, in time order, and where they disagree.

        Raises FootnoteError when the library holds nothing on it.
        """
        clock = time.perf_counter()
        topic = " ".join(topic.split())[:LONGEST_TOPIC]
        material = await gather(self._evidence, library, topic)
        if not material.passages:
            raise FootnoteError(f"The library holds nothing on “{printable(topic)}”.")
        ids = list(dict.fromkeys(passage.article_id for passage in material.passages))
        records = {record.id: record for record in await library.articles()}
        articles = tuple(records[article_id] for article_id in ids if article_id in records)
        # The passages of a topic change with the library, so they are part of the key.
        key = key_of([passage.key for passage in material.passages], topic, length, self.name)
        found = await find(library, key)
        if found is not None:
            return _summary(topic, length, articles, found, clock, disagreement=material.disagreement, cached=True)
        async with Heartbeat(report) as heartbeat:
            written = await self._write(material.passages, topic, topic, length, heartbeat)
        found = Kept(written.points, (), written.notices, written.model)
        if not written.failed:
            await keep(library, key, found, None)
        return _summary(topic, length, articles, found, clock, written.usage, material.disagreement)

    async def _write(
        self, passages: Sequence[Passage], title: str, focus: str | None, length: Length, heartbeat: Heartbeat
    ) -> _Written:
        """The points, by the model or, without one or when it fails, as quotes."""
        failure: str | None = None
        if self._model is not None:
            try:
                reduced = await self._model.points(passages, POINTS[length], focus, heartbeat)
                return _Written(_ordered(reduced.points), _left_out(reduced.dropped), self._model.name, reduced.usage)
            except ModelUnavailable as error:
                failure = f"{error} {QUOTES_INSTEAD}"
        chosen = await extract(self._judge, title, passages, POINTS[length], heartbeat)
        quotes = [quoted(EvidenceSentence(one.quote(), one.stems, one.worth)) for one in chosen]
        # Of a sentence that is nothing but a link nothing is left to show.
        points = [quote for quote in quotes if quote.text]
        if not points:
            raise ArticleUnreadable(f"“{printable(title)}” holds no sentence that could be quoted.")
        notices = (failure,) if failure else ()
        return _Written(_ordered(points), notices, QUOTES, failed=failure is not None)


@dataclass(frozen=True, slots=True)
class _Written:
    """Points with who wrote them; `failed` when that was not who should have."""

    points: tuple[Sentence, ...]
    notices: tuple[str, ...]
    model: str
    usage: dict[str, int] = field(default_factory=dict)
    failed: bool = False


def _ordered(points: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Points in the order of the text; of several articles, in time order."""
    return tuple(sorted(points, key=_place))


def _place(point: Sentence) -> tuple[str, int, int]:
    published, article_id, _ = min(in_time(quote.passage) for quote in point.quotes)
    return (published, article_id, min(q.start for q in point.quotes if q.passage.article_id == article_id))


def _left_out(dropped: int) -> tuple[str, ...]:
    if not dropped:
        return ()
    count = "One point" if dropped == 1 else f"{dropped} points"
    verb = "was" if dropped == 1 else "were"
    return (f"{count} of the model's summary had no support in the text and {verb} left out.",)


def _summary(
    topic: str | None,
    length: Length,
    articles: tuple[ArticleRecord, ...],
    found: Kept,
    begun: float,
    usage: dict[str, int] | None = None,
    disagreement: tuple[Sentence, ...] = (),
    cached: bool = False,
) -> Summary:
    return Summary(
        topic,
        length,
        articles,
        found.points,
        disagreement,
        found.unanswered,
        found.notices,
        found.model,
        usage or {},
        {"total": round(time.perf_counter() - begun, 4)},
        cached,
    )
