"""What the loopback OpenAI server is told to say, what it was asked, and what it refuses to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from openai.types import EmbeddingCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

Json = dict[str, Any]

# What OpenAI's own client can send; anything else is a mistake of the caller (or an `extra_body`).
CHAT_FIELDS = frozenset(CompletionCreateParamsStreaming.__annotations__)
EMBEDDING_FIELDS = frozenset(EmbeddingCreateParams.__annotations__)
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


@dataclass(frozen=True)
class Reply:
    """One answer of the server, good or bad. Delays are seconds, counts are stream chunks."""

    text: str = ""
    chunk_size: int = 6
    """Characters in a stream chunk; small enough to tear a `[12]` apart, as real tokens do."""
    delay: float = 0.0
    """Pause before every chunk after the first."""
    first_delay: float = 0.0
    """Pause before the first chunk, headers included: a model that thinks, or an overloaded server."""
    finish_reason: str = "stop"
    cut_after: int | None = None
    """Close the connection after this many text chunks, without `[DONE]` (half a body when not streaming)."""
    malformed_after: int | None = None
    """Send broken JSON after this many text chunks (as the whole body when not streaming)."""
    event: str | None = None
    """Send this as the only event of the stream (as the whole body when not streaming), whatever it is."""
    status: int = 200
    error: str = ""
    error_type: str = "invalid_request_error"
    error_code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def failure(
        cls,
        status: int,
        message: str,
        kind: str,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return any HTTP error in OpenAI's error shape."""
        return cls(status=status, error=message, error_type=kind, error_code=code, headers=headers or {})

    @classmethod
    def rate_limited(cls, retry_after: float = 1) -> Self:
        """Return a 429 that says when to come back."""
        wait = {"Retry-After": f"{retry_after:g}"}
        return cls.failure(429, "Rate limit reached.", "requests", "rate_limit_exceeded", wait)

    @classmethod
    def server_error(cls, status: int = 500) -> Self:
        """Return a failure on the server's side, which clients retry."""
        return cls.failure(status, "The server had an error while processing your request.", "server_error")

    @classmethod
    def unauthorized(cls) -> Self:
        """Return what a wrong key gets."""
        return cls.failure(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key")

    @classmethod
    def model_not_found(cls, model: str = "no-such-model") -> Self:
        """Return what a misspelt model name gets."""
        message = f"The model `{model}` does not exist or you do not have access to it."
        return cls.failure(404, message, "invalid_request_error", "model_not_found")

    @classmethod
    def bad_request(cls, message: str) -> Self:
        """Return what a request of the wrong shape gets."""
        return cls.failure(400, message, "invalid_request_error")

    def chunks(self) -> Iterator[str]:
        """Yield the text in stream-sized pieces."""
        size = max(self.chunk_size, 1)
        for start in range(0, len(self.text), size):
            yield self.text[start : start + size]


@dataclass
class Request:
    """One received request, kept as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Json
    client_left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client hung up before the stream was complete, noticed at the next chunk."""

    @property
    def model(self) -> str:
        """Return the model asked for."""
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        """Whether the client wants server-sent events."""
        return bool(self.body.get("stream"))

    @property
    def messages(self) -> list[Json]:
        """Return the chat messages as sent."""
        messages = self.body.get("messages")
        return messages if isinstance(messages, list) else []

    @property
    def prompt(self) -> str:
        """Return the text of all messages, for answers computed from what the model is shown."""
        return "\n\n".join(message_text(message) for message in self.messages)

    @property
    def last_user(self) -> str:
        """Return the text of the latest user message."""
        users = [message for message in self.messages if message.get("role") == "user"]
        return message_text(users[-1]) if users else ""

    @property
    def inputs(self) -> list[str]:
        """Return the texts to embed."""
        given = self.body.get("input", [])
        return [given] if isinstance(given, str) else list(given)


def check_chat(body: Json) -> Reply | None:
    """Refuse what OpenAI would refuse: a test should not pass on a request that no real server takes."""
    if unknown := body.keys() - CHAT_FIELDS:
        return Reply.bad_request(f"Unrecognized request argument supplied: {', '.join(sorted(unknown))}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        return Reply.bad_request("you must provide a model parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return Reply.bad_request("'messages' must be a non-empty array.")
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            return Reply.bad_request(f"Invalid value for '{where}.role'.")
        content = message.get("content")
        parts = isinstance(content, list) and all(isinstance(part, dict) and "type" in part for part in content)
        calls_only = content is None and message["role"] == "assistant" and "tool_calls" in message
        if not (isinstance(content, str) or parts or calls_only):
            return Reply.bad_request(f"Invalid type for '{where}.content'.")
    if body.get("stream_options") is not None and not body.get("stream"):
        return Reply.bad_request("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    return None


def check_embeddings(body: Json) -> Reply | None:
    """Refuse token arrays too: OpenAI takes them, the compatible servers people run at home do not."""
    if unknown := body.keys() - EMBEDDING_FIELDS:
        return Reply.bad_request(f"Unrecognized request argument supplied: {', '.join(sorted(unknown))}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        return Reply.bad_request("you must provide a model parameter")
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        return Reply.bad_request("'input' must be a non-empty string or an array of non-empty strings.")
    if len(texts) > 2048:
        return Reply.bad_request("'input' may hold at most 2048 strings.")
    if body.get("encoding_format", "float") not in ("float", "base64"):
        return Reply.bad_request("Invalid value for 'encoding_format'.")
    dimensions = body.get("dimensions", 1)
    if not isinstance(dimensions, int) or dimensions < 1:
        return Reply.bad_request("Invalid value for 'dimensions'.")
    return None


def message_text(message: Json) -> str:
    """Return a message's text, whether it was sent as a string or as parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)
