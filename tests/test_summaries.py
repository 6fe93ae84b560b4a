"""Summaries: the article's own sentences, a model that behaves, errs or breaks off, topics, and what is kept."""

from __future__ import annotations

import asyncio
import re

import pytest
import pytest_asyncio

from retrieval.answers.models import chat_model
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.articles import ArticleDraft, ArticleRecord
from retrieval.errors import ArticleUnreadable, FootnoteError
from retrieval.index import summary_cache
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from retrieval.lookup import find_article
from retrieval.sources.files import read_paths
from retrieval.summaries.mapreduce import PARALLEL
from retrieval.summaries.summarizer import Summarizer
from retrieval.summaries.summary import Progress, Summary
from tests.answers import verbatim
from tests.conftest import OpenLibraries
from tests.loopback.openai_server import OpenAIServer, Reply, Request
from tests.running import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

BRIDGE = """The Varde bridge reopened on 4 June 2023 after a repair that took eleven months.

Sign up for our newsletter to get the best of Varde every morning.

The city of Varde paid 12 million euros for the repair, four million more than its council had planned. Engineer Ada
Holt found the cracks in the northern pillar during a routine inspection in 2022. Photo: Getty Images

Would you have noticed them? Trucks of more than 40 tonnes remain banned from the bridge until 2025. Shop owners on
the northern bank say that they lost a third of their customers while the bridge was closed. The ferry company Lund
Line carried 300,000 passengers across the river in the meantime.
"""
NOTE = "The swimming pool is closed. It opens again after the pump is mended."


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    return await (await open_libraries()).open("local")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def expeditions(library: Library) -> ArticleRecord:
    """A text of some forty pages."""
    return await added(library, "Expeditions", long_text(60))


def summarizer(embeddings: MiniLMEmbeddings, model: OpenAIServer | None = None, timeout: float = 20.0) -> Summarizer:
    chat = chat_model("m", None, model.base_url, timeout) if model else None
    return Summarizer(embeddings, chat, "m", timeout)


async def added(library: Library, title: str, text: str, **about: str) -> ArticleRecord:
    """The record of an article, indexed; the same title again is a new version."""
    assert [one async for one in library.add([ArticleDraft(title, text, title, **about)])]
    return find_article(await library.articles(), title)


def long_text(paragraphs: int) -> str:
    return "\n\n".join(
        f"In chapter {n} the expedition of Captain Ro{n} crossed the river Tam number {n} with {n + 3} mules. "
        + " ".join(f"Its diary for day {day} speaks of rain and {day * n} steps." for day in range(2, 22))
        for n in range(paragraphs)
    )


