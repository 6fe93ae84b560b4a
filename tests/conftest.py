"""What tests of the library share: the real embedder, libraries in a temporary directory, and small articles.

The Chroma worker takes about two seconds to start. `open_libraries` shares one among the tests of a module:
every call has a database of its own, and a library's collection has a name no other library has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from langchain_core.embeddings import Embeddings

from retrieval.articles import ArticleDraft
from retrieval.index.database import Database
from retrieval.index.embedder import MINILM, MiniLMEmbeddings
from retrieval.index.vectors import EmbeddedVectors, VectorIndex
from retrieval.library import Libraries
from retrieval.sources import fetcher as fetching
from retrieval.sources.fetcher import Fetcher
from tests.loopback.discord_players import MANAGE_GUILD
from tests.loopback.discord_server import DiscordServer
from tests.loopback.openai_server import OpenAIServer
from tests.loopback.web_site import Names, ToLoopback, Web, loopback_web
from tests.places import Place


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


@pytest.fixture(scope="session")
def embeddings() -> MiniLMEmbeddings:
    """The built-in embedder, its model loaded once."""
    return MiniLMEmbeddings()


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
    tmp_path_factory: pytest.TempPathFactory, embeddings: MiniLMEmbeddings
) -> AsyncIterator[OpenLibraries]:
    """See OpenLibraries."""
    async with AsyncExitStack() as stack:
        shared = EmbeddedVectors(tmp_path_factory.mktemp("chroma"))
        stack.push_async_callback(shared.close)
        default = embeddings

        async def opened(
            directory: Path | None = None,
            *,
            vectors: VectorIndex | None = None,
            embeddings: Embeddings | None = None,
            model: str = MINILM,
            url: str | None = None,
        ) -> Libraries:
            folder = directory or tmp_path_factory.mktemp("libraries")
            database = Database(url or f"sqlite:///{folder / 'footnote.db'}")
            stack.push_async_callback(database.close)
            await database.migrate()
            return Libraries(database, vectors or shared, embeddings or default, model)

        yield opened


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """A Discord server with a channel and Ada, an ordinary member."""
    async with DiscordServer(heartbeat_interval=1.0) as server:
        guild = server.add_guild("Readers")
        yield Place(server, guild, guild.channel("general"), server.member("Ada", guild))


@pytest.fixture
def librarian(place: Place) -> Place:
    """The same place, where `ada` is Grace, who manages the server."""
    role = place.guild.role("Librarians", MANAGE_GUILD)
    place.ada = place.server.member("Grace", place.guild, role)
    return place


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
