"""The command line: `footnote run`, `chat`, `ask`, `summarize`, `ingest`, `articles`, `reindex`, `doctor`."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import signal
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from retrieval.errors import FootnoteError

EXAMPLE_QUESTION = "Who controls the data centers?"
LOCAL = "local"  # As retrieval.library has it, which takes a second to import.

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers questions from your articles; every sentence carries a footnote to the passage it came from.",
)
LibraryOption = Annotated[
    str, typer.Option("--library", help="A Discord server's id, or `local` for the terminal's own library.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def run() -> None:
    """Run a command; an expected failure is one sentence on standard error and exit code 1."""
    try:
        app()
    except FootnoteError as error:
        print(f"footnote: {error}", file=sys.stderr)
        raise SystemExit(1) from None


@app.command("run")
def run_command() -> None:
    """Start the Discord bot; without DISCORD_TOKEN index the starter articles and answer in the terminal."""
    from bot.settings import load_settings

    settings = load_settings()
    if settings.discord_token is None:
        _run(_terminal())
    else:
        from bot.client import serve

        _run(serve(settings))


@app.command()
def chat(library: LibraryOption = LOCAL) -> None:
    """Ask questions in the terminal, with follow-ups."""
    _run(_chat(library))


@app.command()
def ask(question: str, library: LibraryOption = LOCAL, as_json: JsonOption = False) -> None:
    """Answer one question."""
    _run(_ask(question, library, as_json))


@app.command()
def summarize(
    article: Annotated[str | None, typer.Argument(help="Its title or a part of it, number, path or address.")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="Instead: what all articles say on this.")] = None,
    length: Annotated[str, typer.Option("--length", help="short, medium or long: 3, 5 or 7 points.")] = "medium",
    library: LibraryOption = LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Say in a few points, each with a footnote, what an article says, or several on a topic."""
    from bot.summarize import summarize_command

    _run(summarize_command(article, topic, length, library, as_json, _existing))


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders of them, or web addresses (https://…).")],
    library: LibraryOption = LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Add articles to a library; an article that is there already is updated, or left alone if unchanged."""
    _run(_ingest(paths, library, as_json))


@app.command()
def articles(library: LibraryOption = LOCAL, as_json: JsonOption = False) -> None:
    """List the articles of a library, newest first."""
    _run(_articles(library, as_json))


@app.command()
def export(library: LibraryOption = LOCAL) -> None:
    """Print a library's articles as JSON Lines, which `ingest` reads again."""
    _run(_export(library))


@app.command()
def reindex(
    library: Annotated[str | None, typer.Option("--library", help="Only this library; else all.")] = None,
) -> None:
    """Embed all articles again, after EMBEDDING_MODEL changed or the vector index was lost."""
    _run(_reindex(library))


@app.command()
def doctor() -> None:
    """Check every part (settings, disk, database, Chroma, embedder, chat model, Discord) and say what to do."""
    from bot.doctor import examine

    raise SystemExit(asyncio.run(examine()))


def _run(work: Coroutine[Any, Any, None]) -> None:
    from bot.logs import configure_logs
    from bot.settings import load_settings

    try:
        configure_logs(load_settings().log_level)
        asyncio.run(_until_terminated(work))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        work.close()


async def _until_terminated(work: Coroutine[Any, Any, None]) -> None:
    """Let SIGTERM end the program as Ctrl-C does, with everything closed."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).debug("Stopped")


async def _terminal() -> None:
    """What `run` does without a Discord token."""
    from bot import console as face
    from bot.app import open_app
    from bot.ingest import ingest_paths
    from bot.settings import load_settings
    from retrieval.answers.answer import Turn

    settings = load_settings()
    console = face.terminal()
    async with open_app(settings) as opened:
        library = await opened.libraries.open(LOCAL)
        with face.ingest_progress(console) as progress:
            task = progress.add_task("Indexing articles", total=None)
            outcomes = []
            async for outcome in ingest_paths(library, [settings.starter_articles]):
                outcomes.append(outcome)
                progress.advance(task)
        face.show_outcomes(console, outcomes)
        console.print(f"\n[cyan]?[/] {EXAMPLE_QUESTION}\n")
        answer = await opened.answerer.answer(library, EXAMPLE_QUESTION)
        face.show_answer(console, answer, hint=not settings.has_chat_model)
        if sys.stdin.isatty():
            console.print()
            earlier = [Turn("user", EXAMPLE_QUESTION), Turn("assistant", answer.text)]
            await face.chat(console, opened.answerer, library, earlier)


async def _chat(key: str) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.settings import load_settings

    async with open_app(load_settings()) as opened:
        await face.chat(face.terminal(), opened.answerer, await _existing(opened.libraries, key))


async def _ask(question: str, key: str, as_json: bool) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.settings import load_settings

    if not question.strip():
        raise FootnoteError("The question is empty.")
    settings = load_settings()
    async with open_app(settings) as opened:
        answer = await opened.answerer.answer(await _existing(opened.libraries, key), question)
    if as_json:
        print(face.answer_json(answer))
    else:
        face.show_answer(face.terminal(), answer, key, hint=not settings.has_chat_model)


async def _ingest(paths: list[str], key: str, as_json: bool) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.ingest import ingest_addresses, ingest_paths
    from bot.settings import load_settings

    addresses = [path for path in paths if path.startswith(("http://", "https://"))]
    files = [Path(path) for path in paths if path not in addresses]
    console = face.terminal(stderr=as_json)
    outcomes = []
    if key != LOCAL and not re.fullmatch(r"\d{17,20}", key):
        raise FootnoteError(f"{key} is not a library: it is `local`, or a Discord server's id (17 to 20 digits).")
    async with open_app(load_settings()) as opened:
        library = await opened.libraries.open(key)
        with face.ingest_progress(console) as progress:
            task = progress.add_task("Indexing articles", total=None)
            for found in (ingest_paths(library, files), ingest_addresses(library, addresses)):
                async for outcome in found:
                    outcomes.append(outcome)
                    progress.advance(task)
    if as_json:
        for outcome in outcomes:
            print(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        face.show_outcomes(console, outcomes)
    if not any(getattr(outcome, "status", "unreadable") != "unreadable" for outcome in outcomes):
        raise SystemExit(1)


async def _articles(key: str, as_json: bool) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.settings import load_settings

    async with open_app(load_settings()) as opened:
        library = await _existing(opened.libraries, key)
        records = await library.articles()
    if as_json:
        for record in records:
            print(json.dumps(asdict(record), ensure_ascii=False))
    else:
        face.show_articles(face.terminal(), records)


async def _export(key: str) -> None:
    from bot.app import open_app
    from bot.settings import load_settings
    from retrieval.library import exported

    async with open_app(load_settings()) as opened:
        async for row in exported(await _existing(opened.libraries, key)):
            print(row, end="")


async def _reindex(key: str | None) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.settings import load_settings

    console = face.terminal()
    async with open_app(load_settings()) as opened:
        keys = await opened.libraries.keys()
        if key is not None and key not in keys:
            raise FootnoteError(f"There is no library {key}; there are: {', '.join(keys) or 'none'}.")
        for name in [key] if key is not None else keys:
            with face.ingest_progress(console) as progress:
                task = progress.add_task(f"Library {name}", total=None)
                async for done, total in opened.libraries.reindex(name):
                    progress.update(task, completed=done, total=total)
            console.print(f"Library {name} is embedded with {opened.settings.embedding_model}.")


async def _existing(libraries: Any, key: str) -> Any:
    """The library of that key; a typing error does not create one."""
    keys = await libraries.keys()
    if key != LOCAL and key not in keys:
        raise FootnoteError(f"There is no library {key}; there are: {', '.join(keys) or 'none'}.")
    return await libraries.open(key)
