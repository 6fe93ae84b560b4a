"""An embedder that remembers: a thousand digests look at the same new articles, a conversation at the same passages."""

from __future__ import annotations

import hashlib
from array import array
from collections import OrderedDict

from langchain_core.embeddings import Embeddings

# Vectors of 384 numbers of four bytes: 1.5 kilobytes each.
REMEMBERED = 3_000


class RememberingEmbeddings(Embeddings):
    """Another embedder, asked only for texts that are not among the last `REMEMBERED`."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._known: OrderedDict[str, array[float]] = OrderedDict()

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        # Taken before waiting: meanwhile others may push them out.
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        fresh = await self._embeddings.aembed_documents(list(missing.values())) if missing else []
        found |= {key: array("f", vector) for key, vector in zip(missing, fresh, strict=True)}
        vectors = [found[key].tolist() for key in keys]
        for key, vector in found.items():
            self._known[key] = vector
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """As the other embedder does, which is not asked in this way here."""
        return self._embeddings.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        """As the other embedder does."""
        return self._embeddings.embed_query(text)
