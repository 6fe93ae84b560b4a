"""How calls to Discord fail: refused, Discord away, or the connection broken."""

from __future__ import annotations

import aiohttp
import discord

# discord.py lets a broken connection through as it is, and not all of aiohttp's errors are OSErrors.
BROKEN = (aiohttp.ClientError, OSError)
# What passes without anybody's doing, so that the call may be repeated.
AWAY = (discord.DiscordServerError, *BROKEN)
# Discord or the network failed, for good or for a while.
CALL_FAILED = (discord.HTTPException, *BROKEN)
