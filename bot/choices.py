"""What Discord proposes while somebody types an option of a command."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from discord import app_commands

from bot.render import shortened

MOST_CHOICES = 25
LONGEST_NAME = 100


def choices(named: Iterable[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """The first names with their values, as many and as long as Discord takes."""
    return [
        app_commands.Choice(name=shortened(name, LONGEST_NAME), value=value)
        for name, value in islice(named, MOST_CHOICES)
    ]