async def test_an_article_is_summarised_in_its_own_words_and_order(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    record = await added(library, "Varde bridge open again", BRIDGE, published_at="2023-06-05", source="Varde Post")
    for length, most in (("short", 3), ("medium", 5), ("long", 7)):
        summary = await summarizer(embeddings).article(library, record, length)
        assert summary.model == QUOTES
        assert 3 <= len(summary.points) <= most
        assert await verbatim(library, summary)
        starts = [point.quotes[0].start for point in summary.points]
        assert starts == sorted(starts)
        said = " ".join(point.text for point in summary.points)
        assert not re.search(r"newsletter|Getty|noticed", said)
        assert "reopened on 4 June 2023" in said


async def test_the_same_article_gives_the_same_summary_wherever_it_is(
    library: Library, open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    one = await summarizer(embeddings).article(library, await added(library, "Varde bridge open again", BRIDGE))
    elsewhere = await (await open_libraries()).open("elsewhere")
    other = await summarizer(embeddings).article(elsewhere, await added(elsewhere, "Varde bridge open again", BRIDGE))
    assert not other.cached
    assert one.lines == other.lines


async def test_a_note_of_two_sentences_is_both_and_says_what_it_leaves_open(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    summary = await summarizer(embeddings).article(library, await added(library, "Pool", NOTE))
    assert summary.lines == ("The swimming pool is closed. [1]", "It opens again after the pump is mended. [2]")
    assert "when it happens" in summary.unanswered
    full = await summarizer(embeddings).article(library, await added(library, "Varde bridge open again", BRIDGE))
    assert not {"when it happens", "who is behind it", "what it costs"} & set(full.unanswered)
    # In Tokyo, on 3 March 2025, for 21.2 billion yen, says this one.
    foreign = await added(
        library, "新しい港", "東京都は2025年3月3日、新しい港を開港した。総工費は212億円で、漁船40隻が停泊できる。"
    )
    assert (await summarizer(embeddings).article(library, foreign)).unanswered == ()


async def test_a_long_text_is_read_part_by_part(
    library: Library, expeditions: ArticleRecord, embeddings: MiniLMEmbeddings
) -> None:
    seen: list[Progress] = []
    summary = await summarizer(embeddings).article(library, expeditions, "long", seen.append)
    parts = seen[0].parts
    assert parts >= 4
    assert {progress.done for progress in seen} == set(range(parts + 1))
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert len(summary.points) == 7
    assert await verbatim(library, summary)


async def test_reading_can_be_cancelled_between_parts_and_nothing_is_kept(
    library: Library, expeditions: ArticleRecord, embeddings: MiniLMEmbeddings
) -> None:
    reading: asyncio.Task[Summary] | None = None
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 1 and reading is not None:
            reading.cancel()

    reading = asyncio.create_task(summarizer(embeddings).article(library, expeditions, "short", stop))
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert max(progress.done for progress in seen) < seen[-1].parts
    assert not (await summarizer(embeddings).article(library, expeditions, "short")).cached


async def test_a_model_s_supported_points_are_kept_and_the_others_dropped(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    record = await added(library, "Varde bridge open again", BRIDGE)
    model.reply_with(
        lambda _: Reply(
            "- The city of Varde paid 12 million euros for the repair [1].\n"
            "- The city of Varde paid 21 million euros for the repair [1].\n"
            "- Lisbon opened a new airport in March [1].\n"
            "- Visit https://evil.example @everyone [7].\n"
            "- The Varde bridge reopened on 4 June 2023 [1]."
        )
    )
    summary = await summarizer(embeddings, model).article(library, record, "long")
    assert summary.model == "m"
    assert summary.lines == (
        "The Varde bridge reopened on 4 June 2023. [1]",
        "The city of Varde paid 12 million euros for the repair. [2]",
    )
    assert await verbatim(library, summary)
    assert "3 points of the model's summary had no support" in summary.notices[0]
    assert summary.usage["output_tokens"] > 0


async def test_what_frames_a_model_s_points_is_no_point_and_none_is_said_twice(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    record = await added(library, "Varde bridge, framed", BRIDGE)
    model.reply_with(
        lambda _: Reply(
            "Sure! Here are the key points:\n\n## Repair\n"
            "- **The city of Varde paid 12 million euros for the repair** [1](https://evil.example).\n"
            "- The city of Varde paid for the repair [1].\n"
            "- Will trucks remain banned from the bridge? [1]\n"
            "- <b>Trucks</b> of ~~more than~~ 40 tonnes remain banned from the bridge until 2025 (1).\n"
            "- The passages do not mention the ferry's price.\n\n"
            "Sources:\n[1] The Varde bridge reopened on 4 June 2023\n"
        )
    )
    summary = await summarizer(embeddings, model).article(library, record, "long")
    assert summary.lines == (
        "The city of Varde paid 12 million euros for the repair. [1]",
        "Trucks of more than 40 tonnes remain banned from the bridge until 2025. [2]",
    )
    assert summary.notices == ()


@pytest.mark.parametrize("nothing", ["", " \n\n", "[1]", "Sure!", "What is the text about?"])
async def test_a_model_that_answers_nothing_is_said_to_have_answered_nothing(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer, nothing: str
) -> None:
    record = await added(library, "Varde bridge, unanswered", BRIDGE)
    model.reply_with(lambda _: Reply(nothing))
    summary = await summarizer(embeddings, model).article(library, record)
    assert summary.model == QUOTES
    assert summary.notices == ("The chat model answered nothing. So the key points are quoted without it.",)


async def test_a_long_text_is_mapped_and_reduced_by_the_model(
    library: Library, expeditions: ArticleRecord, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:

    def reply(request: Request) -> Reply:
        if "<points>" in request.prompt:
            points = re.findall(r'<point number="(\d+)">([^<]+)</point>', request.prompt)
            return Reply("\n".join(f"- {text} [{n}]" for n, text in points[::3]))
        passages = re.findall(r'<passage number="(\d+)"[^>]*>\s*(In chapter[^.]+)\.', request.prompt)
        return Reply("\n".join(f"- {text} [{n}]." for n, text in passages[:4]))

    model.reply_with(reply)
    seen: list[Progress] = []
    summary = await summarizer(embeddings, model).article(library, expeditions, "long", seen.append)
    mapped = [chat for chat in model.chats if "<passages>" in chat.prompt]
    assert len(mapped) == seen[-1].parts > 5
    assert seen[-1].done == seen[-1].parts
    assert len(model.chats) > len(mapped)
    assert max(len(chat.prompt) for chat in model.chats) < 20_000
    assert (summary.model, len(summary.points)) == ("m", 7)
    chapters = [int(re.search(r"chapter (\d+)", point.text)[1]) for point in summary.points]
    assert chapters == sorted(chapters)
    assert await verbatim(library, summary)


async def test_while_the_model_is_slow_progress_is_told_again_and_cancelling_sends_nothing_more(
    library: Library,
    expeditions: ArticleRecord,
    embeddings: MiniLMEmbeddings,
    model: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("retrieval.summaries.heartbeat.HEARTBEAT", 0.05)
    model.reply_with(lambda _: Reply("never", first_delay=30.0))
    told_again = asyncio.Event()
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if seen.count(progress) > 3 and len(model.chats) >= PARALLEL:
            told_again.set()

    reading = asyncio.create_task(summarizer(embeddings, model).article(library, expeditions, "short", report))
    await asyncio.wait_for(told_again.wait(), 60)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    told = len(seen)
    await asyncio.sleep(0.3)
    assert len(seen) == told
    assert len(model.chats) == PARALLEL < seen[-1].parts


async def test_when_the_model_fails_the_text_is_quoted_and_the_reason_given_and_the_next_try_asks_again(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    record = await added(library, "Varde bridge in brief", BRIDGE)
    model.reply_with(lambda _: Reply.unauthorized())
    failed = await summarizer(embeddings, model).article(library, record)
    assert failed.model == QUOTES
    assert "OPENAI_API_KEY" in failed.notices[0]
    assert await verbatim(library, failed)
    model.reply_with(lambda _: Reply("Bananas are rich in potassium [1]."))
    unsupported = await summarizer(embeddings, model).article(library, record)
    assert "could not be verified" in unsupported.notices[0]
    model.reply_with(lambda _: Reply("- The Varde bridge reopened on 4 June 2023 [1]."))
    again = await summarizer(embeddings, model).article(library, record)
    assert (again.model, again.cached) == ("m", False)


async def test_an_identical_request_asks_no_model_and_a_changed_text_does(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(lambda _: Reply("- The Varde bridge reopened on 4 June 2023 [1]."))
    record = await added(library, "Bridge news", BRIDGE)
    first = await summarizer(embeddings, model).article(library, record)
    asked = len(model.chats)
    second = await summarizer(embeddings, model).article(library, record)
    assert len(model.chats) == asked
    assert (first.cached, second.cached) == (False, True)
    assert (second.lines, second.citations) == (first.lines, first.citations)
    await summarizer(embeddings, model).article(library, record, "short")
    assert len(model.chats) == asked + 1

    changed = await added(library, "Bridge news", "An update first.\n\n" + BRIDGE)
    third = await summarizer(embeddings, model).article(library, changed)
    assert (third.cached, len(model.chats)) == (False, asked + 2)
    assert await verbatim(library, third)


async def test_what_is_kept_is_bounded_and_goes_with_its_article(
    library: Library, embeddings: MiniLMEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_cache, "MOST_KEPT", 3)
    for n in range(5):
        await library.summary_cache.put(f"key {n}", "{}", None)
    assert [await library.summary_cache.get(f"key {n}") for n in range(5)] == [None, None, "{}", "{}", "{}"]
    record = await added(library, "Short-lived", NOTE)
    await library.summary_cache.put("its own", "{}", record.id)
    await library.remove(record.id)
    assert await library.summary_cache.get("its own") is None
    assert await library.summary_cache.get("key 4") is None, "a topic may have drawn on what was removed"


async def test_an_article_removed_while_it_is_summarised_is_a_sentence(
    library: Library, embeddings: MiniLMEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await added(library, "Soon gone", NOTE)

    async def removed_meanwhile(*_: object) -> tuple[str, ...]:
        assert await library.remove(record.id)
        return ()

    monkeypatch.setattr("retrieval.summaries.summarizer.unanswered", removed_meanwhile)
    with pytest.raises(ArticleUnreadable, match="“Soon gone” was changed or removed while I read it"):
        await summarizer(embeddings).article(library, record)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def samples(open_libraries: OpenLibraries) -> Library:
    opened = await (await open_libraries()).open("samples")
    drafts = [draft for draft in read_paths([ROOT / "articles"]) if isinstance(draft, ArticleDraft)]
    assert [one async for one in opened.add(drafts)]
    return opened


async def test_a_topic_draws_on_several_articles_in_time_order_and_shows_where_they_disagree(
    samples: Library, embeddings: MiniLMEmbeddings
) -> None:
    summary = await summarizer(embeddings).topic(samples, "who controls the data centers", "long")
    dates = [point.quotes[0].passage.published_at for point in summary.points]
    assert len(set(dates)) >= 3
    assert dates == sorted(dates)
    assert [article.published_at for article in summary.articles] == sorted(a.published_at for a in summary.articles)
    assert await verbatim(samples, summary)
    sides = {quote.passage.published_at for one in summary.disagreement for quote in one.quotes}
    assert sides == {"2025-01-14", "2025-01-28"}
    assert summary.disagreement_lines[1].startswith("- 2025-01-28, Footnote samples: ")
    again = await summarizer(embeddings).topic(samples, "who controls the data centers", "long")
    assert (again.cached, again.lines, again.disagreement) == (True, summary.lines, summary.disagreement)


async def test_a_topic_the_library_does_not_hold_is_a_sentence(samples: Library, embeddings: MiniLMEmbeddings) -> None:
    with pytest.raises(FootnoteError, match="holds nothing on “sourdough bread baking”"):
        await summarizer(embeddings).topic(samples, "sourdough bread baking")


async def test_an_article_is_found_by_part_of_its_title_and_two_are_told_apart(samples: Library) -> None:
    records = await samples.articles()
    assert find_article(records, "azure STAYS").title == "Whoever runs the data centers, Azure stays"
    assert find_article(records, records[2].url or "") == find_article(records, str(records[2].id)) == records[2]
    with pytest.raises(FootnoteError, match="articles fit “data centers”; say the number"):
        find_article(records, "data centers")
    with pytest.raises(FootnoteError, match="No article of the library is called “Mongolia”"):
        find_article(records, "Mongolia")
    with pytest.raises(FootnoteError, match=r"“two hands on Mongolia”\. Near to it: “Two hands on the switch") as near:
        find_article(records, "two hands on Mongolia")
    assert len(str(near.value)) < 1_000
    with pytest.raises(FootnoteError, match=r"is called “x{149}…”"):
        find_article(records, "x" * 6_000)


async def test_an_absurdly_long_text_is_not_sent_to_the_model(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.summaries.mapreduce.MOST_CHARACTERS", 100)
    record = await added(library, "Varde bridge at length", BRIDGE)
    summary = await summarizer(embeddings, model).article(library, record)
    assert (summary.model, model.chats) == (QUOTES, [])
    assert "too long" in summary.notices[0]
