"""Titles that are proposed while somebody types: what fits, in which order, on either database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from retrieval.articles import ArticleDraft
from retrieval.library import Libraries, Library
from tests.conftest import OpenLibraries
from tests.test_database import TEST_DATABASE_URL, fresh_server, needs_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    params=["sqlite", pytest.param("postgresql", marks=needs_server)], scope="module", loop_scope="module"
)
async def libraries(request: pytest.FixtureRequest, open_libraries: OpenLibraries) -> AsyncIterator[Libraries]:
    if request.param == "sqlite":
        yield await open_libraries()
        return
    async with fresh_server():
        yield await open_libraries(url=TEST_DATABASE_URL)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(libraries: Libraries) -> Library:
    def article(title: str, **facts: str) -> ArticleDraft:
        return ArticleDraft(title, f"The whole text of {title}.", title, **facts)

    drafts = [
        article("Ørsta får ny kai", published_at="2023-01-01"),
        article("Without a date", source="Ørsta Tidende"),
        article("Turnout rose to 100% in Hamar", published_at="2024-05-02", author="Tove Zander"),
        article("Turnout rose to 1000 in Bodø", published_at="2025-05-02"),
    ]
    here = await libraries.open("1")
    assert [added.status async for added in here.add(drafts)] == ["added"] * 4
    elsewhere = await libraries.open("2")
    assert [added.status async for added in elsewhere.add([article("Ørsta elsewhere")])] == ["added"]
    return here


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("", ["Turnout rose to 1000 in Bodø", "Turnout rose to 100% in Hamar", "Ørsta får ny kai"]),
        ("ørsta", ["Ørsta får ny kai", "Without a date"]),
        ("ØRSTA FÅR", ["Ørsta får ny kai"]),
        ("zander", ["Turnout rose to 100% in Hamar"]),
        ("100%", ["Turnout rose to 100% in Hamar"]),
        ("1_0", []),
        ("whole text", []),
    ],
)
async def test_they_contain_what_was_typed_newest_first(library: Library, typed: str, expected: list[str]) -> None:
    found = await library.titles(typed, 3)
    assert [title for _, title in found] == expected
    for number, title in found:
        record = await library.article(number)
        assert record is not None
        assert record.title == title
