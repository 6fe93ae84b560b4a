"""An ingestion's progress and its outcome as Discord shows them. Pure: progress goes in, texts come out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import outcome_line
from bot.counting import count
from bot.render import escape, shortened
from retrieval.index.writer import Added
from retrieval.ingestion.job import ItemProgress, Outcome, Progress

BAR = 12
# So many requests are shown by name while they are under way; the bar stands for the rest.
SHOWN_ITEMS = 4
# So many outcomes fit a message in any case; the whole list goes with it as a file.
SHOWN_OUTCOMES = 20
LONGEST_TABLE = 1_800


def progress_text(progress: Progress) -> str:
    """What is being done, ending in an ellipsis."""
    if len(progress.items) == 1:
        return f"{_stage(progress.items[0])} …"
    done, all_items = progress.done, len(progress.items)
    filled = round(BAR * done / all_items)
    lines = [f"{'▰' * filled}{'▱' * (BAR - filled)} {done} of {all_items}"]
    lines += [_stage(item) for item in progress.items if item.stage not in ("waiting", "done")][:SHOWN_ITEMS]
    return "\n".join(lines) + " …"


def outcome_table(outcomes: Sequence[Outcome], stopped: bool) -> tuple[str, str | None]:
    """What came of a job with several articles: the message, and the whole table where it does not fit."""
    kept = [outcome for outcome in outcomes if isinstance(outcome, Added) and outcome.kept]
    new = sum(outcome.status == "added" for outcome in kept)
    head = f"{count(new, 'article')} added, {len(kept) - new} updated or known, {len(outcomes) - len(kept)} not added."
    if stopped:
        head = f"Stopped. {head}"
    lines = [outcome_line(outcome) for outcome in outcomes]
    shown: list[str] = []
    for line in lines[:SHOWN_OUTCOMES]:
        if sum(map(len, shown)) + len(line) > LONGEST_TABLE - 2 * len(lines):
            break
        shown.append(line)
    if len(shown) == len(lines):
        return "\n".join([head, *lines]), None
    rest = f"-# and {len(lines) - len(shown)} more; the whole list is attached."
    return "\n".join([head, *shown, rest]), "\n".join([head, "", *(f"- {line}" for line in lines)]) + "\n"


def _stage(item: ItemProgress) -> str:
    name = escape(shortened(item.name, 100))
    match item.stage:
        case "fetching":
            return f"Fetching {name}"
        case "reading":
            return f"Reading {name}"
        case "indexing":
            done, total = item.passages
            return f"Read {name}; indexing" + (f" {done} of {count(total, 'passage')}" if total else "")
        case _:
            return f"Waiting for {name}"
