"""The bot as members meet it: a real process, the real client, a Discord on loopback."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from contextlib import suppress
from pathlib import Path

from tests.loopback import discord_faults as faults
from tests.loopback import launch_bot
from tests.loopback.discord_server import DiscordServer
from tests.loopback.openai_server import OpenAIServer, Reply, Request
from tests.places import FOOTNOTE, Place, done
from tests.running import ROOT, environment, running_bot

QUESTION = "Who controls the data centers?"


def articles_text() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "articles").glob("*.md"))


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("\u200b", "")


async def test_a_mention_is_answered_with_footnotes_that_stand_in_the_articles(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        asked = await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        answer = await place.answer()
        footnotes = FOOTNOTE.findall(answer.content)
        assert len(footnotes) >= 2
        assert "disagree" in answer.content
        for _, _, link, _, quote in footnotes:
            assert unescaped(quote).rstrip("…") in articles_text()
            assert "#:~:text=" in link
        assert answer.reply_to is asked
        typing = [call for call in place.server.calls if call.path.endswith("/typing")]
        assert typing
        assert typing[0].at < answer.history[0].at
        place.assert_clean()


async def test_why_this_answer_shows_what_was_considered_to_the_asker_alone(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        answer = await place.answer()
        asked = await place.ada.menu(answer, "Why this answer?")
        shown = await done(place, asked)
        assert asked.original.flags & 64
        assert shown.startswith(f"> {QUESTION}")
        assert "passages considered" in shown
        assert "score" in shown
        assert "· cited" in shown
        assert "· left out" in shown
        place.assert_clean()


async def test_a_reply_is_understood_from_the_conversation(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        first = await place.answer()
        await place.ada.say(place.channel, "and what does Microsoft get?", reply_to=first)
        second = await place.answer(number=2)
        assert re.search(r"special rights|Microsoft 365|cloud business", second.content)
        assert FOOTNOTE.search(second.content)
        place.assert_clean()


async def test_slash_thread_and_dm_are_answered_where_they_were_asked(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        asked = await place.ada.slash(place.channel, "ask", question=QUESTION, private=True)
        await place.server.wait_for(lambda: asked.original and not asked.original.loading, 30, "a private answer")
        assert asked.original is not None
        assert asked.original.flags & 64
        assert asked.original.content.startswith(f"> {QUESTION}")
        assert FOOTNOTE.search(asked.original.content)

        thread = place.server.open_thread(place.channel, "Azure")
        await place.ada.say(thread, "Does OpenAI still depend on Azure?", mentions=[place.server.bot])
        assert FOOTNOTE.search((await place.answer(thread)).content)

        await place.ada.dm("What does Microsoft get in return?")
        private = await place.answer(place.server.dm(place.ada.user))
        assert FOOTNOTE.search(private.content)
        assert "Readers" in private.content
        place.assert_clean()


async def test_what_the_library_does_not_hold_is_said_with_the_nearest_articles(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        await place.ada.say(place.channel, "How do I bake sourdough bread?", mentions=[place.server.bot])
        answer = await place.answer()
        assert "does not hold the answer" in answer.content
        assert "Nearest articles" in answer.content
        assert "/ingest" in answer.content
        assert not FOOTNOTE.search(answer.content)
        place.assert_clean()


async def test_messages_that_are_not_for_the_bot_are_ignored(place: Place, tmp_path: Path) -> None:
    robot = place.server.member("Robot", place.guild)
    robot.user.bot = True
    async with running_bot(place.server, tmp_path / "data"):
        bob = place.server.member("Bob", place.guild)
        hello = await bob.say(place.channel, "@everyone who controls the data centers?")
        await place.ada.say(place.channel, QUESTION, reply_to=hello)
        await robot.say(place.channel, QUESTION, mentions=[place.server.bot])
        await place.ada.say(place.channel, "Does OpenAI still depend on Azure?", mentions=[place.server.bot])
        await place.answer()
        await asyncio.sleep(0.5)
        assert len(place.said(place.channel)) == 1
        place.assert_clean()


async def test_two_servers_do_not_share_a_library_and_a_stranger_gets_nothing_by_dm(
    place: Place, tmp_path: Path
) -> None:
    stranger = place.server.member("Mallory")
    async with running_bot(place.server, tmp_path / "data"):
        await stranger.dm(QUESTION)
        answer = await place.answer(place.server.dm(stranger.user))
        assert not FOOTNOTE.search(answer.content)
        assert "do not see you on any server" in answer.content
    assert place.server.violations == []


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


async def test_a_model_streams_and_only_what_the_passages_support_is_shown(place: Place, tmp_path: Path) -> None:
    async with OpenAIServer() as model:
        model.reply_with(cite)
        async with running_bot(place.server, tmp_path / "data", OPENAI_BASE_URL=model.base_url):
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


async def test_a_model_outage_is_said_and_the_articles_are_quoted_instead(place: Place, tmp_path: Path) -> None:
    async with OpenAIServer() as model:
        model.reply_with(lambda _: Reply.unauthorized())
        async with running_bot(place.server, tmp_path / "data", OPENAI_BASE_URL=model.base_url):
            await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
            answer = await place.answer()
            assert "The chat model could not be asked" in answer.content
            assert FOOTNOTE.search(answer.content)
            place.assert_clean()


async def test_a_channel_the_bot_may_not_write_in_is_told_privately(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        place.server.faults.answer("POST", f"/channels/{place.channel.id}/messages", faults.MISSING_PERMISSIONS, 9)
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        told = await place.answer(place.server.dm(place.ada.user))
        assert "may not answer in that channel" in told.content


async def test_a_wrong_token_is_one_sentence(place: Place, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *launch_bot.command("run"),
        env=environment(tmp_path / "data", DISCORD_TOKEN="wrong", LOOPBACK_DISCORD=place.server.base_url),
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"footnote: DISCORD_TOKEN was refused by Discord" in errors
    assert b"Traceback" not in errors


async def test_an_intent_that_is_off_is_one_sentence(tmp_path: Path) -> None:
    async with DiscordServer(allow_message_content=False) as server:
        process = await asyncio.create_subprocess_exec(
            *launch_bot.command("run"),
            env=environment(
                tmp_path / "data",
                DISCORD_TOKEN=server.token,
                MESSAGE_CONTENT_INTENT="true",
                LOOPBACK_DISCORD=server.base_url,
            ),
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert b"footnote: MESSAGE_CONTENT_INTENT is on" in errors
        assert b"Traceback" not in errors


async def test_the_log_holds_neither_the_token_nor_the_question(place: Place, tmp_path: Path) -> None:
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
    process.terminate()
    await process.wait()
    os.close(master)
    await asyncio.wait([reading], timeout=5)
    assert b"Missing Permissions" in log
    assert place.server.token.encode() not in log
    assert b"rhubarb" not in log


async def test_without_a_typing_indicator_the_answer_still_comes(place: Place, tmp_path: Path) -> None:
    async with running_bot(place.server, tmp_path / "data"):
        place.server.faults.answer("POST", f"/channels/{place.channel.id}/typing", faults.UNAVAILABLE, 9)
        await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
        assert FOOTNOTE.search((await place.answer()).content)


async def test_a_bot_that_is_stopped_in_the_middle_of_an_answer_finishes_it(place: Place, tmp_path: Path) -> None:
    async with OpenAIServer() as model:
        model.reply_with(cite)
        async with running_bot(place.server, tmp_path / "data", OPENAI_BASE_URL=model.base_url) as process:
            await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
            await place.server.wait_for(lambda: place.said(place.channel), 30, "a first draft")
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)
        (answer,) = place.said(place.channel)
        assert not answer.content.endswith(" …")


async def test_a_dm_is_answered_from_the_server_that_knows_and_only_from_servers_that_are_shared(
    place: Place, tmp_path: Path
) -> None:
    other = place.server.add_guild("Elsewhere")
    grace = place.server.member("Grace", other)
    async with running_bot(place.server, tmp_path / "data"):
        await grace.dm(QUESTION)
        answer = await place.answer(place.server.dm(grace.user))
        assert "From the library of Elsewhere" in answer.content
        assert "Readers" not in answer.content


async def test_the_last_edit_lands_although_discord_fails_for_a_while(place: Place, tmp_path: Path) -> None:
    async with OpenAIServer() as model:
        model.reply_with(cite)
        async with running_bot(place.server, tmp_path / "data", OPENAI_BASE_URL=model.base_url):
            await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
            await place.server.wait_for(lambda: place.said(place.channel), 30, "a first draft")
            place.server.faults.answer("PATCH", "/channels/{}/messages/{}", faults.UNAVAILABLE, 3)
            answer = await place.answer(within=40)
            assert FOOTNOTE.search(answer.content)
