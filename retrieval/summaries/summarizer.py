"""The door to summaries: of one article, or of what a library holds on a topic."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.answers.answer import Sentence
from retrieval.answers.evidence.evidence import EvidenceSentence
from retrieval.answers.evidence.finder import EvidenceFinder
from retrieval.answers.readers.quoting_reader import QUOTES, quoted
from retrieval.answers.sanitize import printable
from retrieval.articles import ArticleDraft, ArticleRecord, Passage
from retrieval.errors import ArticleUnreadable, ModelUnavailable, NothingFound
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.splitter import split
from retrieval.library import Library
from retrieval.summaries.extractive import extract
from retrieval.summaries.heartbeat import Heartbeat
from retrieval.summaries.kept import Kept, find, keep, key_of
from retrieval.summaries.mapreduce import MapReduce
from retrieval.summaries.summary import POINTS, Length, Report, Summary
from retrieval.summaries.topic import gather, in_time
from retrieval.summaries.unanswered import unanswered

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

QUOTES_INSTEAD = "So the key points are quoted without it."
LONGEST_TOPIC = 300


class Summarizer:
    """Summarises with a chat model when there is one, and with the articles' own sentences when there is none.

    The same request over the same texts is answered from the database. A task that summarises may be cancelled at
    any time.
    """

    def __init__(
        self, embedder: MiniLMEmbeddings, model: BaseChatModel | None, model_name: str, model_timeout: float
    ) -> None:
        """`embedder` is the built-in one, which the weights were fitted with; `model_timeout` in seconds a call."""
        self._embedder = embedder
        self._evidence = EvidenceFinder(embedder)
        self._model = MapReduce(model, model_name, model_timeout) if model is not None else None

    @property
    def embedder(self) -> MiniLMEmbeddings:
        """The built-in embedder, whichever one a library is indexed by."""
        return self._embedder

    @property
    def name(self) -> str:
        """The chat model's name, or what stands for one."""
        return self._model.name if self._model else QUOTES

    async def article(
        self, library: Library, article: ArticleRecord, length: Length = "medium", report: Report | None = None
    ) -> Summary:
        """The key points of one article. Raises ArticleUnreadable when it is gone or has no sentence."""
        begun = time.perf_counter()
        content_hash = await library.content_hash(article.id)
        passages = await library.passages(article.id)
        if content_hash is None or not passages:
            raise ArticleUnreadable(f"“{printable(article.title)}” is not in the library any more.")
        key = key_of([content_hash], None, length, self.name)
        kept, usage = await self._kept(library, _Request(key, passages, length, article=article), report)
        return _summary(kept, usage, length, (article,), begun)

    async def draft(self, draft: ArticleDraft, length: Length = "medium", report: Report | None = None) -> Summary:
        """The key points of an article that is in no library; nothing of it is kept. Raises ArticleUnreadable."""
        begun = time.perf_counter()
        record, passages = await asyncio.to_thread(_unkept, draft)
        if not passages:
            raise ArticleUnreadable(f"“{printable(draft.title)}” holds no text that could be quoted.")
        async with Heartbeat(report) as heartbeat:
            written = await self._write(_Request("", passages, length, article=record), heartbeat)
        made = Kept(written.points, (), written.notices, written.model)
        return _summary(made, written.usage, length, (record,), begun)

    async def topic(
        self, library: Library, topic: str, length: Length = "medium", report: Report | None = None
    ) -> Summary:
        """What several articles say on a topic, in time order, and where they disagree.

        Raises NothingFound when the library holds nothing on it.
        """
        begun = time.perf_counter()
        topic = " ".join(topic.split())[:LONGEST_TOPIC]
        material = await gather(self._evidence, library, topic)
        if not material.passages:
            raise NothingFound(f"The library holds nothing on “{printable(topic)}”.")
        # The passages of a topic change with the library, so they are part of the key.
        key = key_of([passage.key for passage in material.passages], topic, length, self.name)
        kept, usage = await self._kept(library, _Request(key, material.passages, length, topic=topic), report)
        said = [quote.passage for one in (*kept.points, *material.disagreement) for quote in one.quotes]
        records = {record.id: record for record in await library.articles()}
        ids = dict.fromkeys(passage.article_id for passage in sorted(said, key=in_time))
        articles = tuple(records[article_id] for article_id in ids if article_id in records)
        summary = _summary(kept, usage, length, articles, begun)
        return replace(summary, topic=topic, disagreement=material.disagreement)

    async def _kept(
        self, library: Library, request: _Request, report: Report | None
    ) -> tuple[Kept, dict[str, int] | None]:
        """The summary from the database, or a new one with the tokens it cost."""
        found = await find(library, request.key)
        if found is not None:
            return found, None
        article = request.article
        async with Heartbeat(report) as heartbeat:
            written = await self._write(request, heartbeat)
            missing = await unanswered(self._evidence, library, article.title, request.passages) if article else ()
        made = Kept(written.points, missing, written.notices, written.model)
        if not written.failed and not await keep(library, request.key, made, article.id if article else None):
            raise ArticleUnreadable(f"“{printable(request.title)}” was changed or removed while I read it.")
        return made, written.usage

    async def _write(self, request: _Request, heartbeat: Heartbeat) -> _Written:
        """The points, by the model or, without one or when it fails, as quotes."""
        passages, most = request.passages, POINTS[request.length]
        failure: str | None = None
        if self._model is not None:
            try:
                reduced = await self._model.points(passages, most, request.topic, heartbeat)
                return _Written(_ordered(reduced.points), _left_out(reduced.dropped), self._model.name, reduced.usage)
            except ModelUnavailable as error:
                failure = f"{error} {QUOTES_INSTEAD}"
        chosen = await extract(self._embedder, request.title, passages, most, heartbeat)
        quotes = [quoted(EvidenceSentence(one.quote(), one.stems, one.worth)) for one in chosen]
        # Of a sentence that is nothing but a link nothing is left to show.
        points = [quote for quote in quotes if quote.text]
        if not points:
            raise ArticleUnreadable(f"“{printable(request.title)}” holds no sentence that could be quoted.")
        return _Written(_ordered(points), (failure,) if failure else (), QUOTES, failed=failure is not None)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is to be summarised: one article, or passages on a topic."""

    key: str
    passages: Sequence[Passage]
    length: Length
    article: ArticleRecord | None = None
    topic: str | None = None

    @property
    def title(self) -> str:
        """What the text is about, in a few words."""
        return self.article.title if self.article else self.topic or ""


@dataclass(frozen=True, slots=True)
class _Written:
    """Points with who wrote them; `failed` when that was not who should have."""

    points: tuple[Sentence, ...]
    notices: tuple[str, ...]
    model: str
    usage: dict[str, int] = field(default_factory=dict)
    failed: bool = False


def _unkept(draft: ArticleDraft) -> tuple[ArticleRecord, list[Passage]]:
    """An article and its passages as if a library held them; their ids name nothing."""
    facts = (draft.title, draft.url, draft.source)
    spans = split(draft.text, draft.language)
    passages = [
        Passage(n, "", 0, n, span.start, span.end, span.of(draft.text), *facts, draft.published_at, draft.language)
        for n, span in enumerate(spans)
    ]
    record = ArticleRecord(
        0, draft.identity, *facts, draft.author, draft.published_at, draft.language, added_at="", passages=len(passages)
    )
    return record, passages


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
    kept: Kept, usage: dict[str, int] | None, length: Length, articles: tuple[ArticleRecord, ...], begun: float
) -> Summary:
    """The value; `usage` is None for what was kept."""
    return Summary(
        None,
        length,
        articles,
        kept.points,
        unanswered=kept.unanswered,
        notices=kept.notices,
        model=kept.model,
        usage=usage or {},
        timings={"total": round(time.perf_counter() - begun, 4)},
        cached=usage is None,
    )
