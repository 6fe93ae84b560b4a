"""The chat in the terminal: questions and follow-ups, and a few commands with a slash, as in Discord."""

from __future__ import annotations

import asyncio
import re
import readline  # noqa: F401 - gives input() line editing and a history
import threading
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bot.console import show_answer, show_articles
from bot.why import UNSEARCHED, why_in_terminal
from retrieval.answers.answer import Answer, Turn
from retrieval.answers.answerer import Answerer
from retrieval.errors import FootnoteError
from retrieval.library import Library

MEMORY_TURNS = 12
LEAVE = frozenset({"exit", "quit", ":q"})
# What some commands ask in words.
ASKED = {"help": "help", "sources": "Which sources do you have?"}
NO_COMMAND = (
    "There is no /{} in the chat; there are /help, /why, /articles, /sources and /quit. Outside of it: footnote --help"
)
_COMMAND = re.compile(r"/\s?(?P<name>[a-z]+)(?:\s+(?P<rest>.*))?", re.IGNORECASE)


class Chat:
    """Asks and answers until the person leaves; remembers the conversation of this session."""

    def __init__(
        self, console: Console, answerer: Answerer, library: Library, earlier: Sequence[tuple[str, Answer]] = ()
    ) -> None:
        """`earlier` are questions that were asked already, with their answers."""
        self._console = console
        self._answerer = answerer
        self._library = library
        self._exchanges = list(earlier)

    async def run(self) -> None:
        """The prompt, until Ctrl-D or a word that leaves."""
        self._console.print(
            Text("Ask a question; /help says how, /why shows how an answer came about, /quit leaves.", "dim")
        )
        while True:
            try:
                typed = (await _typed(self._console)).strip()
            except EOFError:
                self._console.print()
                return
            if typed.removeprefix("/").lower() in LEAVE:
                return
            if not typed:
                continue
            try:
                await self._follow(typed)
            except FootnoteError as error:
                self._console.print(Text(str(error), "red"))

    async def _follow(self, typed: str) -> None:
        command = _COMMAND.fullmatch(typed)
        name, rest = (command["name"].lower(), command["rest"] or "") if command else ("ask", typed)
        if name == "why":
            await self._why()
        elif name == "articles":
            show_articles(self._console, await self._library.articles())
        elif name in ASKED or (name == "ask" and rest):
            await self._ask(ASKED.get(name, rest))
        else:
            self._console.print(Text(NO_COMMAND.format(name), "yellow"))

    async def _ask(self, question: str) -> None:
        with self._console.status("Reading …"):
            answer = await self._answerer.answer(self._library, question, self._history())
        show_answer(self._console, answer, self._library.key)
        self._exchanges.append((question, answer))

    async def _why(self) -> None:
        """How the last answer came about."""
        if not self._exchanges:
            self._console.print(Text("Nothing was asked yet.", "yellow"))
            return
        question, answer = self._exchanges[-1]
        if not answer.passages:
            self._console.print(Text(UNSEARCHED, "yellow"))
            return
        evidence = await self._answerer.considered(self._library, question, self._history(but=1))
        for line in why_in_terminal(evidence, answer, self._answerer.judges):
            self._console.print(Text(line))

    def _history(self, but: int = 0) -> list[Turn]:
        """The turns so far, without the last exchanges."""
        past = self._exchanges[: len(self._exchanges) - but]
        turns = [turn for asked, said in past for turn in (Turn("user", asked), Turn.of(said))]
        return turns[-MEMORY_TURNS:]


async def _typed(console: Console) -> str:
    """A line from the keyboard. Raises EOFError at Ctrl-D.

    Read in a daemon thread: the default executor would be waited for, and Ctrl-C would hang until Enter.
    """
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def settle(text: str | None) -> None:
        if not line.done():
            line.set_exception(EOFError()) if text is None else line.set_result(text)

    def read() -> None:
        try:
            text: str | None = console.input("\n[cyan]?[/] ")
        except EOFError:
            text = None
        loop.call_soon_threadsafe(settle, text)

    threading.Thread(target=read, daemon=True).start()
    return await line
