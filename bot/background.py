"""Work beside the events: tasks that nobody waits for, whose end must still be noticed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


def watched(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start work as a task; an error that ends it goes to the log under this name."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("%s ended", name, exc_info=error)

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    return task
