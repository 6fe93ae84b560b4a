"""`footnote doctor`: looks at each part and says what to do about what it finds."""

from __future__ import annotations

import asyncio
import difflib
import os
import shutil
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import discord
import openai
from rich.console import Console
from rich.text import Text

from bot.app import open_embeddings, open_vectors
from bot.connection import CALL_FAILED
from bot.console import terminal
from bot.data_dir import locked
from bot.settings import Settings, load_settings
from retrieval.answers.sanitize import printable
from retrieval.errors import DataDirectoryBusy, FootnoteError
from retrieval.index.database import Database
from retrieval.library import Libraries
from retrieval.sources.files import find_files

LEAST_FREE_BYTES = 500_000_000
SECONDS = 20.0
MESSAGE_CONTENT_FLAGS = (1 << 18) | (1 << 19)
BUSY = "The bot is running and has this open; stop it to check."
MARKS = {"good": ("✓", "green"), "note": ("·", "yellow"), "bad": ("✗", "red")}


class Finding(NamedTuple):
    """What a check found: good, worth a note, or bad (then the exit code is 1)."""

    verdict: Literal["good", "note", "bad"]
    sentence: str


async def examine() -> int:
    """Print a line a part; gives the exit code."""
    console = terminal()
    try:
        settings = load_settings()
    except FootnoteError as error:
        _show(console, "settings", Finding("bad", str(error)))
        return 1
    _show(console, "settings", Finding("good", "All settings can be read."))
    failed = False
    parts: dict[str, Callable[[Settings], Awaitable[Finding]]] = {
        "disk": _disk,
        "starter": _starter,
        "embedder": _embedder,
        "database": _database,
        "chroma": _chroma,
        "model": _model,
        "discord": _discord,
    }
    for name, check in parts.items():
        finding = await _outcome(check, settings)
        _show(console, name, finding)
        failed = failed or finding.verdict == "bad"
    return int(failed)


async def _outcome(check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(SECONDS):
            return await check(settings)
    except FootnoteError as error:
        return Finding("bad", str(error))
    except TimeoutError:
        return Finding("bad", f"No answer within {SECONDS:.0f} seconds.")


def _show(console: Console, part: str, finding: Finding) -> None:
    mark, colour = MARKS[finding.verdict]
    console.print(Text(f"{mark} {part:<9}", colour) + Text(printable(finding.sentence)))


async def _disk(settings: Settings) -> Finding:
    existing = next(
        path for path in (settings.data_dir.resolve(), *settings.data_dir.resolve().parents) if path.exists()
    )
    if not os.access(existing, os.W_OK):
        return Finding("bad", f"DATA_DIR is {settings.data_dir}, which cannot be written; choose another directory.")
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        return Finding("bad", f"Only {free / 1e6:.0f} MB are free at DATA_DIR ({settings.data_dir}); make room.")
    return Finding("good", f"{settings.data_dir} can be written, {free / 1e9:.0f} GB free.")


async def _starter(settings: Settings) -> Finding:
    count = len(await asyncio.to_thread(find_files, settings.starter_articles))
    if not count:
        return Finding(
            "note", f"STARTER_ARTICLES ({settings.starter_articles}) holds no articles; libraries start empty."
        )
    return Finding("good", f"{count} starter articles in {settings.starter_articles}.")


async def _embedder(settings: Settings) -> Finding:
    vector = await open_embeddings(settings).aembed_query("Who controls the data centers?")
    return Finding("good", f"{settings.embedding_model} answers with {len(vector)} dimensions.")


async def _database(settings: Settings) -> Finding:
    """The SQL database, unless a running bot owns the data directory."""
    try:
        with locked(settings.data_dir):
            database = Database(settings.database)
            try:
                await database.migrate()
            finally:
                await database.close()
    except DataDirectoryBusy:
        return Finding("note", BUSY)
    where = "the server at DATABASE_URL" if settings.database_url else "SQLite in DATA_DIR"
    return Finding("good", f"The database ({where}) answers with the newest schema.")


async def _chroma(settings: Settings) -> Finding:
    """Chroma: whether it agrees with the database and every library can be searched; repairs what was interrupted."""
    try:
        with locked(settings.data_dir):
            database, vectors = Database(settings.database), open_vectors(settings)
            try:
                await database.migrate()
                await vectors.alive()
                libraries = Libraries(database, vectors, open_embeddings(settings), settings.embedding_model)
                await libraries.check_model()
                keys = await libraries.keys()
                for key in keys:
                    await libraries.open(key)
            finally:
                await vectors.close()
                await database.close()
    except DataDirectoryBusy:
        return Finding("note", BUSY)
    where = "the server at CHROMA_URL" if settings.chroma_url else "built in"
    count = "1 library" if len(keys) == 1 else f"{len(keys)} libraries"
    return Finding("good", f"Chroma ({where}) answers and agrees with the database; {count}.")


async def _model(settings: Settings) -> Finding:
    if not settings.has_chat_model:
        return Finding("note", "No chat model; answers quote the articles. OPENAI_API_KEY or OPENAI_BASE_URL adds one.")
    client = openai.AsyncOpenAI(
        api_key=settings.key or "none", base_url=settings.openai_base_url, timeout=SECONDS / 2, max_retries=0
    )
    try:
        # Ollama lists "name:latest" for what it also answers to as "name".
        known = {model.id.removesuffix(":latest") async for model in client.models.list()}
    except openai.AuthenticationError:
        return Finding("bad", "The server refuses OPENAI_API_KEY; set a valid key.")
    except openai.NotFoundError:
        return Finding("note", "The server does not list its models, so CHAT_MODEL cannot be checked.")
    except (openai.OpenAIError, ValueError) as error:
        return Finding("bad", f"The chat model's server does not answer ({error}); check OPENAI_BASE_URL.")
    finally:
        await client.close()
    if known and settings.chat_model.removesuffix(":latest") not in known:
        near = difflib.get_close_matches(settings.chat_model, known, 3, 0.3) or sorted(known)[:3]
        return Finding(
            "bad", f"The server does not have CHAT_MODEL {settings.chat_model}; it has, for example, {', '.join(near)}."
        )
    return Finding("good", f"{settings.chat_model} is there.")


async def _discord(settings: Settings) -> Finding:
    if settings.discord_token is None:
        return Finding("note", "DISCORD_TOKEN is not set; `footnote run` answers in the terminal.")
    client = discord.Client(intents=discord.Intents.none())
    try:
        await client.login(settings.discord_token.get_secret_value())
        info = await client.application_info()
        reads_content = bool(info.flags.value & MESSAGE_CONTENT_FLAGS)
    except discord.LoginFailure:
        return Finding("bad", "Discord refuses DISCORD_TOKEN; copy it again from the Bot page of your application.")
    except CALL_FAILED as error:
        return Finding("bad", f"Discord does not answer ({error}); check the network.")
    finally:
        await client.close()
    if settings.message_content_intent and not reads_content:
        return Finding(
            "bad",
            "MESSAGE_CONTENT_INTENT is on, but the application lacks the Message Content Intent; switch it on on "
            "the Bot page of the developer portal.",
        )
    return Finding("good", f"The token belongs to {info.name}.")
