"""What a page says about itself: title, author, day, address, site and language, without what templates add.

trafilatura finds the candidates, htmldate the day; here goes what would look wrong in a footnote: the site's name
behind the title, `Published` behind an author, a home page as the address of an article.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from htmldate import find_date

from retrieval.calendar_names import MONTHS
from retrieval.sources.dates import spelled_date
from retrieval.sources.decode import iso_date
from retrieval.sources.isolated import Found

# A longer one is a slogan, or a title's second half taken for it.
LONGEST_SITE = 60
SEPARATOR = re.compile(r"\s+(?:[|·•»–—:-]|--|::)\s+|\s*\|\s*|--")
BEFORE_NAME = re.compile(r"^(?:(?:(?:\w+ )?by|von|par|por|di|door|text|текст|автор|редактор)\b[: ]*)+", re.IGNORECASE)
AFTER_NAME = re.compile(rf"(?:[\s,]+(?:published|updated|posted|{'|'.join(MONTHS)}))+$", re.IGNORECASE)
POSITION = re.compile(r"\b(?:writers?|editors?|reporters?|correspondents?|columnists?|contributors?)\b", re.IGNORECASE)
PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]*)"')
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")


def imprint_of(tree: Any, content: bytes) -> Found:
    """Everything but the text; `tree` is the parsed page and stays as it is."""
    found = trafilatura.extract_metadata(tree)
    facts: dict[str, Any] = found.as_dict() if found else {}
    url = _address(tree, facts.get("url"))
    host = re.sub(r"^www\.", "", urlsplit(url or "").hostname or "")
    site = _site(tree, facts.get("sitename"))
    stated = _content(tree, "og:site_name")
    names = {_squashed(name) for name in (site, stated, host, host.rpartition(".")[0]) if name}
    return Found(
        title=_title(facts.get("title"), names),
        author=_authors(facts.get("author"), names),
        date=_day(tree, content),
        url=url,
        source=site or host or None,
        language=_language(tree),
    )


def _squashed(text: str) -> str:
    return re.sub(r"\W|_", "", text).lower()


def _content(tree: Any, *names: str) -> str | None:
    """The first meta element of any of these names that says something."""
    for name in names:
        for value in tree.xpath("//meta[@property=$name or @name=$name or @http-equiv=$name]/@content", name=name):
            if words := " ".join(value.split()):
                return str(words)
    return None


def _address(tree: Any, guess: str | None) -> str | None:
    """The canonical address; that of a home page is not an article's."""
    linked = tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href")
    for candidate in (*linked, _content(tree, "og:url"), guess):
        try:
            parts = urlsplit(str(candidate or "").strip())
        except ValueError:  # A bracket that is never closed, for one.
            continue
        if parts.scheme in ("http", "https") and parts.hostname and parts.path.strip("/") + parts.query:
            return parts.geturl()
    return None


def _site(tree: Any, guess: str | None) -> str | None:
    """The site's name; a slogan behind it, an address and a copyright notice are none."""
    for candidate in (_content(tree, "og:site_name"), guess):
        name = SEPARATOR.split(candidate.strip())[0].strip() if candidate else ""
        if (
            0 < len(name) <= LONGEST_SITE
            and "://" not in name
            and not re.match(r"@|©|\(c\)|copyright\b", name, re.IGNORECASE)
        ):
            return name
    return None


def _title(title: str | None, names: set[str]) -> str | None:
    """The title without the site's name in front of it or behind it."""
    words = " ".join((title or "").split())
    for place in list(SEPARATOR.finditer(words))[::-1]:
        if _squashed(words[place.end() :]) in names and words[: place.start()].strip():
            words = words[: place.start()].strip()
    for place in re.finditer(r": |\s[|–—-]\s", words):
        if _squashed(words[: place.start()]) in names and words[place.end() :].strip():
            words = words[place.end() :].strip()
            break
    return words or None


def _authors(authors: str | None, names: set[str]) -> str | None:
    """Names, separated by commas; positions, account names and the site itself are none."""
    found: list[str] = []
    for part in (authors or "").split(";"):
        name = AFTER_NAME.sub("", BEFORE_NAME.sub("", " ".join(part.split()))).strip(" ,.|")
        if len(name) > 2 and not re.search(r"@|://|\w\.\w{2,}$", name) and _squashed(name) not in names:
            found.append(name)
    people = [name for name in found if not POSITION.search(name)]
    return ", ".join(dict.fromkeys(people or found)) or None


def _day(tree: Any, content: bytes) -> str | None:
    """The day of publication: the one that JSON-LD states in words, which htmldate does not read, else htmldate's.

    A first of January that only the extensive search finds is the year of a copyright notice.
    """
    data = " ".join(tree.xpath("//script[@type='application/ld+json']/text()"))
    stated = {spelled_date(value) for value in PUBLISHED.findall(data) if not iso_date(value)}
    if len(stated) == 1 and (day := stated.pop()):
        return day
    day = find_date(content, extensive_search=True, original_date=True)
    if day and day.endswith("-01-01") and find_date(content, extensive_search=False, original_date=True) != day:
        return None
    return day


def _language(tree: Any) -> str | None:
    root = tree.getroottree().getroot()
    stated = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    match = LANGUAGE.fullmatch((stated or _content(tree, "content-language", "og:locale") or "").strip())
    return match.group(1).lower() if match else None
