"""Who may change a server's library. In code: Discord's permissions do not know whom an admin named here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.failures import Told
from bot.render import escape
from retrieval.index.librarian_rows import Librarians

if TYPE_CHECKING:
    from bot.client import FootnoteBot


class MayNot(Told):
    """The person may not do this; the sentence says whom to ask."""


def may_ingest(named: Librarians, manages: bool, roles: Collection[int], channels: Collection[int]) -> bool:
    """The rule: who manages the server always may.

    Others may where an admin named something: with one of the named roles if any is named, and in one of the named
    channels if any is named.
    """
    if manages:
        return True
    if not named.roles and not named.channels:
        return False
    return (not named.roles or not named.roles.isdisjoint(roles)) and (
        not named.channels or not named.channels.isdisjoint(channels)
    )


async def require_librarian(interaction: discord.Interaction) -> None:
    """Raise MayNot unless the person may change the library of the server they are asking from."""
    if interaction.guild is None:
        raise MayNot("Articles belong to a server; use this command on the server whose library you mean.")
    bot = cast("FootnoteBot", interaction.client)
    await _require(bot, interaction.guild, interaction.user, interaction.channel, interaction.permissions.manage_guild)


async def require_librarian_for(bot: FootnoteBot, message: discord.Message) -> None:
    """The same for somebody who writes a message on a server."""
    if message.guild is None or not isinstance(message.author, discord.Member):
        raise MayNot("Articles belong to a server; send your file on the server whose library you mean.")
    manages = message.author.guild_permissions.manage_guild
    await _require(bot, message.guild, message.author, message.channel, manages)


def require_manager(interaction: discord.Interaction) -> None:
    """Raise MayNot unless the person manages the server."""
    if not interaction.permissions.manage_guild:
        raise MayNot("Only members with the permission “Manage Server” may change this. Ask one of them.")


def role_name(role: discord.Role) -> str:
    """A role as people know it; that of everybody has the sign in its name already."""
    return escape(role.name if role.is_default() else f"@{role.name}")


async def _require(bot: FootnoteBot, guild: discord.Guild, user: Any, channel: Any, manages: bool) -> None:
    named = await bot.app.libraries.librarians(str(guild.id))
    roles = {role.id for role in getattr(user, "roles", ())}
    # A thread belongs to its channel.
    channels = {found for found in (getattr(channel, "id", None), getattr(channel, "parent_id", None)) if found}
    if may_ingest(named, manages, roles, channels):
        return
    also = [role_name(role) for role in map(guild.get_role, sorted(named.roles)) if role]
    who = "members with the permission “Manage Server”" + (f" or the role {' or '.join(also)}" if also else "")
    places = [f"<#{found}>" for found in sorted(named.channels)]
    where = f" (who does not manage the server only in {', '.join(places)})" if places else ""
    raise MayNot(f"Only {who} may change this server's articles{where}. Ask one of them.")
