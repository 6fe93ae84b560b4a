"""Rows of Markdown tables as they read alone.

`| Oslo | 709,000 |` says nothing without the names of its columns: it is read, compared and shown as
"City: Oslo; Population: 709,000", and quoted as it stands.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from retrieval.articles import Span

# Every cell ends in a bar (or an Org table's plus): with free ends a long rule could be read in too many ways.
_RULER = re.compile(r"\|?\s*:?-{3,}:?\s*(?:[|+]\s*:?-{3,}:?\s*)*\|?")


def worded(text: str, span: Span) -> str:
    """A sentence of a text; a row of a table with the names of its columns, and nothing for those names themselves."""
    line = span.of(text)
    if not line.startswith("|") or "\n" in line:
        return line
    if _RULER.fullmatch(line) or _RULER.fullmatch(_next_line(text, span.end)):
        return ""
    above: list[str] = []
    for earlier in reversed(text[: span.start].split("\n")[:-1]):
        if not earlier.lstrip().startswith("|"):
            break
        above.append(earlier.strip())
    ruler = next((at for at, earlier in enumerate(above) if _RULER.fullmatch(earlier)), len(above))
    if ruler + 1 >= len(above):
        return line
    named = zip_longest(_cells(above[ruler + 1]), _cells(line), fillvalue="")
    return "; ".join(f"{name}: {value}" if name else value for name, value in named if value)


def _next_line(text: str, end: int) -> str:
    return text[end:].lstrip(" \t|").removeprefix("\n").split("\n", 1)[0].strip()


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
