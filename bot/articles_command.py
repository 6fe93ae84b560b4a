"""`footnote articles …`: what `/articles` is in Discord."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.counting import count
from bot.running import LOCAL, JsonOption, LibraryOption, existing, run_until_done
from retrieval.errors import FootnoteError
from retrieval.listing import Sort

if TYPE_CHECKING:
    from bot.app import App
    from retrieval.library import Library

articles = typer.Typer(help="List, show, refresh, remove or export the articles of a library.")
ArticleArgument = Annotated[
    str, typer.Argument(help="Its title, a part of it that no other has, its address or number.")
]


@articles.callback(invoke_without_command=True)
def articles_command(context: typer.Context, library: LibraryOption = LOCAL, as_json: JsonOption = False) -> None:
    """Without a subcommand: list the articles, newest first."""
    if context.invoked_subcommand is None:
        run_until_done(_list(library, "newest", "", as_json))


@articles.command("list")
def list_command(
    search: Annotated[str, typer.Argument(help="Only those with this in title, source or author.")] = "",
    sort: Annotated[Sort, typer.Option(help="Their order.")] = "newest",
    library: LibraryOption = LOCAL,
    as_json: JsonOption = False,
) -> None:
    """List the articles."""
    run_until_done(_list(library, sort, search, as_json))


@articles.command("show")
def show_command(article: ArticleArgument, library: LibraryOption = LOCAL, as_json: JsonOption = False) -> None:
    """Show what is known of an article."""
    run_until_done(_show(library, article, as_json))


@articles.command("refresh")
def refresh_command(article: ArticleArgument, library: LibraryOption = LOCAL) -> None:
    """Fetch an article again from its address."""
    run_until_done(_refresh(library, article))


@articles.command("remove")
def remove_command(
    article: ArticleArgument,
    library: LibraryOption = LOCAL,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Remove an article with its passages, words and vectors."""
    run_until_done(_remove(library, article, yes))


@articles.command("export")
def export_command(library: LibraryOption = LOCAL) -> None:
    """Print all articles as JSON Lines, which `ingest` reads again."""
    run_until_done(_export(library))


async def _list(key: str, sort: Sort, search: str, as_json: bool) -> None:
    from bot import console as face
    from retrieval.listing import listed

    async def show(_: App, library: Library) -> None:
        records = listed(await library.articles(), sort, search)
        if as_json:
            for record in records:
                print(json.dumps(asdict(record), ensure_ascii=False))
        else:
            face.show_articles(face.terminal(), records)

    await _with_library(key, show)


async def _show(key: str, article: str, as_json: bool) -> None:
    from bot import console as face
    from retrieval.lookup import find_article

    async def show(_: App, library: Library) -> None:
        record = find_article(await library.articles(), article)
        text = await library.text(record.id) or ""
        if as_json:
            print(json.dumps({**asdict(record), "text": text}, ensure_ascii=False))
        else:
            face.show_article(face.terminal(), record, text)

    await _with_library(key, show)


async def _refresh(key: str, article: str) -> None:
    from bot import console as face
    from retrieval.ingestion.refresh import refresh
    from retrieval.lookup import find_article

    async def fetch(opened: App, library: Library) -> None:
        record = find_article(await library.articles(), article)
        status = await refresh(opened.fetcher, library, record)
        said = {"updated": "Updated", "unchanged": "Unchanged since it was added"}
        face.say(f"{said[status]}: {record.title}")

    await _with_library(key, fetch)


async def _remove(key: str, article: str, yes: bool) -> None:
    from bot import console as face
    from retrieval.lookup import find_article

    async def remove(_: App, library: Library) -> None:
        record = find_article(await library.articles(), article)
        if not yes:
            if not sys.stdin.isatty():
                raise FootnoteError(f"This would remove “{record.title}”; add --yes to do it without a question.")
            typer.confirm(f"Remove “{record.title}” with its {count(record.passages, 'passage')}?", abort=True)
        await library.remove(record.id)
        face.say(f"Removed: {record.title}")

    await _with_library(key, remove)


async def _export(key: str) -> None:
    from retrieval.library import exported

    async def show(_: App, library: Library) -> None:
        async for row in exported(library):
            print(row, end="")

    await _with_library(key, show)


async def _with_library(key: str, do: Callable[[App, Library], Awaitable[None]]) -> None:
    from bot.app import open_app
    from bot.settings import load_settings

    async with open_app(load_settings()) as opened:
        await do(opened, await existing(opened.libraries, key))
