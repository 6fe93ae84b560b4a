"""Formats whose parsers can be kept busy or brought down by a hostile file are read in a process of their own.

Parsing a page of 3 MB can take a minute and a few kilobytes of PDF can crash a parser. So the bytes go to the
standard input of `python -m retrieval.sources.isolated KIND`, behind a line with what else the kind needs to know.
That process is killed after `SECONDS`, gets no more memory than `MEMORY`, sees none of the bot's environment, and
answers in JSON on its standard output.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, TypedDict, cast

from retrieval.articles import ArticleDraft
from retrieval.errors import ArticleUnreadable
from retrieval.sources.decode import iso_date
from retrieval.sources.markdown import FIRST_HEADING, title_from_name
from retrieval.sources.signature import refuse_other_kinds

SECONDS = 20
MEMORY = 1 << 30
# More than any book holds; formats that repeat a header on every row could otherwise grow without end.
LARGEST_TEXT = 20_000_000
# Module and the word a person uses, by kind. Modules are imported in the other process only.
KINDS = {
    "html": ("html", "page"),
    "pdf": ("pdf", "PDF"),
    "docx": ("word", "document"),
    "pptx": ("slides", "presentation"),
    "xlsx": ("sheets", "workbook"),
    "epub": ("book", "book"),
    "feed": ("feed_format", "feed"),
}
# The bot's token and keys are in its environment; what parses strangers' files has no use for them.
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
# Twenty files at once must not take twenty times the memory.
_turns = BoundedSemaphore(max(2, os.cpu_count() or 2))


class Found(TypedDict, total=False):
    """What a format's extractor understood; `text` is Markdown."""

    text: str
    title: str | None
    author: str | None
    date: str | None
    url: str | None
    source: str | None
    language: str | None


# The content, and what else the kind needs to know of it (a feed: the address and the media type it came with).
Extractor = Callable[..., Any]


def read_isolated(kind: str, content: bytes, identity: str) -> Iterator[ArticleDraft]:
    """One article of a file of this kind.

    Blocking: call it from a thread. Raises ArticleUnreadable with what a person can do about it.
    """
    name = Path(identity).name
    refuse_other_kinds(kind, content, name)
    found = cast(Found, run_isolated(kind, content, name))
    text = found.get("text") or ""
    heading = FIRST_HEADING.search(text)
    url = found.get("url") or None
    yield ArticleDraft(
        title=found.get("title") or (heading.group(1).strip() if heading else title_from_name(identity)),
        text=text,
        identity=url or identity,
        url=url,
        source=found.get("source") or None,
        author=found.get("author") or None,
        published_at=iso_date(found.get("date")),
        language=found.get("language") or None,
    )


def run_isolated(kind: str, content: bytes, name: str, *arguments: str) -> dict[str, Any]:
    """What the extractor of this kind found, as JSON has it; `name` is what a sentence about a failure begins with.

    Blocking: call it from a thread. Raises ArticleUnreadable.
    """
    word = KINDS[kind][1]
    with _turns:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "retrieval.sources.isolated", kind],
                # Not on the command line, which everybody on the machine can read: addresses of feeds hold keys.
                input=json.dumps(arguments).encode() + b"\n" + content,
                capture_output=True,
                timeout=SECONDS,
                env={key: os.environ[key] for key in ENVIRONMENT if key in os.environ} | {"OPENBLAS_NUM_THREADS": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise ArticleUnreadable(f"{name}: reading the {word} took more than {SECONDS} seconds.") from error
    if done.returncode:
        raise ArticleUnreadable(f"{name}: the {word} is damaged or too large, and cannot be read.") from RuntimeError(
            done.stderr.decode(errors="replace")[-2_000:]
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise ArticleUnreadable(f"{name}: {answer['refused']}")
    return answer


def answer(kind: str, content: bytes, *arguments: str) -> Any:
    """In the killable process: what the extractor found, or `refused` with its sentence."""
    module, word = KINDS[kind]
    try:
        extract: Extractor = importlib.import_module(f"retrieval.sources.{module}").extract
        found = extract(content, *arguments)
    except ArticleUnreadable as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": f"reading the {word} takes more than {MEMORY >> 20} MB of memory."}
    over = (len(found.get("text", "")) - LARGEST_TEXT) / 1e6
    if over > 0:
        return {"refused": f"the {word}'s text is {over:.1f} million characters over the limit."}
    return found


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # If the bot dies meanwhile, nobody is left to kill this process.
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    warnings.simplefilter("ignore")
    arguments = json.loads(sys.stdin.buffer.readline())
    print(json.dumps(answer(sys.argv[1], sys.stdin.buffer.read(), *arguments)))


if __name__ == "__main__":
    _main()
