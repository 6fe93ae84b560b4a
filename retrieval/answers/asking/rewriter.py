"""Rewriting a message with the chat model, so that it can be searched for alone, in the articles' language."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from prompts import load
from retrieval.answers.answer import Turn
from retrieval.answers.languages.language import LANGUAGES, detected
from retrieval.answers.models import model_errors, usage_of
from retrieval.answers.sanitize import printable, whole_characters
from retrieval.text import terms

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Older turns rarely matter and every one costs tokens.
TURNS = 6
LONGEST_TURN = 800
LONGEST_REWRITE = 500
_LABEL = re.compile(
    r"^\W{0,3}(?:(?:the )?(?:standalone|rewritten|search) )?(?:question|query|message)\W{0,3}:\W{0,3}", re.I
)


class Rewriter:
    """One call to the model before retrieval, when there is a conversation or a question in another language."""

    def __init__(self, model: BaseChatModel, timeout: float) -> None:
        self._chain = load("standalone_question") | model
        self._timeout = timeout

    async def rewrite(
        self, question: str, history: Sequence[Turn], language: str | None = None
    ) -> tuple[str, dict[str, int]]:
        """The standalone question and the tokens it cost; the question itself when the rewrite is unusable.

        `language` is the articles', one of LANGUAGES, when the question is in another one. Raises ModelUnavailable.
        """
        # One line a turn, escaped: no turn can pass for another one or end its element.
        conversation = "\n".join(
            f"{turn.role}: {escape(' '.join(turn.text.split())[:LONGEST_TURN], quote=False)}"
            for turn in history[-TURNS:]
        )
        async with model_errors(asyncio.get_running_loop().time() + self._timeout):
            message = await self._chain.ainvoke(
                {
                    "conversation": conversation,
                    "message": escape(question, quote=False),
                    "language": LANGUAGES[language] if language else "the language of the message",
                }
            )
        # Small models explain themselves on further lines, and name what they write.
        lines = [line for line in whole_characters(message.text).splitlines() if line.strip()] or [""]
        rewritten = _LABEL.sub("", printable(lines[0])).strip('"“”* ')
        # An answer, a refusal or an empty line in place of a question would be searched for as the question.
        usable = 0 < len(rewritten) <= LONGEST_REWRITE
        if language:
            # A translation shares no words with the question, but it is in the language that was asked for.
            usable = usable and await asyncio.to_thread(detected, rewritten) in (language, None)
        else:
            usable = usable and bool(set(terms(rewritten)) & _words(question, history))
        return (rewritten if usable else question), usage_of(message)


def _words(question: str, history: Sequence[Turn]) -> set[str]:
    return set(terms(" ".join([question, *(turn.text for turn in history[-TURNS:])])))
