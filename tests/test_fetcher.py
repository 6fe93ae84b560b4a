"""The guarded fetcher: what it refuses before any connection, and how it reads what it may.

Name resolution and connecting are replaced; nothing outside loopback is ever asked.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver

from retrieval.articles import ArticleDraft
from retrieval.sources import fetcher as module
from retrieval.sources.address import AddressRefused, public_url
from retrieval.sources.fetcher import Fetched, Fetcher, FetchFailed, NotModified
from retrieval.sources.web import read_page
from tests.loopback.web_site import PUBLIC, Names, ToLoopback

PAGE = (
    "<html lang=en><head><title>The ferry to Lofoten | Nordland News</title>"
    '<link rel=canonical href="https://news.example.com/ferry"></head><body><article><h1>The ferry to Lofoten</h1>'
    + "".join(
        f"<p>Paragraph {n}: the ferry to Lofoten leaves from Bodø at seven every morning of week {n}.</p>"
        for n in range(8)
    )
    + "</article></body></html>"
)


Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def site(handler: Handler, **addresses: str) -> AsyncIterator[tuple[Fetcher, Names, ToLoopback]]:
    """A web server on loopback that answers for every public name."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    names = Names(**addresses)
    made: list[ToLoopback] = []

    def connector(resolver: AbstractResolver) -> ToLoopback:
        made.append(ToLoopback(resolver, runner.addresses[0][1]))
        return made[0]

    fetcher = Fetcher(names, connector)
    # Made at once, so that a test can look at it although nothing may ever connect.
    fetcher._connector = lambda guarded: made[0] if made else connector(guarded)
    probe = connector(module.GuardedResolver(names))
    try:
        yield fetcher, names, probe
    finally:
        await fetcher.close()
        await probe.close()
        await runner.cleanup()


def page(text: str = PAGE, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(text=text, content_type="text/html", headers=headers)

    return answer


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HOST_PAUSE", 0.0)


async def test_a_page_becomes_an_article_under_its_canonical_address() -> None:
    async with site(page()) as (fetcher, _, connector):
        (draft,) = await read_page(fetcher, "http://news.example.com/ferry?utm=1#top")
        assert isinstance(draft, ArticleDraft)
        assert draft.title == "The ferry to Lofoten"
        assert draft.url == draft.identity == "https://news.example.com/ferry"
        assert "Paragraph 7" in draft.text
        assert set(connector.connected) == {PUBLIC}


async def test_a_page_cannot_claim_another_site_s_address() -> None:
    text = PAGE.replace("https://news.example.com/ferry", "https://bank.example.org/")
    async with site(page(text)) as (fetcher, _, _):
        (draft,) = await read_page(fetcher, "http://news.example.com/ferry")
        assert isinstance(draft, ArticleDraft)
        assert draft.url == "http://news.example.com/ferry"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://169.254.169.254/latest",
        "http://100.64.1.1/",
        "http://192.0.0.192/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "http://intranet/",
        "http://example.com:8080/",
        "http://user@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1%2f.example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http:127.0.0.1/",
        "http://ⓔⓧⓐⓜⓟⓛⓔ.com/",
        "",
        "http://",
    ],
)
async def test_what_is_not_public_is_refused_before_a_name_is_asked(address: str) -> None:
    async with site(page()) as (fetcher, names, connector):
        with pytest.raises(AddressRefused):
            await fetcher.fetch(address)
        assert (names.asked, connector.connected) == ([], [])


