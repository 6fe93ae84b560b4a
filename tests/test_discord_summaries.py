"""Summaries by DM as people meet them."""

from __future__ import annotations

import re

import pytest

from tests.loopback.discord_players import Message
from tests.loopback.web_site import Web
from tests.places import Place, done
from tests.running import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLE = "Two hands on the switch"


async def dms(place: Place, number: int, within: float = 40) -> list[Message]:
    """The bot's messages to Ada, once there are so many."""
    channel = place.server.dm(place.ada.user)
    return await place.server.wait_for(
        lambda: place.said(channel) if len(place.said(channel)) >= number else None, within, f"{number} DMs"
    )


def quotes(text: str) -> list[str]:
    found = re.findall(r"^-# \[\d+\].* · “(.+?)”$", text, re.MULTILINE)
    return [re.sub(r"\\(.)", r"\1", quote).replace("\u200b", "").rstrip("…") for quote in found]


async def test_a_summary_comes_by_dm_with_footnotes_and_buttons(place: Place) -> None:
    await done(place, await place.ada.slash(place.channel, "articles list"))
    choices = await place.ada.autocomplete(place.channel, "summarize", "article", article="two hands")
    assert choices[0]["name"].startswith(TITLE)
    asked = await place.ada.slash(place.channel, "summarize", article=choices[0]["value"], length="short")
    assert await done(place, asked) == "The summary is in your DMs."
    assert asked.original.flags & 64
    (first,) = await dms(place, 1)
    assert TITLE in first.content
    assert "2025-01-14" in first.content
    points = re.findall(r"^- “", first.content, re.MULTILINE)
    assert 1 <= len(points) <= 3
    articles = "\n".join(path.read_text() for path in (ROOT / "articles").glob("*.md"))
    assert quotes(first.content)
    assert all(quote in articles for quote in quotes(first.content))

    await place.ada.click(first, "Longer")
    _, longer = await dms(place, 2)
    await place.server.wait_for(lambda: "- “" in longer.content, 40, "the longer summary")
    assert len(re.findall(r"^- “", longer.content, re.MULTILINE)) > len(points)

    opened = await place.ada.click(first, "Ask about it")
    await place.server.wait_for(lambda: opened.modal, 10, "the form")
    field = opened.modal["components"][0]
    field = field.get("component") or field["components"][0]
    answer = await done(place, await place.ada.submit(opened, {field["custom_id"]: "Who controls the data centers?"}))
    assert "data centers" in answer
    assert "alone" in answer
    place.assert_clean()


async def test_closed_dms_are_told_privately_and_one_click_delivers_later(place: Place) -> None:
    place.ada.user.dms_open = False
    asked = await place.ada.slash(place.channel, "summarize", topic="data centers")
    said = await done(place, asked)
    assert "closed" in said
    still = await place.ada.click(asked.original, "Send it now")
    await place.server.wait_for(lambda: still.followups, 20, "a refusal")
    assert "still closed" in still.followups[0].content
    place.ada.user.dms_open = True
    await place.ada.click(asked.original, "Send it now")
    delivered = await dms(place, 1)
    assert "data centers" in delivered[0].content


async def test_a_page_that_is_not_in_the_library_is_summarised_without_adding_it(
    librarian: Place, bot_web: Web
) -> None:
    text = "\n".join(
        f"The harbour of Vardø number {n} was opened in 20{n:02} and cost {n + 10} million kroner."
        for n in range(1, 15)
    )
    bot_web.article("news.example/harbour", "Fourteen harbours", text)
    asked = await librarian.ada.slash(librarian.channel, "summarize", url="http://news.example/harbour")
    assert await done(librarian, asked) == "The summary is in your DMs."
    (first, *_) = await dms(librarian, 1)
    assert "Fourteen harbours" in first.content
    listed = await done(librarian, await librarian.ada.slash(librarian.channel, "articles list"))
    assert "Fourteen harbours" not in listed

    await done(librarian, await librarian.ada.slash(librarian.channel, "settings summaries", any_page=False))
    refused = await librarian.ada.slash(librarian.channel, "summarize", url="http://news.example/harbour")
    assert "only articles of the library" in await done(librarian, refused)

    # The link of a footnote leads into an article of the library.
    question = await librarian.ada.say(librarian.channel, "What does Microsoft get?", mentions=[librarian.server.bot])
    answered = await librarian.server.wait_for(
        lambda: [one for one in librarian.said(librarian.channel) if one.reply_to is question], 30, "an answer"
    )
    asked = await librarian.ada.menu(answered[0], "Summarize to my DMs")
    assert await done(librarian, asked) == "The summary is in your DMs."
    librarian.assert_clean()


async def test_a_dm_may_simply_ask_for_a_summary(place: Place) -> None:
    await place.ada.dm("summarize What Microsoft gets in return")
    (first,) = await dms(place, 1)
    await place.server.wait_for(lambda: "- “" in first.content, 40, "the points")
    assert "What Microsoft gets in return" in first.content
    place.assert_clean()
