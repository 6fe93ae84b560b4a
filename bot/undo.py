"""The button that removes an article again; it works after a restart, since its id carries the article's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord

from bot.failures import command_error, tell_failure
from bot.permissions import require_librarian
from retrieval.errors import FootnoteError

if TYPE_CHECKING:
    from bot.cogs.articles import Articles


class UndoButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"remove:(?P<article>\d{1,18})"):
    """Removes the article it names from the server where it is pressed, if the person may."""

    def __init__(self, article_id: int, label: str = "Undo") -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label, style=discord.ButtonStyle.danger, custom_id=f"remove:{article_id}"
        )
        super().__init__(button)
        self._article_id = article_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> UndoButton:
        """The button of an earlier message, perhaps of an earlier run."""
        label = item.label if isinstance(item, discord.ui.Button) and item.label else "Undo"
        return cls(int(match["article"]), label)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Remove the article and say so in place of the button."""
        try:
            require_librarian(interaction)
            await interaction.response.defer()
            cog: Articles = interaction.client.get_cog("Articles")  # type: ignore[attr-defined]
            library = await cog.library(interaction)
            removed = await library.remove(self._article_id)
        except FootnoteError as error:
            await tell_failure(interaction, command_error(error))
            return
        sentence = "Removed from the library." if removed else "That article is not in this server's library any more."
        await interaction.edit_original_response(content=sentence, view=None)
