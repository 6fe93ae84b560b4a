"""The one guarded way to bytes on the web: pages, feeds, sitemaps, and every redirect on the way.

What may be connected to is decided twice: by the URL before a name is resolved, and by the addresses the name resolved
to, which are the ones then connected to, so that an answer that changes between check and connection changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.robotparser import RobotFileParser

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from retrieval.errors import FootnoteError
from retrieval.sources.address import AddressRefused, check_addresses, public_url
from retrieval.sources.decode import storable

log = logging.getLogger(__name__)

AGENT = "FootnoteBot/0.1"
MOST_BYTES = 10_000_000
SECONDS = 30.0
MOST_REDIRECTS = 5
# Between two requests to the same host, and how many may run at once.
HOST_PAUSE = 1.0
AT_ONCE = 8
ROBOTS_BYTES = 500_000
ROBOTS_SECONDS = 3_600.0
MOST_HOSTS = 5_000
READABLE = (
    "text/",
    "application/xhtml",
    "application/xml",
    "application/rss",
    "application/rdf",
    "application/atom",
    "application/json",
    "application/feed+json",
    "application/pdf",
    "application/epub",
    "application/msword",
    "application/vnd.openxmlformats-officedocument",
    "application/octet-stream",
    # Sitemaps are often gzipped files.
    "application/gzip",
    "application/x-gzip",
)
# What the database keeps of each, in characters.
VALIDATORS = {"ETag": 500, "Last-Modified": 100}
# A site that asks for more patience than a day is asked again tomorrow.
LONGEST_RETRY = 86_400.0
LOGIN = frozenset({401, 407})
BUSY = frozenset({429, 503})
# What an answer means to somebody who wants to read the page; every other one from 500 on is a failure of the site.
MEANING = {
    403: "it does not let programs read this page",
    404: "there is no such page",
    410: "the page was taken away for good",
    429: "it wants to be asked less often; try again later",
    451: "it may not show this page for legal reasons",
}
SITE_FAILED = "something is wrong there; try again later"


class FetchFailed(FootnoteError):
    """The page could not be read; the sentence says why.

    `status` is what the server answered, if it did; `retry_after` the seconds it asks to be left alone (429, 503).
    """

    def __init__(self, sentence: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave. `url` is where it came from after redirects.

    `etag` and `last_modified` tell this version from a later one, see `Fetcher.fetch_if_changed`.
    """

    url: str
    content: bytes
    content_type: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page is still what it was when it was last fetched, and was not sent again."""

    url: str


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address is not public."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        """The addresses to connect to. Raises AddressRefused."""
        found = await self._resolver.resolve(host, port, family)
        check_addresses(host, [entry["host"] for entry in found])
        return found

    async def close(self) -> None:
        """Close what it asks."""
        await self._resolver.close()


class Fetcher:
    """Fetches public pages, politely: robots.txt, a pause a host, its own name, no cookies, no proxies."""

    def __init__(
        self,
        resolver: AbstractResolver | None = None,
        connector: Callable[[AbstractResolver], aiohttp.BaseConnector] | None = None,
    ) -> None:
        """`resolver` and `connector` are what asks the network; tests put loopback there, behind the same guard."""
        self._resolver = resolver
        self._connector = connector or (lambda guarded: aiohttp.TCPConnector(resolver=guarded, use_dns_cache=False))
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hosts: dict[str, _Host] = {}

    async def fetch(self, address: str) -> Fetched:
        """The bytes at an address.

        Raises AddressRefused for what may not be read, FetchFailed for what cannot be.
        """
        found = await self._request(address, {})
        if isinstance(found, NotModified):
            raise FetchFailed("The site answered 304 although nothing was fetched before.", 304)
        return found

    async def fetch_if_changed(
        self, address: str, etag: str | None, last_modified: str | None
    ) -> Fetched | NotModified:
        """The bytes at an address, unless they are those of the visit that gave this ETag and Last-Modified.

        Raises what `fetch` does.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in known.items() if value}
        return await self._request(address, headers) if headers else await self.fetch(address)

    async def _request(self, address: str, headers: dict[str, str]) -> Fetched | NotModified:
        url = public_url(address)
        try:
            async with asyncio.timeout(SECONDS), self._slots:
                return await self._follow(url, headers)
        except TimeoutError as error:
            raise FetchFailed(f"{url.host} did not answer within {SECONDS:.0f} seconds.") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressRefused):
                raise error.os_error from error
            raise FetchFailed(f"{url.host} cannot be reached.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchFailed(f"{url.host} did not answer properly ({type(error).__name__}).") from error

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _follow(self, url: URL, headers: dict[str, str]) -> Fetched | NotModified:
        for _ in range(MOST_REDIRECTS + 1):
            host = self._host(url)
            async with host.turn:
                if not await self._allowed(url, host):
                    raise FetchFailed(f"{url.host} asks programs not to read this page (robots.txt).")
                await host.pause()
                async with AsyncExitStack() as stack:
                    response = await stack.enter_async_context(await self._get(url, headers))
                    if response.status not in (301, 302, 303, 307, 308):
                        return await _read(response, url)
                    target = response.headers.get("Location", "")
            # Every hop is a new address and is checked like the first one.
            url = public_url(str(url.join(URL(target))) if target else "")
        raise FetchFailed(f"The page redirects more than {MOST_REDIRECTS} times.")

    async def _allowed(self, url: URL, host: _Host) -> bool:
        """Does robots.txt let this program read the page? A site without one allows everything (RFC 9309)."""
        if host.robots is None or time.monotonic() - host.robots_read > ROBOTS_SECONDS:
            rules = RobotFileParser()
            lines: list[str] = []
            async with await self._get(url.origin() / "robots.txt", {}) as response:
                if response.status == 200:
                    content = await response.content.read(ROBOTS_BYTES)
                    lines = content.decode("utf-8", errors="replace").splitlines()
            rules.parse(lines)
            host.robots, host.robots_read = rules, time.monotonic()
        return host.robots.can_fetch(AGENT, str(url))

    async def _get(self, url: URL, headers: dict[str, str]) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(GuardedResolver(self._resolver)),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
                trust_env=False,
            )
        return self._session.get(url, headers=headers, allow_redirects=False)

    def _host(self, url: URL) -> _Host:
        if len(self._hosts) > MOST_HOSTS:
            self._hosts = {name: host for name, host in self._hosts.items() if host.turn.locked()}
        return self._hosts.setdefault(str(url.origin()), _Host())


