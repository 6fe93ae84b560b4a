"""The LLM reader: prompt with numbered passages → stream → every sentence checked against what it cites.

The model is trusted with wording only. Its markers are looked up, its sentences are compared with the cited
passages, quotes are taken from the articles by code; what does not hold is left out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from prompts import load
from retrieval.answers.answer import Quote, Sentence, Status
from retrieval.answers.asking.parts import MOST_PARTS
from retrieval.answers.checking.checker import ENOUGH_UNCITED, Checker
from retrieval.answers.checking.claim import claim_of, speaks_of_lack
from retrieval.answers.checking.judge import Judge, Judgement
from retrieval.answers.checking.left_out import SILENT, left_out, unverified
from retrieval.answers.disagreement.contradiction import contradict
from retrieval.answers.disagreement.disagreement import find_disagreement
from retrieval.answers.disagreement.sides import Side
from retrieval.answers.evidence.evidence import Evidence, EvidenceSentence
from retrieval.answers.markers import Piece, SentenceStream
from retrieval.answers.models import streamed, summed
from retrieval.answers.readers.quoting_reader import disagreeing
from retrieval.answers.readers.reader import NOT_FOUND, Reading
from retrieval.answers.sanitize import plain
from retrieval.articles import Passage
from retrieval.errors import ModelUnavailable
from retrieval.text import WORD, terms

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

NOT_IN_LIBRARY = re.compile(r"\b(?:(?i:not_in_library)|NOT IN LIBRARY)\b")
NOT_COVERED = re.compile(r"\bNOT[_ ]COVERED\b\s*:?\s*", re.IGNORECASE)
# Far more than any answer; a model that repeats itself for ever is cut here.
LONGEST_ANSWER = 12_000
MOST_QUOTES = 3
# More sentences are no answer but a copy of the passages; and a small model may say one thing for ever.
MOST_SENTENCES = 20
MOST_REPEATS = 3
# "Answer: NOT_IN_LIBRARY" refuses; "… the question, write exactly NOT_IN_LIBRARY …" does not.
LEAST_WORDS_RECITED = 3
# What a model may say unchecked: a few words that lead to what follows, and which part of the question is missing.
MOST_LEAD_WORDS = 8
LONGEST_PART = 150
LEAD_TERMS = frozenset(
    terms(
        "answer answers accord according article articles passage passages source sources say says follow following "
        "list lists point points main key reason reasons fact facts report reports give gives two three mention"
    )
)


class Unverified(ModelUnavailable):
    """The model answered, but nothing it wrote is supported by the passages."""


class ModelReader:
    """Answers with a chat model, and shows only what the passages support."""

    def __init__(
        self, model: BaseChatModel, name: str, checker: Checker, timeout: float, judge: Judge | None = None
    ) -> None:
        self._chain = load("answer") | model
        self._name = name
        self._checker = checker
        self._timeout = timeout
        self._judge = judge

    @property
    def name(self) -> str:
        """The chat model's name."""
        return self._name

    @property
    def judges(self) -> bool:
        """Is the model asked a second time?"""
        return self._judge is not None

    async def read(self, question: str, evidence: Evidence, today: date) -> AsyncIterator[Reading]:
        """Growing readings; raises ModelUnavailable when the model fails before a sentence was supported.

        When it fails in the middle, the last reading keeps what was checked and says so.
        """
        passages = evidence.contexts
        state = _State(question, passages, self._checker)
        stream = SentenceStream()
        variables = {
            "question": escape(question, quote=False),
            "passages": numbered_block(passages),
            "today": today.isoformat(),
        }
        deadline = asyncio.get_running_loop().time() + self._timeout
        try:
            async with aclosing(streamed(self._chain, variables, deadline, LONGEST_ANSWER, state.usage)) as texts:
                async for text in texts:
                    for piece in stream.feed(text):
                        if await state.take(piece):
                            yield state.reading("answered")
                    if state.enough:
                        break
            for piece in stream.flush():
                await state.take(piece)
        except ModelUnavailable as error:
            if not state.sentences:
                raise
            yield state.reading("partial", f"{error} What was checked until then stands above.")
            return
        if self._judge is not None and state.sentences:
            state.apply(await self._judge.review(state.sentences))
        if not state.sentences:
            if state.refused or state.uncovered:
                yield state.reading("not_in_library")
                return
            if not (state.dropped or state.refused_by_judge):
                raise Unverified(SILENT, state.usage)
            raise Unverified(unverified(state.refused_by_judge), state.usage)
        missing = [f"{NOT_FOUND} {part}" for part in state.uncovered]
        missing += left_out(state.dropped, state.refused_by_judge)
        for part in evidence.parts or (evidence,):
            # A model tells one side as if it were settled, or something between them; the articles' own words tell
            # each, with its date and who says it.
            if sides := await asyncio.to_thread(find_disagreement, part):
                state.sentences = [one for one in state.sentences if not _takes_part(one, sides, part.question)]
                state.sentences.extend(disagreeing(sides))
        yield state.reading("partial" if state.uncovered else "answered", *missing)


