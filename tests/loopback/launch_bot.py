"""Starts the bot against the loopback Discord, in a process of its own as users start it.

The bot has no switch for another Discord, and should not have one; so the addresses inside discord.py are
changed before the bot is imported. Everything is inside `main`, as the bot's workers import this file again.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str) -> list[str]:
    """The command line that starts the bot with these arguments."""
    return [sys.executable, str(Path(__file__).resolve()), *arguments]


def main() -> None:
    """Point discord.py at `LOOPBACK_DISCORD` and run the bot's own main with the remaining arguments."""
    import discord.gateway
    import discord.http
    import yarl

    base = yarl.URL(os.environ["LOOPBACK_DISCORD"])
    discord.http.Route.BASE = f"{str(base).rstrip('/')}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base.with_scheme("ws").with_path("/gw/")
    sys.path.append(str(ROOT))
    if port := os.environ.get("LOOPBACK_WEB"):
        _sites_on_loopback(int(port))
    sys.argv[0] = "footnote"
    importlib.import_module("bot.__main__").main()


def _sites_on_loopback(port: int) -> None:
    """Let the fetcher ask and connect to loopback; its guard stays where it is."""
    from retrieval.sources import fetcher
    from tests.loopback.web_site import Names, ToLoopback

    fetcher.Fetcher.__init__.__defaults__ = (Names(), lambda guarded: ToLoopback(guarded, port))
    fetcher.HOST_PAUSE = 0.0


if __name__ == "__main__":
    main()
