"""Telling how far a summary is, steadily, while parts take as long as they take."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from retrieval.summaries.summary import Progress, Report

# Seconds between two reports while nothing new happens.
HEARTBEAT = 2.0


class Heartbeat:
    """Reports at every part, and again every two seconds, as an async context manager around the work."""

    def __init__(self, report: Report | None) -> None:
        self._report = report
        self._progress = Progress(0, 0)
        self._beating: asyncio.Task[None] | None = None

    def begin(self, parts: int) -> None:
        """From now on there are so many parts, none of them read."""
        self._tell(Progress(0, parts))

    def advance(self) -> None:
        """One more part is read."""
        self._tell(Progress(self._progress.done + 1, self._progress.parts))

    def _tell(self, progress: Progress) -> None:
        self._progress = progress
        if self._report is not None:
            self._report(progress)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            self._tell(self._progress)

    async def __aenter__(self) -> Self:
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
