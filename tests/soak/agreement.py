"""Do the three places that know an article agree: the rows, the words, the vectors?"""

from __future__ import annotations

from retrieval.index import store
from retrieval.library import Libraries, Library
from tests.words import indexed_passages


async def assert_agreement(libraries: Libraries, library: Library) -> None:
    """Every passage has its words and its vectors, nothing else has any, and every article is whole."""
    async with libraries.database.read() as connection:
        assert await store.unfinished_articles(connection, library.id) == []
        counts = await store.vector_counts(connection, library.id)
        passages = await store.all_passages(connection, library.id, 0, 1_000_000)
        words = await indexed_passages(connection, library.id)
    assert words == sorted(passage.id for passage in passages)
    expected = sorted(f"{key}.{n}" for key, count in counts.items() for n in range(count))
    assert sorted(await libraries.vectors.ids(library.retriever.library.collection)) == expected
    records = await library.articles()
    assert len({record.identity for record in records}) == len(records)
    for record in records:
        whole = await library.text(record.id) or ""
        own = [passage for passage in passages if passage.article_id == record.id]
        assert len(own) == record.passages > 0
        assert all(whole[passage.start : passage.end] == passage.text for passage in own)
