"""Web pages: the main text by trafilatura, and what the page says about itself; walls are told from articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import trafilatura
from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import raised
from retrieval.sources.imprint import imprint_of
from retrieval.sources.isolated import Found
from retrieval.sources.table import row_lines

# Emphasis would be asterisks in the middle of quotes, and a link to the quoted words would not find them.
EMPHASIS = ("b", "strong", "i", "em", "u", "sup", "sub")
# The elements in which trafilatura looks for an article; it takes the first one only.
ARTICLE_BODY = re.compile(r"(?:article|post|entry|story)[-_]*(?:body|content|text)", re.IGNORECASE)
LEAST_CHUNK = 200
# A wall's own words are few; with more than this there is something to quote beside them.
WORDS_OF_A_WALL = 80
SCRIPT_WALL = re.compile(
    r"(?:enable|turn on|activate|requires?|needs?|allow|activer?|aktivieren|habilita\w*)\b.{0,40}\bjava ?script"
    r"|java ?script\b.{0,60}\b(?:enabled?|disabled|required|necessary|turned o\w+|aktiviert|désactivé|activé)",
    re.IGNORECASE | re.DOTALL,
)
APP_ROOTS = {"root", "app", "__next", "__nuxt", "___gatsby", "react-root", "main-app", "svelte", "app-root"}
LOGIN_WALL = re.compile(
    r"\b(?:log ?in|sign ?in|log ?on|anmelden|einloggen|connexion|connectez|inicia\w* sesión|accedi|войти)\b",
    re.IGNORECASE,
)
# Who may read on; a newsletter that one may subscribe to is another matter.
_WHO = r"(?:subscri\w+|members?|register|sign ?(?:in|up)|log ?in|abonn\w+)"
_REST = (
    r"(?:(?:continue|keep|finish|go on) reading|read on|(?:full|whole|rest of (?:the|this)) (?:article|story|text)"
    r"|weiterlesen|weiterzulesen|lire la suite)"
)
PAY_WALL = re.compile(
    rf"\b{_WHO}\b.{{0,60}}\b{_REST}\b|\b{_REST}\b.{{0,60}}\b{_WHO}\b"
    r"|\b(?:article|story|content|page) is (?:only |exclusively |reserved )?(?:for|available to) (?:\w+ )?"
    r"(?:subscribers|members)\b",
    re.IGNORECASE | re.DOTALL,
)
PAID = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
NOTE_MARK = re.compile(r"\s*[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?\s*")
ROW = re.compile(r"\|.*\|\s*")
RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")
# A bar that ends a cell; one of the cell's own words has a backslash before it.
BAR = re.compile(r"(?<!\\)\|")
# How trafilatura keeps a page's own brackets, asterisks and the like from being Markdown; in code it does not.
ESCAPED = re.compile(r"(?<!`)(?P<code>`++).*?(?<!`)(?P=code)(?!`)|(?<!\\)(?P<slashes>\\++)(?P<sign>[*_`~\[\]<])")
ESCAPED_BEGIN = re.compile(r"^(\s*(?:[-*+] |\d+\. )?(?:\d{1,9})?)\\(?=[#>+.)-])")
FENCE = "```"


def extract(content: bytes) -> Found:
    """The page's main text as Markdown, headings and lists kept."""
    tree = trafilatura.load_html(content)
    if tree is None:
        raise ArticleUnreadable("the page is empty: it has no text to quote.")
    found = imprint_of(tree, content)
    wall = _wall(tree)
    _join_chunks(tree)
    _frame_plain(tree)
    _raise_powers(tree)
    etree.strip_tags(tree, *EMPHASIS)
    text = trafilatura.extract(tree, output_format="markdown", include_comments=False, favor_precision=True) or ""
    if wall and len(text.split()) < WORDS_OF_A_WALL:
        raise ArticleUnreadable(wall)
    if not re.search(r"\w", text):
        raise ArticleUnreadable("the page is empty: it has no text to quote.")
    return {**found, "text": "\n".join(_lines(text))}


