"""Does the citation checker tell what an article supports from what it does not? WiCE and SummEdits news.

The article is split into the program's own passages, and the claim is checked against all of them, as if each had
been cited. Then real sentences with one fact changed by rule (`edits.py`) are checked against their own passage.
Baselines in the same run: the share of the claim's words in the best three sentences, and the cosine of the claim to
the nearest sentence as the built-in embedder sees it, each with the one threshold that serves it best over both sets,
found on these very claims, which flatters them. With a chat model there is one more system: what the checker lets
pass is judged by the model as well, one claim a call.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.edits import edits
from evals.measures import ROUNDS, SEED, mean, percentile
from evals.report import Row, row
from evals.sets import load
from retrieval.answers.answer import Quote, Sentence
from retrieval.answers.checking.checker import Checker
from retrieval.answers.checking.judge import Judge
from retrieval.answers.wording.orders import orders
from retrieval.articles import Passage
from retrieval.errors import ModelUnavailable
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.index.splitter import split
from retrieval.text import sentences, terms

SETS = ("wice", "summedits-news")
MEASURE = "balanced accuracy of support"
WINDOW = 3
# Sets whose sentences are edited, and how many of their passages.
EDITED = ("multihop-rag", "squad2")
EDITED_PASSAGES = 200
# An article has a hundred sentences; the nearest shares words with the claim.
EMBEDDED = 10


@dataclass(frozen=True, slots=True)
class Item:
    """A claim, the passages it is checked against, and whether they support it; a group shares an article."""

    dataset: str
    group: str
    claim: str
    passages: tuple[Passage, ...]
    supported: bool


def load_claims(folder: Path, name: str) -> list[Item]:
    """The claims of a set; none when its file is not there."""
    path = folder / name / "claims.jsonl"
    if not path.exists():
        return []
    texts: dict[str, str] = {}
    corpus = folder / name / "corpus.jsonl"
    if corpus.exists():
        texts = {one["id"]: one["text"] for one in map(json.loads, corpus.read_text("utf-8").splitlines())}
    items: list[Item] = []
    known: dict[str, tuple[Passage, ...]] = {}
    for claim in map(json.loads, path.read_text("utf-8").splitlines()):
        text = texts[claim["doc_id"]] if texts else "\n".join(claim["evidence_sentences"])
        passages = known.setdefault(text, _passages(name, text, len(known)))
        supported = claim["label"] in ("supported", "consistent")
        items.append(Item(name, f"{name} {passages[0].article_id}", claim["claim"], passages, supported))
    return items


async def evaluate_checking(folder: Path, limit: int | None, judge: Judge | None = None) -> tuple[list[Row], list[str]]:
    """Rows and notes; both are empty when neither set is there."""
    items = [item for name in SETS for item in _sample(load_claims(folder, name), limit)]
    if not items:
        return [], []
    checker, seconds = Checker(), list[float]()
    quotes: list[tuple[Quote, ...]] = []
    for item in items:
        begun = time.perf_counter()
        quotes.append(checker.quotes(item.claim, item.passages))
        seconds.append(time.perf_counter() - begun)
    note = f"Checking a claim against its article takes {1000 * percentile(seconds, 0.5):.1f} ms (p95 "
    note += f"{1000 * percentile(seconds, 0.95):.0f} ms, when the article has to be analysed first)."
    notes = [note]
    systems = {"footnote": [float(bool(found)) for found in quotes]}
    if judge is not None:
        sentences = [Sentence(item.claim, found) for item, found in zip(items, quotes, strict=True)]
        systems["footnote and judge"], said = await _judged(judge, sentences)
        notes.append(said)
    shared = {"plain overlap": _overlaps, "embedding similarity": _cosines}
    scores = {name: score(items) for name, score in shared.items()}
    thresholds = {name: best_threshold(items, found) for name, found in scores.items()}
    systems |= {name: _decided(found, thresholds[name]) for name, found in scores.items()}
    rows = [line for name in SETS for system, kept in systems.items() for line in _rows(items, name, system, kept)]
    for name in EDITED:
        changed = _edited(folder, name)
        passed = {"footnote": [float(bool(checker.quotes(item.claim, item.passages))) for item in changed]}
        # The cosine takes minutes, and refuses one in fifty.
        passed["plain overlap"] = _decided(_overlaps(changed), thresholds["plain overlap"])
        rows += [line for system, kept in passed.items() for line in _refusals(name, system, changed, kept)]
    rows.append(row("wice, summedits-news", "sentences of the article supported by it", "footnote", _own_words(items)))
    return rows, notes


async def _judged(judge: Judge, sentences: Sequence[Sentence]) -> tuple[list[float], str]:
    """What is left of the sentences with quotes when a model judges each, and a note on what that costs."""
    kept, seconds, tokens, failed = list[float](), list[float](), Counter[str](), 0
    for sentence in sentences:
        refused = not sentence.quotes
        if sentence.quotes:
            begun = time.perf_counter()
            try:
                judgement = await judge.judge([sentence])
            except ModelUnavailable:
                # As in an answer: without a verdict it stays.
                failed += 1
            else:
                refused = bool(judgement.refused)
                tokens.update(judgement.usage)
            seconds.append(time.perf_counter() - begun)
        kept.append(float(not refused))
    spent = ", ".join(f"{count / len(seconds):.0f} {kind.replace('_', ' ')}" for kind, count in sorted(tokens.items()))
    return kept, (
        f"Judging a claim that passed takes {1000 * percentile(seconds, 0.5):.0f} ms (p95 "
        f"{1000 * percentile(seconds, 0.95):.0f} ms) and on average {spent or 'an unknown number of tokens'}; "
        f"{failed} of {len(seconds)} calls gave no verdict."
    )


def balanced_accuracy(supported: Sequence[bool], said: Sequence[float]) -> float:
    """The mean of both classes' recall (Brodersen et al. 2010), so that saying always the same gives one half."""
    kept = [one for one, truth in zip(said, supported, strict=True) if truth]
    passed = [one for one, truth in zip(said, supported, strict=True) if not truth]
    return (mean(kept) + 1.0 - mean(passed)) / 2


