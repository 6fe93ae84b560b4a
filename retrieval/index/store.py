"""Reading and writing articles and passages as rows. Every function runs in its caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.articles import ArticleDraft, ArticleRecord, Passage, Span
from retrieval.errors import LibraryRemoved
from retrieval.index.tables import articles, libraries, passages, summaries
from retrieval.index.times import Time

# Newest first, undated last.
NEWEST = (articles.c.published_at.is_(None), articles.c.published_at.desc(), articles.c.id)
# SQLite takes at most 32,766 parameters a statement, PostgreSQL's protocol 32,767.
MOST_PARAMETERS = 5_000


@dataclass(slots=True)
class LibraryRow:
    """A library's own row. Everybody who works on an open library shares it: `collection` may change."""

    id: int
    key: str
    collection: str
    embedding_model: str
    unsettled: bool
    started: bool
    left_at: str | None = None
    summarize_any: bool = True


@dataclass(frozen=True, slots=True)
class Version:
    """The searchable article of an identity, as far as the next version of it must know."""

    id: int
    content_hash: str
    added_at: str
    added_by: str | None
    characters: int


def now() -> str:
    """The moment as rows keep it: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage before it has a row: where it is, what names its vectors, and what both indexes hold of it."""

    span: Span
    key: str
    windows: tuple[str, ...]
    terms: tuple[str, ...]


async def find_library(connection: AsyncConnection, key: str) -> LibraryRow | None:
    """The library of that key, or None."""
    row = (await connection.execute(select(libraries).where(libraries.c.key == key))).one_or_none()
    return LibraryRow(**row._mapping) if row else None


async def require_library(connection: AsyncConnection, library_id: int) -> None:
    """Raises LibraryRemoved when the library is gone: no row could belong to it any more."""
    if (await connection.execute(select(libraries.c.id).where(libraries.c.id == library_id))).first() is None:
        raise LibraryRemoved(
            "This library was removed just now, since I had left its server long ago. Please add it again: a new, "
            "empty library begins."
        )


async def holds_article(connection: AsyncConnection, article_id: int) -> bool:
    """Is the article, in this version of it, still there?"""
    return (await connection.execute(select(articles.c.id).where(articles.c.id == article_id))).first() is not None


async def library_keys(connection: AsyncConnection) -> list[str]:
    """The keys of all libraries."""
    return list((await connection.execute(select(libraries.c.key).order_by(libraries.c.id))).scalars())


async def create_library(connection: AsyncConnection, key: str, collection: str, embedding_model: str) -> int:
    """A new, empty library; gives its id."""
    # SQLite would give the next one a removed library's number, and whoever still holds that one would read this.
    number = 1 + secrets.randbelow(2**31 - 1)
    values = {"id": number, "key": key, "collection": collection, "embedding_model": embedding_model}
    await connection.execute(insert(libraries).values(values))
    return number


async def libraries_left(connection: AsyncConnection, moment: str) -> list[str]:
    """The keys of libraries whose server was left before a moment."""
    return list((await connection.execute(select(libraries.c.key).where(libraries.c.left_at < moment))).scalars())


async def delete_library(connection: AsyncConnection, library_id: int, left_before: str) -> bool:
    """A library's row, and with it all rows that belong to it; False when its server was not left by then."""
    gone = (libraries.c.id == library_id, libraries.c.left_at < left_before)
    return bool((await connection.execute(delete(libraries).where(*gone))).rowcount)


async def update_library(connection: AsyncConnection, library_id: int, **values: Any) -> None:
    """Set columns of a library's row."""
    await connection.execute(update(libraries).where(libraries.c.id == library_id).values(**values))


async def current_version(connection: AsyncConnection, library_id: int, draft: ArticleDraft) -> Version | None:
    """The searchable article of the draft's identity, else one of exactly its content under another name."""
    columns = [articles.c[name] for name in Version.__slots__]
    for same in (articles.c.identity == draft.identity, articles.c.content_hash == draft.content_hash):
        here = (articles.c.library_id == library_id, same, articles.c.searchable)
        row = (await connection.execute(select(*columns).where(*here).limit(1))).first()
        if row is not None:
            return Version(**row._mapping)
    return None


