"""A question goes out: standalone question → passages → evidence gate → reader → checked answer."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from langchain_core.language_models import BaseChatModel

from retrieval.answers.answer import Answer, Turn
from retrieval.answers.checker import Checker
from retrieval.answers.evidence import Evidence, EvidenceFinder
from retrieval.answers.followup import PRONOUN_WEIGHT, standalone_by_rule
from retrieval.answers.judge import Judge
from retrieval.answers.model_reader import ModelReader
from retrieval.answers.quoting_reader import QuotingReader
from retrieval.answers.reader import Reader, Reading
from retrieval.answers.rewriter import Rewriter
from retrieval.answers.sanitize import printable
from retrieval.answers.small_talk import small_talk
from retrieval.articles import Standalone
from retrieval.errors import ModelUnavailable
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library

log = logging.getLogger(__name__)

LONGEST_QUESTION = 2_000
QUOTES_INSTEAD = "So the answer is quoted from the articles without it."


class Answerer:
    """Answers questions from a library, with a chat model when there is one and with quotes when there is none."""

    def __init__(
        self,
        judge: MiniLMEmbeddings,
        model: BaseChatModel | None,
        model_name: str,
        model_timeout: float,
        second_look: bool = False,
    ) -> None:
        """`judge` is the built-in embedder, which the evidence gate was fitted with; `model_timeout` in seconds.

        With a `second_look` the model judges its checked sentences once more.
        """
        self._evidence = EvidenceFinder(judge)
        self._quoting = QuotingReader()
        self._model: ModelReader | None = None
        self._rewriter: Rewriter | None = None
        if model is not None:
            self._model = ModelReader(
                model, model_name, Checker(), model_timeout, Judge(model, model_timeout) if second_look else None
            )
            self._rewriter = Rewriter(model, model_timeout)

    @property
    def name(self) -> str:
        """The chat model's name, or what stands for one."""
        return (self._model or self._quoting).name

    async def answer(self, library: Library, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The complete answer."""
        answers = [answer async for answer in self.stream(library, question, history)]
        return answers[-1]

    async def stream(
        self, library: Library, question: str, history: Sequence[Turn] = (), about: str = ""
    ) -> AsyncIterator[Answer]:
        """The answer as it grows; the last one is complete. Every sentence in each of them has been checked.

        `about` is the title of the one article that is asked about: its words need not be repeated in the question.
        """
        clock = _Clock()
        question = _one_line(question)
        if reply := small_talk(question):
            yield Answer(question, question, "small_talk", notices=(reply,), timings=clock.total())
            return
        standalone, usage = await self._standalone(question, history)
        if about and not standalone.context:
            standalone = replace(standalone, context=about, weight=PRONOUN_WEIGHT)
        clock.lap("rewrite")
        evidence = await self._evidence.find(library, standalone)
        clock.lap("retrieve")
        draft = Answer(question, standalone.text, "not_in_library", passages=evidence.passages, complete=False)
        reader: Reader = self._quoting
        notice: str | None = None
        if self._model is not None and evidence.worth_reading:
            reader = self._model
            try:
                async for reading in self._model.read(standalone.text, evidence, _today()):
                    draft = _with(draft, reading, reader)
                    yield draft
            except ModelUnavailable as error:
                reader, notice = self._quoting, f"{error} {QUOTES_INSTEAD}"
        if reader is self._quoting:
            async for reading in reader.read(standalone.text, evidence, _today()):
                draft = _with(draft, reading, reader)
        clock.lap("read")
        yield _finished(draft, notice, usage, clock)

    async def considered(self, library: Library, question: str, history: Sequence[Turn] = ()) -> Evidence:
        """What is found and weighed for a question before anybody answers; asks no model."""
        return await self._evidence.find(library, standalone_by_rule(_one_line(question), history))

    async def evidence_for(self, library: Library, question: str, history: Sequence[Turn] = ()) -> float:
        """How likely the library holds the answer, from 0 to 1; asks no model."""
        return (await self.considered(library, question, history)).answerable

    async def _standalone(self, question: str, history: Sequence[Turn]) -> tuple[Standalone, dict[str, int]]:
        by_rule = standalone_by_rule(question, history)
        if self._rewriter is None or not history:
            return by_rule, {}
        try:
            text, usage = await self._rewriter.rewrite(question, history)
        except ModelUnavailable:
            return by_rule, {}
        return Standalone(text), usage


class _Clock:
    """Seconds each step took."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now

    def total(self) -> dict[str, float]:
        return {**self.laps, "total": round(time.perf_counter() - self._start, 4)}


def _with(draft: Answer, reading: Reading, reader: Reader) -> Answer:
    return replace(
        draft,
        status=reading.status,
        sentences=reading.sentences,
        notices=reading.notices,
        usage=reading.usage,
        model=reader.name,
    )


def _finished(draft: Answer, notice: str | None, usage: dict[str, int], clock: _Clock) -> Answer:
    """The complete answer: with what went wrong, what came nearest, and what it cost."""
    notices = [notice] if notice else []
    if draft.status == "not_in_library":
        notices.append(_not_found(draft))
    spent = {name: usage.get(name, 0) + draft.usage.get(name, 0) for name in {**usage, **draft.usage}}
    return replace(draft, notices=(*notices, *draft.notices), usage=spent, timings=clock.total(), complete=True)


def _not_found(draft: Answer) -> str:
    if not draft.nearest:
        return "The library is empty, so there is nothing to answer from yet."
    titles = ", ".join(
        f"“{printable(p.title)}”" + (f" ({p.published_at[:10]})" if p.published_at else "") for p in draft.nearest
    )
    return f"The library does not hold the answer to this question. Nearest articles: {titles}."


def _one_line(question: str) -> str:
    return " ".join(question.split())[:LONGEST_QUESTION]


def _today() -> date:
    return datetime.now(UTC).date()
