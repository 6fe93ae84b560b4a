"""An issue of a digest as Discord messages. Pure: an issue goes in, texts come out, escaped like answers."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.render import FOOTNOTES_BEGIN, escape, escape_marked, footnote, shortened, split
from bot.summary_text import quotation, source_line
from retrieval.digests.digest import Digest, Issue, Story

NEWS = "news"
LONGEST_TITLE = 200
LONGEST_FEED = 60
# Of a story told by many, the newest versions are named.
MOST_SOURCES = 4


def render_issue(issue: Issue, server_name: str) -> tuple[str, ...]:
    """What is new, story by story, then the footnotes; every message at most 2,000 characters.

    The first message begins with the server's name and the mark of the issue's due moment.
    """
    of = escape(about(issue.digest).removeprefix(NEWS))
    lines = [
        f"**New in {escape(shortened(server_name, LONGEST_TITLE))}**{of and f' {of}'}",
        issue_mark(issue.digest, issue.due),
    ]
    if not issue.stories:
        return ("\n".join([*lines, "Nothing new since the last digest."]),)
    for story, points in zip(issue.stories, issue.lines, strict=True):
        lines.append(f"**{escape(shortened(story.title, LONGEST_TITLE))}**")
        lines += [f"-# {escape(source)}" for source in sources(story)]
        for line, point in zip(points, story.points, strict=True):
            lines.append(f"- {escape_marked(quotation(line, point, story.model))}")
    if issue.more:
        lines.append(f"*{left_out(issue.more)}*")
    if issue.citations:
        lines += [FOOTNOTES_BEGIN, *(footnote(citation) for citation in issue.citations)]
    return tuple(split("\n".join(lines)))


def about(digest: Digest) -> str:
    """What a digest is of, in a few words."""
    feed = f" from “{shortened(digest.feed_title, LONGEST_FEED)}”" if digest.feed_title else ""
    topic = f" on “{shortened(digest.topic, LONGEST_TITLE)}”" if digest.topic else ""
    return f"{NEWS}{feed}{topic}"


def paused_line(digest: Digest) -> str:
    """Why a digest is paused and how it goes on, for the person who asked for it."""
    named = f"the digest of {escape(about(digest))}"
    if digest.state == "broken":
        where = f" for <#{digest.channel_id}>" if digest.channel_id else ""
        return (
            f"Paused since I failed to make it three times, by a defect of mine: {named}{where}. Nothing is lost: "
            "`/digest on` tries again, with everything since the last one. Should that fail too, the log of who runs "
            "this bot says why."
        )
    if digest.channel_id is None:
        return f"Paused since your DMs were closed to me three times: {named}. `/digest on` lets it go on."
    channel = f"<#{digest.channel_id}>"
    return (
        f"Paused since I may not write in {channel}, three times now: {named} there. "
        "Let me view and write in that channel; then `/digest on` with the channel lets it go on."
    )


def issue_mark(digest: Digest, due: datetime) -> str:
    """The line that tells an issue from all others: the local date and hour it was due, and the digest's number."""
    local = due.astimezone(ZoneInfo(digest.zone))
    return f"-# Digest of {local:%Y-%m-%d %H:%M} ({escape(digest.zone)}) · no. {digest.id}"


def sources(story: Story) -> list[str]:
    """Where a story is from, newest version first; with titles where it has several."""
    several = len(story.articles) > 1
    shown = [shortened(source_line(article, named=several), LONGEST_TITLE) for article in story.articles[:MOST_SOURCES]]
    more = len(story.articles) - len(shown)
    return [*shown, *([f"and {more} more"] if more else [])]


def left_out(more: int) -> str:
    """How many stories an issue does not tell."""
    return f"and {more} more {'story' if more == 1 else 'stories'}, in the library like these"
