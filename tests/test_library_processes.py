"""Libraries and processes: several askers, a worker that dies, an ingestion that is killed."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from bot.data_dir import locked
from bot.ingest import ingest_paths
from retrieval.articles import ArticleDraft
from retrieval.errors import DataDirectoryBusy, VectorIndexUnavailable
from retrieval.index import writer
from retrieval.index.database import Database
from retrieval.index.embedder import MINILM, MiniLMEmbeddings
from retrieval.index.vectors import EmbeddedVectors
from retrieval.library import LOCAL, Libraries
from tests.conftest import OpenLibraries
from tests.confused import CONFUSED, confused_once
from tests.running import footnote
from tests.test_library import EmptyVectors, OtherModel, assert_indexes_agree, found, statuses, titles

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[1]
Article = Callable[..., ArticleDraft]

HARBOUR = "The harbour tunnel opened on Friday. Divers had found a wreck called the Quillback in its way."
BAKERY = "The bakery on Mill Street closes in June. Its owner, Tove Zander, retires after forty years."


def damage(directory: Path) -> None:
    """Overwrite the files of Chroma's vector graphs."""
    files = list(directory.glob("*/*.bin"))
    assert files
    for file in files:
        file.write_bytes(b"garbage" * 100)


def holders(directory: Path) -> set[int]:
    """The processes that hold a file below the directory open."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (process / "fd").iterdir()]
        except OSError:
            continue
        if any(link.startswith(f"{directory}/") for link in links):
            found.add(int(process.name))
    return found


def wait_until_nobody_holds(directory: Path) -> None:
    deadline = time.monotonic() + 20
    while left := holders(directory):
        assert time.monotonic() < deadline, f"processes {left} still hold {directory}"
        time.sleep(0.05)


class TestProcesses:
    async def test_a_killed_worker_is_replaced_under_a_running_library(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        async with EmptyVectors(tmp_path / "chroma") as vectors:
            libraries = await open_libraries(vectors=vectors)
            library = await libraries.open(LOCAL)
            await statuses(library, [article("News", HARBOUR)])
            (first,) = holders(tmp_path)
            os.kill(first, signal.SIGKILL)
            several = await asyncio.gather(*(found(library, "Quillback") for _ in range(3)))
            assert [[f.cosine is not None for f in one] for one in several] == [[True]] * 3
            (second,) = holders(tmp_path)
            assert second != first
            os.kill(second, signal.SIGKILL)
            assert await statuses(library, [article("Bakery", BAKERY)]) == ["added"]
            await assert_indexes_agree(libraries)
        wait_until_nobody_holds(tmp_path)

    async def test_a_worker_that_finds_a_collection_no_more_is_started_anew(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / CONFUSED).touch()
        monkeypatch.setattr("retrieval.index.vectors.run_in_worker", confused_once)
        monkeypatch.setenv(CONFUSED, str(tmp_path / CONFUSED))
        async with EmptyVectors(tmp_path / "chroma") as vectors:
            library = await (await open_libraries(vectors=vectors)).open(LOCAL)
            await statuses(library, [article("News", HARBOUR)])
            assert [one.cosine is not None for one in await found(library, "Quillback")] == [True]
            assert not (tmp_path / CONFUSED).exists()

    async def test_several_vectors_are_asked_for_in_one_call_and_answered_one_by_one(self, tmp_path: Path) -> None:
        corners = np.eye(4, dtype=np.float32)
        async with EmptyVectors(tmp_path) as index:
            await index.add("news", ["a", "b", "c", "d"], corners)
            answers = await index.query("news", corners[[2, 0]], 2)
            assert [near[0] for near in answers] == [("c", pytest.approx(1.0)), ("a", pytest.approx(1.0))]
            assert [len(near) for near in answers] == [2, 2]
            assert await index.query("news", corners[:2], 2, ["d"]) == [[("d", pytest.approx(0.0))]] * 2
            assert await index.query("news", corners[:2], 2, []) == [[], []]

    async def test_a_vector_index_that_cannot_be_opened_is_explained(
        self, open_libraries: OpenLibraries, tmp_path: Path
    ) -> None:
        (tmp_path / "chroma").write_text("not a directory")
        async with EmptyVectors(tmp_path / "chroma") as vectors:
            libraries = await open_libraries(vectors=vectors)
            with pytest.raises(VectorIndexUnavailable, match="footnote doctor"):
                await libraries.open(LOCAL)

    async def test_a_vector_index_with_damaged_files_is_explained(self, tmp_path: Path) -> None:
        vectors = np.random.default_rng(1).random((1_200, 8), dtype=np.float32)
        async with EmptyVectors(tmp_path) as index:
            # Chroma writes its graph files after a thousand vectors.
            await index.add("news", [str(n) for n in range(1_200)], vectors)
        damage(tmp_path)
        async with EmptyVectors(tmp_path) as index:
            with pytest.raises(VectorIndexUnavailable, match="footnote reindex"):
                await index.query("news", vectors[:1], 3)

    @pytest.mark.timeout(240)
    @pytest.mark.slow
    async def test_vectors_whose_files_vanished_are_noticed_and_made_again_by_reindexing(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'footnote.db'}")
        await database.migrate()
        async with EmptyVectors(tmp_path / "chroma") as vectors:
            library = await Libraries(database, vectors, OtherModel(), MINILM).open(LOCAL)
            # Chroma writes its graph files after a thousand vectors; what is younger it has in its database.
            drafts = [ArticleDraft(f"Town {n}", f"Town {n} has {n} towers.", str(n)) for n in range(1_100)]
            assert await statuses(library, drafts) == ["added"] * 1_100
        await database.close()
        for folder in (tmp_path / "chroma").iterdir():
            if folder.is_dir():
                shutil.rmtree(folder)
        for command in (("doctor",), ("ask", "Which town has 7 towers?")):
            done = footnote(tmp_path, *command)
            assert done.returncode == 1
            said = " ".join((done.stdout + done.stderr).split())
            assert "The vectors of library local are lost or damaged" in said
            assert "footnote reindex --library local" in said
        assert footnote(tmp_path, "reindex", "--library", "local").returncode == 0
        assert "✓ chroma" in footnote(tmp_path, "doctor").stdout
        assert "Town 7 has 7 towers." in footnote(tmp_path, "ask", "Which town has 7 towers?").stdout

    async def test_a_second_process_is_told_who_has_the_directory(self, tmp_path: Path) -> None:
        with owning_process(tmp_path / "data") as owner:
            with pytest.raises(DataDirectoryBusy, match=rf"{owner.pid}\b"), locked(tmp_path / "data"):
                pass
            owner.kill()
        with locked(tmp_path / "data"):
            pass

    @pytest.mark.timeout(180)
    @pytest.mark.soak
    async def test_an_ingestion_killed_again_and_again_ends_complete(
        self, open_libraries: OpenLibraries, tmp_path: Path
    ) -> None:
        sources, data = tmp_path / "sources", tmp_path / "data"
        sources.mkdir()
        data.mkdir()
        for n in range(60):
            (sources / f"a{n:02}.md").write_text(f"# Article {n}\n\nTown {n} elected marker{n}word as its mayor.\n")
        chance = random.Random(7)
        for outcomes_before_the_kill in (0, 7, 20, 40):
            kill_an_ingestion(sources, data, outcomes_before_the_kill, chance.uniform(0, 0.1))
            wait_until_nobody_holds(data)
        async with EmptyVectors(data / "chroma") as vectors:
            libraries = await open_libraries(data, vectors=vectors)
            library = await libraries.open(LOCAL)
            await assert_indexes_agree(libraries)
            survived = len(await library.articles())
            again = [getattr(item, "status", "unreadable") async for item in ingest_paths(library, [sources])]
            assert again.count("unchanged") == survived >= 40
            assert again.count("added") == 60 - survived
            assert await titles(library) == sorted(f"Article {n}" for n in range(60))
            await assert_indexes_agree(libraries)
            for n in (0, 30, 59):
                assert f"marker{n}word" in (await found(library, f"Who is marker{n}word?"))[0].passage.text
        wait_until_nobody_holds(data / "chroma")


@contextmanager
def owning_process(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a data directory until it is killed."""
    code = (
        "import sys; from pathlib import Path; from bot.data_dir import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(directory)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def kill_an_ingestion(sources: Path, data: Path, outcomes: int, delay: float) -> None:
    """Run an ingestion and kill its process, a moment after so many of its articles are done."""
    code = "from tests.test_library_processes import ingest; ingest()"
    command = [sys.executable, "-c", code, str(sources), str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(outcomes + 1):
            assert process.stdout.readline()
        time.sleep(delay)
        assert process.poll() is None, "the ingestion was over before it could be killed"
        process.kill()


def ingest() -> None:
    """What the killed process does: the usual ingestion, in smaller groups, so that there are more moments."""
    writer.GROUP_PASSAGES = 5
    sources, data = map(Path, sys.argv[1:])
    asyncio.run(_ingest(sources, data))


async def _ingest(sources: Path, data: Path) -> None:
    database = Database(f"sqlite:///{data / 'footnote.db'}")
    await database.migrate()
    libraries = Libraries(database, EmbeddedVectors(data / "chroma"), MiniLMEmbeddings(), MINILM)
    library = await libraries.open(LOCAL)
    print("opened", flush=True)
    async for outcome in ingest_paths(library, [sources]):
        print(outcome, flush=True)
    await asyncio.sleep(60)
