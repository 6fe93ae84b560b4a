"""Digests as people meet them; what would be due tomorrow is made due by setting the clock in the database back."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from tests.loopback import discord_faults as faults
from tests.loopback.discord_players import Message
from tests.places import Place, done
from tests.running import running_bot
from tests.test_discord_library import ARTICLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

MILL = (
    b"---\ntitle: The mill in Hamar opens\ndate: 2025-05-02\nsource: Mjosa Times\n---\n"
    b"The old mill in Hamar opened on 2 May 2025 and grinds rye for 14 bakeries. It had stood empty since 1987.\n"
)

FERRY = (
    b"---\ntitle: The ferry to Helgoya is cancelled\ndate: 2025-05-03\nsource: Mjosa Times\n---\n"
    b"The ferry to Helgoya is cancelled until August 2025, since its engine broke down. A bus takes its place.\n"
)


async def subscribed(place: Place, **options: object) -> str:
    given = {"every": "daily", "hour": 8, "zone": "Europe/Oslo", **options}
    return await done(place, await place.ada.slash(place.channel, "digest on", **given))


async def add(place: Place, name: str, content: bytes) -> None:
    added = await place.ada.slash(place.channel, "ingest file", file=(name, content))
    assert (await done(place, added)).startswith("Added:")


def of_its_digests(place: Place, statement: str, *values: object) -> list[tuple[object, ...]]:
    """What a statement gives for the digests of the place alone."""
    mine = f"library_id = (SELECT id FROM libraries WHERE key = '{place.guild.id}')"
    with sqlite3.connect(place.data / "footnote.db", timeout=20) as connection:
        return connection.execute(f"{statement} WHERE {mine}", values).fetchall()


def due_now(place: Place, **values: object) -> None:
    changes = {"next_at": "2026-01-01T07:00:00.000000+00:00", "claimed_until": None, **values}
    of_its_digests(place, f"UPDATE digests SET {', '.join(f'{name} = ?' for name in changes)}", *changes.values())


def column(place: Place, name: str) -> list[object]:
    return [row[0] for row in of_its_digests(place, f"SELECT {name} FROM digests")]


async def dms(place: Place, number: int, within: float = 50) -> list[Message]:
    channel = place.server.dm(place.ada.user)
    return await place.server.wait_for(
        lambda: place.said(channel) if len(place.said(channel)) >= number else None, within, f"{number} DMs"
    )


async def sent_or_passed(place: Place) -> None:
    """Until the due digest was dealt with."""
    for _ in range(100):
        if not any(str(moment).startswith("2026-01-01") for moment in column(place, "next_at")):
            return
        await asyncio.sleep(0.5)
    raise AssertionError("the digest was not dealt with")


@pytest.mark.timeout(180)
async def test_a_digest_brings_what_is_new_once_and_one_click_stops_it(librarian: Place) -> None:
    said = await subscribed(librarian)
    assert "every day at 08:00, Europe/Oslo" in said
    await add(librarian, "halden.md", ARTICLE)
    await add(librarian, "mill.md", MILL)
    due_now(librarian)
    (first,) = await dms(librarian, 1)
    assert "New in Readers" in first.content
    assert "The Halden reactor reopens" in first.content
    assert "14 bakeries" in first.content
    assert "Two hands on the switch" not in first.content
    due_now(librarian)
    await sent_or_passed(librarian)
    assert len(await dms(librarian, 1)) == 1
    stopped = await librarian.ada.click(first, "Stop")
    assert await done(librarian, stopped) == "Stopped."
    assert column(librarian, "id") == []
    librarian.assert_clean()


@pytest.mark.timeout(180)
@pytest.mark.slow
async def test_a_digest_sent_just_before_a_crash_is_not_sent_again(librarian_apart: Place) -> None:
    librarian = librarian_apart
    async with running_bot(librarian.server, librarian.data) as process:
        await subscribed(librarian)
        await add(librarian, "halden.md", ARTICLE)
        due_now(librarian)
        await dms(librarian, 1)
        process.kill()
        await process.wait()
    # As the row stood after sending and before recording.
    due_now(
        librarian,
        attempt_for="2026-01-01T07:00:00.000000+00:00",
        attempt_until="2099-01-01T00:00:00.000000+00:00",
        since="2025-01-01T00:00:00.000000+00:00",
    )
    (first,) = await dms(librarian, 1)
    assert "2026-01-01 08:00" in first.content
    async with running_bot(librarian.server, librarian.data):
        await sent_or_passed(librarian)
        assert len(await dms(librarian, 1)) == 1


@pytest.mark.timeout(240)
@pytest.mark.slow
async def test_closed_dms_pause_a_digest_after_three_times_and_the_person_is_told(librarian: Place) -> None:
    await subscribed(librarian)
    await add(librarian, "halden.md", ARTICLE)
    librarian.ada.user.dms_open = False
    for _ in range(3):
        due_now(librarian)
        await sent_or_passed(librarian)
    assert column(librarian, "state") == ["paused"]
    librarian.ada.user.dms_open = True
    asked = await librarian.ada.slash(librarian.channel, "ask", question="Who controls the data centers?")
    await librarian.server.wait_for(lambda: asked.followups, 30, "the word that it is paused")
    assert "Paused since your DMs were closed" in asked.followups[-1].content
    assert asked.followups[-1].flags & 64
    assert "comes to your DMs" in await subscribed(librarian)
    due_now(librarian)
    (first,) = await dms(librarian, 1)
    assert "The Halden reactor reopens" in first.content


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_digest_that_fails_by_a_defect_is_tried_three_times_then_paused_and_the_person_is_told(
    librarian: Place,
) -> None:
    await subscribed(librarian)
    await add(librarian, "halden.md", ARTICLE)
    for tries in (1, 2, 3):
        # No such length can be chosen: whoever makes the digest meets a defect.
        due_now(librarian, length="endless")
        await librarian.server.wait_for(lambda n=tries: column(librarian, "failures") == [n], 40, f"failure {tries}")
        assert column(librarian, "state") == ["broken" if tries == 3 else "on"]
    (told,) = await dms(librarian, 1)
    assert "Paused since I failed to make it three times" in told.content
    assert "`/digest on` tries again" in told.content
    await librarian.server.wait_for(lambda: column(librarian, "told") == [1], 10, "a note that it was told")
    due_now(librarian)
    asked = await librarian.ada.slash(librarian.channel, "ask", question="Who controls the data centers?")
    await done(librarian, asked)
    assert len(await dms(librarian, 1)) == 1
    assert "comes to your DMs" in await subscribed(librarian)
    due_now(librarian)
    assert "The Halden reactor reopens" in (await dms(librarian, 2))[1].content
    assert column(librarian, "failures") == [0]
    librarian.assert_clean()


@pytest.mark.timeout(180)
async def test_who_left_the_server_gets_no_digest_of_it_any_more(librarian: Place) -> None:
    await subscribed(librarian)
    await add(librarian, "halden.md", ARTICLE)
    del librarian.guild.members[librarian.ada.id]
    due_now(librarian)
    await librarian.server.wait_for(lambda: column(librarian, "id") == [], 40, "the end of the digest")
    assert librarian.said(librarian.server.dm(librarian.ada.user)) == []


@pytest.mark.timeout(180)
@pytest.mark.slow
async def test_a_server_that_removes_the_bot_loses_its_library_after_the_grace_period(librarian_apart: Place) -> None:
    librarian = librarian_apart
    async with running_bot(librarian.server, librarian.data, LEAVE_DAYS="0.00001"):
        await subscribed(librarian)
        await add(librarian, "halden.md", ARTICLE)
        librarian.server.remove_guild(librarian.guild)

        def rows() -> int:
            with sqlite3.connect(librarian.data / "footnote.db", timeout=20) as connection:
                tables = (
                    *("libraries", "articles", "passages", "postings", "passage_terms"),
                    *("digests", "jobs", "job_items", "sketches"),
                )
                counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
            return sum(counts)

        await librarian.server.wait_for(lambda: rows() == 0, 30, "an empty database")


async def test_a_button_that_fails_unexpectedly_says_so_and_the_bot_goes_on(librarian_apart: Place) -> None:
    librarian = librarian_apart
    async with running_bot(librarian.server, librarian.data):
        asked = await librarian.ada.slash(librarian.channel, "digest on", every="daily", hour=8, zone="Europe/Oslo")
        await done(librarian, asked)
        with sqlite3.connect(librarian.data / "footnote.db", timeout=20) as connection:
            connection.execute("DROP TABLE digests")
        pressed = await librarian.ada.click(asked.original, "Stop")
        failure = await librarian.server.wait_for(
            lambda: pressed.original is not asked.original and pressed.original, 20, "a word about the failure"
        )
        assert "Something went wrong on my side" in failure.content
        assert failure.flags & 64
        listed = await librarian.ada.slash(librarian.channel, "articles list")
        assert "8 articles" in await done(librarian, listed)


@pytest.mark.timeout(180)
async def test_a_weekly_digest_goes_to_a_channel_and_what_it_may_not_send_is_told(librarian: Place) -> None:
    news = librarian.guild.channel("news")
    said = await subscribed(librarian, every="weekly", weekday=4, channel=news)
    assert "every Friday at 08:00" in said
    await subscribed(librarian, topic="reactor")
    await add(librarian, "halden.md", ARTICLE)
    await add(librarian, "mill.md", MILL)
    now = await done(librarian, await librarian.ada.slash(librarian.channel, "digest now"))
    assert now == "What is new is in your DMs."
    (first,) = await dms(librarian, 1)
    assert "The Halden reactor reopens" in first.content
    assert "bakeries" not in first.content
    off = await done(librarian, await librarian.ada.slash(librarian.channel, "digest off"))
    assert "Stopped: the digest of news on “reactor”" in off
    due_now(librarian)
    posted = await librarian.answer(news, within=40)
    assert "14 bakeries" in posted.content
    librarian.assert_clean()
    librarian.server.faults.answer("POST", f"/channels/{news.id}/messages", faults.MISSING_PERMISSIONS, 9)
    await add(librarian, "ferry.md", FERRY)
    due_now(librarian, failures=2)
    (_, told) = await dms(librarian, 2)
    assert f"Paused since I may not write in <#{news.id}>" in told.content
    await librarian.server.wait_for(lambda: column(librarian, "told") == [1], 10, "a note that it was told")
