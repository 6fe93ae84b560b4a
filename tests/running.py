"""The program as people start it: a process of its own, with a data directory and an environment of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.loopback import launch_bot
from tests.loopback.discord_server import DiscordServer

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (
    "DISCORD_TOKEN MESSAGE_CONTENT_INTENT OPENAI_API_KEY OPENAI_BASE_URL CHAT_MODEL EMBEDDING_MODEL MODEL_TIMEOUT "
    "DATA_DIR DATABASE_URL CHROMA_URL STARTER_ARTICLES LOG_LEVEL LIBRARY_ARTICLES LIBRARY_MEGABYTES LIBRARY_JOBS "
    "LEAVE_DAYS FEED_MINUTES ANSWER_JUDGE"
).split()


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a fresh machine: none of the settings but these, and the program of this very checkout.

    Bytecode is kept, which saves a second.
    """
    clean = {name: value for name, value in os.environ.items() if name not in (*SETTINGS, "PYTHONDONTWRITEBYTECODE")}
    given = {"DATA_DIR": str(data), "STARTER_ARTICLES": str(ROOT / "articles"), "PYTHONPATH": str(ROOT)}
    return clean | given | settings


def footnote(
    data: Path, *arguments: str, cwd: Path | None = None, typed: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal; `typed` is what its standard input holds."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env=environment(data, **settings),
        # Away from the checkout, so that a developer's own .env is not read.
        cwd=cwd or data.parent,
        input=typed,
        capture_output=True,
        text=True,
        timeout=90,
    )


def ask(data: Path, question: str, *arguments: str, **settings: str) -> dict[str, Any]:
    """The parsed output of `ask --json`."""
    done = footnote(data, "ask", question, "--json", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@asynccontextmanager
async def running_bot(server: DiscordServer, data: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot connected to the loopback Discord; ended by SIGTERM, which it must obey."""
    process = await asyncio.create_subprocess_exec(
        *launch_bot.command("run"),
        env=environment(data, DISCORD_TOKEN=server.token, LOOPBACK_DISCORD=server.base_url, **settings),
        cwd=data.parent,
    )
    try:
        await server.wait_for(lambda: server.ready, 60, "the bot connected")
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)