class _Host:
    """One site: one request at a time, with a pause in between, and its robots.txt."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.robots: RobotFileParser | None = None
        self.robots_read = 0.0
        self._last = -HOST_PAUSE

    async def pause(self) -> None:
        """Wait until the next request is polite."""
        await asyncio.sleep(max(0.0, self._last + HOST_PAUSE - time.monotonic()))
        self._last = time.monotonic()


async def _read(response: aiohttp.ClientResponse, url: URL) -> Fetched | NotModified:
    """The body, bounded while it streams; aiohttp has decompressed it, so a bomb is bounded as well."""
    if response.status == 304:
        return NotModified(str(url))
    if response.status in LOGIN:
        raise FetchFailed(f"The page at {url.host} is behind a login.", response.status)
    if response.status >= 400:
        patience = _retry_after(response.headers.get("Retry-After", "")) if response.status in BUSY else None
        meaning = MEANING.get(response.status, SITE_FAILED if response.status >= 500 else "it does not give the page")
        raise FetchFailed(f"The site answered {response.status}: {meaning}.", response.status, patience)
    kind = response.content_type.lower()
    if not kind.startswith(READABLE):
        raise FetchFailed(f"That address holds {kind}, which cannot be read as an article.")
    declared = response.content_length or 0
    if declared > MOST_BYTES:
        raise FetchFailed(_too_large(declared))
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content.extend(chunk)
        if len(content) > MOST_BYTES:
            raise FetchFailed(_too_large(len(content)))
    etag, modified = (_validator(response.headers.get(name), most) for name, most in VALIDATORS.items())
    return Fetched(str(url), bytes(content), kind, etag, modified)


def _validator(value: str | None, most: int) -> str | None:
    """A header that tells this version from a later one, if it can be kept as it is; a shortened one would be wrong."""
    return value if value and len(value) <= most and storable(value) == value else None


def _retry_after(header: str) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3: seconds or a date), from none to a day; None when it says neither."""
    if header.strip().isascii() and header.strip().isdecimal():
        seconds = float(header)
    else:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY)


def _too_large(size: int) -> str:
    over = (size - MOST_BYTES) / 1e6
    return f"The page is {over:.0f} MB over the limit of {MOST_BYTES / 1e6:.0f} MB."
