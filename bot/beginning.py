"""How an article begins, for a card in Discord or the terminal."""

from __future__ import annotations

from retrieval.text import HEADING, LINE_PREFIX

# Cards show some hundred characters; articles may have millions.
LOOKED_AT = 5_000


def beginning(title: str, text: str) -> str:
    """The article's first words on one line, without marks of Markdown and without a heading that repeats the title."""
    lines = [line for line in text[:LOOKED_AT].splitlines() if line.strip()]
    if len(lines) > 1 and HEADING.match(lines[0]) and _words(lines[0]) == " ".join(title.split()):
        del lines[0]
    return " ".join(map(_words, lines))


def _words(line: str) -> str:
    return " ".join(LINE_PREFIX.sub("", line, count=1).split())
