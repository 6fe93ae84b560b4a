"""What a chat model adds before the search, and what that costs: follow-ups rewritten, long questions taken apart.

Follow-ups are made from SQuAD 2.0: of two neighbouring questions about one article that share a name, the second says
"it" in its place. The program searches for them by rules or, with a model, as the model rewrites them; beside them
stand the message as it is and, as the most that can be had, the question before the name was taken out.

A model that takes MultiHop-RAG's questions apart is not part of the program; its parts stand here in the place of the
clauses that code finds, to tell whether it should be.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field

from evals.measures import percentile
from evals.report import Row, row
from evals.retrieval import judge
from evals.sets import EvalSet
from retrieval.answers.answer import Turn
from retrieval.answers.asking.followup import standalone_by_rule
from retrieval.answers.asking.rewriter import Rewriter
from retrieval.answers.models import model_errors
from retrieval.articles import Standalone
from retrieval.errors import ModelUnavailable
from retrieval.index.clauses import MOST_CLAUSES
from retrieval.index.retriever import Query
from retrieval.library import Library

FOLLOW_UPS = "squad2, follow-ups"
APART = "multihop-rag, taken apart"
TIMEOUT = 120.0
# Runs of capitals, not at the beginning, where a question word stands.
_NAME = re.compile(r"(?<=\s)[A-Z][\w.’-]*(?:\s(?:of\s|the\s)*[A-Z][\w.’-]*)*")
_TAKE_APART = (
    "Split the question below into the separate questions that must be looked up to answer it, at most four. Keep all "
    "names, sources and dates, and write each so that it can be understood alone.\n\nQuestion: {question}"
)


class _Parts(BaseModel):
    """What the model is made to answer."""

    model_config = ConfigDict(extra="forbid")

    questions: list[str] = Field(min_length=1, max_length=MOST_CLAUSES)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A message that leans on what was said, the question it stands for, and where that is answered."""

    message: str
    history: tuple[Turn, ...]
    whole: dict[str, Any]


@dataclass
class _Spent:
    """Seconds and tokens of the model's calls, and how many gave nothing."""

    seconds: list[float] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    failed: int = 0

    def note(self, what: str) -> str:
        """A sentence on them."""
        each = (f"{count / len(self.seconds):.0f} {kind.replace('_', ' ')}" for kind, count in self.tokens.items())
        return (
            f"{what} takes {1000 * percentile(self.seconds, 0.5):.0f} ms (p95 "
            f"{1000 * percentile(self.seconds, 0.95):.0f} ms) and on average {', '.join(each) or 'unknown tokens'}; "
            f"{self.failed} of {len(self.seconds)} calls gave nothing of use."
        )


def follow_ups(chosen: EvalSet) -> Iterator[FollowUp]:
    """Follow-ups made from neighbouring questions about one article that share a name."""
    titles = {draft.identity: draft.title for draft in chosen.drafts}
    answered = [one for one in chosen.questions if one["answerable"] and one["evidence_ids"]]
    for first, second in itertools.pairwise(answered):
        if titles[first["evidence_ids"][0]] != titles[second["evidence_ids"][0]]:
            continue
        shared = [name for name in _NAME.findall(second["question"]) if name in first["question"]]
        if not shared:
            continue
        name = re.escape(max(shared, key=len))
        message = re.sub(rf"(?:\b[Tt]he )?{name}(?:'s|’s)", "its", second["question"])
        message = re.sub(rf"(?:\b[Tt]he )?{name}", "it", message)
        turns = (Turn("user", first["question"]), Turn("assistant", f"{first['answer'][0]}."))
        yield FollowUp(message, turns, second)


async def measure_follow_ups(
    library: Library, asked: Sequence[FollowUp], ids: dict[int, str], model: BaseChatModel | None
) -> tuple[list[Row], list[str]]:
    """Rows and notes; `ids` says which article has which id in the set."""
    rewriter, spent = Rewriter(model, TIMEOUT) if model else None, _Spent()
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in asked:
        questions = {
            "message alone": Standalone(one.message),
            "footnote, by rules": standalone_by_rule(one.message, one.history),
            "question with its name": Standalone(one.whole["question"]),
        }
        if rewriter is not None:
            questions["footnote, by the model"] = await _rewritten(rewriter, one, spent)
        for system, question in questions.items():
            _, found = await library.retriever.search(question, 10)
            for measure, value in judge("squad2", one.whole, [each.passage for each in found], ids).items():
                values[measure, system].append(value)
    rows = [row(FOLLOW_UPS, measure, system, found) for (measure, system), found in values.items()]
    return rows, [f"{FOLLOW_UPS}: {spent.note('rewriting one')}"] if spent.seconds else []


async def _rewritten(rewriter: Rewriter, one: FollowUp, spent: _Spent) -> Standalone:
    begun = time.perf_counter()
    try:
        text, usage = await rewriter.rewrite(one.message, one.history)
    except ModelUnavailable:
        # As in an answer: then the rules' reading is searched for.
        spent.failed += 1
        return standalone_by_rule(one.message, one.history)
    finally:
        spent.seconds.append(time.perf_counter() - begun)
    spent.tokens.update(usage)
    return Standalone(text)


async def measure_apart(
    library: Library, chosen: EvalSet, ids: dict[int, str], model: BaseChatModel
) -> tuple[list[Row], list[str]]:
    """Rows and notes: the evidence of questions searched whole, by the clauses of code, and by a model's parts."""
    chain, spent = model.with_structured_output(_Parts, method="json_schema", include_raw=True), _Spent()
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for question in (one for one in chosen.questions if one["answerable"]):
        query = await library.retriever.query(Standalone(question["question"]))
        queries = {
            "whole": replace(query, clauses=()),
            "footnote, clauses by code": query,
            "parts by the model": replace(query, clauses=await _parts(library, chain, question["question"], spent)),
        }
        for system, one in queries.items():
            found = await library.retriever.find(one, 20)
            for measure, value in judge("multihop-rag", question, [each.passage for each in found], ids).items():
                values[measure, system].append(value)
    rows = [row(APART, measure, system, found) for (measure, system), found in values.items()]
    return rows, [f"{APART}: {spent.note('taking one apart')}"] if spent.seconds else []


async def _parts(library: Library, chain: Runnable[Any, Any], question: str, spent: _Spent) -> tuple[Query, ...]:
    """The model's parts as clauses of the question; none when there is only one or the answer is of no use."""
    begun = time.perf_counter()
    try:
        async with model_errors(asyncio.get_running_loop().time() + TIMEOUT):
            answer = await chain.ainvoke(_TAKE_APART.format(question=question))
    except ModelUnavailable:
        spent.failed += 1
        return ()
    finally:
        spent.seconds.append(time.perf_counter() - begun)
    spent.tokens.update(
        {
            kind: count
            for kind, count in (answer["raw"].usage_metadata or {}).items()
            if kind in ("input_tokens", "output_tokens")
        }
    )
    parts = answer["parsed"].questions if isinstance(answer["parsed"], _Parts) else []
    if not parts:
        spent.failed += 1
    if len(parts) < 2:
        return ()
    return tuple([replace(await library.retriever.query(Standalone(part)), clauses=()) for part in parts])
