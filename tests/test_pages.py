"""What is read from web pages: the article and its imprint, and a sentence for what only looks like an article."""

from __future__ import annotations

import pytest

from evals.measures import f1_of_means, overlap
from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.fetcher import Fetched
from retrieval.sources.web import read_fetched

URL = "https://www.coast.example/news/tunnel"
WORDS = "The tunnel under the harbour opened on Friday, two years later than planned and far over its budget. "
STORY = "".join(f"<p>{WORDS}It is the {number} thing the council said about it.</p>" for number in ("first", "second"))
CELLS = (
    "<tr><th>City</th><th>People</th></tr><tr><td>Oslo</td><td>709,000</td></tr><tr><td>Bergen</td><td>289</td></tr>"
)


def page(head: str = "", body: str = f"<article><h1>The tunnel</h1>{STORY}</article>", root: str = "") -> str:
    return f"<!DOCTYPE html><html {root}><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def read(content: str, url: str = URL) -> ArticleDraft:
    (draft,) = read_fetched(Fetched(url, content.encode(), "text/html"))
    assert isinstance(draft, ArticleDraft)
    return draft


def why_not(content: str, kind: str = "text/html") -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        read_fetched(Fetched(URL, content.encode(), kind))
    return str(caught.value)


@pytest.mark.usefixtures("without_processes")
class TestText:
    def test_emphasis_does_not_stand_in_the_middle_of_quotes(self) -> None:
        body = f"<article><p>{WORDS}It cost <b>340 million</b> <i>euros</i>.</p>{STORY}</article>"
        assert "It cost 340 million euros." in read(page(body=body)).text

    def test_a_row_of_a_table_carries_the_names_of_its_columns(self) -> None:
        text = read(page(body=f"<article><h1>Cities</h1>{STORY}<table>{CELLS}</table>{STORY}</article>")).text
        assert "- City: Oslo; People: 709,000\n- City: Bergen; People: 289\n" in text

    def test_brackets_and_other_signs_stand_as_the_page_shows_them(self) -> None:
        said = "“[The mayor] paid 3 * 4 < 13,” it says_so, ~100 | of [sic] C:\\temp\\[a]."
        code = "<p>Call <code>a[0] * \\[b\\]</code> in it.</p>"
        rows = CELLS.replace("Oslo", "Oslo [old | new]")
        body = f"{STORY}<p>{said}</p>{code}<p>1. First of all, {WORDS}</p><table>{rows}</table>{STORY}"
        text = read(page(body=f"<article>{body}</article>")).text
        row = "City: Oslo [old | new]; People: 709,000"
        for kept in (said, "Call `a[0] * \\[b\\]` in it.", "\n1. First of all", row):
            assert kept in text

    def test_an_article_sent_in_pieces_is_read_to_its_end(self) -> None:
        piece = "<div class='grid'><div class='col article__body'>{}</div></div><div class='ad'>Buy now!</div>"
        ends = STORY.replace("council", "mayor")
        text = read(page(body=f"<article>{piece.format(STORY)}{piece.format(ends)}</article>")).text
        assert "the second thing the council said" in text
        assert "the second thing the mayor said" in text
        assert "Buy now" not in text

    def test_a_document_without_a_template_keeps_headings_and_lists(self) -> None:
        items = "<ul><li>The wreck</li><li>The flood</li></ul>"
        body = f"<h1>The tunnel</h1>{STORY}<h2>Why it took so long</h2>{items}{STORY}"
        text = read(page(body=body)).text
        for kept in ("# The tunnel\n", "## Why it took so long\n", "- The wreck\n", "- The flood\n"):
            assert kept in text

    def test_the_mark_of_a_note_is_left_out_and_the_power_of_a_unit_is_kept(self) -> None:
        noted = "It cost more<a href='#n'><sup>[1]</sup></a>. It covers 10<sup>6</sup> square metres of mud."
        body = f"<article>{STORY}<p>{WORDS * 2}{noted}</p>{STORY}</article>"
        assert "It cost more. It covers 10⁶ square metres of mud." in read(page(body=body)).text

    def test_what_readers_wrote_below_is_not_the_article(self) -> None:
        comments = f"<div id='comments' class='comments'><p>I was there myself and saw it. {WORDS}</p></div>"
        assert "I was there" not in read(page(body=f"<article>{STORY}</article>{comments}")).text


