"""Articles with nearly the same text, such as one agency report on two sites. Runs in its caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.sketch import alike
from retrieval.index.tables import articles, sketches


@dataclass(frozen=True, slots=True)
class Twin:
    """An article that is there already, and the first of those it repeats."""

    title: str
    root: int


async def find(
    connection: AsyncConnection, library_id: int, sketch: Sequence[int], but: int | None = None
) -> Twin | None:
    """The article with most in common with a text, if that is nearly all; never the one of id `but`."""
    if not sketch:
        return None
    shared = func.count()
    here = (sketches.c.library_id == library_id, sketches.c.hash.in_(sketch))
    row = (
        await connection.execute(
            select(articles.c.id, articles.c.title, articles.c.twin_of, shared.label("shared"))
            .join(articles, articles.c.id == sketches.c.article_id)
            .where(*here, articles.c.id != (but or 0))
            .group_by(articles.c.id, articles.c.title, articles.c.twin_of)
            .order_by(shared.desc(), articles.c.id)
            .limit(1)
        )
    ).first()
    if row is None or not alike(len(sketch), row.shared):
        return None
    return Twin(row.title, row.twin_of or row.id)


async def add(connection: AsyncConnection, library_id: int, article_id: int, sketch: Sequence[int]) -> None:
    """Remember an article's sketch."""
    rows = [{"library_id": library_id, "hash": number, "article_id": article_id} for number in sketch]
    if rows:
        await connection.execute(insert(sketches), rows)
