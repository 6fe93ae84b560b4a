"""Finished summaries of one library, kept until their articles change or newer ones need the room."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from retrieval.index import store
from retrieval.index.database import Database
from retrieval.index.tables import summaries

# Some kilobytes each.
MOST_KEPT = 200


class SummaryCache:
    """Texts by key. A summary goes when its article does (retrieval/index/store.py), so none outlives its source."""

    def __init__(self, database: Database, library_id: int) -> None:
        self._database = database
        self._library_id = library_id

    async def get(self, key: str) -> str | None:
        """What was kept under that key, or None."""
        chosen = select(summaries.c.value).where(summaries.c.library_id == self._library_id, summaries.c.key == key)
        async with self._database.read() as connection:
            return (await connection.execute(chosen)).scalar()

    async def put(self, key: str, value: str, article_id: int | None) -> bool:
        """Keep a summary in the place of what had its key; the oldest ones make room. `article_id` is the article
        whose removal removes it, None for one of several articles. False when it is gone already.

        Raises LibraryRemoved.
        """
        here = summaries.c.library_id == self._library_id
        row = {"library_id": self._library_id, "article_id": article_id, "key": key, "value": value}
        async with self._database.write() as connection:
            await store.require_library(connection, self._library_id)
            if article_id is not None and not await store.holds_article(connection, article_id):
                return False
            await connection.execute(delete(summaries).where(here, summaries.c.key == key))
            await connection.execute(insert(summaries).values(row))
            newest = select(summaries.c.id).where(here).order_by(summaries.c.id.desc()).limit(MOST_KEPT)
            await connection.execute(delete(summaries).where(here, summaries.c.id.not_in(newest)))
        return True
