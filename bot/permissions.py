"""Who may change a server's library. Checked in code: Discord's default permission can be overridden by admins."""

from __future__ import annotations

import discord

from retrieval.errors import FootnoteError


class MayNot(FootnoteError):
    """The person may not do this; the sentence says whom to ask."""


def require_librarian(interaction: discord.Interaction) -> None:
    """Raise MayNot unless the person has Manage Server on the server they are asking from."""
    if interaction.guild_id is None:
        raise MayNot("Articles belong to a server; use this command on the server whose library you mean.")
    if not interaction.permissions.manage_guild:
        raise MayNot(
            "Only members with the permission “Manage Server” may change this server's articles. Ask one of them."
        )
