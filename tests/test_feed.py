"""Feeds and sitemaps: what is understood of each kind, what is refused with a sentence, and how hostile ones fail.

Everything is read through the killable process, as the bot does.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval.errors import ArticleUnreadable, FootnoteError, NotAFeed
from retrieval.sources import isolated, sitemap
from retrieval.sources.feed import Feed, FeedItem, read_feed

MALFORMED = Path(os.environ.get("EVAL_DATA", "")) / "malformed"
URL = "https://coast.example.com/news/feed.xml?key=secret"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
  <title>Coast &amp;amp; Harbour Daily</title><link>https://coast.example.com/</link><ttl>45</ttl>
  <item>
    <title>The old ferry stops</title><link>/news/ferry</link><guid isPermaLink="false">ferry-1</guid>
    <pubDate>Tue, 05 Mar 2024 10:00:00 +0200</pubDate><author>desk@coast.example.com (Mara Lind)</author>
    <description>The last crossing is &lt;b&gt;on Friday&lt;/b&gt;.</description>
    <content:encoded><![CDATA[<h2>Last crossing</h2><p>It leaves at seven &amp; never returns.</p>
      <ul><li>Fare: 4 euros</li></ul><script>track()</script>]]></content:encoded>
  </item>
  <item>
    <title>R&amp;amp;D: &lt;em&gt;harbour&lt;/em&gt; tunnel
      opens\u0085</title><link>https://coast.example.com/news/tunnel</link>
    <dc:creator>Jon Vik</dc:creator><dc:date>2024-05-17</dc:date><description>Two years late.</description>
  </item>
  <item><title>Undated</title><guid>https://coast.example.com/undated</guid><pubDate>some day</pubDate></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://pages.example.org/blog/">
  <title type="html">Notes &amp;amp; queries</title><id>tag:pages.example.org,2024:blog</id>
  <author><name>Ida Moe</name></author><updated>2024-04-01T08:00:00Z</updated>
  <entry xml:base="2024/">
    <id>tag:pages.example.org,2024:1</id><title>Tags like &lt;b&gt; are text here</title>
    <link rel="self" href="self.atom"/><link href="one.html"/>
    <published>2024-04-01T10:30:00+02:00</published><updated>2024-04-02T00:00:00Z</updated>
    <summary>In short.</summary>
    <content type="xhtml">
      <div xmlns="http://www.w3.org/1999/xhtml"><p>First <i>line</i>.</p><p>Second.</p></div>
    </content>
  </entry>
  <entry>
    <id>tag:pages.example.org,2024:2</id><title>Unsafe link</title><link href="javascript:alert(1)"/>
    <author><name>Guest</name></author><updated>2024-03-01T00:00:00Z</updated>
    <content type="image/png">iVBORw0KGgo=</content>
  </entry>
</feed>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel rdf:about="https://old.example.com/"><title>Old news</title><link>https://old.example.com/</link>
    <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel>
  <item rdf:about="https://old.example.com/1"><title>One</title><link>https://old.example.com/1</link>
    <dc:date>2003-02-01T12:00:00+01:00</dc:date></item>
</rdf:RDF>"""

NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://coast.example.com/a?x=1&amp;y=2 </loc><lastmod>2024-01</lastmod></url>
  <url>
    <image:image><image:loc>https://img.example.com/i.png</image:loc><image:title>No title</image:title></image:image>
    <loc>https://coast.example.com/b</loc><lastmod>2024-03-05T10:00:00+02:00</lastmod></url>
  <url><loc>https://coast.example.com/c</loc><lastmod>2023-01-01</lastmod>
    <n:news><n:publication><n:name>Coast</n:name></n:publication>
      <n:publication_date>2024-05-17</n:publication_date><n:title>Tunnel &amp; ferry</n:title></n:news></url>
  <url><loc>ftp://coast.example.com/d</loc></url>
  <url><loc>https://coast.example.com/b</loc></url>
