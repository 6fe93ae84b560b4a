"""Web sites on loopback that answer for every public name, behind the fetcher's own guard."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver

PUBLIC = "93.184.215.14"


class Names(AbstractResolver):
    """Answers every name with the given addresses and remembers which were asked."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        """The addresses of the name, its dots written as underscores, else one public address."""
        self.asked.append(host)
        found = self.addresses.get(host.replace(".", "_"), PUBLIC).split()
        return [
            {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is open."""


class ToLoopback(aiohttp.TCPConnector):
    """Connects to the test's own server whatever address was resolved; remembers which one it was."""

    def __init__(self, resolver: AbstractResolver, port: int) -> None:
        super().__init__(resolver=resolver, use_dns_cache=False)
        self.port = port
        self.connected: list[str] = []

    async def _wrap_create_connection(self, *args: Any, addr_infos: list[Any], **kwargs: Any) -> Any:
        self.connected.append(addr_infos[0][4][0])
        kwargs["ssl"] = None
        family, kind, proto, name, _ = addr_infos[0]
        infos = [(family, kind, proto, name, ("127.0.0.1", self.port))]
        return await super()._wrap_create_connection(*args, addr_infos=infos, **kwargs)


@dataclass
class Page:
    """What a site answers at a path, after so many seconds."""

    body: str | bytes
    kind: str = "text/html"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class Web:
    """All sites: pages by `host/path`. A page with an ETag answers conditional requests."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, int]] = []
        self.port = 0

    def article(self, address: str, title: str, text: str, date: str = "2025-03-01") -> None:
        """Put an article at an address (without its scheme)."""
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n"))
        self.pages[address] = Page(
            f"<html lang=en><head><title>{title}</title><meta property=og:title content='{title}'>"
            f"<meta property=article:published_time content='{date}'></head>"
            f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        )

    async def answer(self, request: web.Request) -> web.Response:
        """Any request."""
        place = f"{request.host}{request.path}"
        page = self.pages.get(place)
        response = web.Response(status=404)
        if page is not None:
            await asyncio.sleep(page.delay)
            etag = page.headers.get("ETag")
            body = page.body.encode() if isinstance(page.body, str) else page.body
            response = web.Response(body=body, content_type=page.kind, status=page.status, headers=page.headers)
            if etag and request.headers.get("If-None-Match") == etag:
                response = web.Response(status=304)
        self.requests.append((place, response.status))
        return response


@asynccontextmanager
async def loopback_web() -> AsyncIterator[Web]:
    """Sites that answer until the block ends."""
    sites = Web()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", sites.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sites.port = runner.addresses[0][1]
    try:
        yield sites
    finally:
        await runner.cleanup()
