"""The SQL database: its migrations, its small facts, and the lexical index."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.articles import ArticleDraft, FoundPassage, Span
from retrieval.errors import DatabaseUnavailable, FootnoteError
from retrieval.index import store
from retrieval.index.bm25 import Bm25
from retrieval.index.database import MIGRATIONS, Database
from retrieval.index.langchain_retriever import LangChainRetriever
from retrieval.index.lexical import LexicalIndex, query_terms
from retrieval.index.postings import BLOCK, Postings
from retrieval.index.store import PreparedPassage
from retrieval.index.tables import articles, facts, metadata, passage_terms, passages
from retrieval.library import LOCAL
from retrieval.text import terms
from tests.conftest import OpenLibraries
from tests.words import indexed_passages

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
needs_server = pytest.mark.skipif(
    not TEST_DATABASE_URL, reason="TEST_DATABASE_URL names no database (all of its tables would be dropped)"
)

TOWNS = ["Ardal", "Brevik", "Corvo", "Dunmore", "Elvas", "Fjord", "Gorizia", "Hamar", "Istres", "Jelling"]
TEXTS = [
    *(
        f"{town} opened a harbour tunnel in 20{n + 10}. The tunnel cost {n + 1}.5 million euros."
        for n, town in enumerate(TOWNS)
    ),
    *(
        f"The mayor of {town} resigned after the council voted {n + 3} to {n} against the budget."
        for n, town in enumerate(TOWNS)
    ),
    *(f"{town} won the chess match. " + "The match was long. " * n for n, town in enumerate(TOWNS)),
    "The phrase near and not or match select from where: AND OR NOT NEAR. A snake_case word, c++ and 1,000 things.",
]
QUERIES = [
    "Who opened a harbour tunnel in 2014?",
    "mayor of Hamar resigned",
    "What did the tunnel cost, 5.5 million euros?",
    "Which council voted 7 to 4 against the budget?",
    "Did Corvo win the chess match?",
    "budget tunnel match",
    "1,000 things",
    "snake_case",
]


async def fill(database: Database, sources: Sequence[str] = TEXTS, key: str = "words") -> int:
    """A library of one article a text, each one passage; gives its id. Passages have the texts' order."""
    async with database.write() as connection:
        library_id = await store.create_library(connection, key, key, "none")
        for number, source in enumerate(sources):
            await store_text(connection, library_id, number, source)
        return library_id


async def store_text(connection: AsyncConnection, library_id: int, number: int, source: str) -> int:
    """One more article of one passage; gives the passage's id."""
    found = tuple(terms(source))
    prepared = PreparedPassage(Span(0, len(source)), f"k{number}", (source,), found)
    draft = ArticleDraft(f"T{number}", source, f"i{number}")
    article_id = await store.insert_article(connection, library_id, draft, [prepared])
    (passage_id,) = await store.passage_ids(connection, article_id)
    await LexicalIndex().add(connection, library_id, [(passage_id, list(found))])
    await store.make_searchable(connection, article_id)
    return passage_id


def searched(
    connection: Connection, library_id: int, query: str, limit: int, only: Sequence[int] | None = None
) -> tuple[Bm25, list[tuple[int, float]]]:
    """What the terms of a query weigh, and what the index finds for it."""
    wanted = query_terms(query)
    found = Postings.of(wanted, LexicalIndex().postings(connection, library_id, wanted))
    return found.bm25(), found.best(found.bm25(), limit, only)


async def ranked(database: Database, library_id: int, query: str, limit: int = 5) -> list[str]:
    """The texts of the best passages for a query."""
    _, rows = await database.look(searched, library_id, query, limit)
    assert [score for _, score in rows] == sorted((score for _, score in rows), reverse=True)
    assert all(score > 0 for _, score in rows)
    known = await database.look(store.passages_by_id, library_id, [found for found, _ in rows])
    return [known[found].text for found, _ in rows]


async def scored(database: Database, library_id: int, query: str) -> dict[str, float]:
    """Every passage's score for a query, by its text."""
    _, rows = await database.look(searched, library_id, query, 100)
    known = await database.look(store.passages_by_id, library_id, [found for found, _ in rows])
    return {known[found].text: score for found, score in rows}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def fresh_server() -> AsyncIterator[Database]:
    """The database at TEST_DATABASE_URL, emptied first and migrated."""
    database = Database(TEST_DATABASE_URL)
    try:
        async with database.write() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        await database.migrate()
        yield database
    finally:
        await database.close()