class _State:
    """What has come of the model's sentences so far."""

    def __init__(self, question: str, passages: Sequence[Passage], checker: Checker) -> None:
        self._question = question
        self._passages = passages
        self._checker = checker
        self._held = ""
        # Has the list of sources begun?
        self._over = False
        self._said: set[str] = set()
        self._repeats = 0
        self.sentences: list[Sentence] = []
        self.uncovered: list[str] = []
        self.dropped = 0
        self.refused_by_judge = 0
        self.refused = False
        self.usage: dict[str, int] = {}

    @property
    def enough(self) -> bool:
        """Does the model only repeat itself, or copy the passages?"""
        return self._repeats >= MOST_REPEATS or len(self.sentences) >= MOST_SENTENCES

    async def take(self, piece: Piece) -> bool:
        """Check a sentence; True when it may be shown."""
        if self.enough or self._over:
            return False
        if refusal := NOT_IN_LIBRARY.search(piece.text):
            # One that stands in a longer sentence is our own rule, recited.
            alone = len(piece.text[: refusal.start()].split()) < LEAST_WORDS_RECITED
            self.refused = self.refused or alone
            self.dropped += not alone
            return False
        if uncovered := NOT_COVERED.match(piece.text):
            self._note_uncovered(plain(piece.text[uncovered.end() :]))
            return False
        claim = claim_of(piece)
        if claim.silent:
            self._over = claim.silent == "sources"
            self.refused = self.refused or claim.silent == "refusal"
            return False
        text = claim.text
        if self._said_before(text):
            return False
        if text.endswith(":") and not piece.numbers and _claims_nothing(text):
            # "The articles say:" is shown together with what follows, if that holds.
            self._held += piece.lead + text
            return False
        cited = [self._passages[n - 1] for n in piece.numbers if 0 < n <= len(self._passages)]
        quotes = await asyncio.to_thread(supporting, self._checker, text, cited, self._passages)
        if not quotes:
            lacks = speaks_of_lack(text)
            self.refused = self.refused or lacks
            self.dropped += not lacks
            return False
        lead = self._held + (piece.lead or " ") if self.sentences or self._held else piece.lead
        self._held = ""
        self.sentences.append(Sentence(text, quotes, lead))
        return True

    def apply(self, judgement: Judgement) -> None:
        """Leave out what a second look refused."""
        self.sentences = [one for at, one in enumerate(self.sentences) if at not in judgement.refused]
        self.refused_by_judge += len(judgement.refused)
        self.usage = summed(self.usage, judgement.usage)

    def _said_before(self, text: str) -> bool:
        words = " ".join(WORD.findall(text.lower()))
        repeated = words in self._said
        self._said.add(words)
        self._repeats += repeated
        return repeated

    def _note_uncovered(self, text: str) -> None:
        """Remember which part of the question the model calls unanswered, if it is a part of the question."""
        text = " ".join(text.split())[:LONGEST_PART].rstrip(".")
        # Nothing checks these words, so they must be the user's own.
        if not set(terms(text)) <= set(terms(self._question)):
            text = "all that was asked."
        if len(self.uncovered) < MOST_PARTS and text not in self.uncovered:
            self.uncovered.append(text)

    def reading(self, status: Status, *notices: str) -> Reading:
        """Everything so far as a value."""
        return Reading(status, tuple(self.sentences), notices, dict(self.usage))


def supporting(checker: Checker, text: str, cited: Sequence[Passage], given: Sequence[Passage]) -> tuple[Quote, ...]:
    """The quotes a sentence stands on: from the passages it cites, else from any passage the model was given."""
    quotes = checker.quotes(text, cited) if cited else ()
    # What the cited passages speak of and say otherwise is not looked for until some passage seems to say it.
    if not quotes and not (cited and checker.denies(text, cited)):
        # One passage must say it all: what nobody cited together is not put together here.
        found = [checker.quotes(text, [passage], ENOUGH_UNCITED) for passage in given]
        quotes = max(found, key=lambda one: sum(quote.score for quote in one), default=())
    return quotes[:MOST_QUOTES]


def _takes_part(sentence: Sentence, sides: Sequence[EvidenceSentence], question: str) -> bool:
    """Does a sentence stand on nothing but sides of a disagreement, or contradict one of them?"""
    rests = all(any(quote.holds(side.quote) for side in sides) for quote in sentence.quotes)
    return rests or any(contradict(Side(sentence.text), Side(side.quote.text), question) for side in sides)


def _claims_nothing(text: str) -> bool:
    """Is it one of the phrases that lead to what follows, such as "The articles say:"?"""
    return len(text.split()) <= MOST_LEAD_WORDS and set(terms(text)) <= LEAD_TERMS


def numbered_block(passages: Sequence[Passage]) -> str:
    """Passages as a prompt shows them: numbered from 1, escaped, so that none can end its own element."""
    return "\n".join(
        f'<passage number="{n}" title="{escape(p.title)}" source="{escape(p.source or "unknown")}" '
        f'date="{escape(p.day or "unknown")}">\n{escape(p.text, quote=False)}\n</passage>'
        for n, p in enumerate(passages, start=1)
    )
