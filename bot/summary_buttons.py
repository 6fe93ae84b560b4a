"""The buttons of summaries: longer, shorter, deliver after all, stop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.failures import told
from bot.summary_request import ID, SummaryRequest, custom_id, of_match

if TYPE_CHECKING:
    from bot.client import FootnoteBot
    from bot.cogs.summaries import Summaries

Button = discord.ui.Button[Any]
# Discord's limit for the address of a link button.
LONGEST_LINK = 512


class SummaryButton(discord.ui.DynamicItem[Button], template=ID):
    """Sends the summary it names to whoever presses it."""

    def __init__(self, request: SummaryRequest, guild_id: int, label: str) -> None:
        super().__init__(Button(label=label, custom_id=custom_id(request, guild_id)))
        self._request = request
        self._guild_id = guild_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> SummaryButton:
        """The button of an earlier message."""
        label = item.label if isinstance(item, discord.ui.Button) and item.label else "Summarize"
        return cls(*of_match(match), label)

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """As `/summarize` does."""
        await _cog(interaction).summarize(interaction, self._request, self._guild_id)


class DeliverButton(discord.ui.DynamicItem[Button], template=r"deliver:(?P<number>\d{1,18})"):
    """Sends what could not be sent while DMs were closed."""

    def __init__(self, number: int) -> None:
        super().__init__(Button(label="Send it now", style=discord.ButtonStyle.primary, custom_id=f"deliver:{number}"))
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> DeliverButton:
        """The button of an earlier message."""
        return cls(int(match["number"]))

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Try again."""
        await interaction.response.defer()
        await _cog(interaction).deliver(interaction, self._number)


class HaltButton(discord.ui.DynamicItem[Button], template=r"halt:(?P<token>[0-9a-f]{16})"):
    """Stops a summary that is being made."""

    def __init__(self, token: str) -> None:
        super().__init__(Button(label="Stop", custom_id=f"halt:{token}"))
        self._token = token

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> HaltButton:
        """The button of an earlier message."""
        return cls(match["token"])

    @told
    async def callback(self, interaction: discord.Interaction) -> None:
        """Stop it; who makes it says so."""
        await interaction.response.defer()
        if not _cog(interaction).halt(self._token, interaction.user.id):
            await interaction.followup.send("That summary is not being made any more.", ephemeral=True)


def halt_view(token: str) -> discord.ui.View:
    """What can be done while a summary is made."""
    view = discord.ui.View(timeout=None)
    view.add_item(HaltButton(token))
    return view


def deliver_view(number: int) -> discord.ui.View:
    """What can be done when DMs are open again."""
    view = discord.ui.View(timeout=None)
    view.add_item(DeliverButton(number))
    return view


def link_button(link: str | None) -> Button | None:
    """A button that opens an article, where it has an address Discord takes."""
    if link and re.fullmatch(r"https?://\S+", link) and len(link) <= LONGEST_LINK:
        return Button(label="Open article", url=link)
    return None


def _cog(interaction: discord.Interaction) -> Summaries:
    return cast("Summaries", cast("FootnoteBot", interaction.client).get_cog("Summaries"))