@pytest.mark.parametrize("answers", ["127.0.0.1", "10.1.2.3", f"{PUBLIC} 192.168.0.1", "169.254.169.254"])
async def test_a_public_name_with_a_private_address_is_refused_before_any_connection(answers: str) -> None:
    async with site(page(), evil_example_com=answers) as (fetcher, names, connector):
        with pytest.raises(AddressRefused, match="not on the public web"):
            await fetcher.fetch("http://evil.example.com/")
        assert names.asked
        assert connector.connected == []


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "http://evil.example.com/", "file:///etc/passwd", "//[::1]/x"])
async def test_a_redirect_inward_is_refused_at_the_hop(target: str) -> None:
    async def redirect(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        raise web.HTTPFound(target)

    async with site(redirect, evil_example_com="10.0.0.1") as (fetcher, _, connector):
        with pytest.raises(AddressRefused):
            await fetcher.fetch("http://good.example.com/")
        assert set(connector.connected) == {PUBLIC}


async def test_redirects_are_followed_a_few_times_and_then_no_more() -> None:
    async def bounce(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        left = int(request.query.get("left", "99"))
        if left:
            raise web.HTTPFound(f"/?left={left - 1}")
        return web.Response(text=PAGE, content_type="text/html")

    async with site(bounce) as (fetcher, _, _):
        assert (await fetcher.fetch("http://good.example.com/?left=3")).url.endswith("left=0")
        with pytest.raises(FetchFailed, match="redirects more than"):
            await fetcher.fetch("http://good.example.com/?left=9")


@pytest.mark.parametrize(
    "status, said",
    [
        (403, "answered 403: it does not let programs"),
        (404, "answered 404: there is no such page"),
        (401, "behind a login"),
        (500, "answered 500: something is wrong there; try again later"),
        (418, "answered 418: it does not give the page"),
    ],
)
async def test_a_page_that_cannot_be_read_says_why(status: int, said: str) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=404 if request.path == "/robots.txt" else status)

    async with site(refuse) as (fetcher, _, _):
        with pytest.raises(FetchFailed, match=said):
            await fetcher.fetch("http://good.example.com/")


async def test_robots_txt_is_respected() -> None:
    async def answer(request: web.Request) -> web.Response:
        rules = "User-agent: *\nDisallow: /private"
        return web.Response(text=rules if request.path == "/robots.txt" else PAGE, content_type="text/html")

    async with site(answer) as (fetcher, _, _):
        assert (await fetcher.fetch("http://good.example.com/open")).content
        with pytest.raises(FetchFailed, match="robots"):
            await fetcher.fetch("http://good.example.com/private/x")


async def test_a_flood_and_a_bomb_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 200_000)
    bomb = gzip.compress(b"0" * 50_000_000)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if request.path == "/bomb":
            return web.Response(body=bomb, content_type="text/html", headers={"Content-Encoding": "gzip"})
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        for _ in range(2_000):
            await response.write(b"x" * 10_000)
        return response

    async with site(answer) as (fetcher, _, _):
        for path in ("bomb", "flood"):
            with pytest.raises(FetchFailed, match="over the limit"):
                await fetcher.fetch(f"http://good.example.com/{path}")


async def test_what_is_no_article_and_what_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 1.0)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if request.path == "/video":
            return web.Response(body=b"x", content_type="video/mp4")
        import asyncio

        await asyncio.sleep(5)
        return web.Response(text="late")

    async with site(answer) as (fetcher, _, _):
        with pytest.raises(FetchFailed, match="video/mp4"):
            await fetcher.fetch("http://good.example.com/video")
        with pytest.raises(FetchFailed, match="did not answer within"):
            await fetcher.fetch("http://good.example.com/slow")


async def test_an_unchanged_page_is_not_sent_again_and_no_cookie_is_kept() -> None:
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        seen.append((request.headers.get("If-None-Match"), request.headers.get("Cookie")))
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(text=PAGE, content_type="text/html", headers={"ETag": '"1"', "Set-Cookie": "a=b"})

    async with site(answer) as (fetcher, _, _):
        first = await fetcher.fetch("http://good.example.com/")
        again = await fetcher.fetch_if_changed("http://good.example.com/", first.etag, first.last_modified)
        assert again == NotModified("http://good.example.com/")
        assert seen == [(None, None), ('"1"', None)]