async def mark_checked(connection: AsyncConnection, article_id: int, draft: ArticleDraft | None = None) -> None:
    """The article was compared with its source just now, and is as it was; the draft brings newer validators."""
    values: dict[str, str | None] = {"checked_at": now()}
    if draft is not None and (draft.etag or draft.last_modified):
        values |= {"etag": draft.etag, "last_modified": draft.last_modified}
    await connection.execute(update(articles).where(articles.c.id == article_id).values(values))


async def library_size(connection: AsyncConnection, library_id: int) -> tuple[int, int]:
    """How many articles the library has, and how many characters of text."""
    chosen = select(func.count(), func.coalesce(func.sum(articles.c.characters), 0))
    row = (await connection.execute(chosen.where(articles.c.library_id == library_id))).one()
    return int(row[0]), int(row[1])


async def insert_article(
    connection: AsyncConnection,
    library_id: int,
    draft: ArticleDraft,
    prepared: Sequence[PreparedPassage],
    before: Version | None = None,
    added_by: str | None = None,
    twin_of: int | None = None,
) -> int:
    """An article and its passages, not searchable yet; gives the article's id."""
    # To the microsecond: a digest asks what was added after a moment, and a second holds many articles.
    moment = datetime.now(UTC).isoformat(timespec="microseconds")
    created = await connection.execute(
        insert(articles).values(
            library_id=library_id,
            identity=draft.identity,
            content_hash=draft.content_hash,
            title=draft.title,
            url=draft.url,
            source=draft.source,
            author=draft.author,
            published_at=draft.published_at,
            language=draft.language,
            text=draft.text,
            added_at=before.added_at if before else moment,
            added_by=before.added_by if before else added_by,
            checked_at=moment,
            etag=draft.etag,
            last_modified=draft.last_modified,
            characters=len(draft.text),
            twin_of=twin_of,
        )
    )
    assert created.inserted_primary_key is not None
    article_id = int(created.inserted_primary_key[0])
    rows = [
        {
            "library_id": library_id,
            "article_id": article_id,
            "ordinal": ordinal,
            "start": passage.span.start,
            "end": passage.span.end,
            "text": passage.span.of(draft.text),
            "key": passage.key,
            "vectors": len(passage.windows),
        }
        for ordinal, passage in enumerate(prepared)
    ]
    await connection.execute(insert(passages), rows)
    return article_id


