"""The bot as members meet it: a real process, the real client, a Discord on loopback."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.places import FOOTNOTE, Place, done
from tests.running import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Who controls the data centers?"


def articles_text() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "articles").glob("*.md"))


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("\u200b", "")


async def test_a_mention_is_answered_with_footnotes_that_stand_in_the_articles(place: Place) -> None:
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


async def test_why_this_answer_shows_what_was_considered_to_the_asker_alone(place: Place) -> None:
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    answer = await place.answer()
    asked = await place.ada.menu(answer, "Why this answer?")
    shown = await done(place, asked)
    assert asked.original.flags & 64
    assert shown.startswith(f"> {QUESTION}")
    assert "passages considered" in shown
    assert "· meaning 100 %" in shown
    assert "· cited" in shown
    assert "· left out" in shown
    place.assert_clean()


async def test_a_reply_is_understood_from_the_conversation(place: Place) -> None:
    await place.ada.say(place.channel, QUESTION, mentions=[place.server.bot])
    first = await place.answer()
    await place.ada.say(place.channel, "and what does Microsoft get?", reply_to=first)
    second = await place.answer(number=2)
    assert re.search(r"special rights|Microsoft 365|cloud business", second.content)
    assert FOOTNOTE.search(second.content)
    place.assert_clean()


async def test_slash_thread_and_dm_are_answered_where_they_were_asked(place: Place) -> None:
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


async def test_what_the_library_does_not_hold_is_said_with_the_nearest_articles(place: Place) -> None:
    await place.ada.say(place.channel, "Who cooks lunch at Microsoft?", mentions=[place.server.bot])
    answer = await place.answer()
    assert "does not hold the answer" in answer.content
    assert "Nearest articles" in answer.content
    assert "/ingest" in answer.content
    assert not FOOTNOTE.search(answer.content)
    await place.ada.say(place.channel, "add http://lunch.example/cook please", mentions=[place.server.bot])
    assert "`/ingest url`, or *Add to library*" in (await place.answer(number=2)).content
    place.assert_clean()


async def test_messages_that_are_not_for_the_bot_are_ignored(place: Place) -> None:
    robot = place.server.member("Robot", place.guild)
    robot.user.bot = True
    bob = place.server.member("Bob", place.guild)
    hello = await bob.say(place.channel, "@everyone who controls the data centers?")
    await place.ada.say(place.channel, QUESTION, reply_to=hello)
    await robot.say(place.channel, QUESTION, mentions=[place.server.bot])
    await place.ada.say(place.channel, "Does OpenAI still depend on Azure?", mentions=[place.server.bot])
    await place.answer()
    await asyncio.sleep(0.5)
    assert len(place.said(place.channel)) == 1
    place.assert_clean()


async def test_a_question_about_a_message_that_discord_hides_is_told_so(place: Place) -> None:
    said = await place.server.member("Bob", place.guild).say(place.channel, "The moon is made of cheese.")
    await place.ada.say(place.channel, "is that true?", mentions=[place.server.bot], reply_to=said)
    answer = await place.answer()
    assert "Discord does not show me the message you replied to" in answer.content
    assert "can add articles" not in answer.content
    place.assert_clean()


async def test_a_file_in_a_dm_is_told_where_it_is_read(place: Place) -> None:
    private, file = place.server.dm(place.ada.user), {"a.txt": b"The ferry leaves at six."}
    for number, text in enumerate(("", "summarize this", QUESTION), start=1):
        await place.ada.dm(text, files=file)
        assert "I read no files in DMs" in (await place.answer(private, number)).content
    assert FOOTNOTE.search(place.said(private)[-1].content)
    await place.ada.dm("summarize")
    assert (await place.answer(private, 4)).content.startswith("Summarize what?")
    place.assert_clean()


async def test_two_servers_do_not_share_a_library_and_a_stranger_gets_nothing_by_dm(place: Place) -> None:
    stranger = place.server.member("Mallory")
    await stranger.dm(QUESTION)
    answer = await place.answer(place.server.dm(stranger.user))
    assert not FOOTNOTE.search(answer.content)
    assert "do not see you on any server" in answer.content
    assert place.server.violations == []


async def test_a_dm_is_answered_from_the_server_that_knows_and_only_from_servers_that_are_shared(place: Place) -> None:
    other = place.server.add_guild("Elsewhere")
    grace = place.server.member("Grace", other)
    await grace.dm(QUESTION)
    answer = await place.answer(place.server.dm(grace.user))
    assert "From the library of Elsewhere" in answer.content
    assert "Readers" not in answer.content
