"""A thousand people whose digests are due at eight: everybody gets one, and questions are answered meanwhile."""

from __future__ import annotations

import sqlite3
import time

import pytest

from tests.places import Place, done
from tests.running import running_bot
from tests.test_discord_library import ARTICLE

PEOPLE = 1_000
QUESTIONS = 8


@pytest.mark.soak
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.timeout(1_800)
async def test_a_thousand_digests_at_once_arrive_once_and_questions_go_on(librarian_apart: Place) -> None:
    librarian, data, server = librarian_apart, librarian_apart.data, librarian_apart.server
    readers = [server.member(f"Reader {number}", librarian.guild) for number in range(PEOPLE)]
    async with running_bot(server, data):
        await done(
            librarian,
            await librarian.ada.slash(librarian.channel, "digest on", every="daily", hour=8, zone="Europe/Oslo"),
        )
        for number in range(4):
            content = ARTICLE.replace(b"Halden", f"Halden {number}".encode()).replace(b"41", str(41 + number).encode())
            added = await librarian.ada.slash(librarian.channel, "ingest file", file=(f"halden-{number}.md", content))
            assert (await done(librarian, added)).startswith("Added:")
        usual = [await _asked(librarian) for _ in range(QUESTIONS)]
        with sqlite3.connect(data / "footnote.db", timeout=20) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(digests)") if row[1] != "id"]
            names = ", ".join(columns)
            copied = ", ".join("?" if name == "user_id" else name for name in columns)
            connection.execute("UPDATE digests SET next_at = '2026-01-01T07:00:00.000000+00:00'")
            for reader in readers:
                statement = f"INSERT INTO digests ({names}) SELECT {copied} FROM digests WHERE user_id = ?"
                connection.execute(statement, (str(reader.id), str(librarian.ada.id)))
        begun = time.monotonic()
        meanwhile = [await _asked(librarian) for _ in range(QUESTIONS)]

        def all_there() -> bool:
            return all(librarian.said(server.dm(reader.user)) for reader in readers)

        await server.wait_for(all_there, 1_200, "everybody's digest")
        print(f"{PEOPLE} digests in {time.monotonic() - begun:.0f} s")
        before, later = sorted(usual)[QUESTIONS // 2], sorted(meanwhile)[QUESTIONS // 2]
        print(f"a question took {before:.2f} s before, {later:.2f} s meanwhile")
        assert all(len(librarian.said(server.dm(reader.user))) == 1 for reader in readers)
        librarian.assert_clean()


async def _asked(place: Place) -> float:
    begun = time.monotonic()
    await done(place, await place.ada.slash(place.channel, "ask", question="Who controls the data centers?"))
    return time.monotonic() - begun