def differences(connection: Connection) -> list[object]:
    """Where the database's tables differ from the ones the program declares."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def older_version(connection: Connection, by_fts: bool) -> None:
    """Two libraries as version 0005 left them: with FTS5 in SQLite, with rows of postings elsewhere."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0005")
    for library_id, sources in ((1, TEXTS[:3]), (2, TEXTS[3:4])):
        values = {"library": library_id}
        connection.execute(
            text("INSERT INTO libraries VALUES (:library, :library, 'c', 'none', 0, 0, NULL, 1)"), values
        )
        lexicon = f"lexicon_{library_id}"
        if by_fts:
            connection.execute(text(f"CREATE VIRTUAL TABLE {lexicon} USING fts5(terms)"))
            connection.execute(text(f"CREATE VIRTUAL TABLE {lexicon}_terms USING fts5vocab({lexicon}, 'row')"))
        for source in sources:
            number = TEXTS.index(source) + 1
            values = {"library": library_id, "id": number, "text": source, "size": len(source)}
            connection.execute(
                text(
                    "INSERT INTO articles (id, library_id, identity, content_hash, title, text, added_at, searchable) "
                    "VALUES (:id, :library, :id, '', '', :text, '2024-05-17', 1)"
                ),
                values,
            )
            connection.execute(
                text("INSERT INTO passages VALUES (:id, :library, :id, 0, 0, :size, :text, 'k', 1, 9)"), values
            )
            if by_fts:
                stems = {"id": number, "terms": " ".join(terms(source))}
                connection.execute(text(f"INSERT INTO {lexicon} (rowid, terms) VALUES (:id, :terms)"), stems)