def _wall(tree: Any) -> str | None:
    """Why the page may hold no article of its own, if it looks as though it did not."""
    said = _said(tree, "title", "h1", "h2", "h3", "p", "noscript", "button", "label", "div")
    kinds = {kind.lower() for kind in tree.xpath("//input/@type")}
    if ("password" in kinds and LOGIN_WALL.search(said)) or (
        kinds & {"email", "text"} and LOGIN_WALL.search(_said(tree, "title", "h1"))
    ):
        return "the page is behind a login: it has no text to quote."
    scripts = tree.xpath("//script")
    empty_roots = [e for e in tree.xpath("//body//*[@id]") if e.get("id") in APP_ROOTS and not _words(e)]
    if SCRIPT_WALL.search(said) or (scripts and (empty_roots or not _words(tree.find("body")))):
        return "this page needs JavaScript: as it is sent, it has no text to quote."
    data = " ".join(tree.xpath("//script[@type='application/ld+json']/text()"))
    # A page whose data hold the article gives it to whoever asks, whatever they say of its price.
    if PAY_WALL.search(said) or (PAID.search(data) and '"articleBody"' not in data):
        return "the page shows only its first words: the article is behind a paywall or a login."
    return None


def _said(tree: Any, *names: str) -> str:
    return " ".join(" ".join(tree.itertext(*names)).split())


def _words(element: Any) -> int:
    """How many words a reader without scripts would see."""
    if element is None:
        return 0
    shown = element.xpath(
        ".//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"
    )
    return len(" ".join(shown).split())


def _join_chunks(tree: Any) -> None:
    """Articles that are sent in several equal elements, with advertisements between, become one."""
    for article in tree.iter("article"):
        chunks = [
            element
            for element in article.iter("div", "section")
            if ARTICLE_BODY.search(element.get("class") or "")
            and sum(len("".join(paragraph.itertext())) for paragraph in element.findall("p")) >= LEAST_CHUNK
        ]
        if len({chunk.get("class") for chunk in chunks}) != 1 or len(chunks) < 2:
            continue
        first, *others = chunks
        if any(other in chunks for chunk in chunks for other in chunk.iterancestors()):
            continue
        for other in others:
            first.extend(list(other))


def _frame_plain(tree: Any) -> None:
    """A document whose paragraphs stand in the body itself has no template around it: all of it is the article.

    trafilatura would look for a frame, find none, and gather paragraphs alone, without headings and lists.
    """
    body = tree.find("body")
    own = sum(len("".join(item.itertext())) for item in body.findall("p")) if body is not None else 0
    if own * 2 > sum(len("".join(item.itertext())) for item in tree.iter("p")) > 0:
        article = etree.SubElement(body, "article")
        article.text, body.text = body.text, None
        article.extend(list(body)[:-1])


def _raise_powers(tree: Any) -> None:
    """Powers become raised characters; numbers that link to notes would stand in the middle of quotes, and go."""
    for mark in list(tree.iter("sup")):
        linked = mark.getparent().tag == "a" or next(mark.iter("a"), None) is not None
        if linked and NOTE_MARK.fullmatch("".join(mark.itertext())):
            mark.drop_tree()
        elif not len(mark):
            mark.text = raised(mark.text or "")


def _lines(text: str) -> Iterator[str]:
    """The text as the page has it, each row of a table on a line that carries the names of its columns."""
    code = False
    for is_row, lines in groupby(text.splitlines(), lambda line: bool(ROW.fullmatch(line))):
        if not is_row:
            for line in lines:
                fence = line.startswith(FENCE)
                yield line if code or fence else _unescaped(line)
                code = code != fence
            continue
        rows = list(lines)
        marked = any(RULE.fullmatch(line) for line in rows[1:2])
        cells = (_cells(line) for line in rows if not RULE.fullmatch(line))
        yield from row_lines(cells, header=marked or None)


def _cells(row: str) -> list[str]:
    return [_unescaped(cell.strip().replace("\\|", "|")) for cell in BAR.split(row.strip())[1:-1]]


def _unescaped(line: str) -> str:
    """The words of a line as a reader of the page sees them; backslashes would stand in the middle of quotes."""

    def plain(match: re.Match[str]) -> str:
        # A backslash of the page itself was doubled.
        return match[0] if match["code"] else "\\" * (len(match["slashes"]) // 2) + match["sign"]

    return ESCAPED.sub(plain, ESCAPED_BEGIN.sub(r"\1", line))
