"""Fair turns: whoever has waited without a turn comes before those who have just had one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairTurns:
    """At most so many at once; those who wait are served round robin by key, within a key in order."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn of this key (a library), and hold it."""
        if self._free > 0 and not self._waiting:
            self._free -= 1
        else:
            await self._queued(key)
        try:
            yield
        finally:
            self._pass_on()

    async def _queued(self, key: str) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                # The turn was given just as the waiting ended: the next one gets it.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            key, queue = next(iter(self._waiting.items()))
            waiter = queue.popleft()
            # The key goes to the end of the line, so that the others come before its next turn.
            self._waiting.move_to_end(key)
            if not queue:
                del self._waiting[key]
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
