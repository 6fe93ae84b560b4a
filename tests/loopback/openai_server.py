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
import itertools
import json
import math
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from .openai_replies import Json, Reply, Request, check_chat, check_embeddings
from .openai_vectors import as_base64, embed

__all__ = ["OpenAIServer", "Reply", "Request"]

Endpoint = Literal["chat", "embeddings"]


_NUMBERS = itertools.count(1)


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
        self._number = next(_NUMBERS)
        self._scripts: dict[Endpoint, deque[Reply]] = {"chat": deque(), "embeddings": deque()}
        self._compute: Callable[[Request], Reply] = lambda _: Reply("This answer was not scripted.")
        self._runner: web.AppRunner | None = None

    # -- what tests use ------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Return the value for `base_url` / OPENAI_BASE_URL."""
        # ChatOpenAI keeps a client for each address, also beyond the event loop it was made in; ports come again.
        return f"http://127.0.0.1:{self._port}/server-{self._number}/v1"

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
        app.router.add_post("/{of:.*}v1/chat/completions", self._chat)
        app.router.add_post("/{of:.*}v1/embeddings", self._embed)
        app.router.add_get("/{of:.*}v1/models", self._models)
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
        if reply.event is not None:
            sent = f"data: {reply.event}\n\ndata: [DONE]\n\n" if request.stream else reply.event
            return web.Response(text=sent, content_type="text/event-stream" if request.stream else "application/json")
        try:
            return await (stream_chat if request.stream else whole_chat)(http, request, reply)
        except ConnectionResetError:
            # Whoever has enough of an answer leaves; that is no failure of this server.
            request.client_left.set()
            return web.Response()

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


# -- by hand -----------------------------------------------------------------------------------------------


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
