"""The bot in trouble: a model or a Discord that fails, permissions and intents that lack, a stop in the middle."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from tests.loopback import discord_faults as faults
from tests.loopback import launch_bot
from tests.loopback.discord_server import DiscordServer
from tests.loopback.openai_server import OpenAIServer, Reply, Request
from tests.places import FOOTNOTE, Place, done
from tests.running import environment, running_bot
from tests.test_discord_library import ARTICLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Who controls the data centers?"


def cite(request: Request) -> Reply:
    """A model that cites a real passage, a fabricated one, and adds a claim of its own."""
    found = re.search(
        r'<passage number="(\d+)"[^>]*>\n[^<]*?(OpenAI now runs its data centers on its own)', request.prompt
    )
    number = found[1] if found else "1"
    return Reply(
        f"OpenAI now runs its data centers on its own [{number}]. The centers draw 900 megawatts [9]. "
        f"@everyone look at https://evil.example/x [{number}]. "
        "Microsoft's Azure continues to supply cloud services [1][2][3][4][5][6].",
        chunk_size=8,
        delay=0.06,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot_model() -> AsyncIterator[OpenAIServer]:
    """The model that the bot of the module asks."""
    async with OpenAIServer() as model:
        yield model


@pytest.fixture(scope="module")
def bot_settings(bot_model: OpenAIServer) -> dict[str, str]:
    return {"OPENAI_BASE_URL": bot_model.base_url}


@pytest.fixture(autouse=True)
def citing(bot_model: OpenAIServer) -> None:
    """Unless a test has it say something else, the model cites."""
    bot_model.reply_with(cite)


async def test_a_model_streams_and_only_what_the_passages_support_is_shown(place: Place) -> None:
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    answer = await place.answer()
    versions = [version.content for version in answer.history]
    assert "OpenAI now runs its data centers on its own" in answer.content
    for text in versions:
        assert "900" not in text
        assert "evil.example" not in text
        assert "[9]" not in text
        assert "everyone" not in text
    assert len(versions) >= 2, "the answer grows in place"
    times = [version.at for version in answer.history]
    assert all(later - earlier > 1.0 for earlier, later in itertools.pairwise(times))
    place.assert_clean()


async def test_a_model_outage_is_said_and_the_articles_are_quoted_instead(
    place: Place, bot_model: OpenAIServer
) -> None:
    bot_model.reply_with(lambda _: Reply.unauthorized())
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    answer = await place.answer()
    assert "The chat model could not be asked" in answer.content
    assert FOOTNOTE.search(answer.content)
    place.assert_clean()


async def test_a_channel_the_bot_may_not_write_in_is_told_privately(place: Place) -> None:
    place.server.faults.answer("POST", f"/channels/{place.channel.id}/messages", faults.MISSING_PERMISSIONS, 9)
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    told = await place.answer(place.server.dm(place.ada.user))
    assert "may not answer in that channel" in told.content


async def refused_start(server: DiscordServer, tmp_path: Path, **settings: str) -> str:
    """What the bot says when it cannot start; there is no traceback in it."""
    process = await asyncio.create_subprocess_exec(
        *launch_bot.command("run"),
        env=environment(tmp_path / "data", LOOPBACK_DISCORD=server.base_url, **settings),
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    return errors.decode()


async def test_a_wrong_token_is_one_sentence(place_apart: Place, tmp_path: Path) -> None:
    said = await refused_start(place_apart.server, tmp_path, DISCORD_TOKEN="wrong")
    assert "footnote: DISCORD_TOKEN was refused by Discord" in said


async def test_an_intent_that_is_off_is_one_sentence(tmp_path: Path) -> None:
    async with DiscordServer(allow_message_content=False) as server:
        said = await refused_start(server, tmp_path, DISCORD_TOKEN=server.token, MESSAGE_CONTENT_INTENT="true")
        assert "footnote: MESSAGE_CONTENT_INTENT is on" in said


@pytest.mark.slow
async def test_the_log_holds_neither_the_token_nor_the_question(place_apart: Place, tmp_path: Path) -> None:
    place = place_apart
    master, slave = os.openpty()  # A terminal, where tracebacks would be the most talkative.
    process = await asyncio.create_subprocess_exec(
        *launch_bot.command("run"),
        env=environment(tmp_path / "data", DISCORD_TOKEN=place.server.token, LOOPBACK_DISCORD=place.server.base_url),
        cwd=tmp_path,
        stderr=slave,
    )
    os.close(slave)
    log = bytearray()

    def read() -> None:
        with suppress(OSError):
            while part := os.read(master, 65_536):
                log.extend(part)

    reading = asyncio.create_task(asyncio.to_thread(read))
    await place.server.wait_for(lambda: place.server.ready, 30, "the bot connected")
    where = f"/channels/{place.channel.id}/messages"
    place.server.faults.answer("POST", where, faults.MISSING_PERMISSIONS, 3)
    await place.ada.say(place.channel, "Where is the secret rhubarb?", mentions=[place.server.bot])
    await place.answer(place.server.dm(place.ada.user))
    await place.ada.dm("summarize the rhubarb pie")
    told = await place.answer(place.server.dm(place.ada.user), 2)
    assert told.content == "No article of the library is called “the rhubarb pie”."
    process.terminate()
    await process.wait()
    os.close(master)
    await asyncio.wait([reading], timeout=5)
    assert b"Missing Permissions" in log
    assert place.server.token.encode() not in log
    assert b"rhubarb" not in log


async def test_without_a_typing_indicator_the_answer_still_comes(place: Place) -> None:
    place.server.faults.answer("POST", f"/channels/{place.channel.id}/typing", faults.UNAVAILABLE, 9)
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    assert FOOTNOTE.search((await place.answer()).content)


@pytest.mark.slow
async def test_a_bot_that_is_stopped_in_the_middle_of_an_answer_finishes_it(
    place_apart: Place, bot_model: OpenAIServer
) -> None:
    place = place_apart
    async with running_bot(place.server, place.data, OPENAI_BASE_URL=bot_model.base_url) as process:
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        await place.server.wait_for(lambda: place.said(place.channel), 30, "a first draft")
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
    said = [message.content for message in place.said(place.channel)]
    assert FOOTNOTE.search(said[-1])
    assert not any(content.endswith(" …") for content in said)


@pytest.mark.slow
async def test_a_stop_in_the_middle_of_an_answer_leaves_the_report_of_the_files_beside_the_question(
    librarian_apart: Place, bot_model: OpenAIServer
) -> None:
    place = librarian_apart
    bot_model.reply_with(lambda request: dataclasses.replace(cite(request), delay=1.0))
    async with running_bot(place.server, place.data, OPENAI_BASE_URL=bot_model.base_url) as process:
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot], files={"halden.md": ARTICLE})
        await place.server.wait_for(lambda: len(place.said(place.channel)) == 2, 30, "a first draft")
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
    report, answer = place.said(place.channel)
    assert report.content.startswith("Added:")
    assert answer.content.startswith("I was stopped while answering")


@pytest.mark.slow
async def test_a_bot_killed_in_the_middle_of_an_answer_says_so_after_its_next_start(
    place_apart: Place, bot_model: OpenAIServer
) -> None:
    place = place_apart
    async with running_bot(place.server, place.data, OPENAI_BASE_URL=bot_model.base_url) as process:
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        complete = await place.answer()
        bot_model.reply_with(lambda request: dataclasses.replace(cite(request), delay=1.0))
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        asked = await place.ada.slash(place.channel, "ask", question=QUESTION)

        def both() -> bool:
            shown = len(place.said(place.channel)) > 1 and asked.original and asked.original.content
            return bool(shown)

        await place.server.wait_for(both, 30, "two drafts")
        # A draft is noted right after it is shown.
        await asyncio.sleep(0.5)
        process.kill()
        await process.wait()
    assert asked.original is not None
    assert asked.original.content.endswith(" …")
    unfinished = [message for message in place.said(place.channel) if message.content.endswith(" …")]
    (draft,) = [message for message in unfinished if message.id != asked.original.id]
    async with running_bot(place.server, place.data, OPENAI_BASE_URL=bot_model.base_url):
        for left in (draft, asked.original):
            assert left.content.startswith("I was stopped while answering")
    assert not complete.content.startswith("I was stopped")
    place.assert_clean()


@pytest.mark.slow
async def test_the_last_edit_lands_although_discord_fails_for_a_while(place: Place) -> None:
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    await place.server.wait_for(lambda: place.said(place.channel), 30, "a first draft")
    place.server.faults.answer("PATCH", "/channels/{}/messages/{}", faults.UNAVAILABLE, 3)
    answer = await place.answer(within=40)
    assert FOOTNOTE.search(answer.content)


async def test_the_answer_lands_although_the_connection_breaks_while_it_grows(place: Place) -> None:
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    await place.server.wait_for(lambda: place.said(place.channel), 30, "a first draft")
    place.server.faults.reset("PATCH", "/channels/{}/messages/{}", 2, in_order=True)
    assert FOOTNOTE.search((await place.answer(within=40)).content)
    place.assert_clean()


async def test_a_long_summary_shows_how_far_it_is_and_stop_stops_it(librarian: Place, bot_model: OpenAIServer) -> None:
    bot_model.reply_with(lambda _: Reply(text="nothing", first_delay=60))
    # Four parts of 12,000 characters, three asked at a time, by a model that never comes to an end.
    book = "\n\n".join(
        f"Chapter {n}. " + f"Boat number {n} sails at dawn from Vardø. " * 60 for n in range(20)
    ).encode()
    added = await librarian.ada.slash(librarian.channel, "ingest file", file=("boats.md", book))
    await done(librarian, added)
    asked = await librarian.ada.click(added.original, "Summarize to my DMs")
    progress = await librarian.server.wait_for(
        lambda: asked.followups or (asked.original is not added.original and asked.original), 20, "progress"
    )
    shown = progress[0] if isinstance(progress, list) else progress
    await librarian.server.wait_for(lambda: "parts …" in shown.content, 20, "how many parts there are")
    assert re.search(r"Reading \d of \d+ parts …", shown.content)
    await librarian.ada.click(shown, "Stop")
    await librarian.server.wait_for(lambda: shown.content == "Stopped; there is no summary.", 20, "the end")
    assert librarian.said(librarian.server.dm(librarian.ada.user)) == []
