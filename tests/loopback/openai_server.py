"""An OpenAI-compatible server on 127.0.0.1 that says what a test tells it to say.

Tests talk to it through the real `openai` / `langchain-openai` client, so whatever the client does on the way
(retries, stream parsing, base64 embeddings, error classes) is tested with it.

    async with OpenAIServer() as server:
        server.script(Reply("Azure stays. [1]"), Reply.rate_limited(retry_after=1))
        llm = ChatOpenAI(base_url=server.base_url, api_key="x", model="any", stream_usage=True)

By hand, for a bot started separately: `python -m tests.loopback.openai_server --port 8099`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import math
import re
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web
from openai.types import EmbeddingCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

Json = dict[str, Any]
Endpoint = Literal["chat", "embeddings"]

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


class OpenAIServer:
    """The server, as an async context manager. It lives on the loop that enters it."""

    def __init__(
        self,
        *,
        dimension: int = 256,
        chat_models: Sequence[str] = (),
        embedding_models: Sequence[str] = (),
        api_key: str | None = None,
        port: int = 0,
    ) -> None:
        """Name models to have all others refused with 404, or a key to have all others refused with 401."""
        self.dimension = dimension
        self.chat_models = tuple(chat_models)
        self.embedding_models = tuple(embedding_models)
        self.api_key = api_key
        self.requests: list[Request] = []
        self._port = port
        self._scripts: dict[Endpoint, deque[Reply]] = {"chat": deque(), "embeddings": deque()}
        self._compute: Callable[[Request], Reply] = lambda _: Reply("This answer was not scripted.")
        self._runner: web.AppRunner | None = None

    # -- what tests use ------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Return the value for `base_url` / OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def chats(self) -> list[Request]:
        """Return the chat requests so far, refused ones included."""
        return [request for request in self.requests if request.path.endswith("/chat/completions")]

    @property
    def embeddings(self) -> list[Request]:
        """Return the embedding requests so far, refused ones included."""
        return [request for request in self.requests if request.path.endswith("/embeddings")]

    def script(self, *replies: Reply, endpoint: Endpoint = "chat") -> None:
        """Enqueue replies, used up in order before any computed one. An embeddings reply of status 200 means
        the real vectors, so a failure can be followed by success."""
        self._scripts[endpoint].extend(replies)

    def reply_with(self, compute: Callable[[Request], Reply]) -> None:
        """Answer every unscripted chat request with what `compute` makes of it."""
        self._compute = compute

    async def __aenter__(self) -> Self:
        """Listen on an ephemeral port, unless one was asked for."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_get("/v1/models", self._models)
        app.router.add_route("*", "/{anything:.*}", self._unknown)
        # A short shutdown: a reply that still sleeps (first_delay) must not hold up the end of a test.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections and free the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    # -- endpoints -----------------------------------------------------------------------------------------

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        request = await self._receive(http)
        refusal = self._refuse(request, self.chat_models) or check_chat(request.body)
        if refusal:
            return send_error(refusal)
        script = self._scripts["chat"]
        reply = script.popleft() if script else self._compute(request)
        await asyncio.sleep(reply.first_delay)
        if reply.status != 200:
            return send_error(reply)
        try:
            return await (stream_chat if request.stream else whole_chat)(http, request, reply)
        except ConnectionResetError:
            request.client_left.set()
            raise

    async def _embed(self, http: web.Request) -> web.StreamResponse:
        request = await self._receive(http)
        refusal = self._refuse(request, self.embedding_models) or check_embeddings(request.body)
        if refusal:
            return send_error(refusal)
        script = self._scripts["embeddings"]
        reply = script.popleft() if script else Reply()
        await asyncio.sleep(reply.first_delay)
        if reply.status != 200:
            return send_error(reply)
        dimension = request.body.get("dimensions") or self.dimension
        encode: Callable[[list[float]], Any] = list
        if request.body.get("encoding_format") == "base64":
            encode = as_base64
        data = [
            {"object": "embedding", "index": index, "embedding": encode(embed(text, dimension))}
            for index, text in enumerate(request.inputs)
        ]
        tokens = sum(map(count_tokens, request.inputs))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return web.json_response({"object": "list", "data": data, "model": request.model, "usage": usage})

    async def _models(self, http: web.Request) -> web.Response:
        request = await self._receive(http)
        refusal = self._refuse(request, ())
        if refusal:
            return send_error(refusal)
        names = [
            *(self.chat_models or ("loopback-chat",)),
            *(self.embedding_models or ("loopback-embedding",)),
        ]
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in names]
        return web.json_response({"object": "list", "data": data})

    async def _unknown(self, http: web.Request) -> web.Response:
        await self._receive(http)
        message = f"Unknown request URL: {http.method} {http.path}."
        return send_error(Reply.failure(404, message, "invalid_request_error", "unknown_url"))

    async def _receive(self, http: web.Request) -> Request:
        """Record the request before anything can refuse it: a test wants to see the wrong ones above all."""
        try:
            body = json.loads(await http.text() or "{}")
        except ValueError:
            body = {}
        request = Request(http.path, http.headers.copy(), body if isinstance(body, dict) else {})
        self.requests.append(request)
        return request

    def _refuse(self, request: Request, models: Sequence[str]) -> Reply | None:
        if self.api_key is not None and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return Reply.unauthorized()
        if models and request.model not in models:
            return Reply.model_not_found(request.model)
        return None


