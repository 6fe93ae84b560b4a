"""A question goes out: standalone question → passages → evidence gate → reader → checked answer."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from retrieval.answers.answer import Answer, Further, Turn
from retrieval.answers.asking.about_library import fact_asked, told
from retrieval.answers.asking.followup import PRONOUN_WEIGHT, asked_before, standalone_by_rule
from retrieval.answers.asking.foreign import in_english_by_words
from retrieval.answers.asking.rewriter import Rewriter
from retrieval.answers.asking.small_talk import HELP, WHAT, small_talk
from retrieval.answers.asking.spelling import respelled
from retrieval.answers.checking.checker import Checker
from retrieval.answers.checking.judge import Judge
from retrieval.answers.english_only import limits_said
from retrieval.answers.evidence.evidence import Evidence
from retrieval.answers.evidence.finder import EvidenceFinder
from retrieval.answers.evidence.story import going_on, of_story, story
from retrieval.answers.languages.language import ENGLISH, LANGUAGES, passages_language, question_language
from retrieval.answers.languages.translator import Languages, Translator
from retrieval.answers.models import summed
from retrieval.answers.readers.adjoining import joined
from retrieval.answers.readers.model_reader import ModelReader
from retrieval.answers.readers.quoting_reader import QuotingReader
from retrieval.answers.readers.reader import Reader, Reading
from retrieval.answers.sanitize import printable, whole_characters
from retrieval.articles import Standalone
from retrieval.errors import ModelUnavailable
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from retrieval.text import terms

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LONGEST_QUESTION = 2_000
# How likely the second search for a follow-up must find its answer: there are two chances to be wrong.
SURELY = 0.3
QUOTES_INSTEAD = "So the answer is quoted from the articles without it."


class Answerer:
    """Answers questions from a library, with a chat model when there is one and with quotes when there is none."""

    def __init__(
        self,
        embedder: MiniLMEmbeddings,
        model: BaseChatModel | None,
        model_name: str,
        model_timeout: float,
        second_look: bool = False,
    ) -> None:
        """`embedder` is the built-in embedder, which the evidence gate was fitted with; `model_timeout` in seconds.

        With a `second_look` the model judges its checked sentences once more.
        """
        self._evidence = EvidenceFinder(embedder)
        self._quoting = QuotingReader()
        self._model: ModelReader | None = None
        self._rewriter: Rewriter | None = None
        self._translator: Translator | None = None
        if model is not None:
            self._model = ModelReader(
                model, model_name, Checker(), model_timeout, Judge(model, model_timeout) if second_look else None
            )
            self._rewriter = Rewriter(model, model_timeout)
            self._translator = Translator(model, model_timeout)

    @property
    def name(self) -> str:
        """The chat model's name, or what stands for one."""
        return (self._model or self._quoting).name

    @property
    def judges(self) -> bool:
        """Is a model asked a second time about its own answers?"""
        return self._model is not None and self._model.judges

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
        reply = small_talk(question)
        if reply is None and not (about or terms(question) or asked_before(history)):
            # "What is it?" with nothing before it: any article would be as near as any other.
            reply = WHAT
        if reply is not None:
            further: Further = "help" if reply == HELP else ""
            yield Answer(question, question, "small_talk", notices=(reply,), timings=clock.total(), further=further)
            return
        if not about and (fact := fact_asked(question)):
            yield replace(await told(library, fact, question), timings=clock.total())
            return
        asked = await self._understood(library, question, history, about)
        clock.lap("retrieve")
        standalone, evidence = asked.standalone, asked.evidence
        draft = Answer(question, standalone.text, "not_in_library", passages=evidence.passages, complete=False)
        reader: Reader = self._quoting
        notice: str | None = None
        usage = asked.usage
        if self._model is not None and asked.worth_reading:
            reader = self._model
            evidence = replace(evidence, contexts=await joined(library, evidence.passages))
            try:
                async for reading in self._model.read(standalone.text, evidence, _today()):
                    draft = _with(draft, reading, reader)
                    # What is to be translated is shown when it is.
                    if not asked.foreign:
                        yield draft
            except ModelUnavailable as error:
                reader, notice = self._quoting, f"{error} {QUOTES_INSTEAD}"
                usage = summed(usage, error.usage)
        if reader is self._quoting:
            async for reading in reader.read(standalone.text, evidence, _today()):
                draft = _with(draft, reading, reader)
        clock.lap("read")
        if asked.foreign and draft.sentences and reader is not self._quoting:
            draft, usage = await self._translated(draft, asked.foreign, usage)
            clock.lap("translate")
        if self._model is None and draft.passages:
            notice = await asyncio.to_thread(limits_said, question, history, draft)
        draft = replace(draft, preface=evidence.wanted.said_of([citation.quote for citation in draft.citations]))
        notices = [said for said in (asked.read_as, notice) if said]
        yield _finished(draft, notices, usage, clock)

    async def considered(self, library: Library, question: str, history: Sequence[Turn] = ()) -> Evidence:
        """What is found and weighed for a question before anybody answers; asks no model."""
        _, _, evidence = await self._found(library, _one_line(question), history)
        return evidence

    async def evidence_for(self, library: Library, question: str, history: Sequence[Turn] = ()) -> float:
        """How likely the library holds the answer, from 0 to 1; asks no model."""
        return (await self.considered(library, question, history)).answerable

    async def _understood(self, library: Library, question: str, history: Sequence[Turn], about: str) -> _Asked:
        """The question as it can be searched for, and what is found for it.

        With a model, a follow-up is rewritten, and a question in another language than what it finds is translated
        for the search; both in one call.
        """
        looked = self._found(library, question, history, about)
        if self._rewriter is None:
            spelled, standalone, evidence = await looked
            return _Asked(standalone, evidence, read_as=_read_as(question, spelled))
        (spelled, standalone, evidence), spoken = await asyncio.gather(
            looked, asyncio.to_thread(question_language, question, history)
        )
        written = await asyncio.to_thread(passages_language, [found.passage for found in evidence.passages])
        foreign = Languages(written, spoken) if spoken and written and spoken != written else None
        found = _Asked(standalone, evidence, written, foreign, read_as=_read_as(question, spelled))
        if not (history or foreign):
            return found
        try:
            text, usage = await self._rewriter.rewrite(spelled, history, written if foreign else None)
        except ModelUnavailable:
            return found
        rewritten = _of_article(Standalone(text, asked_on=_today()), about)
        if rewritten == standalone:
            return replace(found, usage=usage)
        return replace(found, standalone=rewritten, evidence=await self._evidence.find(library, rewritten), usage=usage)

    async def _found(
        self, library: Library, question: str, history: Sequence[Turn], about: str = ""
    ) -> tuple[str, Standalone, Evidence]:
        """A question without slips, as it stands in its conversation, and what is found for it.

        Without a model one in another language is read by its words. See `stream` for `about`.
        """
        foreign = None if self._rewriter else await asyncio.to_thread(in_english_by_words, question, history)
        spelled = question if foreign else await respelled(library, question)
        carried = frozenset[str]() if about or foreign else await going_on(library, spelled, history)
        leant = replace(foreign or standalone_by_rule(spelled, history, carried), asked_on=_today())
        standalone = _of_article(leant, about)
        evidence = await self._evidence.find(library, standalone)
        told = story(history, carried)
        if spelled in carried:
            # It names nothing, so what an article of another story says of the like is no answer.
            evidence = await of_story(library, evidence, f"{standalone.context} {told}")
        closer = replace(standalone, context=told, weight=PRONOUN_WEIGHT)
        if standalone.context and told and closer != standalone and not evidence.answers:
            # What was asked before may name less than the articles that answered it.
            further = await of_story(library, await self._evidence.find(library, closer), told)
            if further.answerable >= SURELY:
                return spelled, closer, further
        return spelled, standalone, evidence

    async def _translated(
        self, draft: Answer, languages: Languages, usage: dict[str, int]
    ) -> tuple[Answer, dict[str, int]]:
        """The draft in the asker's language, as far as the translation holds, and the tokens but the reader's."""
        if self._translator is None:
            return draft, usage
        name = LANGUAGES[languages.spoken]
        try:
            sentences, count, spent = await self._translator.translate(draft.sentences, languages)
        except ModelUnavailable as error:
            said = f"The answer could not be translated into {name}. {error}"
            return replace(draft, notices=(*draft.notices, said)), usage
        said = f"Translated into {name} by the model, the footnotes quote the original."
        if not count:
            said = f"The answer could not be translated into {name} without changing it."
        elif count < len(sentences):
            said += " What could not be translated without changing a number or a name stands as it was."
        return replace(draft, sentences=sentences, notices=(*draft.notices, said)), summed(usage, spent)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that was understood: what it is searched for as, and what was found.

    With a model, `written` is the language of what was found, and `foreign` has it with the asker's when they differ:
    then an answer is to be translated. `read_as` tells of slips of the keyboard that were mended.
    """

    standalone: Standalone
    evidence: Evidence
    written: str | None = None
    foreign: Languages | None = None
    usage: dict[str, int] = field(default_factory=dict)
    read_as: str = ""

    @property
    def worth_reading(self) -> bool:
        """May a model find an answer here? The gate was fitted on English; elsewhere the model decides."""
        return self.evidence.worth_reading or self.written not in (None, ENGLISH)


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


def _of_article(question: Standalone, about: str) -> Standalone:
    """A question that leans on the title of the one article that it is asked about, if on nothing else."""
    return replace(question, context=about, weight=PRONOUN_WEIGHT) if about and not question.context else question


def _with(draft: Answer, reading: Reading, reader: Reader) -> Answer:
    return replace(
        draft,
        status=reading.status,
        sentences=reading.sentences,
        notices=reading.notices,
        usage=reading.usage,
        model=reader.name,
    )


def _finished(draft: Answer, notices: list[str], usage: dict[str, int], clock: _Clock) -> Answer:
    """The complete answer: with what went wrong, what came nearest, and what it cost."""
    if draft.status == "not_in_library":
        notices = [*notices, _not_found(draft)]
    spent = summed(usage, draft.usage)
    return replace(draft, notices=(*notices, *draft.notices), usage=spent, timings=clock.total(), complete=True)


def _not_found(draft: Answer) -> str:
    if not draft.passages:
        return "The library is empty, so there is nothing to answer from yet."
    if not draft.nearest:
        return "The library does not hold the answer to this question, nor an article near to it."
    titles = ", ".join(f"“{printable(p.title)}”" + (f" ({p.day})" if p.day else "") for p in draft.nearest)
    return f"The library does not hold the answer to this question. Nearest articles: {titles}."


def _read_as(question: str, spelled: str) -> str:
    return f"Read as “{spelled}”." if spelled != question else ""


def _one_line(question: str) -> str:
    # Composed as articles are.
    return unicodedata.normalize("NFC", " ".join(whole_characters(question).split()))[:LONGEST_QUESTION]


def _today() -> date:
    return datetime.now(UTC).date()
