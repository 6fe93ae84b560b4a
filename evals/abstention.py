"""How many answerable questions are kept against how many unanswerable ones are refused, over all thresholds.

Beside the evidence gate a plain threshold on the cosine of the nearest passage, and the point that the configured
reader reached: with the quoting reader it lies on the gate's curve, a language model decides for itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evals.measures import auroc, mean
from evals.reading import Reading

# Shares of the answerable questions that the table compares at.
KEPT = (0.95, 0.9, 0.85, 0.8)
SYSTEMS = ("evidence gate", "cosine threshold")


@dataclass(frozen=True, slots=True)
class Abstention:
    """Scores of the answerable and the unanswerable questions of one sort, a pair a system, and the point in use."""

    name: str
    answerable: tuple[Sequence[float], ...]
    unanswerable: tuple[Sequence[float], ...]
    kept: float
    refused: float
    threshold: float

    @classmethod
    def of(cls, name: str, asked: Reading, lacking: Reading, threshold: float) -> Abstention:
        """Answerable questions of one reading against the unanswerable ones of another, or of the same."""
        return cls(
            name,
            (asked.likely_answerable, asked.cosine_answerable),
            (lacking.likely_unanswerable, lacking.cosine_unanswerable),
            mean(asked.kept),
            mean(lacking.refused),
            threshold,
        )


def curve(answerable: Sequence[float], unanswerable: Sequence[float]) -> list[tuple[float, float]]:
    """(share kept, share refused) when only scores from a threshold on are answered, for every threshold."""
    thresholds = [0.0, *sorted({*answerable, *unanswerable}), float("inf")]
    return [(mean([s >= t for s in answerable]), mean([s < t for s in unanswerable])) for t in thresholds]


def refused_at(points: Sequence[tuple[float, float]], kept: float) -> float:
    """The largest share refused while at least that share is kept."""
    return max(refused for share, refused in points if share >= kept)


def write(folder: Path, sets: Sequence[Abstention]) -> None:
    """Write abstention.png, abstention.md and abstention.json into the folder."""
    if not sets:
        return
    folder.mkdir(parents=True, exist_ok=True)
    header = ["unanswerable questions", "system", "AUROC", *(f"refused at {kept:.2f} kept" for kept in KEPT)]
    lines = [f"| {' | '.join([*header, 'in use: kept / refused'])} |", "| --- " * (len(header) + 1) + "|"]
    for one in sets:
        for system, yes, no in zip(SYSTEMS, one.answerable, one.unanswerable, strict=True):
            points = curve(yes, no)
            cells = [one.name, system, f"{auroc(yes, no):.3f}", *(f"{refused_at(points, kept):.3f}" for kept in KEPT)]
            used = f"{one.kept:.3f} / {one.refused:.3f}" if system == SYSTEMS[0] else ""
            lines.append(f"| {' | '.join([*cells, used])} |")
    lines += ["", f"Threshold in use: {sets[0].threshold:.2f}.", ""]
    (folder / "abstention.md").write_text("\n".join(lines), encoding="utf-8")
    values = [asdict(one) for one in sets]
    (folder / "abstention.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    _plot(folder / "abstention.png", sets)


def _plot(path: Path, sets: Sequence[Abstention]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(sets), figsize=(4.2 * len(sets), 4.2), squeeze=False, sharey=True)
    for axes, one in zip(panels[0], sets, strict=True):
        for system, style, yes, no in zip(SYSTEMS, ("-", "--"), one.answerable, one.unanswerable, strict=True):
            points = curve(yes, no)
            axes.plot([kept for kept, _ in points], [refused for _, refused in points], style, label=system)
        label = f"in use: {one.kept:.2f} kept, {one.refused:.2f} refused"
        axes.plot([one.kept], [one.refused], "o", color="black", label=label)
        axes.set_title(f"{one.name}\n{len(one.answerable[0])} answerable, {len(one.unanswerable[0])} not", fontsize=9)
        axes.set_xlabel("answerable questions kept")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="lower left")
    panels[0][0].set_ylabel("unanswerable questions refused")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
