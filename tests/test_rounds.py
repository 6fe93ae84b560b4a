"""What the bot does beside the questions goes on after what it needs was away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from bot.cogs.digests import DigestsCog
from bot.cogs.servers import Servers
from retrieval import rounds
from retrieval.digests.digest import Digest
from retrieval.errors import DatabaseUnavailable, VectorIndexUnavailable

AWAY = DatabaseUnavailable("The database at DATABASE_URL cannot be reached.")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "RETRY_SECONDS", 0.0)


def then(*outcomes: Any, last: Any) -> Callable[..., Awaitable[Any]]:
    """A call that gives or raises the outcomes in order, and from then on the last."""
    left = list(outcomes)

    async def call(*_: Any) -> Any:
        outcome = left.pop(0) if left else last
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return call


def digest() -> Digest:
    names = dict.fromkeys(Digest.__slots__)
    return Digest(**names | {"id": 7, "library_key": "1", "user_id": "2", "cadence": "daily", "hour": 8, "zone": "UTC"})


async def test_libraries_are_removed_although_the_vectors_were_away_at_first() -> None:
    removed = asyncio.Event()
    drop = then(VectorIndexUnavailable("Chroma does not answer."), last=None)

    async def remove(*_: str) -> None:
        await drop()
        removed.set()

    libraries = SimpleNamespace(keys=then(last=[]), left_before=then(AWAY, last=["1"]), remove=remove)
    app: Any = SimpleNamespace(libraries=libraries, settings=SimpleNamespace(leave_days=30.0))
    bot: Any = SimpleNamespace(guilds=[])
    servers = Servers(bot, app)
    await servers.on_ready()
    await asyncio.wait_for(removed.wait(), 10)
    await servers.cog_unload()


async def test_digests_go_on_although_nobody_could_be_told_that_one_is_paused() -> None:
    asked_again = asyncio.Event()
    claim = then(AWAY, [(digest(), False)], last=[])

    async def claim_due(now: datetime, limit: int, lease: timedelta) -> list[tuple[Digest, bool]]:
        claimed = await claim()
        if not claimed:
            asked_again.set()
        return claimed

    broken = SimpleNamespace(id=7, user_id="2", state="broken", topic=None, channel_id=None, failures=3)
    digests = SimpleNamespace(
        claim_due=claim_due, issue=then(last=TypeError("a defect")), failed_by_defect=then(last=broken)
    )
    guild = SimpleNamespace(fetch_member=then(last=object()))
    bot: Any = SimpleNamespace(get_guild=lambda _: guild, fetch_user=then(last=aiohttp.ServerDisconnectedError()))
    app: Any = SimpleNamespace(digests=digests)
    cog = DigestsCog(bot, app, Servers(bot, app))
    await cog.on_ready()
    await asyncio.wait_for(asked_again.wait(), 10)
    await cog.cog_unload()
