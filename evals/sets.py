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

from retrieval.articles import ArticleDraft, head_line
from retrieval.index.database import MIGRATIONS
from retrieval.index.embedder import MODEL_SHA256, MOST_TOKENS, TOKENIZER_SHA256
from retrieval.index.splitter import split
from retrieval.index.writer import embedded_texts
from retrieval.text import terms

SEED = 20260
# Every so manieth article shows how the index is made.
PROBE = 25


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
    digest = hashlib.sha256(content + _index_made_of(drafts).encode()).hexdigest()[:12]
    return EvalSet(name, f"{name}-{digest}", tuple(drafts), tuple(asked))


def _index_made_of(drafts: list[ArticleDraft]) -> str:
    """What the program would put into its indexes now, for some of the articles, and what embeds it.

    The library leaves an unchanged article alone, so an index that other code has split, stemmed or headed would be
    measured in place of the present one.
    """
    parts = [MODEL_SHA256, TOKENIZER_SHA256, str(MOST_TOKENS)]
    parts += [path.read_text(encoding="utf-8") for path in sorted((MIGRATIONS / "versions").glob("*.py"))]
    for draft in drafts[::PROBE]:
        head = head_line(draft.title, draft.source, draft.published_at)
        for span in split(draft.text, draft.language):
            text = span.of(draft.text)
            parts += [*embedded_texts(head, text), *terms(head), *terms(text)]
    return "\x1f".join(parts)
