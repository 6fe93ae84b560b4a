"""What is only asked for, planned or refused is not done, and what is only asked is not told.

"Called for a ban" does not say that anything was banned, and "accounts differ on who runs it" does not say who does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from retrieval.answers.checking.statement import Statement, union
from retrieval.answers.wording.equivalents import shared_stems

# How much of a claim, weighted, stands in open questions alone where it may be told as one, and where it is.
MAYBE_OPEN, OPEN = 0.3, 0.5
# Beside the question all of it is told: "asked whether the bridge was safe, and closed it".
TOLD = 0.9
# How far a wish reaches, in words.
REACH = 6
_WISHES = shared_stems(
    "demand urge want propose plan consider threaten hope seek sought refuse fail decline intend aim"
)
# "Asked for a rise", "called on the minister to resign".
_ASKING = shared_stems("ask call push appeal wait")
_FOR = frozenset("for on to".split())


def undone(claim: Statement, evidence: Sequence[Statement]) -> bool:
    """Does a claim tell something as done that its evidence only tells as wished for?"""
    if claim.stems & (_WISHES | _ASKING):
        return False
    done = {word.stem for word in claim.words if word.text.lower().endswith("ed") and not (word.stop or word.name)}
    wished = union(map(_wished, evidence))
    said = union(one.stems - _wished(one) for one in evidence)
    return bool(done & wished - said)


def unsettled(claim: Statement, evidence: Sequence[Statement]) -> bool:
    """Does a claim tell what its evidence only tells as a question that is open?"""
    if claim.left_open:
        return False
    told = union(one.stems - one.left_open for one in evidence)
    asked = union(one.left_open for one in evidence) - told
    share = claim.cover(asked)
    beside = any(asked & one.left_open and claim.cover(one.stems) >= TOLD for one in evidence)
    return share >= OPEN or (share >= MAYBE_OPEN and not beside)


def _wished(statement: Statement) -> frozenset[str]:
    """The content stems that stand nowhere in a statement but behind a wish."""
    wished: set[str] = set()
    others: set[str] = set()
    reach = 0
    for word, after in pairwise((*statement.words, None)):
        if word is None:
            break
        asks = word.stem in _ASKING and after is not None and after.text.lower() in _FOR
        if word.stem in _WISHES or asks:
            reach = REACH
            continue
        if not word.stop:
            (wished if reach else others).add(word.stem)
        reach = max(0, reach - 1)
    return frozenset(wished - others)
