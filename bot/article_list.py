"""`/articles list`: one page of a library, and the buttons that turn it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast, get_args

import discord

from bot.cards import line
from bot.counting import count
from bot.failures import told
from bot.render import escape
from retrieval.articles import ArticleRecord
from retrieval.listing import Sort, listed

if TYPE_CHECKING:
    from bot.client import FootnoteBot
    from bot.cogs.servers import Servers

PAGE = 10
LONGEST_PAGE = 1_900
# A custom id holds a hundred characters.
LONGEST_SEARCH = 60
EMPTY = "The library is empty; `/ingest` adds articles."
NOTHING_FOUND = "No article has “{}” in its title, source or author; a question searches the texts."


def page_of(
    records: Sequence[ArticleRecord], number: int, sort: Sort, search: str
) -> tuple[str, discord.ui.View | None]:
    """A page as text, and the buttons to the pages beside it if there are any."""
    search = search[:LONGEST_SEARCH]
    found = listed(records, sort, search)
    if not found:
        return (NOTHING_FOUND.format(escape(search)) if records else EMPTY), None
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(number, 1), pages)
    lines = [line(record) for record in found[(number - 1) * PAGE : number * PAGE]]
    while sum(map(len, lines)) + len(lines) > LONGEST_PAGE:
        # Very long titles and addresses: the dates and titles matter more than the last lines' links.
        longest = max(range(len(lines)), key=lambda index: len(lines[index]))
        lines[longest] = re.sub(r"\[(.*)\]\(<.*>\)", r"\1", lines[longest])[:180]
    lines.append(f"-# {count(len(found), 'article')}, page {number} of {pages}")
    if pages == 1:
        return "\n".join(lines), None
    view = discord.ui.View(timeout=None)
    for label, target in (("Back", number - 1), ("Next", number + 1)):
        view.add_item(PageButton(target, sort, search, label, 1 <= target <= pages))
    return "\n".join(lines), view


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"page:(?P<page>\d{1,6}):(?P<sort>[a-z]+):(?P<search>.*)"
):
    """Turns the list to the page it names."""

    def __init__(self, page: int, sort: Sort, search: str, label: str = "Next", enabled: bool = True) -> None:
        super().__init__(discord.ui.Button(label=label, disabled=not enabled, custom_id=f"page:{page}:{sort}:{search}"))
        self._page = page
        self._sort: Sort = sort
        self._search = search

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> PageButton:
        """The button of an earlier message."""
        sort = match["sort"] if match["sort"] in get_args(Sort) else "newest"
        return cls(int(match["page"]), cast("Sort", sort), match["search"])

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page in the same message."""
        await interaction.response.defer()
        servers = cast("Servers", cast("FootnoteBot", interaction.client).get_cog("Servers"))
        library = await servers.library_of(interaction)
        text, view = page_of(await library.articles(), self._page, self._sort, self._search)
        await interaction.edit_original_response(content=text, view=view)
