"""Measures, each with its source, and confidence intervals."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")
ROUNDS = 1_000
SEED = 7


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean (Efron 1979), the same at every run."""
    return (mean(values), mean(values)) if len(values) < 2 else bootstrap(values, mean)


def bootstrap(items: Sequence[Item], statistic: Callable[[Sequence[Item]], float]) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of any statistic of the items."""
    chance = random.Random(SEED)
    drawn = sorted(statistic(chance.choices(items, k=len(items))) for _ in range(ROUNDS))
    return drawn[int(0.025 * ROUNDS)], drawn[int(0.975 * ROUNDS) - 1]


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], depth: int = 10) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002) of a ranking of ids."""
    ideal = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(sorted(gains.values(), reverse=True)[:depth]))
    found = sum(gains.get(one, 0.0) / math.log2(rank + 2) for rank, one in enumerate(ranked[:depth]))
    return found / ideal if ideal else 0.0


def reciprocal_rank(hits: Sequence[bool], depth: int = 10) -> float:
    """One over the rank of the first hit, 0 beyond the depth."""
    return next((1.0 / (rank + 1) for rank, hit in enumerate(hits[:depth]) if hit), 0.0)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores above a negative, ties counting half (the area under the ROC curve)."""
    ranked = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    total, position = 0.0, 0
    while position < len(ranked):
        end = position
        while end < len(ranked) and ranked[end][0] == ranked[position][0]:
            end += 1
        total += (position + end + 1) / 2 * sum(label for _, label in ranked[position:end])
        position = end
    pairs = len(positive) * len(negative)
    return (total - len(positive) * (len(positive) + 1) / 2) / pairs if pairs else 0.5


def auroc_interval(positive: Sequence[float], negative: Sequence[float]) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the AUROC, both sides drawn anew."""
    chance = random.Random(SEED)
    areas = sorted(
        auroc(chance.choices(positive, k=len(positive)), chance.choices(negative, k=len(negative)))
        for _ in range(ROUNDS if positive and negative else 0)
    )
    return (areas[int(0.025 * ROUNDS)], areas[int(0.975 * ROUNDS) - 1]) if areas else (0.5, 0.5)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def normal(text: str) -> str:
    """Text for comparing quotes: white space, quotation marks and case do not matter."""
    return re.sub(r"[\s\"'“”‘’`]+", " ", text).strip().lower()


def says(text: str, gold: str) -> bool:
    """Does a text contain a gold answer as whole words? `3` is not in `1930`."""
    return re.search(rf"(?<!\w){re.escape(normal(gold))}(?!\w)", normal(text)) is not None


def holds(passage: str, quote: str) -> bool:
    """Does a passage hold a quote, or the larger part of one that the split has cut?"""
    passage, quote = normal(passage), normal(quote)
    if quote in passage:
        return True
    words = quote.split()
    most = math.ceil(0.6 * len(words))
    return len(words) >= 8 and any(part in passage for part in (" ".join(words[:most]), " ".join(words[-most:])))


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The runs of so many words in a text; a shorter text is one run."""
    words = re.findall(r"\w+", text)
    return (
        Counter(tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1)))
        if words
        else Counter()
    )


def overlap(gold: str, found: str) -> tuple[float, float]:
    """Precision and recall of a text's shingles against the gold text's, repetitions counted."""
    wanted, there = shingles(gold), shingles(found)
    common = (wanted & there).total()
    return common / max(there.total(), 1), common / max(wanted.total(), 1)


def f1_of_means(pairs: Sequence[tuple[float, float]]) -> float:
    """The harmonic mean of mean precision and mean recall, as the article extraction benchmark has it."""
    precision, recall = mean([p for p, _ in pairs]), mean([r for _, r in pairs])
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
