"""What the lexical index holds, read from its arrays."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.index.lexical import LONGEST_TERM, LexicalIndex
from retrieval.index.postings import BLOCK, LENGTHS, RECORD
from retrieval.index.tables import postings


async def indexed_passages(connection: AsyncConnection, library_id: int) -> list[int]:
    """The ids of the passages that have words; their arrays must hold the very words that are kept beside them."""
    rows = await connection.execute(
        select(postings.c.term, postings.c.block, postings.c.data).where(postings.c.library_id == library_id)
    )
    lengths: dict[int, int] = {}
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for term, block, data in rows:
        records = np.frombuffer(bytes(data), dtype=RECORD).tolist()
        assert records, "an empty array stays"
        for place, count in records:
            if term == LENGTHS:
                lengths[block * BLOCK + place] = count
            else:
                counts[block * BLOCK + place][term] += count
    kept = await connection.run_sync(LexicalIndex().terms, list(lengths))
    assert lengths == {one: len(words) for one, words in kept.items()}
    assert counts == {one: Counter(word[:LONGEST_TERM] for word in words) for one, words in kept.items() if words}
    return sorted(lengths)
