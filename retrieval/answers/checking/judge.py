"""A second look by the chat model: do the quotes support the sentences that passed the check by code?

One call an answer. Its verdicts can only take sentences away; when it fails, is slow or answers out of form, the
answer stays as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from prompts import load
from retrieval.answers.answer import Quote, Sentence
from retrieval.answers.models import model_errors, usage_of
from retrieval.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)


class Verdict(BaseModel):
    """What the model says of one item."""

    model_config = ConfigDict(extra="forbid")

    number: int
    supported: bool


class Verdicts(BaseModel):
    """What the model is made to answer: a verdict an item."""

    model_config = ConfigDict(extra="forbid")

    verdicts: list[Verdict]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Which sentences the model finds unsupported, by place from 0, and the tokens that cost."""

    refused: frozenset[int]
    usage: dict[str, int]


class Judge:
    """Asks a chat model about all sentences of an answer at once."""

    def __init__(self, model: BaseChatModel, timeout: float) -> None:
        """`timeout` in seconds for the call."""
        self._chain = load("judge") | model.with_structured_output(Verdicts, method="json_schema", include_raw=True)
        self._timeout = timeout

    async def review(self, sentences: Sequence[Sentence]) -> Judgement:
        """As `judge`, but a judge that cannot be asked refuses nothing."""
        try:
            return await self.judge(sentences)
        except ModelUnavailable as error:
            log.warning("An answer was not judged a second time: %s", error)
            return Judgement(frozenset(), {})

    async def judge(self, sentences: Sequence[Sentence]) -> Judgement:
        """The verdicts on sentences; raises ModelUnavailable, also for verdicts that miss or repeat a sentence."""
        async with model_errors(asyncio.get_running_loop().time() + self._timeout):
            answer = await self._chain.ainvoke({"items": _items(sentences)})
        if not isinstance(answer, dict) or not isinstance(answer["parsed"], Verdicts):
            raise ModelUnavailable("The judge's answer is not in the form it was asked for.")
        verdicts = answer["parsed"].verdicts
        if sorted(verdict.number for verdict in verdicts) != list(range(1, len(sentences) + 1)):
            raise ModelUnavailable("The judge did not give one verdict for each sentence.")
        refused = frozenset(verdict.number - 1 for verdict in verdicts if not verdict.supported)
        return Judgement(refused, usage_of(answer["raw"]))


def _items(sentences: Sequence[Sentence]) -> str:
    """The sentences with their quotes, numbered from 1 and escaped, so that none can end its own element."""
    return "\n".join(
        f'<item number="{n}">\n<sentence>{escape(sentence.text, quote=False)}</sentence>\n'
        + "\n".join(_quoted(quote) for quote in sentence.quotes)
        + "\n</item>"
        for n, sentence in enumerate(sentences, start=1)
    )


def _quoted(quote: Quote) -> str:
    passage = quote.passage
    date = escape(passage.day or "unknown")
    return f'<quote title="{escape(passage.title)}" date="{date}">{escape(quote.text, quote=False)}</quote>'
