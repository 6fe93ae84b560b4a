"""Results as a table, a Markdown file, JSON, and a plot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.cost import COSTS
from evals.measures import auroc, auroc_interval, interval, mean

# What ratios compare with.
BASELINE = "BM25 alone"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one system on one set, with its 95 % interval and how many questions it stands on."""

    dataset: str
    measure: str
    system: str
    value: float
    low: float
    high: float
    questions: int


def row(dataset: str, measure: str, system: str, values: Sequence[float]) -> Row:
    """The mean of values as a row."""
    low, high = interval(values)
    return Row(dataset, measure, system, round(mean(values), 6), round(low, 6), round(high, 6), len(values))


def exact(dataset: str, measure: str, system: str, value: float, count: int) -> Row:
    """A count a thing, which no sample was drawn for, as a row."""
    return Row(dataset, measure, system, round(value, 4), round(value, 4), round(value, 4), count)


def area(dataset: str, measure: str, positive: Sequence[float], negative: Sequence[float]) -> Row:
    """How well a score separates two groups, as a row."""
    low, high = auroc_interval(positive, negative)
    value = auroc(positive, negative)
    count = len(positive) + len(negative)
    return Row(dataset, measure, "footnote", round(value, 4), round(low, 4), round(high, 4), count)


def ratio(rows: Sequence[Row], one: Row) -> str:
    """A figure over the baseline's in the same run; empty where the baseline has none."""
    same = (o for o in rows if (o.dataset, o.measure, o.system) == (one.dataset, one.measure, BASELINE))
    base = next(same, None)
    return f"{one.value / base.value:.2f}" if base and base.value else ""


def show(console: Console, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Print the rows."""
    table = Table("set", "measure", "system", "value", "95 %", "ratio", "questions", title="Footnote benchmarks")
    for one in rows:
        bounds = f"{one.low:.3f}–{one.high:.3f}"
        table.add_row(
            one.dataset, one.measure, one.system, f"{one.value:.3f}", bounds, ratio(rows, one), str(one.questions)
        )
    console.print(table)
    for note in notes:
        console.print(note, highlight=False)


def write(folder: Path, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Write results.json, results.md and results.png into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"rows": [asdict(one) for one in rows], "notes": list(notes)}
    (folder / "results.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = [f"| set | measure | system | value | 95 % | ÷ {BASELINE} | questions |", "| --- " * 7 + "|"]
    lines += [
        f"| {o.dataset} | {o.measure} | {o.system} | {o.value:.3f} | {o.low:.3f}–{o.high:.3f} | {ratio(rows, o)} "
        f"| {o.questions} |"
        for o in rows
    ]
    (folder / "results.md").write_text("\n".join([*lines, "", *(f"* {note}" for note in notes), ""]), encoding="utf-8")
    _plot(folder / "results.png", rows)


def _plot(path: Path, rows: Sequence[Row]) -> None:
    """Systems side by side, a group of bars a measure that has several of them.

    Below stand the parts of measures ("when: answer quoted"), and costs on an axis of their own.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    compared = [one for one in rows if sum(o.measure == one.measure and o.dataset == one.dataset for o in rows) > 1]
    costs = [one for one in compared if one.measure in COSTS]
    detailed = [one for one in compared if ": " in one.measure]
    parts = [part for part in ([one for one in compared if one not in costs + detailed], detailed, costs) if part]
    if not parts:
        return
    systems = list(dict.fromkeys(one.system for one in compared))
    widest = max(len({(one.dataset, one.measure) for one in part}) for part in parts)
    figure, axes = pyplot.subplots(len(parts), 1, figsize=(max(6.0, 1.5 * widest), 4.5 * len(parts)), squeeze=False)
    for part, (axis,) in zip(parts, axes, strict=True):
        _bars(axis, part, {system: f"C{number}" for number, system in enumerate(systems)})
        if part[0].measure in COSTS:
            axis.set_yscale("log")
            axis.set_ylabel("less is better")
        else:
            axis.set_ylim(0, 1)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def _bars(axis: Any, rows: Sequence[Row], colors: Mapping[str, str]) -> None:
    groups = list(dict.fromkeys((one.dataset, one.measure) for one in rows))
    systems = [system for system in colors if any(one.system == system for one in rows)]
    width = 0.8 / len(systems)
    for number, system in enumerate(systems):
        found = {(one.dataset, one.measure): one for one in rows if one.system == system}
        places = [index + number * width for index, group in enumerate(groups) if group in found]
        shown = [found[group] for group in groups if group in found]
        errors = [[o.value - o.low for o in shown], [o.high - o.value for o in shown]]
        color, line = colors[system], {"linewidth": 0.8}
        axis.bar(places, [o.value for o in shown], width, yerr=errors, label=system, color=color, error_kw=line)
    axis.set_xticks([index + 0.4 - width / 2 for index in range(len(groups))])
    axis.set_xticklabels([f"{dataset}\n{measure}" for dataset, measure in groups], fontsize=7)
    axis.legend(fontsize=8)
