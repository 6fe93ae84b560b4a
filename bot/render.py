"""An answer as Discord messages.

Pure: an answer goes in, texts come out. Article text and model output are escaped, links are wrapped in `<…>`
so that Discord shows no previews, and nothing here can ping anyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.links import article_link, quote_link
from retrieval.answers.answer import Answer, Citation
from retrieval.answers.sanitize import broken_addresses, without_targets

MESSAGE_LIMIT = 2_000
MOST_MESSAGES = 3
# Discord shows a long quote as a wall of small print; the link leads to the rest.
SHOWN_QUOTE = 280
MOST_COPIES = 3
FENCE = "```"
# How a draft ends, and a complete answer never does.
UNFINISHED = " …"
# What has a meaning anywhere in a line, and what has one at its beginning.
SPECIAL = re.compile(r"([\\*_~|`\[\]<]|^[->#+])")
# A zero-width joiner, a variation selector, an accent or a skin tone: part of the character before it.
JOINING = re.compile(r"[\u200d\ufe0f\u0300-\u036f\U0001f3fb-\U0001f3ff]")
# Marks the start of what is not the answer itself; the conversation reader cuts there.
FOOTNOTES_BEGIN = "-# \u2500\u2500\u2500"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The messages of an answer, and the whole as a Markdown file when it does not fit them."""

    messages: tuple[str, ...]
    document: str | None = None


def render(answer: Answer, asked: str | None = None, notes: tuple[str, ...] = ()) -> Rendered:
    """The finished answer with its footnotes.

    `asked` is repeated on top where the question would otherwise not be visible (slash commands); `notes` are
    small lines at the end, such as which server's library answered.
    """
    top = f"> {_one_line(asked, 300)}\n" if asked else ""
    body = top + (_body(answer) or "…")
    footnotes = [footnote(citation) for citation in answer.citations]
    small = [f"-# {note}" for note in notes]
    blocks = [body, *([FOOTNOTES_BEGIN, *footnotes, *small] if footnotes or small else [])]
    messages = split("\n".join(blocks))
    if len(messages) <= MOST_MESSAGES:
        return Rendered(tuple(messages))
    document = _document(answer, notes)
    end = "\n-# The whole answer with all footnotes is in the attached file."
    return Rendered((split(body, MESSAGE_LIMIT - len(end))[0] + end,), document)


def render_draft(answer: Answer, asked: str | None = None) -> str:
    """An unfinished answer as far as it is checked, in one message."""
    top = f"> {_one_line(asked, 300)}\n" if asked else ""
    return split(top + _body(answer), MESSAGE_LIMIT - len(UNFINISHED))[0] + UNFINISHED


