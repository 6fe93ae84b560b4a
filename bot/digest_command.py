"""`footnote digest …`: the terminal's own digests, shown when they are asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from bot.running import LOCAL, LibraryOption, existing, run_until_done
from retrieval.errors import FootnoteError

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.digests.digest import Digest, Issue
    from retrieval.digests.digests import Digests
    from retrieval.library import Library

digest = typer.Typer(no_args_is_help=True, help="What is new in a library since you looked last.")
TopicOption = Annotated[str | None, typer.Option("--topic", help="Only what is new on this.")]


@digest.command("on")
def on_command(
    topic: TopicOption = None,
    length: Annotated[str, typer.Option(help="short, medium or long: 1, 2 or 3 points a story.")] = "medium",
    library: LibraryOption = LOCAL,
) -> None:
    """From now on `digest now` shows what is new; once more with the same topic changes the length."""
    run_until_done(_on(library, topic, length))


@digest.command("now")
def now_command(topic: TopicOption = None, library: LibraryOption = LOCAL) -> None:
    """Show what is new since the last time, story by story; the next time it is not new any more."""
    run_until_done(_now(library, topic))


@digest.command("off")
def off_command(topic: TopicOption = None, library: LibraryOption = LOCAL) -> None:
    """End the digest on a topic, or all of the library."""
    run_until_done(_off(library, topic))


@digest.command("list")
def list_command(library: LibraryOption = LOCAL) -> None:
    """List the terminal's digests of a library."""
    run_until_done(_list(library))


async def _on(key: str, topic: str | None, length: str) -> None:
    from bot import console as face
    from retrieval.answers.sanitize import printable
    from retrieval.digests.schedule import Schedule
    from retrieval.summaries.summary import Length

    if length not in get_args(Length):
        raise FootnoteError(f"--length is {printable(length)}; it can be {', '.join(get_args(Length))}.")

    async def subscribe(digests: Digests, library: Library) -> None:
        # Nothing is sent to a terminal, so the hour does not matter.
        schedule = Schedule("daily", 0, "UTC")
        made = await digests.subscribe(library, schedule, cast(Length, length), topic=topic)
        face.say(f"On: {_described(made)}. `footnote digest now` shows what is new.")

    await _with_digests(key, subscribe)


async def _now(key: str, topic: str | None) -> None:
    from bot import console as face

    async def show(digests: Digests, library: Library) -> None:
        for one in await _chosen(digests, library, topic):
            with face.terminal(stderr=True).status("Reading …"):
                issue = await digests.issue(one)
            if issue.stories:
                show_issue(face.terminal(), issue)
            else:
                face.say(f"Nothing new since {_minute(issue.since)}: {_described(one)}.")
            await digests.delivered(one, issue.until, datetime.now(UTC))

    await _with_digests(key, show)


async def _off(key: str, topic: str | None) -> None:
    from bot import console as face

    async def end(digests: Digests, library: Library) -> None:
        for one in await _chosen(digests, library, topic):
            await digests.end(one.id)
            face.say(f"Ended: {_described(one)}.")

    await _with_digests(key, end)


async def _list(key: str) -> None:
    from bot import console as face

    async def show(digests: Digests, library: Library) -> None:
        for one in await _chosen(digests, library, None):
            face.say(f"{_described(one)}, {one.length}, last shown or begun {_minute(one.since)}")

    await _with_digests(key, show)


def show_issue(console: Console, issue: Issue) -> None:
    """An issue with its footnotes."""
    from rich.text import Text

    from bot.console import show_footnotes
    from bot.digest_text import left_out, sources
    from bot.summary_text import quotation
    from retrieval.answers.sanitize import printable

    console.print(Text(printable(f"New since {_minute(issue.since)}: {_described(issue.digest)}"), "cyan"))
    for story, points in zip(issue.stories, issue.lines, strict=True):
        console.print()
        console.print(Text(printable(story.title), "bold"))
        for source in sources(story):
            console.print(Text(printable(source), "dim"))
        for line, point in zip(points, story.points, strict=True):
            console.print(Text(f"• {printable(quotation(line, point, story.model))}"))
    if issue.more:
        console.print()
        console.print(Text(left_out(issue.more), "yellow"))
    show_footnotes(console, issue.citations)


async def _chosen(digests: Digests, library: Library, topic: str | None) -> list[Digest]:
    """The terminal's digests, or only the one on a topic. Raises FootnoteError when there is none."""
    wanted = " ".join((topic or "").split()).casefold()
    there = [one for one in await digests.of(library) if not wanted or (one.topic or "").casefold() == wanted]
    if not there:
        raise FootnoteError("There is no such digest; `footnote digest on` begins one.")
    return there


def _described(digest: Digest) -> str:
    return f"on “{digest.topic}”" if digest.topic else "everything"


def _minute(moment: str) -> str:
    """A moment in the clock of this machine."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


async def _with_digests(key: str, do: Callable[[Digests, Library], Awaitable[None]]) -> None:
    from bot.app import open_app
    from bot.settings import load_settings
    from retrieval.digests.digests import Digests

    async with open_app(load_settings()) as opened:
        await do(Digests(opened.libraries, opened.summarizer), await existing(opened.libraries, key))
