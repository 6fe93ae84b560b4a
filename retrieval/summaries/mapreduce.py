"""The summary in a model's words: points of every part, then the points that matter for the whole.

Hierarchical map-reduce over passages (as in Wu et al. 2021, arXiv 2109.10862), two or more levels deep by length. The
model is trusted with choice and wording only: every point, of a part or of the whole, is compared with the passages
it names, and its quotes are cut from the article.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from prompts import load
from retrieval.answers.answer import Sentence
from retrieval.answers.checking.checker import Checker
from retrieval.answers.checking.claim import claim_of, speaks_of_lack
from retrieval.answers.checking.left_out import SILENT
from retrieval.answers.markers import SentenceStream
from retrieval.answers.models import streamed, summed
from retrieval.answers.readers.model_reader import Unverified, numbered_block, supporting
from retrieval.answers.wording.words import NEGATION
from retrieval.articles import Passage
from retrieval.errors import ModelUnavailable
from retrieval.summaries.heartbeat import Heartbeat
from retrieval.text import terms

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

PROMPTS = ("summary_points", "summary_merge")
# About 3,000 tokens of text a call: small local models read no more at a time without forgetting the middle.
PART_CHARACTERS = 12_000
POINTS_A_PART = 4
# Calls at a time; local servers answer one after the other anyway.
PARALLEL = 3
# About 400,000 tokens: a book of a thousand pages. Beyond it a summary would cost more than anybody expects.
MOST_CHARACTERS = 1_600_000
# A point is a sentence; what is longer is not what was asked for.
LONGEST_POINT = 500
LONGEST_REPLY = 8_000
# Two footnotes a point leave room for all points in a message.
MOST_QUOTES = 2
# The reader asks for the whole text.
NO_FOCUS = "the whole text"

Item = TypeVar("Item")
Result = TypeVar("Result")


class MapReduce:
    """Summarises with a chat model, and keeps only what the passages support."""

    def __init__(self, model: BaseChatModel, name: str, timeout: float) -> None:
        """`timeout` in seconds a call."""
        self.name = name
        self._points, self._merge = (load(prompt) | model for prompt in PROMPTS)
        # An order to whoever summarises is no key point, however it is told.
        self._checker = Checker(reports_orders=False)
        self._timeout = timeout

    async def points(self, passages: Sequence[Passage], most: int, focus: str | None, heartbeat: Heartbeat) -> Reduced:
        """At most `most` supported points of the passages.

        Raises ModelUnavailable when a call fails, when nothing it wrote is supported, or when the text is too long.
        """
        if sum(len(passage.text) for passage in passages) > MOST_CHARACTERS:
            raise ModelUnavailable("The text is too long to be read by the chat model.")
        parts = _grouped(passages, [len(passage.text) for passage in passages])
        heartbeat.begin(len(parts))
        reduced = Reduced()
        wanted = most if len(parts) == 1 else min(most, POINTS_A_PART)

        async def read(part: Sequence[Passage]) -> list[Sentence]:
            found = await self._part(part, wanted, focus, reduced)
            heartbeat.advance()
            return found

        points = [point for found in await _bounded(parts, read) for point in found]
        while len(points) > most:
            groups = _grouped(points, [len(point.text) for point in points])

            async def merge(group: Sequence[Sentence]) -> list[Sentence]:
                return await self._merged(group, most, focus, reduced) if len(group) > most else list(group)

            points = [point for found in await _bounded(groups, merge) for point in found]
        if not points and not reduced.dropped:
            raise Unverified(SILENT, reduced.usage)
        if not points:
            raise Unverified("The chat model's summary could not be verified against the text, so it is not shown.")
        reduced.points = tuple(points)
        return reduced

    async def _part(self, part: Sequence[Passage], most: int, focus: str | None, reduced: Reduced) -> list[Sentence]:
        variables = {"passages": numbered_block(part), "count": str(most), "focus": _focus(focus)}
        return await self._checked(self._points, variables, [[passage] for passage in part], most, reduced)

    async def _merged(
        self, group: Sequence[Sentence], most: int, focus: str | None, reduced: Reduced
    ) -> list[Sentence]:
        listed = "\n".join(
            f'<point number="{n}">{escape(point.text, quote=False)}</point>' for n, point in enumerate(group, start=1)
        )
        sources = [[quote.passage for quote in point.quotes] for point in group]
        variables = {"points": listed, "count": str(most), "focus": _focus(focus)}
        return await self._checked(self._merge, variables, sources, most, reduced)

    async def _checked(
        self,
        chain: Runnable[Any, Any],
        variables: dict[str, str],
        sources: Sequence[Sequence[Passage]],
        most: int,
        reduced: Reduced,
    ) -> list[Sentence]:
        """The supported points of one call; `sources` are the passages behind each number, counted from 1."""
        usage: dict[str, int] = {}
        stream = SentenceStream()
        deadline = asyncio.get_running_loop().time() + self._timeout
        pieces = [
            piece
            async for text in streamed(chain, variables, deadline, LONGEST_REPLY, usage)
            for piece in stream.feed(text)
        ]
        pieces += stream.flush()
        reduced.spend(usage)
        given = [passage for source in sources for passage in source]
        points: list[Sentence] = []
        for piece in pieces:
            claim = claim_of(piece)
            if claim.silent == "sources" or len(points) == most:
                break
            text = " ".join(claim.text.split())
            # A line that ends like this leads to points.
            if not terms(text) or (text.endswith(":") and not piece.numbers):
                continue
            cited = [passage for n in piece.numbers if 0 < n <= len(sources) for passage in sources[n - 1]]
            quotes = await asyncio.to_thread(supporting, self._checker, text, cited, given)
            if not quotes or len(text) > LONGEST_POINT:
                reduced.dropped += not speaks_of_lack(text)
            elif not any(_repeats(text, point.text) for point in points):
                points.append(Sentence(text, quotes[:MOST_QUOTES], "\n"))
        return points


class Reduced:
    """What came of all calls of one summary: its points, how many were dropped, and the tokens they cost."""

    def __init__(self) -> None:
        self.points: tuple[Sentence, ...] = ()
        self.dropped = 0
        self.usage: dict[str, int] = {}

    def spend(self, usage: dict[str, int]) -> None:
        """Add one call's tokens."""
        self.usage = summed(self.usage, usage)


def _repeats(text: str, before: str) -> bool:
    """Has a point no word that one before it lacks, and denies no more than that?"""
    denied = (NEGATION.search(one) is None for one in (text, before))
    return set(terms(text)) <= set(terms(before)) and len(set(denied)) == 1


def _focus(focus: str | None) -> str:
    return escape(focus or NO_FOCUS, quote=False)


def _grouped(items: Sequence[Item], sizes: Sequence[int]) -> list[list[Item]]:
    """Runs of items of about `PART_CHARACTERS` in all."""
    groups: list[list[Item]] = []
    room = 0
    for item, size in zip(items, sizes, strict=True):
        if not groups or size > room:
            groups.append([])
            room = PART_CHARACTERS
        groups[-1].append(item)
        room -= size
    return groups


async def _bounded(items: Sequence[Item], work: Callable[[Item], Awaitable[Result]]) -> list[Result]:
    """The results of a coroutine for each item, in order, a few at a time; when one fails or the caller is cancelled,
    none goes on."""
    turns = asyncio.Semaphore(PARALLEL)

    async def one(item: Item) -> Result:
        async with turns:
            return await work(item)

    tasks = [asyncio.create_task(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
