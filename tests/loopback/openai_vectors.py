"""The vectors of the loopback OpenAI server: no model makes them, yet similar texts are near each other."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct


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