class TestMigrations:
    async def test_they_make_exactly_the_declared_tables(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database, database.read() as connection:
            assert await connection.run_sync(differences) == []

    async def test_running_them_again_changes_nothing(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        async with opened(url) as database:
            await database.remember("colour", "blue")
        async with opened(url) as database:
            assert await database.fact("colour") == "blue"

    @pytest.mark.parametrize("by_fts", [True, False], ids=["sqlite", "other databases"])
    async def test_words_of_an_older_version_are_found_afterwards(self, tmp_path: Path, by_fts: bool) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        with create_engine(url).begin() as connection:
            older_version(connection, by_fts)
        async with opened(url) as database:
            assert await ranked(database, 1, "harbour tunnel of Corvo") == [TEXTS[2], TEXTS[0], TEXTS[1]]
            assert await ranked(database, 2, "harbour tunnel") == [TEXTS[3]]
            async with database.write() as connection:
                assert await indexed_passages(connection, 1) == [1, 2, 3]
                await LexicalIndex().remove(connection, 1, [3])
                await store_text(connection, 1, 4, TEXTS[4])
                tables = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'lexicon%'"
                assert (await connection.execute(text(tables))).scalar() == 0
            assert await ranked(database, 1, "harbour tunnel of Elvas") == [TEXTS[4], TEXTS[0], TEXTS[1]]

    @pytest.mark.parametrize(
        "url",
        ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////no/such/folder/a.db", "postgresql://u:p@no.invalid/x"],
    )
    async def test_a_database_that_cannot_be_opened_is_explained(self, url: str) -> None:
        database = Database(url)
        with pytest.raises(FootnoteError, match="DATABASE_URL"):
            await database.migrate()
        await database.close()

    @pytest.mark.parametrize("url", ["", "nonsense", "nosuchsql://host/db", "postgresql://host:port/db"])
    async def test_a_url_that_is_none_is_explained(self, url: str) -> None:
        with pytest.raises(FootnoteError, match="DATABASE_URL"):
            Database(url)


class TestTransactions:
    async def test_facts_are_remembered_and_replaced(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        async with opened(url) as database:
            assert await database.fact("colour") is None
            await database.remember("colour", "blue")
            await database.remember("colour", "green")
            await database.remember("size", "9" * 10_000)
        async with opened(url) as database:
            assert await database.fact("colour") == "green"
            assert await database.fact("size") == "9" * 10_000

    async def test_a_write_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            with pytest.raises(ZeroDivisionError):
                await self.create_and_fail(database)
            async with database.read() as connection:
                assert await store.library_keys(connection) == []

    async def create_and_fail(self, database: Database) -> None:
        async with database.write() as connection:
            await store.create_library(connection, "a", "a", "none")
            raise ZeroDivisionError

    async def test_an_error_for_the_log_does_not_say_what_was_to_be_written(self, tmp_path: Path) -> None:
        secret = insert(facts).values(name="a secret", value="rhubarb")
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database, database.write() as connection:
            await connection.execute(secret)
            with pytest.raises(IntegrityError) as caught:
                await connection.execute(secret)
        assert "secret" not in str(caught.value)

    async def test_many_at_once_wait_for_their_turn(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            await asyncio.gather(*(database.remember(f"fact {n}", str(n)) for n in range(40)))
            assert await asyncio.gather(*(database.fact(f"fact {n}") for n in range(40))) == [str(n) for n in range(40)]

    async def test_two_programs_may_write_to_one_file(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"

        async def look_then_write(database: Database, number: int) -> None:
            async with database.write() as connection:
                assert len(await store.library_keys(connection)) < 40
                await asyncio.sleep(0)
                await store.create_library(connection, str(number), "a", "none")

        async with opened(url) as one, opened(url) as other:
            await asyncio.gather(*(look_then_write((one, other)[n % 2], n) for n in range(40)))
            async with one.read() as connection:
                assert len(await store.library_keys(connection)) == 40

    async def test_a_passage_is_given_to_its_own_library_only(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            mine = await fill(database, TEXTS[:1], "mine")
            theirs = await fill(database, TEXTS[1:2], "theirs")
            for library_id, source in ((mine, TEXTS[0]), (theirs, TEXTS[1])):
                by_id = await database.look(store.passages_by_id, library_id, [1, 2])
                by_key = await database.look(store.passages_by_key, library_id, ["k0"])
                assert {p.text for p in (*by_id.values(), *by_key.values())} == {source}

    async def test_deleting_an_article_deletes_its_passages_and_words(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            await fill(database, TEXTS[:2])
            async with database.write() as connection:
                await connection.execute(delete(articles))
            async with database.read() as connection:
                for table in (passages, passage_terms):
                    assert (await connection.execute(select(func.count()).select_from(table))).scalar() == 0


def by_the_book(query: str) -> dict[str, float]:
    """BM25 of every text that scores at all, as Robertson & Zaragoza write it down (k1 = 1.2, b = 0.75)."""
    split = [terms(source) for source in TEXTS]
    average = sum(map(len, split)) / len(split)
    scores: dict[str, float] = {}
    for source, words in zip(TEXTS, split, strict=True):
        for term in set(query_terms(query)) & set(words):
            held = sum(term in other for other in split)
            weight = max(math.log((len(split) - held + 0.5) / (held + 0.5)), 1e-6)
            often = words.count(term)
            share = weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(words) / average))
            scores[source] = scores.get(source, 0.0) + share
    return scores


class TestWords:
    async def test_scores_are_those_of_the_book(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            await fill(database, TEXTS[:5], "another")
            library_id = await fill(database)
            for query in QUERIES:
                assert await scored(database, library_id, query) == pytest.approx(by_the_book(query)), query

    async def test_a_score_can_be_told_from_the_terms_of_a_passage(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            for query in QUERIES:
                wanted, found = await database.look(searched, library_id, query, 100)
                words = await database.look(LexicalIndex().terms, [one for one, _ in found])
                assert {one: wanted.score(words[one]) for one in words} == pytest.approx(dict(found)), query

    async def test_the_clauses_of_a_query_score_passages_that_add_up_to_the_whole(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            for query in QUERIES:
                wanted = query_terms(query)
                held = Postings.of(wanted, await database.look(LexicalIndex().postings, library_id, wanted))
                whole = held.best(held.bm25(), 100)
                ids = [one for one, _ in whole]
                # The last one has come since.
                parts = [held.scores(held.bm25(), some, [*ids, 10**9]) for some in (wanted[:2], wanted[2:])]
                added = {one: score + dict(parts[1])[one] for one, score in parts[0]}
                assert added == pytest.approx(dict(whole)), query

    async def test_the_terms_of_a_passage_are_kept_in_order(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        library = await (await open_libraries()).open(LOCAL)
        draft = article(
            "Größe der Häfen", "The harbour’s tunnel cost 5.5 million, i.e. 1,000 snake_cases. 人工智能", source="Zeit"
        )
        (added,) = [added async for added in library.add([draft])]
        assert added.article_id is not None
        (passage,) = await library.passages(added.article_id)
        stored = await library.retriever.database.look(LexicalIndex().terms, [passage.id])
        assert stored == {passage.id: [*terms(passage.head), *terms(passage.text)]}
        assert stored[passage.id][:2] == ["große", "der"]

    async def test_the_passage_that_was_asked_for_comes_first(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            for query, number in (("Who opened a harbour tunnel in 2014?", 4), ("mayor of Hamar resigned", 17)):
                assert (await ranked(database, library_id, query))[0] == TEXTS[number]

    async def test_a_term_is_counted_once_a_passage(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            split = [set(terms(source)) for source in TEXTS]
            wanted = [*sorted(set.union(*split)), "nowhere"]
            async with database.read() as connection:
                counted = await LexicalIndex().frequencies(connection, library_id, wanted)
            assert counted == {term: sum(term in words for words in split) for term in wanted[:-1]}

    async def test_passages_far_apart_are_ranked_together(self, tmp_path: Path) -> None:
        """Two libraries take turns, so that the passages of one lie in several blocks, between those of the other."""
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            mine, theirs = await fill(database, TEXTS[:1], "mine"), await fill(database, TEXTS[:1], "theirs")
            ids = {}
            async with database.write() as connection:
                for number, source in enumerate(TEXTS[1:6], start=1):
                    # As if ever more of another server's passages had come in between.
                    await connection.execute(text("UPDATE sqlite_sequence SET seq = seq + :gap"), {"gap": BLOCK // 2})
                    ids[source] = await store_text(connection, mine, number, source)
            chosen = [TEXTS[0], *ids]
            assert sorted(await ranked(database, mine, "harbour tunnel", 9)) == sorted(chosen)
            assert (await ranked(database, mine, "tunnel of Elvas"))[0] == TEXTS[4]
            assert await ranked(database, theirs, "harbour tunnel", 9) == [TEXTS[0]]
            async with database.write() as connection:
                await LexicalIndex().remove(connection, mine, [ids[TEXTS[2]], ids[TEXTS[4]]])
                left = await indexed_passages(connection, mine)
            assert left == [1, ids[TEXTS[1]], ids[TEXTS[3]], ids[TEXTS[5]]]
            assert sorted(await ranked(database, mine, "harbour tunnel", 9)) == sorted(
                [TEXTS[0], TEXTS[1], TEXTS[3], TEXTS[5]]
            )

    async def test_some_passages_can_be_searched_alone(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            _, every = await database.look(searched, library_id, "harbour tunnel", 50)
            _, only = await database.look(searched, library_id, "harbour tunnel", 50, [3, 12, 99, 10 * BLOCK])
            assert only == [(3, dict(every)[3])]

    async def test_the_language_of_queries_has_no_meaning_in_a_question(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            for query in (
                "AND",
                '"',
                "*",
                "NEAR(",
                "NEAR(a b, 5)",
                "a OR",
                "-x",
                "^",
                "terms:",
                "'; DROP TABLE",
                "%_",
                "",
            ):
                await ranked(database, library_id, query)
            chess = await ranked(database, library_id, "chess")
            for query in (
                '"chess"',
                "chess*",
                "chess AND",
                "NOT chess",
                "terms : chess",
                '"chess',
                "(chess",
                "{chess} + ^",
            ):
                assert set(chess) <= set(await ranked(database, library_id, query, 20)), query

    async def test_removed_passages_are_found_no_more(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database)
            async with database.write() as connection:
                _, rows = await connection.run_sync(searched, library_id, "harbour tunnel", 50)
                assert len(rows) == len(TOWNS)
                await LexicalIndex().remove(connection, library_id, [found for found, _ in rows])
                assert (await connection.run_sync(searched, library_id, "harbour tunnel", 50))[1] == []
                assert await LexicalIndex().frequencies(connection, library_id, ["harbour"]) == {}

    async def test_words_of_any_length_and_script_are_indexed(self, tmp_path: Path) -> None:
        same_beginning = "x" * 250
        source = f"{same_beginning}a {same_beginning}b 人工智能公司 Größe Ελλάδα мэр"
        async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
            library_id = await fill(database, [source])
            for query in (f"{same_beginning}a", "人工智能", "GRÖSSE größe", "ελλάδα", "Мэр"):
                assert await ranked(database, library_id, query) == [source], query


@pytest.mark.parametrize("asked", ["migrate", "fact", "remember", "look"])
async def test_a_server_that_is_away_is_an_error_that_passes(unused_tcp_port: int, asked: str) -> None:
    database = Database(f"postgresql://footnote@127.0.0.1:{unused_tcp_port}/footnote")
    calls = {
        "migrate": database.migrate,
        "fact": lambda: database.fact("colour"),
        "remember": lambda: database.remember("colour", "blue"),
        "look": lambda: database.look(store.passages_by_id, 1, [1]),
    }
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL cannot be reached"):
        await calls[asked]()
    await database.close()


@needs_server
class TestPostgreSQL:
    async def test_a_connection_that_the_server_ends_is_an_error_that_passes(self) -> None:
        async with fresh_server() as database:
            for end in (database.read, database.write):
                with pytest.raises(DatabaseUnavailable, match="DATABASE_URL"):
                    async with end() as connection:
                        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
                assert await database.fact("colour") is None

    async def test_the_migrations_make_exactly_the_declared_tables(self) -> None:
        async with fresh_server() as database, database.read() as connection:
            assert await connection.run_sync(differences) == []

    async def test_it_scores_like_sqlite(self, tmp_path: Path) -> None:
        async with fresh_server() as server, opened(f"sqlite:///{tmp_path / 'a.db'}") as local:
            first, second = await fill(local), await fill(server)
            for query in (*QUERIES, "AND", '"', "*", "NEAR(", "%", ""):
                assert await scored(server, second, query) == pytest.approx(await scored(local, first, query)), query
            async with server.write() as connection:
                await LexicalIndex().remove(connection, second, (await indexed_passages(connection, second))[::2])
                assert len(await indexed_passages(connection, second)) == len(TEXTS) // 2

    async def test_facts_are_remembered(self) -> None:
        async with fresh_server() as database:
            await database.remember("colour", "blue")
            await database.remember("colour", "green")
            assert await database.fact("colour") == "green"

    async def test_a_library_lives_there(
        self, open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
    ) -> None:
        async with fresh_server():
            libraries = await open_libraries(url=TEST_DATABASE_URL)
            library = await libraries.open(LOCAL)
            drafts = [
                article("Harbour", "Divers found a wreck called the Quillback.", published_at="2024-05-17"),
                article("Bakery", "The bakery closes. " * 300 + "漢" * 5_000),
                article("Strange", "🙂 \x01 \ufffd “quoted” \\ % _ ' -- works.", source="x" * 5_000),
            ]
            assert [added.status async for added in library.add(drafts)] == ["added"] * 3
            assert [added.status async for added in library.add(drafts)] == ["unchanged"] * 3
            found: list[FoundPassage] = [
                document.metadata["found"]
                for document in await LangChainRetriever(hybrid=library.retriever).ainvoke("What is the Quillback?")
            ]
            assert found[0].passage.title == "Harbour"
            assert found[0].bm25 is not None
            update = article("Harbour", "The wreck was called the Barnacle.", published_at="2024-05-18")
            assert [added.status async for added in library.add([update])] == ["updated"]
            assert await library.frequencies(["quillback", "barnacl"]) == (
                {"barnacl": 1},
                (await library.frequencies([]))[1],
            )
            assert next(record.title for record in await library.articles()) == "Harbour"
            for record in await library.articles():
                assert await library.remove(record.id)
            assert await library.frequencies(["bakeri", "barnacl"]) == ({}, 0)
            async with libraries.database.read() as connection:
                row = await store.find_library(connection, LOCAL)
            assert row is not None
            assert await libraries.vectors.count(row.collection) == 0

    @pytest.mark.parametrize("part", ["password", "database"])
    async def test_a_server_that_refuses_is_explained(self, part: str) -> None:
        base, _, name = TEST_DATABASE_URL.rpartition("/")
        wrong = (
            f"{base}/no_such_{name}"
            if part == "database"
            else f"postgresql://no_such_role@{base.rpartition('@')[2]}/{name}"
        )
        database = Database(wrong)
        with pytest.raises(FootnoteError, match="DATABASE_URL"):
            await database.migrate()
        await database.close()
