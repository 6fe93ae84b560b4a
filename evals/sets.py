"""The public evaluation sets, read from the folder that EVAL_DATA names; they never enter the repository.

Each set is `corpus.jsonl` (id, title, url, published_at, source, text) and `questions.jsonl` (question, answer,
answerable, evidence_ids and, by set, evidence quotes or graded judgements).
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.articles import ArticleDraft
from retrieval.index.splitter import PASSAGE_WORDS, WINDOW_WORDS

SEED = 20260


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A corpus with its questions; `key` changes when either the corpus or the way it is split does."""

    name: str
    key: str
    drafts: tuple[ArticleDraft, ...]
    questions: tuple[dict[str, Any], ...]

    def sample(self, limit: int | None) -> EvalSet:
        """At most `limit` questions, always the same ones."""
        chosen = list(self.questions)
        random.Random(SEED).shuffle(chosen)
        return EvalSet(self.name, self.key, self.drafts, tuple(chosen[:limit]))

    def without(self, titles: set[str]) -> EvalSet:
        """The set without the articles of those titles: questions about them have no answer in it."""
        kept = tuple(draft for draft in self.drafts if draft.title not in titles)
        left_out = hashlib.sha256("".join(sorted(titles)).encode()).hexdigest()[:8]
        return EvalSet(self.name, f"{self.key}-without-{left_out}", kept, self.questions)


def load(folder: Path, name: str) -> EvalSet | None:
    """A set, or None when its files are not there."""
    corpus, questions = folder / name / "corpus.jsonl", folder / name / "questions.jsonl"
    if not (corpus.exists() and questions.exists()):
        return None
    content = corpus.read_bytes()
    digest = hashlib.sha256(content + f"{PASSAGE_WORDS} {WINDOW_WORDS}".encode()).hexdigest()[:12]
    drafts = [
        ArticleDraft(
            title=row.get("title") or row["id"],
            text=row["text"],
            identity=row["id"],
            url=row.get("url"),
            source=row.get("source"),
            published_at=row.get("published_at"),
        )
        for row in map(json.loads, content.decode("utf-8").splitlines())
        if row["text"].strip()
    ]
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    return EvalSet(name, f"{name}-{digest}", tuple(drafts), tuple(asked))