async def test_a_mark_of_the_version_too_long_to_keep_is_not_asked_with() -> None:
    """Cut off it would name another version, and PostgreSQL would refuse the article that it came with."""
    headers = {"ETag": f'"{"x" * 600}"', "Last-Modified": "Tue, 05 Mar 2024 10:00:00 GMT"}

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(text=PAGE, content_type="text/html", headers=headers)

    async with site(answer) as (fetcher, _, _):
        page = await fetcher.fetch("http://good.example.com/")
    assert (page.etag, page.last_modified) == (None, headers["Last-Modified"])


async def test_a_changed_page_is_sent_again_with_what_tells_it_apart_next_time() -> None:
    since = "Tue, 05 Mar 2024 10:00:00 GMT"
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if request.path == "/moved":
            raise web.HTTPMovedPermanently("/feed")
        seen.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if request.headers.get("If-Modified-Since") == since:
            return web.Response(status=304)
        return web.Response(body=b"<rss/>", content_type="application/rss+xml", headers={"Last-Modified": since})

    async with site(answer) as (fetcher, _, _):
        changed = await fetcher.fetch_if_changed("http://good.example.com/feed", '"old"', None)
        assert changed == Fetched("http://good.example.com/feed", b"<rss/>", "application/rss+xml", None, since)
        same = await fetcher.fetch_if_changed("http://good.example.com/moved", None, since)
        assert same == NotModified("http://good.example.com/feed")
        assert isinstance(await fetcher.fetch_if_changed("http://good.example.com/feed", None, None), Fetched)
        assert seen == [('"old"', None), (None, since), (None, None)]


async def test_an_answer_of_not_modified_to_a_first_visit_is_no_page() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=404 if request.path == "/robots.txt" else 304)

    async with site(answer) as (fetcher, _, _):
        with pytest.raises(FetchFailed, match="answered 304"):
            await fetcher.fetch("http://good.example.com/")


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "http://evil.example.com/"])
async def test_a_conditional_request_is_guarded_at_every_hop_like_the_first(target: str) -> None:
    async def redirect(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        raise web.HTTPFound(target)

    async with site(redirect, evil_example_com="10.0.0.1") as (fetcher, _, connector):
        with pytest.raises(AddressRefused):
            await fetcher.fetch_if_changed("http://good.example.com/", '"1"', None)
        assert set(connector.connected) == {PUBLIC}


@pytest.mark.parametrize(
    "status, header, seconds",
    [
        (429, "120", 120),
        (503, "Wed, 01 Jan 2200 00:00:00 GMT", 86_400),
        (503, "Tue, 05 Mar 2024 10:00:00 GMT", 0),
        (429, "99999999999999999999", 86_400),
        (429, "soon", None),
        (429, "-5", None),
        (429, "", None),
        (404, "120", None),
    ],
)
async def test_a_busy_site_says_when_to_come_back(status: int, header: str, seconds: float | None) -> None:
    async def busy(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(status=status, headers={"Retry-After": header})

    async with site(busy) as (fetcher, _, _):
        with pytest.raises(FetchFailed, match=f"answered {status}") as caught:
            await fetcher.fetch("http://good.example.com/")
        assert (caught.value.status, caught.value.retry_after) == (status, seconds)


@pytest.mark.skipif("EVAL_DATA" not in os.environ, reason="EVAL_DATA names no folder")
def test_every_known_trick_is_refused_and_no_ordinary_address_is() -> None:
    folder = Path(os.environ.get("EVAL_DATA", "."))
    for row in map(json.loads, (folder / "ssrf" / "urls.jsonl").read_text().splitlines()):
        if row["needs"] not in ("dns", "redirect"):
            with pytest.raises(AddressRefused):
                public_url(row["url"])
    for name in ("multihop-rag", "squad2"):
        for row in map(json.loads, (folder / name / "corpus.jsonl").read_text().splitlines()):
            assert public_url(row["url"])
