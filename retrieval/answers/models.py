"""The chat model, and its failures as sentences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from retrieval.answers.sanitize import whole_characters
from retrieval.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)

# What reasoning models set their thoughts in, before they answer.
_THINKING, _THOUGHT = "<think>", "</think>"
# Why a server stopped in the middle of a sentence, as whoever asked is told.
_CUT_OFF = {
    "length": "The chat model's answer was cut off, since it may not be longer.",
    "content_filter": "The chat model's answer was cut off by the filter of its server.",
}


def chat_model(model: str, api_key: str | None, base_url: str | None, timeout: float) -> BaseChatModel:
    """OpenAI's chat API, or any server that speaks it at `base_url`; `timeout` in seconds a request."""
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=model,
        # Local servers want no key, the client insists on one.
        api_key=SecretStr(api_key or "none"),
        base_url=base_url,
        timeout=timeout,
        # Its own limit, two minutes between two pieces, would strike before a longer `timeout`: a large prompt takes a
        # model on a CPU that long.
        stream_chunk_timeout=None,
        max_retries=2,
        # With a base URL of its own the client would not ask for token counts.
        stream_usage=True,
    )


async def streamed(
    chain: Runnable[Any, Any], variables: dict[str, str], deadline: float, longest: int, usage: dict[str, int]
) -> AsyncGenerator[str, None]:
    """What the model answers, piece by piece, at most about `longest` characters of it.

    What it thinks aloud before is dropped; that may be far longer than an answer, and only `deadline`, on the event
    loop's clock, bounds it. The tokens it cost are put into `usage` as they become known. Raises ModelUnavailable.
    """

    length, answer = 0, _Answer()
    async with aclosing(chain.astream(variables)) as chunks:  # type: ignore[type-var]
        while length <= longest:
            # Bounded chunk by chunk: a timeout around a `yield` would strike whoever consumes it.
            async with model_errors(deadline):
                chunk = await anext(chunks, None)
            if chunk is None:
                if rest := answer.rest():
                    yield rest
                return
            usage.update(usage_of(chunk))
            if (stopped := chunk.response_metadata.get("finish_reason")) in _CUT_OFF:
                raise ModelUnavailable(_CUT_OFF[stopped])
            # A server that does not stream sends all of it at once.
            if text := answer.of(whole_characters(chunk.text))[: longest + 1 - length]:
                length += len(text)
                yield text


def usage_of(message: BaseMessage) -> dict[str, int]:
    """The tokens that a message cost; nothing where the server does not tell."""
    from langchain_core.messages import AIMessage

    spent = message.usage_metadata if isinstance(message, AIMessage) else None
    return {"input_tokens": spent["input_tokens"], "output_tokens": spent["output_tokens"]} if spent else {}


def summed(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """The tokens of two calls."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


class _Answer:
    """Tells in a stream of text the answer from the thoughts before it."""

    def __init__(self) -> None:
        self._begun = False
        self._held = ""

    def of(self, text: str) -> str:
        """What of a further piece belongs to the answer, with what was held back before it."""
        if self._begun:
            return text
        self._held += text
        lead = self._held.lstrip()
        if lead.startswith(_THINKING):
            _, thought, answer = lead.partition(_THOUGHT)
            if not thought:
                # Of a long thought only what may be the beginning of its end is kept.
                self._held = _THINKING + lead[len(_THINKING) :][-len(_THOUGHT) :]
                return ""
        elif _THINKING.startswith(lead):
            return ""
        else:
            answer = self._held
        self._begun = True
        return answer

    def rest(self) -> str:
        """What was held back and is no thought, once the model is done."""
        return "" if self._begun or self._held.lstrip().startswith(_THINKING) else self._held


@asynccontextmanager
async def model_errors(deadline: float) -> AsyncIterator[None]:
    """Turn whatever a model call raises into ModelUnavailable with a sentence for the person who asked.

    `deadline`, on the event loop's clock, bounds the whole call: a server that sends a token a minute is
    down, too.
    """
    import httpx
    import openai

    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError as error:
        raise _unavailable("it took longer than MODEL_TIMEOUT allows", error) from error
    except openai.AuthenticationError as error:
        raise _unavailable("the server refused the key (OPENAI_API_KEY)", error) from error
    except openai.NotFoundError as error:
        raise _unavailable("the server does not know the model (CHAT_MODEL)", error) from error
    except openai.RateLimitError as error:
        raise _unavailable("it is overloaded or its quota is used up", error) from error
    except openai.APITimeoutError as error:
        raise _unavailable("it did not answer in time", error) from error
    except openai.APIStatusError as error:
        raise _unavailable(f"the server answered {error.status_code}", error) from error
    except (openai.OpenAIError, httpx.HTTPError, OSError) as error:
        raise _unavailable("the connection failed", error) from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        # The client lets through whatever a broken stream, or JSON that is no answer, causes in it.
        raise _unavailable("the server sent something unreadable", error) from error


def _unavailable(what: str, error: Exception) -> ModelUnavailable:
    # The client's own message has the cause; a traceback through its streams would bury it.
    log.warning("The chat model could not be asked: %s (%s: %s)", what, type(error).__name__, error)
    return ModelUnavailable(f"The chat model could not be asked: {what}.")
