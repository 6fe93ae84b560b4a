"""Logs: one line an event on standard error, readable at a terminal, JSON where a program reads it."""

from __future__ import annotations

import logging
import sys

import structlog

# Libraries that say at INFO what only their own developers want to know.
QUIET = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "chromadb",
    "alembic",
    "openai",
    "discord.http",
    "aiosqlite",
)


def _for_people() -> structlog.typing.Processor:
    # The default shows the local variables of every frame: the token and what members asked.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def configure_logs(level: str) -> None:
    """Send all logging through structlog to standard error; secrets never reach a log call."""
    at_terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if at_terminal else "iso", utc=not at_terminal),
    ]
    renderer: structlog.typing.Processor = _for_people() if at_terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if at_terminal else [structlog.processors.format_exc_info]),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
