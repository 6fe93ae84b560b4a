"""A summary as Discord messages. Pure: a summary goes in, texts come out, escaped like answers."""

from __future__ import annotations

from bot.render import FOOTNOTES_BEGIN, escape, escape_marked, footnote, shortened, split
from retrieval.answers.answer import Sentence
from retrieval.answers.readers.quoting_reader import QUOTES
from retrieval.articles import ArticleRecord
from retrieval.summaries.summary import Summary

LONGEST_TITLE = 200
# A topic may stand on many articles; the footnotes name all that are quoted.
MOST_SOURCES = 6


def render_summary(summary: Summary) -> tuple[str, ...]:
    """Title, source and date, points, what is open, footnotes; every message at most 2,000 characters."""
    lines = [f"**{escape(shortened(summary.title, LONGEST_TITLE))}**"]
    for article in summary.articles[:MOST_SOURCES]:
        lines.append(f"-# {escape(shortened(source_line(article, named=summary.topic is not None), LONGEST_TITLE))}")
    if len(summary.articles) > MOST_SOURCES:
        lines.append(f"-# and {len(summary.articles) - MOST_SOURCES} more")
    for line, point in zip(summary.lines, summary.points, strict=True):
        lines.append(f"- {escape_marked(quotation(line, point, summary.model))}")
    lines += [escape_marked(line) for line in summary.disagreement_lines]
    if summary.unanswered:
        lines.append(f"*The article does not say:* {escape(', '.join(summary.unanswered))}.")
    lines += [escape(notice) for notice in summary.notices]
    lines += [FOOTNOTES_BEGIN, *(footnote(citation) for citation in summary.citations)]
    return tuple(split("\n".join(line for line in lines if line)))


def quotation(line: str, point: Sentence, model: str) -> str:
    """A point's line; between quotation marks where it is the article's own sentence; `model` wrote it."""
    if model != QUOTES:
        return line
    return f"“{point.text}”{line[len(point.text) :]}"


def source_line(article: ArticleRecord, named: bool) -> str:
    """Where an article is from and when; with its title where several are summarised together."""
    day = article.day or "undated"
    return " · ".join(part for part in (day, article.source, article.title if named else None) if part)
