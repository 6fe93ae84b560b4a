"""The command line: `footnote run`, `chat`, `ask`, `summarize`, `ingest`, `articles …`, `digest …` and so on."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import articles_command, digest_command
from bot.running import LOCAL, JsonOption, LibraryOption, existing, run_until_done
from retrieval.errors import FootnoteError

EXAMPLE_QUESTION = "Who controls the data centers?"
# What the sample articles, which hold its answer, say of their source.
SAMPLES = "Footnote samples"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers questions from your articles; every sentence carries a footnote to the passage it came from.",
)
app.add_typer(articles_command.articles, name="articles")
app.add_typer(digest_command.digest, name="digest")


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
        run_until_done(_terminal())
    else:
        from bot.client import serve

        run_until_done(serve(settings))


@app.command()
def chat(library: LibraryOption = LOCAL) -> None:
    """Ask questions in the terminal, with follow-ups."""
    run_until_done(_chat(library))


@app.command()
def ask(question: str, library: LibraryOption = LOCAL, as_json: JsonOption = False) -> None:
    """Answer one question."""
    run_until_done(_ask(question, library, as_json))


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

    run_until_done(summarize_command(article, topic, length, library, as_json))


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders of them, or web addresses (https://…).")],
    library: LibraryOption = LOCAL,
    as_json: JsonOption = False,
) -> None:
    """Add articles to a library; an article that is there already is updated, or left alone if unchanged."""
    run_until_done(_ingest(paths, library, as_json))


@app.command()
def reindex(
    library: Annotated[str | None, typer.Option("--library", help="Only this library; else all.")] = None,
) -> None:
    """Embed all articles again, after EMBEDDING_MODEL changed or the vector index was lost."""
    run_until_done(_reindex(library))


@app.command()
def doctor() -> None:
    """Check every part (settings, disk, database, Chroma, embedder, chat model, Discord) and say what to do."""
    from bot.doctor import examine

    raise SystemExit(asyncio.run(examine()))


async def _terminal() -> None:
    """What `run` does without a Discord token."""
    from bot import console as face
    from bot.app import open_app
    from bot.chat import Chat
    from bot.ingest import ingest_paths
    from bot.settings import load_settings
    from retrieval.answers.answer import Answer

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
        console.print()
        earlier: list[tuple[str, Answer]] = []
        if SAMPLES in await library.sources():
            console.print(f"[cyan]?[/] {EXAMPLE_QUESTION}\n")
            answer = await opened.answerer.answer(library, EXAMPLE_QUESTION)
            face.show_answer(console, answer, hint=not settings.has_chat_model)
            earlier.append((EXAMPLE_QUESTION, answer))
        else:
            face.show_what_to_ask(console, [title for _, title in await library.titles("", 2)])
        if sys.stdin.isatty():
            console.print()
            await Chat(console, opened.answerer, library, earlier).run()


async def _chat(key: str) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.chat import Chat
    from bot.settings import load_settings

    async with open_app(load_settings()) as opened:
        await Chat(face.terminal(), opened.answerer, await existing(opened.libraries, key)).run()


async def _ask(question: str, key: str, as_json: bool) -> None:
    from bot import console as face
    from bot.app import open_app
    from bot.settings import load_settings

    if not question.strip():
        raise FootnoteError("The question is empty.")
    settings = load_settings()
    async with open_app(settings) as opened:
        answer = await opened.answerer.answer(await existing(opened.libraries, key), question)
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
    if not any(getattr(outcome, "kept", False) for outcome in outcomes):
        raise SystemExit(1)


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
