"""The loopback OpenAI server, driven by the clients the bot itself uses."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from langchain_core.messages import AIMessageChunk
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import SecretStr

from tests.loopback.openai_server import OpenAIServer, Reply, Request

ANSWER = "Azure remains OpenAI's cloud platform. [1]"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def client(server: OpenAIServer) -> AsyncIterator[openai.AsyncOpenAI]:
    """The plain client, for what LangChain would not send."""
    async with openai.AsyncOpenAI(base_url=server.base_url, api_key="x", max_retries=0) as opened:
        yield opened


def chat(server: OpenAIServer, **options: Any) -> ChatOpenAI:
    defaults: dict[str, Any] = {"model": "any-model", "max_retries": 0, "stream_usage": True}
    return ChatOpenAI(**{"base_url": server.base_url, "api_key": SecretStr("x"), **defaults, **options})


def embedder(server: OpenAIServer, **options: Any) -> OpenAIEmbeddings:
    defaults: dict[str, Any] = {
        "model": "any-embedding",
        "check_embedding_ctx_length": False,
        "max_retries": 0,
    }
    return OpenAIEmbeddings(**{"base_url": server.base_url, "api_key": SecretStr("x"), **defaults, **options})


async def read(stream: AsyncIterator[AIMessageChunk], into: list[str]) -> None:
    """Keep what came before a stream breaks."""
    async for chunk in stream:
        into.append(str(chunk.content))


async def test_whole_answer_with_usage_and_everything_recorded(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER))
    message = await chat(server).ainvoke([("system", "Cite."), ("user", "What about Azure?")])

    assert message.content == ANSWER
    usage = message.usage_metadata
    assert usage is not None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0
    (request,) = server.requests
    assert [m["role"] for m in request.messages] == ["system", "user"]
    assert (request.model, request.last_user, request.stream) == ("any-model", "What about Azure?", False)
    assert request.headers["authorization"] == "Bearer x"


async def test_streamed_answer_comes_in_pieces_and_ends_with_usage(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER, chunk_size=5))
    chunks = [chunk async for chunk in chat(server).astream("What about Azure?")]

    pieces = [str(chunk.content) for chunk in chunks if chunk.content]
    assert "".join(pieces) == ANSWER
    assert max(map(len, pieces)) == 5
    assert sum(chunk.usage_metadata["total_tokens"] for chunk in chunks if chunk.usage_metadata) > 0
    assert [c.response_metadata["finish_reason"] for c in chunks if "finish_reason" in c.response_metadata] == ["stop"]
    assert server.requests[0].body["stream_options"] == {"include_usage": True}


async def test_without_the_option_no_usage_is_streamed(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER))
    chunks = [chunk async for chunk in chat(server, stream_usage=False).astream("What about Azure?")]
    assert all(chunk.usage_metadata is None for chunk in chunks)


async def test_computed_answers_see_the_prompt_and_scripted_ones_come_first(server: OpenAIServer) -> None:
    def cite_first_passage(request: Request) -> Reply:
        passage = re.search(r"\[1\] (.+?\.)", request.prompt)
        return Reply(f"{passage[1]} [1]" if passage else "")

    server.reply_with(cite_first_passage)
    server.script(Reply("Scripted."))
    prompt = "Passages:\n[1] Azure stays. It is a cloud.\n[2] Bing is named.\n\nWhat about Azure?"
    assert [(await chat(server).ainvoke(prompt)).content for _ in range(2)] == [
        "Scripted.",
        "Azure stays. [1]",
    ]


async def test_rate_limit_is_waited_out_as_retry_after_says(server: OpenAIServer) -> None:
    server.script(Reply.rate_limited(retry_after=1), Reply(ANSWER))
    began = time.monotonic()
    message = await chat(server, max_retries=2).ainvoke("What about Azure?")

    assert message.content == ANSWER
    # Left to itself the client would come back after half a second, so the header is what it went by.
    assert time.monotonic() - began >= 1
    assert len(server.chats) == 2


@pytest.mark.parametrize(
    "reply, error",
    [
        (Reply.rate_limited(), openai.RateLimitError),
        (Reply.server_error(), openai.InternalServerError),
        (Reply.unauthorized(), openai.AuthenticationError),
        (Reply.model_not_found("gpt-x"), openai.NotFoundError),
        (Reply.bad_request("no"), openai.BadRequestError),
    ],
)
async def test_failures_reach_the_caller_as_the_clients_own_errors(
    server: OpenAIServer, reply: Reply, error: type[openai.APIStatusError]
) -> None:
    server.script(reply)
    with pytest.raises(error, match=re.escape(reply.error)) as caught:
        await chat(server).ainvoke("What about Azure?")
    assert caught.value.code == reply.error_code


async def test_stream_cut_in_the_middle_raises_after_what_was_sent(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER, chunk_size=5, cut_after=3))
    got: list[str] = []
    with pytest.raises(openai.APIConnectionError):
        await read(chat(server).astream("What about Azure?"), got)
    assert "".join(got) == ANSWER[:15]

    server.script(Reply(ANSWER, cut_after=0))
    with pytest.raises(openai.APIConnectionError):
        await chat(server).ainvoke("What about Azure?")


async def test_broken_json_in_the_stream_raises(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER, malformed_after=2))
    with pytest.raises(ValueError, match="Unterminated string"):
        await read(chat(server).astream("What about Azure?"), [])


async def test_empty_and_truncated_answers(server: OpenAIServer) -> None:
    server.script(Reply(""), Reply("Azure rem", finish_reason="length"))
    assert (await chat(server).ainvoke("What about Azure?")).content == ""
    cut_short = await chat(server).ainvoke("What about Azure?")
    assert cut_short.response_metadata["finish_reason"] == "length"


async def test_slow_first_token_runs_into_the_clients_timeout(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER, first_delay=30))
    with pytest.raises(openai.APITimeoutError):
        await chat(server, timeout=0.2).ainvoke("What about Azure?")


async def test_a_client_that_leaves_in_the_middle_is_noticed(server: OpenAIServer) -> None:
    server.script(Reply(ANSWER * 20, chunk_size=1, delay=0.005))
    stream = chat(server).astream("What about Azure?")
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(server.requests[0].client_left.wait(), 3)


async def test_wrong_requests_are_refused_and_still_recorded(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    wrong: list[dict[str, Any]] = [
        {"messages": []},
        {"messages": [{"role": "robot", "content": "Hi"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": "Hi"}], "extra_body": {"passages": []}},
    ]
    for body in wrong:
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(model="any-model", **body)
    assert len(server.requests) == len(wrong)


async def test_similar_texts_have_near_vectors_in_both_encodings(server: OpenAIServer) -> None:
    near, far = "Microsoft stays OpenAI's cloud provider.", "Sourdough bread needs patience."
    texts = ["Which cloud provider does OpenAI have?", near, far]
    base64_vectors = await embedder(server).aembed_documents(texts)
    float_vectors = await embedder(server, model_kwargs={"encoding_format": "float"}).aembed_documents(texts)

    def dot(one: list[float], other: list[float]) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    question, close, distant = base64_vectors
    assert len(question) == server.dimension
    assert dot(question, question) == pytest.approx(1)
    assert dot(question, close) > 0.4 > dot(question, distant) + 0.2
    assert float_vectors[0] == pytest.approx(question, abs=1e-6)
    assert [request.body["encoding_format"] for request in server.embeddings] == ["base64", "float"]
    assert len(await embedder(server, dimensions=64).aembed_query("Azure")) == 64


async def test_embeddings_recover_after_a_scripted_failure_and_refuse_tokens(
    server: OpenAIServer, client: openai.AsyncOpenAI
) -> None:
    server.script(Reply.server_error(503), endpoint="embeddings")
    with pytest.raises(openai.InternalServerError):
        await client.embeddings.create(model="any-embedding", input="Azure")
    assert len((await client.embeddings.create(model="any-embedding", input="Azure")).data) == 1
    with pytest.raises(openai.BadRequestError, match="input"):
        await client.embeddings.create(model="any-embedding", input=[1, 2, 3])


async def test_named_models_and_key_are_enforced() -> None:
    async with (
        OpenAIServer(chat_models=["mini"], embedding_models=["vec"], api_key="secret") as server,
        openai.AsyncOpenAI(base_url=server.base_url, api_key="secret", max_retries=0) as client,
    ):
        assert [model.id async for model in client.models.list()] == ["mini", "vec"]
        with pytest.raises(openai.NotFoundError, match="gpt-x"):
            await chat(server, model="gpt-x", api_key=SecretStr("secret")).ainvoke("Hi")
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="wrong").models.list()
        assert (await chat(server, model="mini", api_key=SecretStr("secret")).ainvoke("Hi")).content
