"""What every command of the terminal shares: its options, running a coroutine to its end, opening a library."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrieval.errors import FootnoteError

if TYPE_CHECKING:
    from retrieval.library import Libraries, Library

LOCAL = "local"  # As retrieval.library has it, which takes a second to import.
LibraryOption = Annotated[
    str, typer.Option("--library", help="A Discord server's id, or `local` for the terminal's own library.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def run_until_done(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; Ctrl-C and SIGTERM end it with everything closed."""
    from bot.logs import configure_logs
    from bot.settings import load_settings

    try:
        configure_logs(load_settings().log_level)
        asyncio.run(_until_terminated(work))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        work.close()


async def existing(libraries: Libraries, key: str) -> Library:
    """The library of that key; a typing error does not create one. Raises FootnoteError."""
    keys = await libraries.keys()
    if key != LOCAL and key not in keys:
        raise FootnoteError(f"There is no library {key}; there are: {', '.join(keys) or 'none'}.")
    return await libraries.open(key)


async def _until_terminated(work: Coroutine[Any, Any, None]) -> None:
    """Let SIGTERM end the program as Ctrl-C does, with everything closed."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).debug("Stopped")
