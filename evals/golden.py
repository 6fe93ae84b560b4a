"""Our golden questions about `articles/`, answered by the embedded default.

`python -m evals.golden` prints the figures, `-v` what failed; `--check` compares them with `baseline.json` and fails
when one fell (part of `make check`), `--update` accepts the present ones.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.app import open_app
from bot.ingest import ingest_paths
from evals.alone import settings_alone
from retrieval.answers.answer import Answer, Turn
from retrieval.library import LOCAL, Library

HERE = Path(__file__).parent
ARTICLES = HERE.parent / "articles"
BASELINE = HERE / "baseline.json"
# The embedder's last digits differ between processors, so one question of a figure may tip over; these may not.
STRICT = ("off topic: refused", "quotes verbatim at their offsets")

Figures = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one golden question."""

    question: str
    kind: str
    answerable: bool
    status: bool
    cited: bool
    first: bool
    said: bool
    verbatim: bool
    answer: str


async def run(articles: Path = ARTICLES) -> list[Outcome]:
    """Answer every golden question over a fresh library of the articles."""
    items = [json.loads(line) for line in (HERE / "golden.jsonl").read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        async with open_app(settings_alone(Path(folder))) as app:
            library = await app.libraries.open(LOCAL)
            async for _ in ingest_paths(library, [articles]):
                pass
            # Golden items name files; our articles' URLs end in their files' names.
            stems = {record.id: record.identity.rsplit("/", 1)[-1] for record in await library.articles()}
            outcomes = []
            for item in items:
                history = [Turn(turn["role"], turn["text"]) for turn in item.get("history") or []]
                answer = await app.answerer.answer(library, item["question"], history)
                outcomes.append(await _judge(item, answer, library, stems))
            return outcomes


async def _judge(item: dict[str, Any], answer: Answer, library: Library, stems: dict[int, str]) -> Outcome:
    quotes = [citation.quote for citation in answer.citations]
    cited = {stems[quote.passage.article_id] for quote in quotes}
    groups = item.get("all_of") or [item["must_cite"]]
    wanted = [text.lower() for text in item["answer_contains"]]
    verbatim = True
    for quote in quotes:
        text = await library.text(quote.passage.article_id) or ""
        verbatim = verbatim and text[quote.start : quote.end] == quote.text
    return Outcome(
        question=item["question"],
        kind=item["kind"],
        answerable=item["answerable"],
        status=answer.status == item["status"],
        cited=all(cited & set(group) for group in groups),
        first=any(text in quote.text.lower() for quote in quotes[:1] for text in wanted),
        said=any(text in quote.text.lower() for quote in quotes for text in wanted),
        verbatim=verbatim,
        answer=f"{answer.status}: {answer.body}",
    )


def figures(outcomes: list[Outcome]) -> Figures:
    """What is compared from run to run: how many were right, of how many."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    far = [outcome for outcome in outcomes if outcome.kind == "unanswerable_far"]
    near = [outcome for outcome in outcomes if not outcome.answerable and outcome.kind != "unanswerable_far"]
    counted = {
        "status right": [outcome.status for outcome in outcomes],
        "answerable: answered": [outcome.status for outcome in answerable],
        "answerable: right article cited": [outcome.cited for outcome in answerable],
        "answerable: answer in the first quote": [outcome.first for outcome in answerable],
        "answerable: answer in a quote": [outcome.said for outcome in answerable],
        "off topic: refused": [outcome.status for outcome in far],
        "on topic but not said: refused": [outcome.status for outcome in near],
        "quotes verbatim at their offsets": [outcome.verbatim for outcome in outcomes],
    }
    return {name: {"right": sum(values), "of": len(values)} for name, values in counted.items()}


def fallen(now: Figures, baseline: Figures) -> list[str]:
    """The figures that are below the baseline, each as a sentence."""
    if {name: value["of"] for name, value in now.items()} != {name: value["of"] for name, value in baseline.items()}:
        return ["baseline.json is of other questions or figures; look at the present ones and accept with --update."]
    return [
        f"{name} fell from {before['right']} to {now[name]['right']} of {now[name]['of']}."
        for name, before in baseline.items()
        if now[name]["right"] < before["right"] - (0 if name in STRICT else 1)
    ]


def table(outcomes: list[Outcome]) -> Table:
    """Figures by kind of question."""
    shown = Table("kind", "questions", "status right", "cited", "answer in a quote", title="Golden set")
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.kind].append(outcome)
    for kind, group in kinds.items():
        counted = [outcome for outcome in group if outcome.answerable]
        cells = [f"{_share([o.status for o in group]):.2f}"]
        cells += [f"{_share([getattr(o, name) for o in counted]):.2f}" if counted else "" for name in ("cited", "said")]
        shown.add_row(kind, str(len(group)), *cells)
    return shown


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, default=ARTICLES, help="the folder of the articles")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what failed")
    parser.add_argument("--check", action="store_true", help="fail when a figure is below the baseline")
    parser.add_argument("--update", action="store_true", help="accept the present figures as the baseline")
    chosen = parser.parse_args()
    console = Console()
    outcomes = asyncio.run(run(chosen.articles))
    now = figures(outcomes)
    console.print(table(outcomes))
    for name, value in now.items():
        console.print(f"{value['right']:>3} of {value['of']:<3} {name}", highlight=False)
    for outcome in outcomes if chosen.verbose else []:
        if not outcome.status or (outcome.answerable and not outcome.said):
            console.print(f"[yellow]{outcome.kind}[/] {outcome.question}\n    {outcome.answer}", highlight=False)
    if chosen.update:
        BASELINE.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    if chosen.check and (sentences := fallen(now, json.loads(BASELINE.read_text(encoding="utf-8")))):
        sys.exit("The golden set does not pass: " + " ".join(sentences))


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 1.0


if __name__ == "__main__":
    main()
