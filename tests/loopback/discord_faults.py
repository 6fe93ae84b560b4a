"""What can go wrong at Discord, played on purpose: errors, rate limits, slow answers, broken connections.

A bot is only as good as its worst minute, and the real Discord's bad minutes cannot be had on demand.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer in Discord's shape; the code is what a bot should look at, not the words."""

    status: int
    code: int
    message: str
    errors: JSON | None = None

    def payload(self) -> JSON:
        """The body Discord would send."""
        body: JSON = {"message": self.message, "code": self.code}
        return body | {"errors": self.errors} if self.errors else body


class Refused(Exception):
    """Raised while a call is handled, to end it with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NO_SUCH_ROUTE = Refusal(404, 0, "404: Not Found")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Refusal(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Refusal(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Refusal(404, 10063, "Unknown application command")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
OTHERS_MESSAGE = Refusal(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
CLOSED_DMS = Refusal(403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
DEAD_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
THREAD_EXISTS = Refusal(400, 160004, "A thread has already been created for this message")
SERVER_ERROR = Refusal(500, 0, "500: Internal Server Error")
BAD_GATEWAY = Refusal(502, 0, "502: Bad Gateway")
UNAVAILABLE = Refusal(503, 0, "503: Service Unavailable")


def invalid_form(errors: Mapping[str, str]) -> Refusal:
    """Discord's 50035 for a body it cannot take: field path → what is wrong with it."""
    tree: JSON = {}
    for path, message in errors.items():
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": "INVALID", "message": message})
    return Refusal(400, 50035, "Invalid Form Body", tree)


@dataclass(eq=False)
class Call:
    """One REST request as it came in, with the status (and rate limit headers) of its answer."""

    method: str
    path: str
    template: str
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: dict[int, tuple[str, bytes]]
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def major(self) -> str:
        """The part of the path Discord counts rate limits by: channel, server, or webhook with its token."""
        parts = self.path.split("/")
        return "/".join(parts[:4] if parts[1] == "webhooks" else parts[:3])

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


@dataclass(eq=False)
class _Fault:
    method: str
    route: str
    left: int
    refusal: Refusal | None = None
    delay: float = 0.0
    reset: bool = False
    processed: bool = False
    in_order: bool = False
    throttle: JSON | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class _Bucket:
    name: str
    method: str
    route: str
    limit: int
    per: float
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def hit(self, major: str) -> tuple[int, float]:
        """Count one call; how many are left (-1: one too many) and seconds until the window ends."""
        now = time.monotonic()
        start, used = self.windows.get(major, (now, 0))
        if now >= start + self.per:
            start, used = now, 0
        used = min(used + 1, self.limit + 1)
        self.windows[major] = (start, used)
        return self.limit - used, start + self.per - now


def _fits(method: str, route: str, call: Call) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"\{[^}]*\}", "{}", text)

    return method in ("*", call.method) and plain(route) in (plain(call.template), call.path, "*")


