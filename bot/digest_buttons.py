"""The button in every digest that stops it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.failures import told

if TYPE_CHECKING:
    from bot.client import FootnoteBot
    from bot.cogs.digests import DigestsCog

Button = discord.ui.Button[Any]


class StopDigestButton(discord.ui.DynamicItem[Button], template=r"digest:(?P<digest>\d{1,18})"):
    """Stops the digest it names."""

    def __init__(self, digest_id: int) -> None:
        super().__init__(Button(label="Stop", custom_id=f"digest:{digest_id}"))
        self._digest_id = digest_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> StopDigestButton:
        """The button of an earlier message."""
        return cls(int(match["digest"]))

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Stop it, if it is the person's own."""
        cog = cast("DigestsCog", cast("FootnoteBot", interaction.client).get_cog("Digests"))
        await cog.stop(interaction, self._digest_id)


def stop_digest_view(digest_id: int) -> discord.ui.View:
    """The button under a digest."""
    view = discord.ui.View(timeout=None)
    view.add_item(StopDigestButton(digest_id))
    return view