async def delete_articles(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Articles with their passages and summaries; summaries of several articles of their libraries go, too."""
    for chunk in _chunks(ids):
        affected = select(articles.c.library_id).where(articles.c.id.in_(chunk))
        await connection.execute(
            delete(summaries).where(summaries.c.article_id.is_(None), summaries.c.library_id.in_(affected))
        )
        await connection.execute(delete(articles).where(articles.c.id.in_(chunk)))


async def make_searchable(connection: AsyncConnection, article_id: int) -> None:
    """From now on the article is found and listed."""
    await connection.execute(update(articles).where(articles.c.id == article_id).values(searchable=True))


async def unfinished_articles(connection: AsyncConnection, library_id: int) -> list[int]:
    """Ids of articles whose indexing was interrupted."""
    here = (articles.c.library_id == library_id, ~articles.c.searchable)
    return list((await connection.execute(select(articles.c.id).where(*here))).scalars())


async def passage_ids(connection: AsyncConnection, article_id: int) -> list[int]:
    """Ids of an article's passages, in order."""
    chosen = select(passages.c.id).where(passages.c.article_id == article_id).order_by(passages.c.ordinal)
    return list((await connection.execute(chosen)).scalars())


async def vector_counts(connection: AsyncConnection, library_id: int, *article_ids: int) -> dict[str, int]:
    """How many vectors each passage key has, of some articles or the whole library."""
    chosen = select(passages.c.key, passages.c.vectors).where(passages.c.library_id == library_id)
    if article_ids:
        chosen = chosen.where(passages.c.article_id.in_(article_ids))
    return {str(key): int(count) for key, count in await connection.execute(chosen)}


async def count_articles(connection: AsyncConnection, library_id: int) -> int:
    """How many searchable articles the library has."""
    chosen = select(func.count()).where(articles.c.library_id == library_id, articles.c.searchable)
    return int((await connection.execute(chosen)).scalar_one())


async def count_passages(connection: AsyncConnection, library_id: int) -> int:
    """How many passages the library has."""
    chosen = select(func.count()).where(passages.c.library_id == library_id)
    return int((await connection.execute(chosen)).scalar_one())


def list_articles(connection: Connection, library_id: int, article_id: int | None = None) -> list[ArticleRecord]:
    """All searchable articles, newest first, undated last; or only the one of that id."""
    chosen = () if article_id is None else (articles.c.id == article_id,)
    counted = func.count(passages.c.id)
    columns = [articles.c[name] for name in ArticleRecord.__slots__ if name != "passages"]
    rows = connection.execute(
        select(*columns, counted.label("passages"))
        .join(passages, passages.c.article_id == articles.c.id)
        .where(articles.c.library_id == library_id, articles.c.searchable, *chosen)
        .group_by(*columns)
        .order_by(*NEWEST)
    )
    return [ArticleRecord(**row._mapping) for row in rows]


def titles(connection: Connection, library_id: int, search: str, limit: int) -> list[tuple[int, str]]:
    """Ids and titles of searchable articles with the search in title, source or author, newest first."""
    searched = (articles.c.title, articles.c.source, articles.c.author)
    fits = [func.lower(column).contains(search.lower(), autoescape=True) for column in searched] if search else []
    chosen = select(articles.c.id, articles.c.title).where(
        articles.c.library_id == library_id, or_(*fits) if fits else true()
    )
    rows = connection.execute(chosen.where(articles.c.searchable).order_by(*NEWEST).limit(limit))
    return [(int(number), str(title)) for number, title in rows]


def articles_titled(connection: Connection, library_id: int, wanted: Sequence[str]) -> list[int]:
    """Ids of searchable articles with one of these titles, in the order of the titles.

    A title that ends in "…" was cut there.
    """
    found: dict[int, None] = {}
    for title in wanted:
        cut = title.removesuffix("…")
        fits = articles.c.title == title if cut == title else articles.c.title.startswith(cut, autoescape=True)
        chosen = select(articles.c.id).where(articles.c.library_id == library_id, articles.c.searchable, fits)
        found.update(dict.fromkeys(connection.execute(chosen.order_by(articles.c.id)).scalars()))
    return list(found)


def articles_of(
    connection: Connection, library_id: int, times: Sequence[Time], sources: Sequence[str], oldest: bool, limit: int
) -> list[int]:
    """Ids of searchable articles of any of these times and by any of these sources, newest or oldest first.

    No times are any time, undated ones last, and no sources any source.
    """
    here = [articles.c.library_id == library_id, articles.c.searchable]
    if times:
        here.append(or_(*map(_published_in, times)))
    if sources:
        here.append(articles.c.source.in_(sources))
    undated, newest, number = NEWEST
    order = (undated, articles.c.published_at, number) if oldest else (undated, newest, number)
    return list(connection.execute(select(articles.c.id).where(*here).order_by(*order).limit(limit)).scalars())


def _published_in(time: Time) -> ColumnElement[bool]:
    if time.any_year:
        return func.substr(articles.c.published_at, 6, 5).between(f"{time.first:%m-%d}", f"{time.last:%m-%d}")
    return func.substr(articles.c.published_at, 1, 10).between(time.first.isoformat(), time.last.isoformat())


def sources(connection: Connection, library_id: int) -> list[str]:
    """The sources of the library's searchable articles, each once."""
    return _each(connection, library_id, articles.c.source)


def authors(connection: Connection, library_id: int) -> list[str]:
    """The authors of the library's searchable articles, each once."""
    return _each(connection, library_id, articles.c.author)


def _each(connection: Connection, library_id: int, column: ColumnElement[Any]) -> list[str]:
    chosen = select(column).where(articles.c.library_id == library_id, articles.c.searchable, column.is_not(None))
    return [str(value) for value in connection.execute(chosen.distinct()).scalars()]


async def article_text(connection: AsyncConnection, library_id: int, article_id: int) -> str | None:
    """The text that offsets count, or None where this library has no such article."""
    here = (articles.c.library_id == library_id, articles.c.id == article_id, articles.c.searchable)
    return (await connection.execute(select(articles.c.text).where(*here))).scalar()


def passages_by_id(connection: Connection, library_id: int, ids: Sequence[int]) -> dict[int, Passage]:
    """Searchable passages of this library by id; others are left out."""
    chosen = (_passages(library_id, passages.c.id.in_(chunk)) for chunk in _chunks(ids))
    return {int(row[0]): Passage(*row) for some in chosen for row in connection.execute(some)}


def passages_of(connection: Connection, article_ids: Sequence[int]) -> list[int]:
    """Ids of the passages of some articles."""
    chosen = (select(passages.c.id).where(passages.c.article_id.in_(chunk)) for chunk in _chunks(article_ids))
    return [one for some in chosen for one in connection.execute(some).scalars()]


def passages_by_key(connection: Connection, library_id: int, keys: Sequence[str]) -> dict[str, Passage]:
    """Searchable passages of this library by key; others are left out."""
    here = passages.c.library_id == library_id
    chosen = (_passages(library_id, and_(here, passages.c.key.in_(chunk))) for chunk in _chunks(keys))
    return {str(row[1]): Passage(*row) for some in chosen for row in connection.execute(some)}


async def article_passages(connection: AsyncConnection, library_id: int, article_id: int) -> list[Passage]:
    """An article's passages, in order; empty where this library has no such article."""
    found = await _select(connection, _passages(library_id, passages.c.article_id == article_id))
    return sorted(found, key=lambda passage: passage.ordinal)


def first_passages(connection: Connection, library_id: int, article_ids: Sequence[int]) -> dict[int, Passage]:
    """The first passage of each of these articles, by the article's id; of others there is none."""
    # Ids of the article's own row, which SQLite looks up; with the passage's it would walk the library.
    chosen = (
        _passages(library_id, and_(articles.c.id.in_(chunk), passages.c.ordinal == 0)) for chunk in _chunks(article_ids)
    )
    found = (Passage(*row) for some in chosen for row in connection.execute(some))
    return {passage.article_id: passage for passage in found}


async def content_hash(connection: AsyncConnection, library_id: int, article_id: int) -> str | None:
    """The hash of an article's content, or None where this library has no such article."""
    here = (articles.c.library_id == library_id, articles.c.id == article_id, articles.c.searchable)
    return (await connection.execute(select(articles.c.content_hash).where(*here))).scalar()


async def all_passages(connection: AsyncConnection, library_id: int, after: int, limit: int) -> list[Passage]:
    """A page of the library's passages by ascending id."""
    return await _select(connection, _passages(library_id, passages.c.id > after).limit(limit))


async def _select(connection: AsyncConnection, chosen: Select[Any]) -> list[Passage]:
    return [Passage(*row) for row in await connection.execute(chosen)]


def _passages(library_id: int, condition: ColumnElement[bool]) -> Select[Any]:
    """Searchable passages by ascending id, their columns in the order of a Passage's fields."""
    # The library of the article: with that of the passage SQLite would walk the library instead of looking ids up.
    return (
        select(
            *(passages.c[name] for name in ("id", "key", "article_id", "ordinal", "start", "end", "text")),
            *(articles.c[name] for name in ("title", "url", "source", "published_at", "language")),
        )
        .join(articles, articles.c.id == passages.c.article_id)
        .where(articles.c.library_id == library_id, articles.c.searchable, condition)
        .order_by(passages.c.id)
    )


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), MOST_PARAMETERS):
        yield values[start : start + MOST_PARAMETERS]