def best_threshold(items: Sequence[Item], scores: Sequence[float]) -> float:
    """The threshold with the highest mean balanced accuracy over the sets among these items."""

    def worth(threshold: float) -> float:
        said = _decided(scores, threshold)
        values: list[float] = []
        for name in dict.fromkeys(item.dataset for item in items):
            there = [at for at, item in enumerate(items) if item.dataset == name]
            values.append(balanced_accuracy([items[at].supported for at in there], [said[at] for at in there]))
        return mean(values)

    return max(sorted(set(scores)), key=worth)


def _decided(scores: Sequence[float], threshold: float) -> list[float]:
    return [float(score >= threshold) for score in scores]


def _rows(items: Sequence[Item], name: str, system: str, said: Sequence[float]) -> list[Row]:
    pairs = [(item, one) for item, one in zip(items, said, strict=True) if item.dataset == name]
    if not pairs:
        return []
    value = balanced_accuracy([item.supported for item, _ in pairs], [one for _, one in pairs])
    low, high = _interval(pairs)
    return [
        Row(name, MEASURE, system, value, round(low, 4), round(high, 4), len(pairs)),
        row(name, "supported claims kept", system, [one for item, one in pairs if item.supported]),
        row(name, "unsupported claims refused", system, [1.0 - one for item, one in pairs if not item.supported]),
    ]