</urlset>"""


def read(content: str | bytes, media_type: str | None = None) -> Feed:
    return read_feed(content.encode() if isinstance(content, str) else content, URL, media_type)


def json_feed(**members: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", **members})


def rss(items: str, head: str = "", doctype: str = "") -> str:
    return f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'


def why_not(content: str | bytes, kind: type[FootnoteError] = ArticleUnreadable) -> str:
    with pytest.raises(kind) as caught:
        read(content)
    assert "secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.usefixtures("without_processes")
class TestRss:
    def test_items_come_newest_first_with_everything_they_say(self) -> None:
        feed = read(RSS, "application/rss+xml")
        assert (feed.title, feed.url, feed.kind, feed.refresh_after) == ("Coast & Harbour Daily", URL, "rss", 2_700)
        assert feed.items == (
            FeedItem(
                id="https://coast.example.com/news/tunnel",
                url="https://coast.example.com/news/tunnel",
                title="R&D: harbour tunnel opens",
                published_at="2024-05-17T00:00:00+00:00",
                author="Jon Vik",
                summary="Two years late.",
            ),
            FeedItem(
                id="ferry-1",
                url="https://coast.example.com/news/ferry",
                title="The old ferry stops",
                published_at="2024-03-05T08:00:00+00:00",
                author="Mara Lind",
                summary="The last crossing is on Friday.",
                content="## Last crossing\n\nIt leaves at seven & never returns.\n\n- Fare: 4 euros",
            ),
            FeedItem(id="https://coast.example.com/undated", url="https://coast.example.com/undated", title="Undated"),
        )

    def test_rss_1_says_how_often_it_changes(self) -> None:
        feed = read(RDF)
        assert (feed.kind, feed.refresh_after) == ("rss", 21_600)
        assert feed.items == (
            FeedItem("https://old.example.com/1", "https://old.example.com/1", "One", "2003-02-01T11:00:00+00:00"),
        )

    @pytest.mark.parametrize(
        "head, seconds",
        [("<ttl>1</ttl>", 300), ("<ttl>999999</ttl>", 86_400), ("<ttl>often</ttl>", None), ("<ttl>-5</ttl>", 300)],
    )
    def test_the_time_to_the_next_visit_is_bounded(self, head: str, seconds: int | None) -> None:
        assert read(rss("", head)).refresh_after == seconds

    def test_only_the_newest_items_are_kept_and_each_once(self) -> None:
        items = "".join(
            f"<item><guid>g{number % 250}</guid><title>{number}</title>"
            f"<pubDate>{1 + number % 28:02} Jan {1990 + number % 250 // 28} 00:00:00 GMT</pubDate></item>"
            for number in range(300)
        )
        found = read(rss(items)).items
        assert len(found) == len({item.id for item in found}) == 200
        dates = [item.published_at or "" for item in found]
        assert dates == sorted(dates, reverse=True)
        assert dates[0].startswith("1998-01-26")

    def test_an_item_without_a_name_is_told_apart_by_what_it_says(self) -> None:
        text = "<item><description>One.</description></item><item><description>Two.</description></item>"
        first, second = read(rss(text)).items
        assert first.id != second.id
        assert read(rss(text)).items[0].id == first.id

    def test_long_and_strange_fields_are_cut_to_what_a_database_takes(self) -> None:
        item = f"<item><guid isPermaLink='false'>{'i' * 5_000}</guid><title>{'t' * 5_000}</title>"
        link = "<link>https://a.example.com/" + "p" * 5_000 + "</link>"
        (found,) = read(rss(f"{item}{link}<author>{'a' * 5_000}</author></item>")).items
        assert (len(found.id) <= 500, len(found.title), found.url) == (True, 300, None)
        assert len(found.author or "") <= 200

    def test_a_feed_that_is_cut_off_gives_the_items_before_the_cut(self) -> None:
        assert read(RSS[: RSS.index("<title>Undated")]).items[0].title.startswith("R&D")

    def test_the_encoding_is_the_one_the_document_declares(self) -> None:
        text = rss("<item><title>Bodø – ferga går</title></item>")
        latin = text.replace('"1.0"?', '"1.0" encoding="windows-1252"?').encode("cp1252")
        wide = text.replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16")
        for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), latin, wide, gzip.compress(text.encode())):
            assert read(content, "text/xml").items[0].title == "Bodø – ferga går"


@pytest.mark.usefixtures("without_processes")
class TestAtom:
    def test_links_follow_the_nearest_base_and_authors_are_inherited(self) -> None:
        feed = read(ATOM)
        assert (feed.title, feed.kind, feed.refresh_after) == ("Notes & queries", "atom", None)
        assert feed.items == (
            FeedItem(
                id="tag:pages.example.org,2024:1",
                url="https://pages.example.org/blog/2024/one.html",
                title="Tags like <b> are text here",
                published_at="2024-04-01T08:30:00+00:00",
                author="Ida Moe",
                summary="In short.",
                content="First line.\n\nSecond.",
            ),
            FeedItem(
                id="tag:pages.example.org,2024:2",
                url=None,
                title="Unsafe link",
                published_at="2024-03-01T00:00:00+00:00",
                author="Guest",
            ),
        )


@pytest.mark.usefixtures("without_processes")
class TestJsonFeed:
    def test_both_versions_are_read(self) -> None:
        new = {"id": 7, "url": "/one", "title": "One \x07\n&amp; only", "date_published": "2024-03-05T10:00:00+02:00"}
        old = {
            "id": "b",
            "external_url": "https://b.example.com/",
            "content_text": "Plain <b>.",
            "author": {"name": "Bo"},
        }
        html = "<p>A.</p><p>B.</p>"
        feed = read(
            json_feed(items=[old, {**new, "content_html": html}, "x"], authors=[{"name": "Al"}, {"name": "Di"}])
        )
        assert (feed.title, feed.kind) == ("Harbour", "json")
        one = FeedItem(
            id="7",
            url="https://coast.example.com/one",
            title="One &amp; only",
            published_at="2024-03-05T08:00:00+00:00",
            author="Al, Di",
            content="A.\n\nB.",
        )
        two = FeedItem(id="b", url="https://b.example.com/", title="", author="Bo", content="Plain <b>.")
        assert feed.items == (one, two)

    @pytest.mark.parametrize(
        "date", ["2024-02-30", "yesterday", "", None, 20240101, [], "9" * 5_000, "0001-01-01T00:00+23:00"]
    )
    def test_a_date_that_is_none_is_left_out(self, date: object) -> None:
        (item,) = read(json_feed(items=[{"id": "a", "date_published": date}])).items
        assert item.published_at is None

    @pytest.mark.parametrize(
        "members",
        [
            {"items": None},
            {"items": {}},
            {"items": [None, 3, [], {}], "title": []},
            {"items": [{"id": {}, "url": 3, "title": None, "authors": "x", "author": [], "content_html": 1}]},
            {"items": [{"id": "\ud800\x00", "title": "\ud83d", "content_text": "\x00"}]},
        ],
    )
    def test_members_of_the_wrong_kind_do_no_harm(self, members: dict[str, object]) -> None:
        json.dumps([item.id for item in read(json_feed(**members)).items], ensure_ascii=False).encode()


@pytest.mark.usefixtures("without_processes")
class TestSitemap:
    def test_pages_are_ordered_by_their_news_date_or_last_change(self) -> None:
        feed = read(NEWS_SITEMAP, "application/xml")
        assert (feed.kind, feed.title) == ("sitemap", "coast.example.com")
        assert [(item.url, item.title, item.published_at) for item in feed.items] == [
            ("https://coast.example.com/c", "Tunnel & ferry", "2024-05-17T00:00:00+00:00"),
            ("https://coast.example.com/b", "", "2024-03-05T08:00:00+00:00"),
            ("https://coast.example.com/a?x=1&y=2", "", "2024-01-01T00:00:00+00:00"),
        ]
        assert all(item.id == item.url for item in feed.items)
        assert read(gzip.compress(NEWS_SITEMAP.encode()), "application/gzip") == feed

    def test_an_index_lists_its_sitemaps_latest_first(self) -> None:
        entries = "".join(
            f"<sitemap><loc>{loc}</loc><lastmod>{date}</lastmod></sitemap>"
            for loc, date in [("/old.xml", "2020"), ("https://b.example.com/new.xml.gz", "2024"), ("data:,x", "2025")]
        )
        feed = read(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>')
        assert (feed.kind, feed.items) == ("sitemap index", ())
        assert feed.sitemaps == ("https://b.example.com/new.xml.gz", "https://coast.example.com/old.xml")

    def test_a_sitemap_that_is_cut_off_gives_what_is_before_the_cut(self) -> None:
        assert len(read(NEWS_SITEMAP[: NEWS_SITEMAP.index("<url><loc>ftp")]).items) == 3

    def test_no_more_than_the_newest_pages_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Fifty thousand, as the protocol has it, take seconds.
        monkeypatch.setattr(sitemap, "MOST_PAGES", 500)
        pages = "".join(
            f"<url><loc>https://a.example.com/{n}</loc><lastmod>{2000 + n // 50}-01-01</lastmod></url>"
            for n in range(600)
        )
        items = read(f"<urlset>{pages}</urlset>").items
        assert len(items) == 500
        assert items[0].published_at == "2011-01-01T00:00:00+00:00"
        assert items[-1].published_at == "2002-01-01T00:00:00+00:00"


@pytest.mark.usefixtures("without_processes")
class TestWhatIsNoFeed:
    PAGE = """<!-- a comment --><!DOCTYPE html><html><head><base href="/blog/">
      <link rel="alternate" type="application/rss+xml" href="rss.xml" title="News">
      <link rel="ALTERNATE home" type="Application/Atom+XML; charset=utf-8" href="//feeds.example.org/atom">
      <link rel="alternate" type="application/rss+xml" href="rss.xml"><link rel=alternate hreflang=de href=/de>
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
      <link rel="stylesheet" type="text/css" href="a.css"></head><body><p>Words.</body></html>"""
    LINKS = ("https://coast.example.com/blog/rss.xml", "https://feeds.example.org/atom")

    def test_a_web_page_is_refused_with_the_feeds_it_links_to(self) -> None:
        with pytest.raises(NotAFeed) as caught:
            read(self.PAGE, "text/html")
        assert caught.value.links == self.LINKS
        assert str(caught.value) == (
            f"This page is not a feed; it is an HTML page that links to these feeds: {', '.join(self.LINKS)}"
        )

    def test_a_web_page_without_feeds_says_so(self) -> None:
        assert why_not("<html><p>x", NotAFeed) == "This is not a feed; it is an HTML page that links to none."

    @pytest.mark.parametrize(
        "content, said",
        [
            ('{"items": []}', "JSON without the members of a JSON Feed"),
            ("<svg xmlns='http://www.w3.org/2000/svg'/>", "XML of another kind (<svg>)"),
            ("%PDF-1.7", "a PDF"),
            ("Just words.", "of another kind"),
            ("", "empty"),
        ],
    )
    def test_other_bytes_are_named_for_what_they_are(self, content: str, said: str) -> None:
        assert said in why_not(content, NotAFeed)

    def test_json_that_is_cut_off_is_damaged(self) -> None:
        assert "cut off" in why_not(json_feed(items=[{"id": "a"}])[:-5])


class TestHostileFeeds:
    LAUGHS = (
        '<!DOCTYPE rss [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]>"
    )
    OUTSIDE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'
    DEEP = "<b>" * 20_000

    def assert_harmless(self, content: str | bytes) -> None:
        """A feed of a sane size or a sentence, and no file of this machine."""
        try:
            said = repr(read(content))
        except FootnoteError as error:
            said = str(error)
        assert len(said) < 2_000_000
        assert "root:" not in said

    @pytest.mark.parametrize("entity", ["&j;", "&x;", "&undeclared;"])
    @pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
    def test_entities_bring_in_nothing(self, entity: str, doctype: str) -> None:
        self.assert_harmless(rss(f"<item><title>{entity}</title><guid>{entity}</guid></item>", doctype=doctype))
        self.assert_harmless(f"{doctype}<urlset><url><loc>https://a.example.com/{entity}</loc></url></urlset>")

    def test_a_text_repeated_by_an_entity_is_no_larger_than_any_feed(self) -> None:
        # 25 MB from 500 kB: as much as the XML parser itself lets pass.
        doctype = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 10_000}">]><!--{"." * 500_000}-->'
        items = "".join(f"<item><guid>{n}</guid><description>{'&a;' * 625}</description></item>" for n in range(4))
        assert "over the limit of 20 million characters" in why_not(rss(items, doctype=doctype))

    @pytest.mark.parametrize(
        "content",
        [
            rss(f"<item><title>x</title>{DEEP}</item>"),
            rss(f"<item><title>x</title><description><![CDATA[{DEEP}x]]></description></item>"),
            f"<urlset>{DEEP}</urlset>",
            json_feed(items=[{"id": "a", "content_html": DEEP}]),
            '{"version": ' + "[" * 200_000,
            f"<html>{DEEP}",
            "<!--" * 200_000,
            "<?x ?>" * 200_000 + "x",
            "<!DOCTYPE [" * 100_000,
        ],
        ids=["rss", "description", "sitemap", "json", "brackets", "page", "comments", "instructions", "doctypes"],
    )
    def test_deep_nesting_and_endless_prologues_do_no_harm(self, content: str) -> None:
        self.assert_harmless(content)

    def test_bytes_that_are_the_name_of_a_file_open_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "<rss>").write_text(RSS)
        monkeypatch.chdir(tmp_path)
        assert read("<rss>").items == ()

    def test_a_bomb_of_zeros_is_not_unpacked(self) -> None:
        assert "unpacks to more than the limit of 52 MB" in why_not(gzip.compress(b" " * 60_000_000))
        assert "damaged" in why_not(gzip.compress(RSS.encode())[:-20])

    def test_a_feed_that_takes_too_long_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "SECONDS", 0.05)
        assert why_not(RSS) == "coast.example.com: reading the feed took more than 0.05 seconds."


@pytest.mark.skipif(not MALFORMED.is_dir(), reason="EVAL_DATA names no folder with malformed/")
@pytest.mark.timeout(600)
def test_every_malformed_feed_gives_a_feed_or_a_sentence_in_time() -> None:
    def outcome(file: Path) -> tuple[str, float, Feed | str]:
        started = time.monotonic()
        try:
            found: Feed | str = read_feed(file.read_bytes(), URL, "text/xml")
        except FootnoteError as error:
            found = str(error)
        return file.name, time.monotonic() - started, found

    files = [*sorted((MALFORMED / "feeds_illformed").iterdir()), *sorted((MALFORMED / "feeds_wellformed").iterdir())]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, files))
    assert len(outcomes) > 100
    assert [name for name, seconds, _ in outcomes if seconds > isolated.SECONDS] == []
    assert [name for name, _, found in outcomes if not found] == []
    assert sum(isinstance(found, Feed) for _, _, found in outcomes) > 90
