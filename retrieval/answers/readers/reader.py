"""Readers: who writes the answer from the evidence. One seam for the quoting reader and the LLM chain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from retrieval.answers.answer import Sentence, Status
from retrieval.answers.evidence.evidence import Evidence

# What leads to a part of a question that is left open: that nothing was found need not mean that no article says it.
NOT_FOUND = "I did not find:"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader has so far; the last one it gives is its answer."""

    status: Status
    sentences: tuple[Sentence, ...] = ()
    notices: tuple[str, ...] = ()
    usage: dict[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """Writes an answer from evidence, sentence by sentence, every sentence checked before it is given."""

    @property
    def name(self) -> str:
        """The model's name, or what stands for one."""

    def read(self, question: str, evidence: Evidence, today: date) -> AsyncIterator[Reading]:
        """Growing readings of one answer. Raises ModelUnavailable when a model cannot be asked."""
