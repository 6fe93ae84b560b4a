"""The export of a library as a file in Discord."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.cogs import articles as cog
from retrieval.articles import ArticleDraft
from retrieval.errors import FootnoteError
from retrieval.library import Library
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_stops_where_it_becomes_larger_than_discord_takes(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await (await open_libraries()).open("1")
    drafts = [article(f"Town {n}", f"Town {n} has a harbour. Ærlig talt. " * 20) for n in range(6)]
    assert [added.status async for added in library.add(drafts)] == ["added"] * 6
    rows = await cog.export_rows(library)
    assert [json.loads(row)["text"] for row in rows] == [draft.text for draft in drafts]

    read: list[int] = []
    text = Library.text

    async def counted(self: Library, article_id: int) -> str | None:
        read.append(article_id)
        return await text(self, article_id)

    monkeypatch.setattr(Library, "text", counted)
    monkeypatch.setattr(cog, "LARGEST_EXPORT", sum(map(len, rows[:2])))
    with pytest.raises(FootnoteError, match="footnote articles export --library 1"):
        await cog.export_rows(library)
    assert len(read) == 3