def split(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """Cut a text into pieces of at most `limit` characters, at lines, sentences or words.

    A code block that must be cut is closed in one piece and opened again, in its language, in the next.
    Length is counted as Discord counts it, in code points.
    """
    pieces: list[str] = []
    opened = ""
    rest = text
    while len(opened) + len(rest) > limit:
        room = limit - len(opened) - len(FENCE) - 1
        at = _cut(rest, room)
        piece, rest = opened + rest[:at].rstrip(), rest[at:].lstrip("\n")
        fence = _open_fence(piece)
        pieces.append(f"{piece}\n{FENCE}" if fence else piece)
        opened = f"{fence}\n" if fence else ""
        rest = rest if fence else rest.lstrip()
    pieces.append(opened + rest)
    return [piece for piece in pieces if piece.strip()] or [text[:limit]]


def escape(text: str) -> str:
    """Text from outside on one line, without meaning to Discord: no formatting, links or mentions."""
    # One pass over the characters, linear on anything: discord.py's own function is not.
    flat = SPECIAL.sub(r"\\\1", " ".join(text.split()))
    # Addresses and invitations would become links, with a preview.
    return discord.utils.escape_mentions(broken_addresses(flat))


def unescape(text: str) -> str:
    """What `escape` has made of a line, as it was."""
    return re.sub(r"\\([\\*_~|`\[\]<>#+-])", r"\1", text).replace("\u200b", "")


def _body(answer: Answer) -> str:
    return _prose(answer.text)


def _prose(text: str) -> str:
    """Sentences as they may be shown: escaped, except inside code blocks, which show everything as it is."""
    parts = re.split(r"(```[\s\S]*?```)", text)
    return "".join(part if index % 2 else escape_marked(part) for index, part in enumerate(parts))


def escape_marked(text: str) -> str:
    """Lines of text from outside, escaped; list markers at their beginning and footnote markers stay."""
    lines: list[str] = []
    for line in text.split("\n"):
        marker = re.match(r"\s*(?:[-*+]|\d{1,3}\.)\s+", line)
        start = marker.end() if marker else 0
        # Footnote markers are ours and stay as they are.
        pieces = re.split(r"((?:\s?\[\d{1,3}\])+)", line[start:])
        text = "".join(piece if index % 2 else _escape_spaced(piece) for index, piece in enumerate(pieces))
        lines.append(line[:start] + text)
    return "\n".join(lines)


def _escape_spaced(text: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    begin = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return text[:begin] + escape(inner) + text[end:]


def footnote(citation: Citation) -> str:
    """A footnote as a line of small print: number, title as a link to the words, date, quote."""
    quote = citation.quote
    title = escape(shortened(quote.passage.title, 120))
    link = quote_link(quote)
    if link and len(link) <= 700:
        title = f"[{title}](<{link}>)"
    day = f" · {quote.passage.day}" if quote.passage.day else ""
    also = _copies(citation)
    return f"-# [{citation.n}] {title}{day} · “{escape(shortened(without_targets(quote.text), SHOWN_QUOTE))}”{also}"


def _copies(citation: Citation) -> str:
    """Where else the same text stands, as links with the sites' names."""
    links = [(passage.source or passage.title, article_link(passage.url)) for passage in citation.copies[:MOST_COPIES]]
    named = [f"[{escape(shortened(name, 40))}](<{link}>)" for name, link in links if link]
    return f" · also {', '.join(named)}" if named else ""


def _document(answer: Answer, notes: tuple[str, ...]) -> str:
    """The answer as a Markdown file."""
    lines = [f"# {_one_line(answer.question, 500)}", "", answer.text, "", "## Footnotes", ""]
    for citation in answer.citations:
        passage = citation.quote.passage
        day = f", {passage.day}" if passage.day else ""
        lines += [
            f"{citation.n}. {escape(passage.title)}{day}",
            "",
            f"   > {escape(without_targets(citation.quote.text))}",
            "",
        ]
        link = quote_link(citation.quote)
        lines += [f"   <{link}>", ""] if link else []
    return "\n".join([*lines, *notes, ""])


def _cut(text: str, room: int) -> int:
    """Where to cut, at most at `room`: after a line, else a sentence, else a word, else anywhere."""
    window = text[:room]
    for pattern in (r"\n", r"[.!?…][\"”’)\]]*(?:\s?\[\d+\])*\s", r"\s"):
        ends = [match.end() for match in re.finditer(pattern, window)]
        if ends and ends[-1] >= room // 3:
            return ends[-1]
    # Not between a character and the joiner or modifier that belongs to it.
    for at in range(room, room // 3, -1):
        if not JOINING.match(text, at) and text[at - 1] != "\u200d":
            return at
    return room


def _open_fence(text: str) -> str:
    """The line that opened the code block in which the text ends, or nothing."""
    opened = ""
    for match in re.finditer(r"```(?:([\w+-]{1,20})(?=\n))?", text):
        opened = "" if opened else FENCE + (match.group(1) or "")
    return opened


def _one_line(text: str, length: int) -> str:
    return escape(shortened(" ".join(text.split()), length))


def shortened(text: str, length: int) -> str:
    """The text, cut at a word where it is longer."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
