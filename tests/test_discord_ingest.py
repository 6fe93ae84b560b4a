"""Ingestion in Discord as people meet it: jobs with progress, feeds, files on mentions, who may, what stays."""

from __future__ import annotations

import asyncio

import pytest

from tests.loopback.web_site import Page, Web
from tests.places import Place, done, refusal
from tests.running import running_bot
from tests.test_discord_library import ARTICLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

HARBOUR = (
    "The new harbour at Vardø was opened on 3 March 2025 by the fisheries minister.\n"
    "It cost 212 million kroner and has room for forty boats.\n"
    "The mayor, Ingrid Aune, said that the old quay had been closed since a storm in 2019."
)


def rss(*items: tuple[str, str], title: str = "Coast News") -> Page:
    entries = "".join(
        f"<item><title>{name}</title><link>http://{link}</link><guid>{link}</guid></item>" for name, link in items
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{entries}</channel></rss>'
    return Page(body, "application/rss+xml")


@pytest.fixture(scope="module")
def bot_settings() -> dict[str, str]:
    """A library is full when two articles are added to the eight it starts with."""
    return {"LIBRARY_ARTICLES": "10"}


async def titles(place: Place) -> str:
    return await done(place, await place.ada.slash(place.channel, "articles list", sort="added"))


async def test_an_article_from_the_web_is_added_once_and_refreshed(
    librarian: Place,
    bot_web: Web,
) -> None:
    bot_web.article("news.example/harbour", "The harbour opens", HARBOUR)
    bot_web.pages["news.example/harbour"].headers["ETag"] = '"1"'
    added = await librarian.ada.slash(librarian.channel, "ingest url", url="http://news.example/harbour")
    card = await done(librarian, added)
    assert card.startswith("Added:")
    assert "The harbour opens" in card
    assert "2025-03-01" in card
    again = await librarian.ada.slash(librarian.channel, "ingest url", url="http://news.example/harbour")
    assert "Already in the library (checked just now)" in await done(librarian, again)

    refreshed = await librarian.ada.slash(librarian.channel, "articles refresh", article="The harbour opens")
    assert "Unchanged" in await done(librarian, refreshed)
    assert bot_web.requests[-1] == ("news.example/harbour", 304)

    bot_web.article("news.example/harbour", "The harbour opens", HARBOUR.replace("212", "245"))
    refreshed = await librarian.ada.slash(librarian.channel, "articles refresh", article="The harbour opens")
    assert "Updated" in await done(librarian, refreshed)
    await librarian.ada.say(librarian.channel, "What did the harbour at Vardø cost?", mentions=[librarian.server.bot])
    assert "245 million" in (await librarian.answer(number=5)).content

    shown = await done(librarian, await librarian.ada.slash(librarian.channel, "articles show", article="The harbour"))
    assert f"added by <@{librarian.ada.id}>, last checked <t:" in shown
    librarian.assert_clean()


@pytest.mark.slow
async def test_twenty_links_are_one_job_with_a_table_of_outcomes(
    librarian_apart: Place,
    bot_web: Web,
) -> None:
    for number in range(18):
        bot_web.article(
            f"news.example/{number}", f"Report {number}", f"The {number}th report is about {number} boats at sea."
        )
    bot_web.pages["news.example/18"] = Page("<html><body></body></html>")
    bot_web.pages["news.example/19"] = Page("", status=403)
    links = " ".join(f"http://news.example/{number}" for number in range(20))
    async with running_bot(librarian_apart.server, librarian_apart.data, LOOPBACK_WEB=str(bot_web.port)):
        asked = await librarian_apart.ada.slash(librarian_apart.channel, "ingest url", url=links)
        table = await done(librarian_apart, asked, within=90)
        assert table.startswith("18 articles added, 0 updated or known, 2 not added.")
        assert table.count("✓") == 18
        assert "The site answered 403" in table
        drafts = [text for text in (version.content for version in asked.original.history) if " of 20" in text]
        assert drafts
        librarian_apart.assert_clean()


@pytest.mark.slow
async def test_a_feed_is_followed_from_its_page_and_brings_what_is_new(
    librarian_apart: Place,
    bot_web: Web,
) -> None:
    bot_web.article("coast.example/1", "The first catch", "The first catch of the year was 40 tonnes of cod, they say.")
    bot_web.article("coast.example/2", "The second catch", "The second catch was 12 tonnes of haddock off Senja.")
    bot_web.pages["coast.example/"] = Page(
        "<html><head><link rel=alternate type=application/rss+xml href=/feed.xml></head><body>News.</body></html>"
    )
    bot_web.pages["coast.example/feed.xml"] = rss(("The first catch", "coast.example/1"))
    settings = {"LOOPBACK_WEB": str(bot_web.port), "FEED_MINUTES": "0.01"}
    async with running_bot(librarian_apart.server, librarian_apart.data, **settings):
        followed = await librarian_apart.ada.slash(librarian_apart.channel, "ingest feed", url="http://coast.example/")

        def first_item() -> bool:
            return bool(followed.original) and "The first catch" in followed.original.content

        await librarian_apart.server.wait_for(first_item, 30, "the first item")
        said = followed.original.content
        assert "Following **Coast News**" in said
        twice = await librarian_apart.ada.slash(
            librarian_apart.channel, "ingest feed", url="http://coast.example/feed.xml"
        )
        assert "already" in await refusal(librarian_apart, twice)

        bot_web.pages["coast.example/feed.xml"] = rss(
            ("The second catch", "coast.example/2"), ("The first catch", "coast.example/1")
        )
        for _ in range(40):
            if "The second catch" in await titles(librarian_apart):
                break
            await asyncio.sleep(0.5)
        assert (await titles(librarian_apart)).count("The first catch") == 1
        shown = await done(
            librarian_apart,
            await librarian_apart.ada.slash(librarian_apart.channel, "articles show", article="The second catch"),
        )
        assert "by the feed Coast News" in shown

        bot_web.pages["coast.example/feed.xml"] = Page("", status=500)
        await librarian_apart.server.wait_for(
            lambda: any("cannot be read any more" in m.content for m in librarian_apart.said(librarian_apart.channel)),
            30,
            "a report",
        )
        await asyncio.sleep(4)
        reports = [m for m in librarian_apart.said(librarian_apart.channel) if "cannot be read any more" in m.content]
        assert len(reports) == 1
        assert "The site answered 500" in reports[0].content
        listed = await librarian_apart.ada.slash(librarian_apart.channel, "feeds list")
        assert "broken: The site answered 500" in await done(librarian_apart, listed)

        choices = await librarian_apart.ada.autocomplete(librarian_apart.channel, "feeds remove", "feed", feed="coast")
        removed = await librarian_apart.ada.slash(librarian_apart.channel, "feeds remove", feed=choices[0]["value"])
        assert "Not followed any more" in await done(librarian_apart, removed)
        assert "The second catch" in await titles(librarian_apart)
        librarian_apart.assert_clean()


async def test_files_on_a_mention_are_added_and_the_question_with_them_is_answered(
    librarian: Place,
) -> None:
    await librarian.ada.say(
        librarian.channel,
        "what did the repairs at Halden cost?",
        mentions=[librarian.server.bot],
        files={"halden.md": ARTICLE},
    )
    answer = await librarian.answer(number=2, within=40)
    assert (await librarian.answer(number=1)).content.startswith("Added:")
    assert "41 million kroner" in answer.content
    librarian.assert_clean()


async def test_several_files_come_through_one_form_until_the_library_is_full(librarian: Place) -> None:
    opened = await librarian.ada.slash(librarian.channel, "ingest file")
    await librarian.server.wait_for(lambda: opened.modal, 10, "the form")
    upload = next(row["component"] for row in opened.modal["components"] if "component" in row)
    files = {"halden.md": ARTICLE, "note.txt": b"The mill in Hamar opens on Thursdays at nine.", "x.exe": b"MZ"}
    added = await librarian.ada.submit(opened, {upload["custom_id"]: files})
    table = await done(librarian, added)
    assert table.startswith("2 articles added, 0 updated or known, 1 not added.")
    assert "x.exe: files of this kind cannot be read" in table
    asked = await librarian.ada.slash(librarian.channel, "ingest file", file=("more.txt", b"One more text than ten."))
    assert "the library is full (10 of 10 articles)" in await done(librarian, asked)
    librarian.assert_clean()


async def test_ask_about_it_answers_from_that_article_alone(librarian: Place) -> None:
    added = await librarian.ada.slash(librarian.channel, "ingest file", file=("halden.md", ARTICLE))
    await done(librarian, added)
    for question, expected in (
        ("How much did the repairs cost?", "41 million kroner"),
        ("Who controls the data centers?", "not"),
    ):
        opened = await librarian.ada.click(added.original, "Ask about it")
        await librarian.server.wait_for(lambda opened=opened: opened.modal, 10, "the form")
        field = opened.modal["components"][0]
        field = field.get("component") or field["components"][0]
        asked = await librarian.ada.submit(opened, {field["custom_id"]: question})
        answer = await done(librarian, asked)
        assert expected in answer
        assert "Microsoft 365" not in answer
    librarian.assert_clean()


async def test_a_role_an_admin_named_may_ingest_and_others_are_told_whom_to_ask(
    librarian: Place,
) -> None:
    scribes = librarian.guild.role("Scribes", 0)
    scribe = librarian.server.member("Sam", librarian.guild, scribes)
    other = librarian.server.member("Olaf", librarian.guild)
    refused = await scribe.slash(librarian.channel, "ingest file", file=("halden.md", ARTICLE))
    assert "Manage Server" in await refusal(librarian, refused)
    named = await librarian.ada.slash(librarian.channel, "settings ingest", add_role=scribes)
    assert "@Scribes may in any channel" in await done(librarian, named)
    added = await scribe.slash(librarian.channel, "ingest file", file=("halden.md", ARTICLE))
    assert (await done(librarian, added)).startswith("Added:")
    await other.say(librarian.channel, "", mentions=[librarian.server.bot], files={"halden.md": ARTICLE})
    told = await librarian.server.wait_for(lambda: librarian.said(librarian.server.dm(other.user)), 20, "a word")
    assert "@Scribes" in told[0].content
    sentence = await refusal(librarian, await other.slash(librarian.channel, "ingest text"))
    assert "@Scribes" in sentence
    await done(librarian, await librarian.ada.slash(librarian.channel, "settings ingest", remove_role=scribes))
    assert "Manage Server" in await refusal(librarian, await scribe.slash(librarian.channel, "ingest text"))
    everyone = await librarian.ada.slash(librarian.channel, "settings ingest", add_role=librarian.guild.roles[0])
    assert "members with @\u200beveryone may in any channel" in await done(librarian, everyone)
    librarian.assert_clean()


async def said_about_the_regatta(place: Place) -> None:
    await place.ada.say(place.channel, "The regatta starts at ten on Saturday at the north pier.")
    await place.ada.say(place.channel, "Bring your own life vests, the club has only twelve.")


@pytest.mark.slow
async def test_who_waits_for_a_feed_when_the_bot_is_stopped_is_told_to_ask_again(
    librarian_apart: Place, bot_web: Web
) -> None:
    place = librarian_apart
    bot_web.pages["slow.example/feed"] = rss(("One", "slow.example/1"))
    bot_web.pages["slow.example/feed"].delay = 20
    async with running_bot(place.server, place.data, LOOPBACK_WEB=str(bot_web.port)) as process:
        asked = await place.ada.slash(place.channel, "ingest feed", url="http://slow.example/feed")
        await place.server.wait_for(lambda: asked.original and asked.original.loading, 30, "the bot thinks")
        # robots.txt is asked for right before the feed.
        await place.server.wait_for(lambda: ("slow.example/robots.txt", 404) in bot_web.requests, 20, "it fetches")
        process.terminate()
        await asyncio.wait_for(process.wait(), 15)
    assert asked.original.content.startswith("I am just being stopped and did not begin with this")
    place.assert_clean()


async def test_a_channel_does_not_become_articles_where_discord_hides_its_text(librarian: Place) -> None:
    await said_about_the_regatta(librarian)
    refused = await librarian.ada.slash(librarian.channel, "ingest channel", channel=librarian.channel)
    assert "MESSAGE_CONTENT_INTENT" in await refusal(librarian, refused)


async def test_a_channel_becomes_articles_where_discord_shows_its_text(librarian_apart: Place) -> None:
    place = librarian_apart
    await said_about_the_regatta(place)
    async with running_bot(place.server, place.data, MESSAGE_CONTENT_INTENT="true"):
        asked = await place.ada.slash(place.channel, "ingest channel", channel=place.channel)
        card = await done(place, asked)
        assert "#general" in card
        assert "The regatta starts at ten" in card
        place.assert_clean()