def _interval(pairs: Sequence[tuple[Item, float]]) -> tuple[float, float]:
    """The 95 % bootstrap interval, whole articles drawn anew, since the claims of one article are alike."""
    groups: dict[str, list[tuple[Item, float]]] = {}
    for item, one in pairs:
        groups.setdefault(item.group, []).append((item, one))
    chance, names = random.Random(SEED), sorted(groups)
    values: list[float] = []
    for _ in range(ROUNDS):
        drawn = [pair for name in chance.choices(names, k=len(names)) for pair in groups[name]]
        values.append(balanced_accuracy([item.supported for item, _ in drawn], [one for _, one in drawn]))
    values.sort()
    return values[int(0.025 * ROUNDS)], values[int(0.975 * ROUNDS) - 1]


def _overlaps(items: Sequence[Item]) -> list[float]:
    """The share of each claim's content words in the best three neighbouring sentences of its article."""
    known: dict[tuple[Passage, ...], list[set[str]]] = {}
    shares: list[float] = []
    for item in items:
        if item.passages not in known:
            known[item.passages] = [
                set(terms(" ".join(found[at : at + WINDOW])))
                for passage in item.passages
                for found in [[span.of(passage.text) for span in sentences(passage.text)]]
                for at in range(len(found))
            ]
        claimed = set(terms(item.claim))
        shares.append(max((len(claimed & window) / len(claimed) for window in known[item.passages]), default=0.0))
    return shares


def _cosines(items: Sequence[Item]) -> list[float]:
    """The cosine of each claim to the nearest of the ten sentences that share most words with it."""
    embeddings = MiniLMEmbeddings()
    nearest: list[float] = []
    for item in items:
        claimed = set(terms(item.claim))
        texts = [span.of(passage.text) for passage in item.passages for span in sentences(passage.text)]
        texts.sort(key=lambda text: -len(claimed.intersection(terms(text))))
        vectors = np.asarray(embeddings.embed_documents([item.claim, *texts[:EMBEDDED]]), dtype=np.float32)
        nearest.append(float((vectors[1:] @ vectors[0]).max(initial=0.0)))
    return nearest


def _edited(folder: Path, name: str) -> list[Item]:
    """Sentences of a set's passages with one fact changed; the kind of change is the group. Empty without the set."""
    loaded = load(folder, name)
    drafts = loaded.drafts if loaded else ()
    passages = [one for number, draft in enumerate(drafts) for one in _passages(name, draft.text, number)]
    chosen = random.Random(SEED).sample(passages, min(EDITED_PASSAGES, len(passages)))
    return [Item(name, edit.kind, edit.claim, (edit.passage,), False) for edit in edits(chosen, SEED)]


def _refusals(name: str, system: str, items: Sequence[Item], kept: Sequence[float]) -> list[Row]:
    by_kind: dict[str, list[float]] = {}
    for item, one in zip(items, kept, strict=True):
        by_kind.setdefault(item.group, []).append(1.0 - one)
    return [row(name, f"edited sentence refused: {kind}", system, values) for kind, values in sorted(by_kind.items())]


def _own_words(items: Sequence[Item]) -> list[float]:
    """Whether sentences of the articles' first passages are supported by it; anything below 1 is a defect.

    What is taken for an order to the reader is not supposed to be.
    """
    checker = Checker()
    values: list[float] = []
    for first in dict.fromkeys(item.passages[0] for item in items):
        spans = list(sentences(first.text))
        texts = [span.of(first.text) for span in spans]
        ordered = orders(first.text, spans, texts)
        told = [text for text, order in zip(texts, ordered, strict=True) if terms(text) and not order]
        values += [float(bool(checker.quotes(text, [first]))) for text in told]
    return values


def _passages(name: str, text: str, number: int) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            number * 1_000 + at,
            f"{name} {number} {at}",
            number,
            at,
            span.start,
            span.end,
            span.of(text),
            "",
            *[None] * 4,
        )
        for at, span in enumerate(split(text))
    )


def _sample(items: list[Item], limit: int | None) -> list[Item]:
    """At most `limit` claims, always the same ones."""
    random.Random(SEED).shuffle(items)
    return items[:limit]
