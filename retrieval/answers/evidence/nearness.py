"""How near a sentence comes to each word of a question, where the word itself is not in it.

Late interaction (ColBERT: Khattab & Zaharia 2020) with the vectors that the embedder has of every word piece in its
context before it pools them: "founded" comes near to "established", and to no word of a sentence about something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.answers.wording.words import tokens
from retrieval.index.collections import Vectors
from retrieval.index.embedder import PieceVectors
from retrieval.text import CJK

# Cosines of words in context: up to the first two words have nothing to do with each other, from the second on one
# stands for the other.
UNRELATED = 0.2
THE_SAME = 0.8


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The content words of a question: `vectors` has a row for each of their pieces, `stems` says whose it is."""

    stems: tuple[str, ...]
    vectors: Vectors

    def near(self, sentence: PieceVectors) -> dict[str, float]:
        """How much the nearest word of the sentence counts for each stem, from 0 to 1."""
        if not self.stems or not len(sentence.pieces):
            return {}
        nearest = (self.vectors @ sentence.pieces.T).max(axis=1)
        found: dict[str, list[float]] = {}
        for stem, cosine in zip(self.stems, nearest.tolist(), strict=True):
            found.setdefault(stem, []).append(cosine)
        return {stem: _share(sum(cosines) / len(cosines)) for stem, cosines in found.items()}


def asked_words(stems: Iterable[str], texts: Sequence[tuple[str, PieceVectors]]) -> AskedWords:
    """The words of those stems in a question (and in what it leans on), each where it comes first."""
    # The embedder has no pieces for most characters of these scripts, and any two of what it lacks are alike to it.
    left = {stem for stem in stems if not CJK.search(stem)}
    owners: list[str] = []
    rows: list[Vectors] = []
    for text, vectors in texts:
        for token in tokens(text):
            begin, end = token.start, token.start + len(token.text)
            pieces = [i for i, (start, stop) in enumerate(vectors.spans) if start < end and stop > begin]
            if token.stem in left and pieces:
                left.discard(token.stem)
                owners += [token.stem] * len(pieces)
                rows += [vectors.pieces[i] for i in pieces]
    return AskedWords(tuple(owners), np.array(rows, dtype=np.float32))


def nearest(several: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The nearness to several sentences together: of each stem the best."""
    best: dict[str, float] = {}
    for one in several:
        for stem, share in one.items():
            best[stem] = max(share, best.get(stem, 0.0))
    return best


def _share(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - UNRELATED) / (THE_SAME - UNRELATED)))
