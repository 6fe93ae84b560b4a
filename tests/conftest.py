"""What tests of the library share: the real embedder, libraries in a temporary directory, and small articles.

The Chroma worker takes about two seconds to start. `open_libraries` shares one among all tests: every call has a
database of its own, and a library's collection has a name no other library has.

The whole bot takes longer. `place` and `librarian` are new Discord servers, with a new library and new people, of one
bot that the tests of a module share; `place_apart` and `librarian_apart` are for tests that start the bot themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import pytest
import pytest_asyncio
from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleDraft
from retrieval.index.database import Database
from retrieval.index.embedder import MINILM, MiniLMEmbeddings
from retrieval.index.vectors import EmbeddedVectors, VectorIndex
from retrieval.library import Libraries, Library
from retrieval.sources import fetcher as fetching
from retrieval.sources import isolated
from retrieval.sources.fetcher import Fetcher
from tests.loopback.discord_server import DiscordServer
from tests.loopback.openai_server import OpenAIServer
from tests.loopback.web_site import Names, ToLoopback, Web, loopback_web
from tests.places import Place
from tests.running import ROOT, running_bot


class OpenLibraries(Protocol):
    """Opens the libraries of a directory, an empty one unless it is given; everything is closed after the module."""

    async def __call__(
        self,
        directory: Path | None = None,
        *,
        vectors: VectorIndex | None = None,
        embeddings: Embeddings | None = None,
        model: str = MINILM,
        url: str | None = None,
    ) -> Libraries: ...


def pytest_configure() -> None:
    """Nothing is asked over TLS, and every client of a model would read the 150 authorities of the machine twice."""
    os.environ["SSL_CERT_FILE"] = str(ROOT / "tests" / "loopback" / "authority.pem")


@pytest.fixture(scope="session")
def embeddings() -> MiniLMEmbeddings:
    """The built-in embedder, its model loaded once."""
    return MiniLMEmbeddings()


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedVectors]:
    """A vector index for the libraries of all tests; one that is to be damaged or counted needs another."""
    shared = EmbeddedVectors(tmp_path_factory.mktemp("chroma"))
    yield shared
    asyncio.run(shared.close())


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the newest schema. Copying it takes a tenth of the time that making one takes."""
    path = tmp_path_factory.mktemp("database") / "footnote.db"

    async def migrated() -> None:
        database = Database(f"sqlite:///{path}")
        await database.migrate()
        await database.close()

    asyncio.run(migrated())
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def model() -> AsyncIterator[OpenAIServer]:
    """An OpenAI-compatible server on loopback; what it says is scripted."""
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
def article() -> Callable[..., ArticleDraft]:
    """Makes a small article; its identity follows from its title."""

    def make(title: str = "A title", text: str = "One sentence of text.", **fields: str) -> ArticleDraft:
        return ArticleDraft(**{"title": title, "text": text, "identity": title, **fields})

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_libraries(
    tmp_path_factory: pytest.TempPathFactory,
    vectors: EmbeddedVectors,
    embeddings: MiniLMEmbeddings,
    empty_database: Path,
) -> AsyncIterator[OpenLibraries]:
    """See OpenLibraries."""
    async with AsyncExitStack() as stack:
        shared, default = vectors, embeddings

        async def opened(
            directory: Path | None = None,
            *,
            vectors: VectorIndex | None = None,
            embeddings: Embeddings | None = None,
            model: str = MINILM,
            url: str | None = None,
        ) -> Libraries:
            folder = directory or tmp_path_factory.mktemp("libraries")
            file = folder / "footnote.db"
            if url is None and not file.exists():
                shutil.copy(empty_database, file)
            database = Database(url or f"sqlite:///{file}")
            stack.push_async_callback(database.close)
            await database.migrate()
            return Libraries(database, vectors or shared, embeddings or default, model)

        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def new_library(open_libraries: OpenLibraries) -> Library:
    """A library without articles."""
    return await (await open_libraries()).open("local")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot_web() -> AsyncIterator[Web]:
    """The web sites that the bot of the module finds."""
    async with loopback_web() as found:
        yield found


@pytest.fixture(scope="module")
def bot_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the bot of the module."""
    return tmp_path_factory.mktemp("bot") / "data"


@pytest.fixture(scope="module")
def bot_settings() -> dict[str, str]:
    """The settings of the bot of the module; a module that needs others has a fixture of this name."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot_discord(bot_data: Path, bot_settings: dict[str, str], bot_web: Web) -> AsyncIterator[DiscordServer]:
    """A Discord with a running bot, which the tests of the module share."""
    settings = {"LOOPBACK_WEB": str(bot_web.port)} | bot_settings
    async with DiscordServer(heartbeat_interval=1.0) as server, running_bot(server, bot_data, **settings):
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def place(bot_discord: DiscordServer, bot_data: Path) -> Place:
    """A Discord server that the bot of the module was just added to, with a channel and Ada, an ordinary member."""
    bot_discord.begin_anew()
    return Place.on(bot_discord, bot_data)


@pytest.fixture
def librarian(place: Place) -> Place:
    """The same place, where `ada` is Grace, who manages the server."""
    return place.with_librarian()


@pytest_asyncio.fixture(loop_scope="module")
async def place_apart(tmp_path: Path) -> AsyncIterator[Place]:
    """The same on a Discord of its own, for a test that starts the bot itself."""
    async with DiscordServer(heartbeat_interval=1.0) as server:
        yield Place.on(server, tmp_path / "data")


@pytest.fixture
def librarian_apart(place_apart: Place) -> Place:
    """The place apart, where `ada` is Grace, who manages the server."""
    return place_apart.with_librarian()


@pytest.fixture
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, pages and feeds are read in the process of the test: starting one for each takes longer than reading."""

    def run(command: list[str], input: bytes, **_: object) -> subprocess.CompletedProcess[bytes]:
        arguments, content = input.split(b"\n", 1)
        try:
            found = isolated.answer(command[-1], content, *json.loads(arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, it would have ended the process
            return subprocess.CompletedProcess(command, 1, b"", str(error).encode())
        return subprocess.CompletedProcess(command, 0, json.dumps(found).encode(), b"")

    stand_in = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(isolated, "subprocess", stand_in)


@pytest_asyncio.fixture(loop_scope="module")
async def web() -> AsyncIterator[Web]:
    """Web sites on loopback."""
    async with loopback_web() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def fetcher(web: Web, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fetcher]:
    """The fetcher with its guard, connected to these sites."""
    monkeypatch.setattr(fetching, "HOST_PAUSE", 0.0)
    found = Fetcher(Names(), lambda guarded: ToLoopback(guarded, web.port))
    yield found
    await found.close()