@pytest.mark.usefixtures("without_processes")
class TestImprint:
    @pytest.mark.parametrize(
        "title",
        [
            "The tunnel | Coast Daily",
            "The tunnel - Coast Daily",
            "Coast Daily: The tunnel",
            "The tunnel – coast.example",
        ],
    )
    def test_the_title_goes_without_the_name_of_the_site(self, title: str) -> None:
        head = f"<meta property=og:site_name content='Coast Daily'><meta property=og:title content='{title}'>"
        draft = read(page(f"{head}<title>{title}</title><link rel=canonical href='{URL}'>"))
        assert (draft.title, draft.source) == ("The tunnel", "Coast Daily")

    @pytest.mark.parametrize(
        "written, meant",
        [
            ("Mara Lind", "Mara Lind"),
            ("By Mara Lind; Jon Vik", "Mara Lind, Jon Vik"),
            ("Mara Lind; AP Auto Writer", "Mara Lind"),
            ("Coast Daily", None),
            ("https://coast.example/authors/12", None),
        ],
    )
    def test_an_author_is_a_name(self, written: str, meant: str | None) -> None:
        head = f"<meta property=og:site_name content='Coast Daily'><meta name=author content='{written}'>"
        assert read(page(head)).author == meant

    @pytest.mark.parametrize(
        "canonical, address",
        [
            ("https://www.coast.example/news/tunnel-opens", "https://www.coast.example/news/tunnel-opens"),
            ("http://www.coast.example/news/tunnel", URL),
            ("https://m.coast.example/news/tunnel", "https://m.coast.example/news/tunnel"),
            ("https://www.coast.example/", URL),
            ("https://other.example/news/tunnel", URL),
            ("/news/tunnel", URL),
            ("https://[bad/", URL),
        ],
    )
    def test_the_canonical_address_counts_when_it_is_an_article_of_the_same_site(
        self, canonical: str, address: str
    ) -> None:
        draft = read(page(f"<link rel=canonical href='{canonical}'>"))
        assert draft.url == draft.identity == address

    @pytest.mark.parametrize(
        "shared, address",
        [
            ("?utm_source=discord&utm_medium=x", ""),
            ("?id=7&fbclid=abc&page=2", "?id=7&page=2"),
            ("?q=utm_source", "?q=utm_source"),
        ],
    )
    def test_where_a_link_was_shared_makes_no_other_article(self, shared: str, address: str) -> None:
        draft = read(page(), URL + shared)
        assert draft.url == draft.identity == URL + address

    def test_the_page_says_its_language(self) -> None:
        assert read(page(root="lang='pt-BR'")).language == "pt"
        assert read(page("<meta property=og:locale content=de_AT>")).language == "de"
        assert read(page(root="lang='{{lang}}'")).language is None

    def test_a_day_in_words_is_understood(self) -> None:
        data = '<script type="application/ld+json">{"datePublished": "Tue, Sep 15 2020 10:01:41 EDT"}</script>'
        assert read(page(data)).published_at == "2020-09-15"

    def test_the_year_of_a_copyright_notice_is_no_day(self) -> None:
        assert read(page(body=f"<article>{STORY}</article><footer>© 2019 Coast Daily</footer>")).published_at is None


@pytest.mark.usefixtures("without_processes")
class TestWalls:
    @pytest.mark.parametrize(
        "body",
        [
            "<div id=root></div><script src=app.js></script>",
            "<div id=app></div><noscript>Please enable JavaScript.</noscript><script src=app.js></script>",
            "<h1>Just a moment...</h1><p>Enable JavaScript and cookies to continue</p>",
            "<script>render()</script>",
            "<nav><a href=/>Home</a></nav><noscript><p>JavaScript is disabled in your browser.</p></noscript>",
        ],
    )
    def test_a_page_that_scripts_would_write_says_so(self, body: str) -> None:
        assert "this page needs JavaScript" in why_not(page(body=body))

    @pytest.mark.parametrize("field", ["<input name=u><input type=password>", "<input type=email>"])
    def test_a_login_says_so(self, field: str) -> None:
        form = f"<h1>Sign in</h1><p>Please sign in to read on.</p><form>{field}</form>"
        assert "behind a login" in why_not(page("<title>Sign in</title>", form))

    @pytest.mark.parametrize(
        "wall",
        [
            "<p>To continue reading, subscribe now. Already a subscriber? Sign in.</p>",
            "<div>Subscribe to read the full story.</div>",
            "<p>This article is for subscribers only.</p>",
            '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>',
        ],
    )
    def test_the_first_words_of_an_article_that_is_to_be_paid_for_are_no_article(self, wall: str) -> None:
        begun = f"<h1>The tunnel</h1><p>{WORDS}</p>"
        assert "behind a paywall" in why_not(page(body=f"<article>{begun}{wall}</article>"))
        letter = (
            "<p>Subscribe to our newsletter. Sign in to comment.</p>"
            '<script type="application/ld+json">{"isAccessibleForFree": false, "articleBody": "All of it."}</script>'
        )
        assert WORDS.strip() in read(page(body=f"<article>{begun}{letter}</article>")).text
        assert WORDS.strip() in read(page(body=f"<article>{begun}{STORY * 3}{wall}</article>")).text

    @pytest.mark.parametrize("body", ["", "<p></p>", "<nav><a href=/>…</a></nav>", "<img src=a.png>"])
    def test_a_page_without_words_is_empty(self, body: str) -> None:
        assert "the page is empty" in why_not(page(body=body))

    def test_what_is_said_of_a_page_begins_with_no_file_name_that_nobody_gave_it(self) -> None:
        assert why_not(page(body="<p></p>")).startswith("the page is empty")
        assert why_not("{}", "application/json").startswith("files of this kind cannot be read")

    @pytest.mark.parametrize(
        "content, kind",
        [
            ("<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>", "text/xml"),
            ('{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": []}', "application/json"),
            ("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>", "application/xml"),
        ],
    )
    def test_a_feed_given_as_an_article_is_told_how_to_be_followed(self, content: str, kind: str) -> None:
        assert why_not(content, kind) == "this is a feed, not an article; in Discord, /ingest feed follows it."

    def test_an_article_beside_a_login_and_a_note_about_scripts_is_read(self) -> None:
        around = "<form>Log in <input type=password></form><noscript>Enable JavaScript for comments.</noscript>"
        assert WORDS.strip() in read(page(body=f"{around}<article>{STORY * 3}</article><div id=root></div>")).text


def test_the_overlap_of_texts_counts_runs_of_words_and_their_repetitions() -> None:
    assert overlap("a b c d e", "a b c d e") == (1.0, 1.0)
    assert overlap("a b c d e", "a b c d x") == (0.5, 0.5)
    assert overlap("a b c d", "a b c d a b c d") == (0.2, 1.0)
    assert overlap("a b c d", "") == (0.0, 0.0)
    assert f1_of_means([(1.0, 1.0), (0.0, 1.0)]) == pytest.approx(2 / 3)
