"""A library keeps its three indexes equal, whatever happens to the process, the worker or the embedder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from sqlalchemy import func, select

from bot.ingest import add_starter_articles, ingest_paths
from retrieval.articles import ArticleDraft, FoundPassage, Standalone
from retrieval.errors import EmbeddingModelChanged, VectorIndexUnavailable
from retrieval.index import store, writer
from retrieval.index.collections import Vectors
from retrieval.index.embedder import MINILM, MiniLMEmbeddings
from retrieval.index.langchain_retriever import LangChainRetriever
from retrieval.index.minilm_graph import DIMENSION
from retrieval.index.tables import articles, passages
from retrieval.index.vectors import EmbeddedVectors
from retrieval.library import LOCAL, Libraries, Library
from tests.conftest import OpenLibraries
from tests.words import indexed_passages

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAUGHTY = Path(os.environ.get("EVAL_DATA", "")) / "malformed" / "naughty_strings.jsonl"
Article = Callable[..., ArticleDraft]

HARBOUR = "The harbour tunnel opened on Friday. Divers had found a wreck called the Quillback in its way."
BAKERY = "The bakery on Mill Street closes in June. Its owner, Tove Zander, retires after forty years."
LONG = "\n\n".join(f"Paragraph {n} says that the council of town {n} voted against the plan." * 6 for n in range(14))


async def statuses(library: Library, drafts: Sequence[ArticleDraft]) -> list[str]:
    return [added.status async for added in library.add(drafts)]


async def found(library: Library, question: str) -> list[FoundPassage]:
    return [
        document.metadata["found"] for document in await LangChainRetriever(hybrid=library.retriever).ainvoke(question)
    ]


async def texts_found(library: Library, question: str) -> str:
    return "\n".join(item.passage.text for item in await found(library, question))


async def titles(library: Library) -> list[str]:
    return sorted(article.title for article in await library.articles())


async def assert_indexes_agree(libraries: Libraries, key: str = LOCAL) -> None:
    """SQL, words and vectors hold the same passages, and no article is half there."""
    async with libraries.database.read() as connection:
        row = await store.find_library(connection, key)
        assert row is not None
        assert not row.unsettled
        counts = await store.vector_counts(connection, row.id)
        ids = set((await connection.execute(select(passages.c.id).where(passages.c.library_id == row.id))).scalars())
        words = set(await indexed_passages(connection, row.id))
        here = articles.c.library_id == row.id
        unfinished = (await connection.execute(select(func.count()).where(here, ~articles.c.searchable))).scalar()
    assert unfinished == 0
    assert words == ids
    vectors = await libraries.vectors.ids(row.collection)
    assert sorted(vectors) == sorted(f"{key}.{n}" for key, count in counts.items() for n in range(count))
    assert await libraries.vectors.count(row.collection) == sum(counts.values())


def bytes_below(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.rglob("*") if file.is_file())


class OtherModel(Embeddings):
    """A model of another dimension: counts letters, and the texts it was given."""

    def __init__(self) -> None:
        self.embedded = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += len(texts)
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [1.0 + text.lower().count(letter) for letter in "etaoinsh"]


class Troubled(MiniLMEmbeddings):
    """The real model behind a gate, and with a fault that can be switched on."""

    def __init__(self) -> None:
        super().__init__()
        self.calls_until_failure: int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.calls_until_failure is not None:
            self.calls_until_failure -= 1
            if self.calls_until_failure < 0:
                raise ConnectionError("the embeddings server went away")
        if not self.gate.is_set():
            self.waiting.set()
            await self.gate.wait()
        return await super().aembed_documents(texts)


class EmptyVectors(EmbeddedVectors):
    """A Chroma of its own for one test, closed at the end of the block."""

    async def __aenter__(self) -> EmptyVectors:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class TestAdding:
    async def test_an_article_is_added_then_left_alone_then_updated(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        assert await statuses(library, [article("Harbour", HARBOUR), article("Bakery", BAKERY)]) == ["added"] * 2
        assert await statuses(library, [article("Harbour", HARBOUR), article("Bakery", BAKERY)]) == ["unchanged"] * 2
        changed = article("Harbour", HARBOUR, source="The Paper")
        assert await statuses(library, [changed, article("Bakery", BAKERY)]) == ["updated", "unchanged"]
        assert [(a.title, a.source) for a in await library.articles() if a.source] == [("Harbour", "The Paper")]
        assert await titles(library) == ["Bakery", "Harbour"]
        await assert_indexes_agree(libraries)

    async def test_an_update_leaves_no_trace_of_the_old_text(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", f"{HARBOUR}\n\n{LONG}"), article("Bakery", BAKERY)])
        assert "Quillback" in await texts_found(library, "What was the wreck Quillback?")
        await statuses(library, [article("News", "The harbour tunnel opened after the wreck was recovered.")])
        after = await texts_found(library, "What was the wreck Quillback? Which town voted against the plan?")
        assert "Quillback" not in after
        assert "Paragraph" not in after
        assert "wreck was recovered" in after
        assert (await library.frequencies(["quillback", "wreck"]))[0] == {"wreck": 1}
        await assert_indexes_agree(libraries)

    async def test_an_update_keeps_the_passages_that_did_not_change(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", f"{LONG}\n\n{HARBOUR}")])
        assert await statuses(library, [article("News", f"{LONG}\n\n{BAKERY}")]) == ["updated"]
        assert (await found(library, "Which council voted against the plan?"))[0].cosine is not None
        await assert_indexes_agree(libraries)

    async def test_the_old_text_is_found_until_the_new_one_is_ready(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        slow = Troubled()
        library = await (await open_libraries(embeddings=slow)).open(LOCAL)
        await statuses(library, [article("News", HARBOUR)])
        question = await library.retriever.query(Standalone("wreck in the harbour"))
        slow.gate.clear()
        update = asyncio.create_task(statuses(library, [article("News", "The wreck was called the Barnacle.")]))
        await slow.waiting.wait()
        assert [f.passage.text for f in await library.retriever.find(question)] == [HARBOUR]
        slow.gate.set()
        assert await update == ["updated"]
        assert [f.passage.text for f in await library.retriever.find(question)] == [
            "The wreck was called the Barnacle."
        ]

    async def test_of_two_articles_with_one_identity_the_later_one_stays(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        twice = [article("One", HARBOUR, identity="x"), article("Two", BAKERY, identity="x")]
        assert await statuses(library, [*twice, twice[1]]) == ["added", "updated", "unchanged"]
        assert await titles(library) == ["Two"]
        assert "Quillback" not in await texts_found(library, "Quillback")
        await assert_indexes_agree(libraries)

    async def test_a_text_repeated_within_an_article_is_indexed_each_time(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        (added,) = [item async for item in library.add([article("Chorus", "\n\n".join([LONG] * 2))])]
        assert added.passages == (await library.articles())[0].passages > 4
        await assert_indexes_agree(libraries)

    async def test_what_holds_no_word_is_refused_and_the_others_are_added(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        drafts = [article("", "> > >"), article("Bakery", BAKERY)]
        assert sorted(await statuses(library, drafts)) == ["added", "unreadable"]
        assert await titles(library) == ["Bakery"]
        await assert_indexes_agree(libraries)

    @pytest.mark.parametrize("how", ["fails", "is cancelled"])
    async def test_after_an_ingestion_that_breaks_off_the_next_one_tidies_up(
        self, open_libraries: OpenLibraries, article: Article, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        monkeypatch.setattr(writer, "GROUP_PASSAGES", 1)
        troubled = Troubled()
        libraries = await open_libraries(embeddings=troubled)
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", "The old news about the Barnacle.")])
        drafts = [article("Bakery", BAKERY), article("News", HARBOUR)]
        if how == "fails":
            troubled.calls_until_failure = 1
            with pytest.raises(ConnectionError):
                await statuses(library, drafts)
            troubled.calls_until_failure = None
        else:
            troubled.gate.clear()
            ingestion = asyncio.create_task(statuses(library, drafts))
            await troubled.waiting.wait()
            ingestion.cancel()
            with pytest.raises(asyncio.CancelledError):
                await ingestion
            troubled.gate.set()
        assert "Barnacle" in await texts_found(library, "Barnacle Quillback")
        assert "Quillback" not in await texts_found(library, "Barnacle Quillback")
        assert await statuses(library, [article("Third", "A third article on chess.")]) == ["added"]
        await assert_indexes_agree(libraries)
        assert set(await statuses(library, drafts)) <= {"added", "updated", "unchanged"}
        assert await titles(library) == ["Bakery", "News", "Third"]
        await assert_indexes_agree(libraries)


class TestRemoving:
    async def test_a_removed_article_leaves_nothing_in_any_index(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", f"{HARBOUR}\n\n{LONG}"), article("Bakery", BAKERY)])
        (gone,) = [a.id for a in await library.articles() if a.title == "News"]
        assert await library.remove(gone)
        assert await titles(library) == ["Bakery"]
        assert await library.text(gone) is None
        assert not await library.remove(gone)
        assert {f.passage.title for f in await found(library, "wreck Quillback town council plan")} == {"Bakery"}
        assert await library.frequencies(["quillback", "council"]) == ({}, 1)
        await assert_indexes_agree(libraries)

    async def test_its_words_are_gone_from_the_files(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        libraries = await open_libraries(tmp_path)
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", HARBOUR)])
        await statuses(library, [article("Bakery", BAKERY)])
        held = [a.id for a in await library.articles() if a.title == "News"]
        assert await library.remove(held[0])
        await libraries.database.close()
        content = bytes_below(tmp_path).lower()
        assert b"zander" in content
        assert b"quillback" not in content

    async def test_the_id_of_a_removed_article_is_not_given_again(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        library = await (await open_libraries()).open(LOCAL)
        await statuses(library, [article("News", HARBOUR)])
        (first,) = await library.articles()
        await library.remove(first.id)
        await statuses(library, [article("Bakery", BAKERY)])
        (second,) = await library.articles()
        assert second.id != first.id

    async def test_who_still_holds_a_removed_library_reads_nobody_else_s(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        gone = await libraries.open("1111")
        await libraries.left("1111", "2024-05-01T00:00:00+00:00")
        await libraries.remove("1111", "2024-06-01T00:00:00+00:00")
        await statuses(await libraries.open("2222"), [article("News", HARBOUR)])
        assert await gone.articles() == []


class TestIsolation:
    async def test_two_libraries_never_see_each_others_passages(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        left, right = await libraries.open("1111"), await libraries.open("2222")
        await asyncio.gather(
            statuses(left, [article(f"L{n}", f"LEFTMARK {n}: the harbour tunnel opened.") for n in range(5)]),
            statuses(right, [article(f"R{n}", f"RIGHTMARK {n}: the harbour tunnel opened.") for n in range(5)]),
        )
        for question in ("harbour tunnel", "RIGHTMARK LEFTMARK", "When did it open?"):
            seen_left, seen_right = await texts_found(left, question), await texts_found(right, question)
            assert "LEFTMARK" in seen_left
            assert "RIGHTMARK" not in seen_left
            assert "RIGHTMARK" in seen_right
            assert "LEFTMARK" not in seen_right
        assert await left.frequencies(["rightmark"]) == ({}, 5)
        foreign = (await right.articles())[0].id
        assert await left.text(foreign) is None
        assert not await left.remove(foreign)
        assert len(await right.articles()) == 5

    async def test_the_same_article_in_two_libraries_is_two_articles(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        libraries = await open_libraries()
        left, right = await libraries.open("1111"), await libraries.open("2222")
        for library in (left, right):
            assert await statuses(library, [article("News", HARBOUR)]) == ["added"]
        await left.remove((await left.articles())[0].id)
        assert await found(left, "Quillback") == []
        assert await texts_found(right, "Quillback") == HARBOUR
        await assert_indexes_agree(libraries, "1111")
        await assert_indexes_agree(libraries, "2222")


class TestOpening:
    async def test_opened_again_it_embeds_nothing(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        drafts = [article("News", HARBOUR), article("Bakery", BAKERY)]
        await statuses(await (await open_libraries(tmp_path)).open(LOCAL), drafts)
        troubled = Troubled()
        troubled.calls_until_failure = 0
        libraries = await open_libraries(tmp_path, embeddings=troubled)
        library = await libraries.open(LOCAL)
        assert await statuses(library, drafts) == ["unchanged"] * 2
        assert await libraries.keys() == [LOCAL]
        await assert_indexes_agree(libraries)

    async def test_vectors_that_vanished_are_made_again_and_strays_removed(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        libraries = await open_libraries(tmp_path)
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", LONG), article("Bakery", BAKERY)])
        async with libraries.database.read() as connection:
            row = await store.find_library(connection, LOCAL)
        assert row is not None
        ids = await libraries.vectors.ids(row.collection)
        await libraries.vectors.delete(row.collection, ids[1:])
        stray = np.zeros((1, DIMENSION), dtype=np.float32)
        stray[0, 0] = 1
        await libraries.vectors.add(row.collection, ["nobody.0"], stray)
        again = await open_libraries(tmp_path)
        library = await again.open(LOCAL)
        await assert_indexes_agree(again)
        assert all(f.cosine is not None for f in await found(library, "Who retires?"))

    async def test_with_the_whole_vector_index_lost_it_is_rebuilt_from_the_database(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        await statuses(await (await open_libraries(tmp_path)).open(LOCAL), [article("Bakery", BAKERY)])
        async with EmptyVectors(tmp_path / "new") as vectors:
            libraries = await open_libraries(tmp_path, vectors=vectors)
            library = await libraries.open(LOCAL)
            assert [f.cosine is not None for f in await found(library, "Who retires?")] == [True]
            await assert_indexes_agree(libraries)

    async def test_another_embedding_model_is_refused_with_the_way_out(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        await statuses(await (await open_libraries(tmp_path)).open(LOCAL), [article("News", HARBOUR)])
        libraries = await open_libraries(tmp_path, embeddings=OtherModel(), model="letters-8")
        for refused in (libraries.open(LOCAL), libraries.check_model()):
            with pytest.raises(EmbeddingModelChanged) as caught:
                await refused
            for named in (MINILM, "letters-8", "footnote reindex"):
                assert named in str(caught.value)

    async def test_reindexing_moves_a_library_to_the_new_model(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        drafts = [article("News", LONG), article("Bakery", BAKERY)]
        await statuses(await (await open_libraries(tmp_path)).open(LOCAL), drafts)
        model = OtherModel()
        libraries = await open_libraries(tmp_path, embeddings=model, model="letters-8")
        progress = [step async for step in libraries.reindex(LOCAL)]
        embedded = model.embedded
        library = await libraries.open(LOCAL)
        assert model.embedded == embedded > 0
        assert progress[-1][0] == progress[-1][1] == sum(a.passages for a in await library.articles())
        assert await statuses(library, drafts) == ["unchanged"] * 2
        assert all(f.cosine is not None for f in await found(library, "Who retires?"))
        await assert_indexes_agree(libraries)
        with pytest.raises(EmbeddingModelChanged):
            await (await open_libraries(tmp_path)).open(LOCAL)

    async def test_reindexing_that_breaks_off_leaves_the_library_as_it_was(
        self, open_libraries: OpenLibraries, article: Article, tmp_path: Path
    ) -> None:
        await statuses(await (await open_libraries(tmp_path)).open(LOCAL), [article("News", HARBOUR)])
        troubled = Troubled()
        troubled.calls_until_failure = 0
        with pytest.raises(ConnectionError):
            async for _ in (await open_libraries(tmp_path, embeddings=troubled, model="other")).reindex(LOCAL):
                pass
        libraries = await open_libraries(tmp_path)
        assert await texts_found(await libraries.open(LOCAL), "Quillback") == HARBOUR
        await assert_indexes_agree(libraries)

    @pytest.mark.parametrize("complete", [False, True], ids=["half embedded", "old ones not yet removed"])
    async def test_vectors_that_a_killed_reindexing_left_are_gone_after_the_next_start(
        self,
        open_libraries: OpenLibraries,
        vectors: EmbeddedVectors,
        article: Article,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        complete: bool,
    ) -> None:
        used: set[str] = set()
        add = vectors.add

        async def adding(collection: str, ids: list[str], given: Vectors) -> None:
            used.add(collection)
            await add(collection, ids, given)

        async def killed(collection: str) -> None:
            """Whoever is killed tidies nothing up."""

        monkeypatch.setattr(vectors, "add", adding)
        libraries = await open_libraries(tmp_path)
        await statuses(await libraries.open(LOCAL), [article("News", HARBOUR)])
        with monkeypatch.context() as killing:
            killing.setattr(vectors, "drop", killed)
            reindexing = libraries.reindex(LOCAL)
            async for _ in reindexing:
                if not complete:
                    break
            await reindexing.aclose()  # type: ignore[attr-defined]
        libraries = await open_libraries(tmp_path)
        assert await texts_found(await libraries.open(LOCAL), "Quillback") == HARBOUR
        await assert_indexes_agree(libraries)
        there = [await asyncio.gather(vectors.count(name), return_exceptions=True) for name in sorted(used)]
        assert len(there) == 2
        assert [count for (count,) in there if isinstance(count, int)] == [1]
        assert [step async for step in libraries.reindex(LOCAL)] == [(1, 1)]
        await assert_indexes_agree(libraries)

    async def test_reindexing_waits_for_an_ingestion_and_an_ingestion_for_it_while_questions_are_answered(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        troubled = Troubled()
        libraries = await open_libraries(embeddings=troubled)
        library = await libraries.open(LOCAL)
        await statuses(library, [article("News", HARBOUR)])
        alone = library.only((await library.articles())[0].id)
        before = library.retriever.library.collection

        async def reindexed() -> list[tuple[int, int]]:
            return [step async for step in libraries.reindex(LOCAL)]

        troubled.gate.clear()
        adding = asyncio.create_task(statuses(library, [article("Bakery", BAKERY)]))
        await troubled.waiting.wait()
        reindexing = asyncio.create_task(reindexed())
        later = asyncio.create_task(statuses(library, [article("Council", LONG)]))
        words = [found for found, _ in await library.retriever.by_words(Standalone("Quillback"))]
        assert len(await library.passages_by_id(words)) == 1
        troubled.gate.set()
        asked = []
        while not later.done():
            asked.append(await texts_found(library, "Quillback"))
        assert HARBOUR in asked[0]
        assert all(HARBOUR in one for one in asked)
        assert await asyncio.gather(adding, later) == [["added"], ["added"]]
        assert (await reindexing)[-1] == (2, 2)

        assert library is await libraries.open(LOCAL)
        assert library.retriever.library.collection == alone.retriever.library.collection != before
        await assert_indexes_agree(libraries)
        for view, question, title in ((library, "Who retires?", "Bakery"), (alone, "Quillback", "News")):
            best = (await found(view, question))[0]
            assert (best.passage.title, best.cosine is not None) == (title, True)
        with pytest.raises(VectorIndexUnavailable):
            await libraries.vectors.count(before)

    async def test_starter_articles_are_offered_once(self, open_libraries: OpenLibraries, tmp_path: Path) -> None:
        (tmp_path / "a.md").write_text(HARBOUR)
        (tmp_path / "b.md").write_text("")
        library = await (await open_libraries()).open(LOCAL)
        assert await add_starter_articles(library, tmp_path) == 1
        await library.remove((await library.articles())[0].id)
        assert await add_starter_articles(library, tmp_path) == 0
        assert await titles(library) == []


class TestFinding:
    async def test_a_passage_comes_with_what_words_and_meaning_thought_of_it(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        library = await (await open_libraries()).open(LOCAL)
        await statuses(library, [article("News", f"{LONG}\n\n{HARBOUR}"), article("Bakery", BAKERY, source="Gazette")])
        best = (await found(library, "Which wreck did divers find in the harbour?"))[0]
        whole = await library.text(best.passage.article_id)
        assert whole is not None
        assert whole[best.passage.start : best.passage.end] == best.passage.text
        assert "Quillback" in best.passage.text
        assert best.bm25 is not None
        assert best.bm25 > 0
        assert best.cosine is not None
        assert 0 < best.cosine <= 1

    async def test_meaning_finds_what_shares_no_word(self, open_libraries: OpenLibraries, article: Article) -> None:
        library = await (await open_libraries()).open(LOCAL)
        others = [article(f"Chess {n}", f"Game {n} of the chess match ended in a draw.") for n in range(5)]
        await statuses(library, [article("Bakery", BAKERY), *others])
        best = (await found(library, "bread shop shutting down"))[0]
        assert best.passage.title == "Bakery"
        assert best.bm25 is None
        assert best.cosine is not None

    async def test_title_source_and_date_can_be_asked_for(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        library = await (await open_libraries()).open(LOCAL)
        drafts = [article(f"Number {n}", HARBOUR, source=f"Paper{n}", published_at=f"2024-0{n}-02") for n in (1, 2, 3)]
        await statuses(library, drafts)
        assert (await found(library, "What did Paper2 write?"))[0].passage.source == "Paper2"

    async def test_langchain_gets_documents(self, open_libraries: OpenLibraries, article: Article) -> None:
        library = await (await open_libraries()).open(LOCAL)
        await statuses(library, [article("Bakery", BAKERY)])
        (document,) = await LangChainRetriever(hybrid=library.retriever).ainvoke("Who retires?")
        assert document.page_content == BAKERY
        assert document.id == str(document.metadata["found"].passage.id)

    @pytest.mark.parametrize(
        "question", ["", "   ", "?!", "\x00", "the of and", '" OR *', "word " * 5_000, "🙂", "a" * 9_000]
    )
    async def test_any_question_is_harmless(
        self, open_libraries: OpenLibraries, article: Article, question: str
    ) -> None:
        library = await (await open_libraries()).open(LOCAL)
        assert await found(library, question) == []
        await statuses(library, [article("Bakery", BAKERY)])
        assert len(await found(library, question)) <= 1

    @pytest.mark.skipif(not NAUGHTY.is_file(), reason="EVAL_DATA names no folder with malformed/naughty_strings.jsonl")
    async def test_naughty_strings_are_articles_and_questions_like_others(self, open_libraries: OpenLibraries) -> None:
        libraries = await open_libraries()
        library = await libraries.open(LOCAL)
        outcomes = [outcome async for outcome in ingest_paths(library, [NAUGHTY])]
        assert {getattr(outcome, "status", "unreadable") for outcome in outcomes} <= {"added", "unreadable"}
        assert len(outcomes) > 200
        await assert_indexes_agree(libraries)
        for article in await library.articles():
            whole = await library.text(article.id)
            assert whole is not None
            for item in await found(library, whole):
                held = await library.text(item.passage.article_id)
                assert held is not None
                assert held[item.passage.start : item.passage.end] == item.passage.text
