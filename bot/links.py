"""Links that open an article at the quoted words (text fragments, https://wicg.github.io/scroll-to-text-fragment/)."""

from __future__ import annotations

import re
from urllib.parse import quote

from retrieval.answers.answer import Quote
from retrieval.text import LIST_MARKER

# A short quote is given whole; of a longer one the first and last words, which bound the highlighted range.
WHOLE_QUOTE_WORDS = 10
EDGE_WORDS = 4
_MARKUP = re.compile(r"[*_`~#>|]+|!?\[|\](?:\([^)]*\))?")


def quote_link(cited: Quote) -> str | None:
    """The article's URL with a fragment that scrolls to the quote, or None for an article without a URL."""
    address = article_link(cited.passage.url)
    if address is None:
        return None
    # Lines of a list and cells of a table are elements of their own, and no search term may run across two.
    lines = [LIST_MARKER.sub("", part) for part in re.split(r"[\n|]", cited.text)]
    parts = [words for line in lines if (words := _MARKUP.sub(" ", line).split())]
    if not parts:
        return address
    if len(parts) == 1 and len(parts[0]) <= WHOLE_QUOTE_WORDS:
        target = _encode(parts[0])
    else:
        target = f"{_encode(parts[0][:EDGE_WORDS])},{_encode(parts[-1][-EDGE_WORDS:])}"
    return f"{address}{'' if '#' in address else '#'}:~:text={target}"


def without_quote(url: str) -> str:
    """The address of the page that such a link leads to, as the library knows it."""
    return re.sub(r"#?:~:.*", "", url)


def article_link(url: str | None) -> str | None:
    """A web address without characters that could speak to a terminal or end a Discord link; None for others."""
    if not url or not re.match(r"https?://", url):
        return None
    return quote(url, safe=":/?#@!$&'*+,;=%~-._[]")


def _encode(words: list[str]) -> str:
    # In a text directive a dash and a comma have a meaning of their own; quote() leaves the dash alone.
    return quote(" ".join(words), safe="").replace("-", "%2D")
