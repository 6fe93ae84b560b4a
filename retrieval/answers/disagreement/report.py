"""An article as far as it was found: what its passage tells, to hold one paper's answer against another's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from retrieval.answers.disagreement.assertion import parse_assertion, stems_in
from retrieval.answers.disagreement.concepts import matters_in
from retrieval.answers.wording.amounts import Amount
from retrieval.articles import Passage
from retrieval.index.days import Day
from retrieval.text import sentences


@dataclass(frozen=True, slots=True)
class Report:
    """A passage under its head line, whose source may name the town: its stems, names, amounts, days and matters."""

    stems: frozenset[str]
    names: frozenset[str]
    amounts: tuple[Amount, ...]
    days: tuple[Day, ...]
    matters: frozenset[int]


def report_of(passage: Passage) -> Report:
    """A passage as a report."""
    return _report(passage.head, passage.text, passage.published_at)


@lru_cache(maxsize=64)
def _report(head: str, text: str, published_at: str | None) -> Report:
    whole = f"{head}\n{text}"
    said = [parse_assertion(span.of(text), "", published_at) for span in sentences(text, "en")]
    return Report(
        stems=stems_in(whole),
        names=frozenset().union(*(one.names for one in said)),
        amounts=tuple(amount for one in said for amount in one.amounts),
        days=tuple(day for one in said for day in one.days),
        matters=matters_in(whole),
    )