class Faults:
    """The faults planned for coming calls.

    A route is a template (`/channels/{channel_id}/messages`), one concrete path, or `*`; so is the method.
    Faults are used up in the order they were planned, buckets stay.
    """

    def __init__(self) -> None:
        self._planned: list[_Fault] = []
        self._buckets: list[_Bucket] = []

    def answer(self, method: str, route: str, refusal: Refusal, times: int = 1) -> None:
        """Refuse the next calls without processing them."""
        self._planned.append(_Fault(method, route, times, refusal=refusal))

    def slow(self, method: str, route: str, seconds: float, times: int = 1) -> None:
        """Let the next calls wait before they are processed."""
        self._planned.append(_Fault(method, route, times, delay=seconds))

    def reset(
        self, method: str, route: str, times: int = 1, *, processed: bool = False, in_order: bool = False
    ) -> None:
        """Reset the connection, before or after processing: after is the case that makes duplicates.

        `in_order` closes it without an answer instead, as a server does that is being restarted.
        """
        self._planned.append(_Fault(method, route, times, reset=True, processed=processed, in_order=in_order))

    def throttle(
        self,
        method: str,
        route: str,
        retry_after: float,
        times: int = 1,
        *,
        everywhere: bool = False,
        via: bool = True,
    ) -> None:
        """Answer 429. `everywhere` marks the global limit; without `via` it looks like a Cloudflare ban."""
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        headers = _limit_headers(retry_after, "global" if everywhere else "user", via=via)
        self._planned.append(_Fault(method, route, times, throttle=body, headers=headers))

    def limit(self, method: str, route: str, limit: int, per: float) -> None:
        """Keep a rate limit bucket: `limit` calls per `per` seconds for each channel, server or token."""
        self._buckets.append(_Bucket(f"bucket{len(self._buckets)}", method, route, limit, per))

    def realistic_limits(self) -> None:
        """The two buckets a chatty bot meets at Discord: five sends and five edits in five seconds."""
        self.limit("POST", "/channels/{channel_id}/messages", 5, 5.0)
        self.limit("PATCH", "/channels/{channel_id}/messages/{message_id}", 5, 5.0)
        self.limit("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", 5, 5.0)

    def clear(self) -> None:
        """Forget everything planned: the storm is over."""
        self._planned.clear()
        self._buckets.clear()

    async def meet(self, request: web.Request, call: Call) -> web.Response | None:
        """The answer of a planned fault, or None when the call may be processed."""
        fault = next((f for f in self._planned if f.left and _fits(f.method, f.route, call)), None)
        if fault and fault.processed:
            return None
        if fault:
            fault.left -= 1
            await asyncio.sleep(fault.delay)
            if fault.reset:
                _reset(request, fault.in_order)
                return web.Response(status=500)
            if fault.throttle:
                return json_response(fault.throttle, 429, fault.headers)
            if fault.refusal:
                return json_response(fault.refusal.payload(), fault.refusal.status)
        for bucket in self._buckets:
            if _fits(bucket.method, bucket.route, call):
                left, wait = bucket.hit(call.major)
                call.headers = _bucket_headers(bucket, max(left, 0), wait)
                if left < 0:
                    body = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
                    return json_response(body, 429, _limit_headers(wait, "user"))
        return None

    def part(self, request: web.Request, call: Call) -> None:
        """After processing: lose the answer on its way when that was planned."""
        for fault in self._planned:
            if fault.left and fault.processed and _fits(fault.method, fault.route, call):
                fault.left -= 1
                _reset(request, fault.in_order)
                return


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON with the bare content type; discord.py does not parse bodies when a charset follows it."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _limit_headers(retry_after: float, scope: str, *, via: bool = True) -> dict[str, str]:
    headers = {"Retry-After": str(math.ceil(retry_after)), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    # discord.py takes a 429 without Via for a ban by Cloudflare and gives up at once.
    return headers | {"Via": "1.1 loopback"} if via else headers


def _bucket_headers(bucket: _Bucket, left: int, wait: float) -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": bucket.name,
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
        "X-RateLimit-Reset-After": f"{wait:.3f}",
    }


def _reset(request: web.Request, in_order: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if not in_order:
        connection = transport.get_extra_info("socket")
        # Zero linger turns the close into a TCP reset, which is what a dying proxy sends.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def read_call(request: web.Request, template: str) -> Call:
    """Take a request apart: JSON, or multipart with the JSON in `payload_json` and bytes in `files[n]`."""
    body: Any = None
    files: dict[int, tuple[str, bytes]] = {}
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        for name, value in form.items():
            if isinstance(value, web.FileField):
                files[int(re.sub(r"\D", "", name))] = (value.filename, value.file.read())
            elif name == "payload_json":
                body = json.loads(str(value))
    elif raw := await request.read():
        body = json.loads(raw)
    path = request.path.removeprefix("/api/v10")
    return Call(request.method, path, template, dict(request.match_info), dict(request.query), body, files)
