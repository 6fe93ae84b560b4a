"""Digests: when they are due, who delivers them, what they tell, and how they look."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.digest_text import about, issue_mark, render_issue
from bot.render import MESSAGE_LIMIT
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.articles import ArticleDraft
from retrieval.digests.digest import Digest, Issue
from retrieval.digests.digests import MOST_DIGESTS, MOST_FAILURES, Digests
from retrieval.digests.schedule import Schedule
from retrieval.digests.stories import MOST_STORIES
from retrieval.errors import FootnoteError
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.tables import articles
from retrieval.ingestion.feed_rows import insert_feed
from retrieval.library import Libraries, Library
from retrieval.summaries.summarizer import Summarizer
from tests.conftest import OpenLibraries
from tests.running import footnote

on_the_loop = pytest.mark.asyncio(loop_scope="module")

GUILD = "100000000000000001"
ADA = "200000000000000001"
DAILY = Schedule("daily", 8, "Europe/Berlin")
LEASE = timedelta(minutes=10)
HOSTILE = "@everyone **see** [x](https://evil.example) <@123456789012345678> discord.gg/abc"

BRIDGE = (
    "The Varde bridge reopened on 4 June 2023 after a repair that took eleven months. The city of Varde paid 12 "
    "million euros for the repair, four million more than its council had planned. Engineer Ada Holt found the cracks "
    "in the northern pillar during a routine inspection in 2022."
)
BRIDGE_AGAIN = (
    "Cars crossed the Varde bridge again on Sunday, eleven months after it was closed for repair. Mayor Nils Brandt "
    "said that the repair of the bridge cost the city of Varde 12 million euros."
)
CHEESE = (
    "The dairy of Gorizia won the national prize for goat cheese with a cheese that ripened for ninety days in a cave. "
    "Its owner Marta Kos keeps 140 goats on the hills above the town and sells on the market every Saturday."
)
VOTE = (
    "The council of Hamar rejected the budget by nine votes to eight, and mayor Liv Dahl resigned the same evening. A "
    "new election will be held in September, the county governor announced."
)

OTHERS = [
    "A museum in Elvas bought forty paintings by Rui Sena from his daughter.",
    "The ferry between Istres and Corvo sank in a storm; all 83 passengers were saved.",
    "Scientists in Brevik counted 12,000 puffins on the northern cliffs this spring.",
    "The brewery of Jelling closes in October after two hundred years.",
    "Pianist Ines Moll won the Dunmore competition with a sonata by Schubert.",
    "A court ordered the steel works of Ardal to pay workers three months of wages.",
    "The new line of the metro opened with eleven stations on Monday.",
    "Frost destroyed most of the apricot harvest in the valley of the Isar.",
    "Chess champion Olav Berg lost to a pupil of thirteen in Lisbon.",
    "The hospital of Fjordby received two helicopters for rescues at sea.",
]


async def made(libraries: Libraries, embeddings: MiniLMEmbeddings, key: str = GUILD) -> tuple[Digests, Library]:
    """The digests of libraries, without a chat model, and one library."""
    return Digests(libraries, Summarizer(embeddings, None, "", 20.0)), await libraries.open(key)


async def add(library: Library, text: str, title: str, day: str = "2023-06-05", by: str | None = None) -> None:
    draft = ArticleDraft(title, text, title, published_at=day, source="Varde Post")
    assert [one async for one in library.add([draft], by)]


def titles(issue: Issue) -> set[str]:
    return {article.title for story in issue.stories for article in story.articles}


async def claimed(digests: Digests, now: datetime) -> tuple[Digest, bool]:
    (one,) = await digests.claim_due(now, 10, LEASE)
    return one


def due(digest: Digest) -> datetime:
    return datetime.fromisoformat(digest.next_at)


@on_the_loop
async def test_two_processes_give_each_due_digest_once(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, tmp_path: Path
) -> None:
    one, library = await made(await open_libraries(tmp_path), embeddings)
    other, _ = await made(await open_libraries(tmp_path), embeddings)
    wanted = {(await one.subscribe(library, DAILY, "short", user_id=f"{ADA}{n}")).id for n in range(10)}
    now = datetime.now(UTC) + timedelta(days=1, hours=1)
    assert await one.claim_due(datetime.now(UTC), 10, LEASE) == []
    rounds = await asyncio.gather(*(who.claim_due(now, 3, LEASE) for who in (one, other) * 3))
    given = [digest.id for some in rounds for digest, _ in some]
    assert sorted(given) == sorted(wanted)
    assert not any(again for some in rounds for _, again in some)


@on_the_loop
async def test_after_a_crash_the_same_issue_is_made_again_and_nothing_is_lost(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    now = due(await digests.subscribe(library, DAILY, "short", user_id=ADA))
    await add(library, BRIDGE, "Bridge")
    digest, again = await claimed(digests, now)
    assert not again
    first = await digests.issue(digest)
    await add(library, CHEESE, "Cheese")
    assert await digests.claim_due(now + LEASE / 2, 10, LEASE) == []
    # The process died here; another one finds the digest when the lease is over.
    later = now + timedelta(days=3)
    repeated, again = await claimed(digests, later)
    assert again
    second = await digests.issue(repeated)
    assert titles(first) == titles(second) == {"Bridge"}
    assert (digests.nonce(digest, 1), first.due) == (digests.nonce(repeated, 1), second.due)
    assert render_issue(first, "Readers") == render_issue(second, "Readers")
    assert repeated.attempt_until == second.until
    await digests.delivered(repeated, second.until, later)
    # One issue for three days, not three; then what was left waiting.
    assert await digests.claim_due(later, 10, LEASE) == []
    following, again = await claimed(digests, later + timedelta(days=1))
    assert not again
    assert digests.nonce(following, 1) != digests.nonce(digest, 1)
    assert titles(await digests.issue(following)) == {"Cheese"}


def test_nonces_differ_by_part_and_fit_discord() -> None:
    moment = "2026-11-24T07:00:00.000000+00:00"
    digest = Digest(
        1, 1, GUILD, ADA, None, None, None, "short", "daily", 8, 0, "UTC", moment, moment, moment, moment, None, None,
        0, "on", False,
    )  # fmt: skip
    named = {Digests.nonce(one, part) for one in (digest, replace(digest, id=2)) for part in (1, 2)}
    assert len(named) == 4
    assert max(len(one) for one in named) <= 25
    assert issue_mark(digest, datetime.fromisoformat(moment)) == "-# Digest of 2026-11-24 07:00 (UTC) · no. 1"


@on_the_loop
async def test_nothing_new_is_an_issue_without_stories(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    await add(library, BRIDGE, "Bridge")
    digest = await digests.subscribe(library, DAILY, "short", user_id=ADA)
    issue = await digests.issue(digest)
    assert (issue.stories, issue.more) == ((), 0)
    (message,) = render_issue(issue, "Readers")
    assert "Nothing new" in message


@on_the_loop
async def test_what_is_still_being_indexed_is_not_passed_over(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    libraries = await open_libraries()
    digests, library = await made(libraries, embeddings)
    digest = await digests.subscribe(library, DAILY, "short", user_id=ADA)
    for title, text in (("Cheese", CHEESE), ("Bridge", BRIDGE), ("Vote", VOTE)):
        await add(library, text, title)

    async def make_searchable(value: bool) -> None:
        async with libraries.database.write() as connection:
            await connection.execute(update(articles).where(articles.c.title == "Bridge").values(searchable=value))

    await make_searchable(False)
    early = await digests.issue(digest)
    await digests.delivered(digest, early.until, datetime.now(UTC))
    await make_searchable(True)
    (digest,) = await digests.of(library, user_id=ADA)
    assert titles(early) == {"Cheese"}
    assert titles(await digests.issue(digest)) == {"Bridge", "Vote"}


@on_the_loop
async def test_reports_of_one_event_are_one_story_in_the_articles_own_words(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    digest = await digests.subscribe(library, DAILY, "medium", user_id=ADA)
    await add(library, VOTE, "Budget of Hamar fails")
    await add(library, BRIDGE, "Varde bridge open again")
    await add(library, BRIDGE + " Drivers were glad.", "The bridge of Varde is open", day="2023-06-06")
    await add(library, BRIDGE_AGAIN, "Varde bridge reopens after repair", day="2023-06-07")
    issue = await digests.issue(digest)
    told = [[article.title for article in story.articles] for story in issue.stories]
    assert told[0][0] == "Varde bridge reopens after repair"
    assert {"Varde bridge open again", "The bridge of Varde is open"} < set(told[0])
    assert ["Budget of Hamar fails"] in told
    for story in issue.stories:
        assert len(story.points) == 2
        assert story.model == QUOTES
    for citation in issue.citations:
        quote = citation.quote
        text = await library.text(quote.passage.article_id)
        assert text is not None
        assert text[quote.start : quote.end] == quote.text
    assert next(line for points in issue.lines for line in points).endswith("[1]")


@on_the_loop
async def test_the_same_event_a_year_later_is_another_story(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    digest = await digests.subscribe(library, DAILY, "short", user_id=ADA)
    await add(library, BRIDGE, "Varde bridge open again")
    await add(library, BRIDGE_AGAIN, "Varde bridge reopens", day="2024-06-06")
    assert [len(story.articles) for story in (await digests.issue(digest)).stories] == [1, 1]
    # The same text is the same story whenever it is printed.
    await add(library, BRIDGE + " Drivers were glad.", "The bridge of Varde is open", day="2025-06-06")
    assert [len(story.articles) for story in (await digests.issue(digest)).stories] == [2, 1]


@on_the_loop
async def test_a_topic_and_a_feed_restrict(open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings) -> None:
    libraries = await open_libraries()
    digests, library = await made(libraries, embeddings)
    async with libraries.database.write() as connection:
        feed = await insert_feed(
            connection, library.id, "https://a.example/feed", "A *daily*", None, None, "2026-01-01"
        )
    named = await digests.subscribe(library, DAILY, "short", user_id=ADA, topic="Varde bridge")
    alike = await digests.subscribe(library, DAILY, "short", user_id=ADA, topic="dairy farming")
    fed = await digests.subscribe(library, DAILY, "short", user_id=ADA, feed_id=feed)
    await add(library, BRIDGE, "Bridge")
    await add(library, CHEESE, "Cheese")
    await add(library, VOTE, "Vote", by=f"feed:{feed}")
    assert titles(await digests.issue(named)) == {"Bridge"}
    assert titles(await digests.issue(alike)) == {"Cheese"}
    issue = await digests.issue(fed)
    assert titles(issue) == {"Vote"}
    assert render_issue(issue, "Readers")[0].startswith("**New in Readers** from “A \\*daily\\*”\n")
    # Which is which is seen where they are listed.
    assert {about(one) for one in await digests.of(library, user_id=ADA)} == {
        "news on “Varde bridge”",
        "news on “dairy farming”",
        "news from “A *daily*”",
    }


@on_the_loop
async def test_at_most_eight_stories_are_told_and_the_rest_counted(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    digest = await digests.subscribe(library, DAILY, "short", user_id=ADA)
    for n, text in enumerate(OTHERS):
        await add(library, f"{text} {HOSTILE}", f"{HOSTILE} {n}", day=f"20{n + 10}-01-01")
    issue = await digests.issue(digest)
    assert len(issue.stories) == MOST_STORIES
    assert issue.more == len(OTHERS) - MOST_STORIES == 2
    # All as large, so the newest are told.
    assert [story.articles[0].published_at for story in issue.stories] == [f"20{n + 10}-01-01" for n in range(9, 1, -1)]
    messages = render_issue(issue, HOSTILE)
    assert len(messages) > 1
    assert issue_mark(digest, issue.due) in messages[0].split("\n")
    assert "and 2 more stories" in "".join(messages)
    for message in messages:
        assert len(message) <= MESSAGE_LIMIT
        assert not re.search(r"@everyone|<@\d|https:/\w|discord\.gg|(?<!\\)\*\*see", message)


@on_the_loop
async def test_three_refused_deliveries_pause_a_digest_and_nothing_is_lost(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    digest = await digests.subscribe(library, DAILY, "short", user_id=ADA)
    await add(library, BRIDGE, "Bridge")
    for n in range(1, MOST_FAILURES + 1):
        now = due(digest)
        claim, again = await claimed(digests, now)
        assert not again
        await digests.issue(claim)
        digest = await digests.failed(claim, now)
        assert digest == await digests.get(digest.id)
        assert digest.state == ("paused" if n == MOST_FAILURES else "on")
    assert await digests.claim_due(due(digest), 10, LEASE) == []
    assert [one.id for one in await digests.paused_untold(ADA)] == [digest.id]
    await digests.mark_told([digest.id])
    assert await digests.paused_untold(ADA) == []
    resumed = await digests.resume(digest.id)
    assert resumed is not None
    claim, _ = await claimed(digests, due(resumed))
    assert titles(await digests.issue(claim)) == {"Bridge"}


@on_the_loop
async def test_a_released_digest_is_given_again_from_its_moment_on(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    digests, library = await made(await open_libraries(), embeddings)
    now = due(await digests.subscribe(library, DAILY, "short", channel_id="300000000000000001"))
    digest, _ = await claimed(digests, now)
    await digests.release(digest, now + timedelta(hours=1))
    assert await digests.claim_due(now + timedelta(minutes=59), 10, LEASE) == []
    repeated, again = await claimed(digests, now + timedelta(hours=1))
    assert again
    assert repeated.attempt_for == digest.attempt_for


@on_the_loop
async def test_who_has_which_digests(open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings) -> None:
    libraries = await open_libraries()
    digests, library = await made(libraries, embeddings)
    first = await digests.subscribe(library, DAILY, "short", user_id=ADA, topic="Varde  bridge")
    weekly = Schedule("weekly", 9, "Europe/Berlin", weekday=4)
    changed = await digests.subscribe(library, weekly, "long", user_id=ADA, topic="varde bridge")
    assert (changed.id, changed.since, changed.length, changed.schedule) == (first.id, first.since, "long", weekly)
    for n in range(1, MOST_DIGESTS):
        await digests.subscribe(library, DAILY, "short", user_id=ADA, topic=f"topic {n}")
    with pytest.raises(FootnoteError, match="5 digests"):
        await digests.subscribe(library, DAILY, "short", user_id=ADA)
    mine = await digests.of(library, user_id=ADA)
    assert len(mine) == MOST_DIGESTS
    channel = await digests.subscribe(library, DAILY, "short", channel_id="300000000000000001")
    own = await digests.subscribe(library, DAILY, "short")
    assert await digests.of(library, channel_id="300000000000000001") == [channel]
    assert await digests.of(library) == [own]
    assert await digests.end(first.id)
    assert not await digests.end(first.id)
    elsewhere = await digests.subscribe(await libraries.open("100000000000000002"), DAILY, "short", user_id=ADA)
    await libraries.left(GUILD, "2026-01-01T00:00:00+00:00")
    in_a_week = datetime.now(UTC) + timedelta(days=7)
    # The server was left, and nothing is sent to a terminal.
    assert [one.id for one, _ in await digests.claim_due(in_a_week, 50, LEASE)] == [elsewhere.id]
    await libraries.left("100000000000000002", "2026-01-01T00:00:00+00:00")
    await libraries.remove("100000000000000002", "2026-01-02T00:00:00+00:00")
    assert await digests.get(elsewhere.id) is None


@pytest.mark.slow
def test_the_terminal_shows_what_is_new_once(tmp_path: Path) -> None:
    data, article = tmp_path / "data", tmp_path / "bridge.md"

    def said(*arguments: str) -> str:
        done = footnote(data, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "On: everything" in said("digest", "on", "--length", "short")
    article.write_text(f"# Varde bridge open again\n\n{BRIDGE}\n")
    said("ingest", str(article))
    shown = said("digest", "now")
    assert "Varde bridge open again" in shown
    assert len(re.findall(r"^• “.+” \[\d\]$", shown, re.MULTILINE)) == 1
    assert said("digest", "now").startswith("Nothing new since")
    assert "Ended" in said("digest", "off")
    refused = footnote(data, "digest", "now")
    assert refused.returncode == 1
    assert "footnote digest on" in refused.stderr
