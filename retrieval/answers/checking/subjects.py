"""Whom a sentence speaks of: is what a claim says of one said of another?

"Lind was born in Narvik" holds only words of a passage that says "Ruiz was born in Narvik" and names Lind elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from retrieval.answers.checking.statement import Statement, union
from retrieval.answers.wording.english import frequency_rank
from retrieval.answers.wording.opposites import EXACT
from retrieval.answers.wording.words import Token

# Whom a sentence is about is named among so many words at its beginning.
OPENING = 5
# One sentence that holds this share of what a claim says of its subject is where it says it.
SAID = 0.6
# A pronoun stands for somebody named at most so many sentences before.
BACK = 2
_REPORTS = frozenset(
    "say says said report reports reported write writes wrote claim claims claimed state states stated note notes "
    "noted add adds added tell tells told reveal reveals revealed".split()
)
_SAYS = frozenset("say said says".split())
_PARTICLES = frozenset("de la van von der den of and the al bin".split())
# Whoever speaks of himself; "us" is a country.
_SPEAKERS = frozenset("i me my we our".split())
_PERSONAL = frozenset("he she his her they their".split())


def said_of_another(claim: Statement, sentences: Sequence[Statement], names: frozenset[str], topic: str) -> bool:
    """Does the sentence that says what the claim says, say it of somebody the claim does not name?

    `sentences` are those of one passage in order, `names` what it has for names and `topic` the one of them it
    has most often: much is said of that in sentences that name somebody else.
    """
    subject = _opening(claim, names)
    told = {stem: weight for stem, weight in claim.weights.items() if stem not in names}
    total = sum(told.values())
    if not subject or not total or topic in subject:
        return False
    shares = [sum(share for stem, share in told.items() if stem in one.stems) / total for one in sentences]
    best = max(shares, default=0.0)
    if best < SAID:
        return False
    return all(
        _of_another(subject, claim, sentences, at, names) for at, share in enumerate(shares) if share >= best - 0.01
    )


def named_speaker(claim: Statement) -> frozenset[str]:
    """Who a claim begins with as whoever says it, where that can only be a name: "Reuters reported that …"."""
    if len(claim.words) < 2 or claim.lower[1] not in _REPORTS:
        return frozenset()
    first = claim.words[0]
    # "Critics said": without an article a noun is a name or a plural.
    plural = first.text.endswith("s") and frequency_rank(claim.lower[0][:-1]) is not None
    return frozenset() if first.stop or plural or not first.text[0].isupper() else frozenset({first.stem})


def speakers(claim: Statement) -> frozenset[str]:
    """The words by which a claim speaks of whoever makes it; in "World War I" there is none."""
    before = ("", *(word.text for word in claim.words))
    return frozenset(
        low
        for last, low in zip(before, claim.lower, strict=False)
        if low in _SPEAKERS and not (low == "i" and last[:1].isupper())
    )


def only_name(claim: Statement) -> frozenset[str]:
    """The stems of the only name in a claim; empty when there are several."""
    runs = [
        frozenset(word.stem for word in run) for named, run in groupby(claim.words, lambda word: word.name) if named
    ]
    return runs[0] if len(runs) == 1 else frozenset()


def unbound(name: frozenset[str], claim: Statement, sentences: Sequence[Statement]) -> bool:
    """Does nothing else of what a claim says stand in or beside a sentence that has its name?"""
    told = claim.weights.keys() - claim.names
    places = [at for at, one in enumerate(sentences) if name & one.stems]
    return bool(told and places) and not any(
        told & one.stems for at in places for one in sentences[max(0, at - 1) : at + 2]
    )


def topic(sentences: Sequence[Statement], names: frozenset[str]) -> str:
    """The name that a passage has most often; empty when it has none."""
    counts = Counter(word.stem for one in sentences for word in one.words if word.stem in names)
    return max(counts, key=lambda name: counts[name], default="")


def _of_another(
    subject: frozenset[str], claim: Statement, sentences: Sequence[Statement], at: int, names: frozenset[str]
) -> bool:
    here = sentences[at]
    if subject & here.stems:
        return False
    other = _opening(here, names) or _speaker(here, names)
    if other:
        return not other & claim.stems
    opener = here.lower[0] if here.lower else ""
    if opener in _PERSONAL:
        before = sentences[max(0, at - BACK) : at]
        named = union(one.stems & names for one in before)
        return bool(named) and not named & subject
    return False


def _opening(statement: Statement, names: frozenset[str]) -> frozenset[str]:
    return _first_name(statement.words[:OPENING], names)


def _speaker(statement: Statement, names: frozenset[str]) -> frozenset[str]:
    """Who says it, behind "said"."""
    at = next((at for at, word in enumerate(statement.lower) if word in _SAYS), None)
    return _first_name(statement.words[at + 1 : at + 1 + OPENING], names) if at is not None else frozenset()


def _first_name(words: Sequence[Token], names: frozenset[str]) -> frozenset[str]:
    """The stems of the first name among words, of all of its words."""
    found: set[str] = set()
    for word in words:
        if word.text[0].isupper() and word.stem in names and word.stem not in EXACT:
            found.add(word.stem)
        elif found and word.text.lower() not in _PARTICLES:
            break
    return frozenset(found)