# -- answers -----------------------------------------------------------------------------------------------


async def whole_chat(http: web.Request, request: Request, reply: Reply) -> web.StreamResponse:
    """Send the answer in one JSON body (or the damaged half of it)."""
    message = {"role": "assistant", "content": reply.text, "refusal": None}
    body = json.dumps(
        {
            **envelope(request, "chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
            "usage": usage_of(request, reply.text),
        }
    ).encode()
    half = body[: len(body) // 2]
    if reply.malformed_after is not None:
        return web.Response(body=half, content_type="application/json")
    if reply.cut_after is None:
        return web.Response(body=body, content_type="application/json")
    # The length is promised in full, so that the client can tell a broken connection from a short answer.
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(http)
    await response.write(half)
    hang_up(http)
    return response


async def stream_chat(http: web.Request, request: Request, reply: Reply) -> web.StreamResponse:
    """Send the answer as server-sent events in OpenAI's order: role, text, finish reason, usage, `[DONE]`."""
    with_usage = bool((request.body.get("stream_options") or {}).get("include_usage"))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(http)

    async def event(delta: Json | None, finish: str | None = None, usage: Json | None = None) -> None:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        chunk = {**envelope(request, "chat.completion.chunk"), "choices": choices}
        if with_usage:
            chunk["usage"] = usage  # null in every chunk but the last, as OpenAI does
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

    await event({"role": "assistant", "content": ""})
    sent = 0
    # One round more than there are chunks, so that a fault may also come after the last one.
    for piece in [*reply.chunks(), None]:
        if sent == reply.cut_after:
            hang_up(http)
            return response
        if sent == reply.malformed_after:
            await response.write(b'data: {"choices": [{"delta": {"cont\n\n')
        if piece is not None:
            if sent:
                await asyncio.sleep(reply.delay)
            await event({"content": piece})
            sent += 1
    await event({}, finish=reply.finish_reason)
    if with_usage:
        await event(None, usage=usage_of(request, reply.text))
    await response.write(b"data: [DONE]\n\n")
    return response


def envelope(request: Request, kind: str) -> Json:
    """Return what every chat object starts with; constant, so that recorded answers compare equal."""
    return {"id": "chatcmpl-loopback", "object": kind, "created": 0, "model": request.model}


def usage_of(request: Request, answer: str) -> Json:
    """Count tokens the rough way; only that the counts are there and add up matters to a client."""
    asked, said = count_tokens(request.prompt), count_tokens(answer)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def count_tokens(text: str) -> int:
    """Return about a token for four characters."""
    return math.ceil(len(text) / 4)


def send_error(reply: Reply) -> web.Response:
    """Wrap a failure in OpenAI's error shape, which the client reads message and code from."""
    error = {"message": reply.error, "type": reply.error_type, "param": None, "code": reply.error_code}
    return web.json_response({"error": error}, status=reply.status, headers=reply.headers)


def hang_up(http: web.Request) -> None:
    """Close the connection under the response; what was written before still reaches the client."""
    if http.transport is not None:
        http.transport.close()


# -- shape of requests -------------------------------------------------------------------------------------


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


# -- vectors -----------------------------------------------------------------------------------------------


def embed(text: str, dimension: int) -> list[float]:
    """Return a unit vector in which every word has its own hashed place: shared words make texts near.

    Long words weigh more, because "the" in common says little. The hash is not Python's, which differs from
    one process to the next.
    """
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.lower()) or [text]:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        place, sign = int.from_bytes(digest[:7], "big") % dimension, 1 if digest[7] & 1 else -1
        vector[place] += sign * min(len(word), 8) / 8
    length = math.sqrt(sum(value * value for value in vector))
    if not length:  # two words took the same place with opposite signs
        vector[0] = length = 1.0
    return [value / length for value in vector]


def as_base64(vector: list[float]) -> str:
    """Pack as little-endian float32, the form the `openai` client asks for by default."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


async def serve(port: int, dimension: int) -> None:
    """Run until interrupted, answering with the question asked."""
    async with OpenAIServer(port=port, dimension=dimension) as server:
        server.reply_with(lambda request: Reply(f"You asked: {request.last_user}"))
        print(server.base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for trying things out.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--dimension", type=int, default=256)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.dimension))
