"""Is a name or a number of a sentence exchanged for another one of the passages, in a claim that follows its wording?

"Ruiz scored twice in Hamar" has only words of passages with "Lind scored twice in Hamar" and a Ruiz. So the wordings
are laid side by side with their names and numbers left open, and what stands in the open places is compared. A
paraphrase has no such places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise

from retrieval.answers.checking.statement import Statement, union
from retrieval.answers.wording.words import Token
from retrieval.calendar_names import WEEKDAY_WORDS

# So many words in a row must be the same around the place, and among them so many that carry meaning.
LEAST_SHARED, LEAST_CONTENT = 3, 2
# Another sentence says it of the other name when it has that name and such a share of so many words of the claim on
# either side of it.
NEAR, LEAST_SAID = 4, 0.6
_JOINING = frozenset("and or nor".split())
_NAME, _NUMBER = "a name", "a number"


@dataclass(frozen=True, slots=True)
class _Item:
    """A word, or all words of a name, with what it is compared by.

    `alike` are its stems, and those of the names that it is joined to by "and" or the like.
    """

    key: str
    words: tuple[Token, ...]
    stems: frozenset[str]
    alike: frozenset[str]

    @property
    def open(self) -> bool:
        """Is it left open when wordings are laid side by side?"""
        return self.key in (_NAME, _NUMBER)


def exchanged(
    claim: Statement,
    evidence: Sequence[Statement],
    sentences: Sequence[Statement],
    names: frozenset[str],
    near: frozenset[str],
) -> bool:
    """Does the claim have another name or number in the place of one of the evidence?

    `sentences` are all those of the passages, `names` what is a name in them, and `near` numbers of the claim that are
    said to be rounded.
    """
    claimed = _items(claim, names)
    return any(
        not _excused(said, instead, around, [other for other in sentences if other is not one])
        for one in evidence
        for said, instead, around in _exchanges(claimed, _items(one, names))
        if not instead.stems <= near
    )


def _items(statement: Statement, names: frozenset[str]) -> list[_Item]:
    def key(word: Token) -> str:
        if word.text[0].isdigit():
            return _NUMBER
        return _NAME if word.text[0].isupper() and word.stem in names and not word.stop else word.stem

    groups: list[tuple[str, tuple[Token, ...]]] = []
    for found, run in groupby(statement.words, key):
        words = tuple(run)
        # Numbers in a row are several, the words of a name one.
        groups += [(found, words)] if found == _NAME else [(found, (word,)) for word in words]
    stems = [frozenset(word.stem for word in words) for _, words in groups]
    alike = list(stems)
    for at in range(2, len(groups)):
        joined = groups[at - 1][0] in _JOINING and groups[at - 2][0] == groups[at][0] == _NAME
        if joined:
            alike[at] |= alike[at - 2]
            alike[at - 2] |= stems[at]
    return [_Item(*group, own, all_) for group, own, all_ in zip(groups, stems, alike, strict=True)]


def _exchanges(claim: list[_Item], sentence: list[_Item]) -> list[tuple[_Item, _Item, frozenset[str]]]:
    """What a sentence says in a place, what the claim has there instead, and the claim's other words around it."""
    matcher = SequenceMatcher(None, [item.key for item in sentence], [item.key for item in claim], autojunk=False)
    found: list[tuple[_Item, _Item, int]] = []
    for start, begin, size in matcher.get_matching_blocks():
        pairs = list(zip(sentence[start : start + size], claim[begin : begin + size], strict=True))
        same = [one for one, other in pairs if not one.open or one.stems & other.stems]
        content = sum(not item.words[0].stop for item in same)
        if len(same) < LEAST_SHARED or content < LEAST_CONTENT:
            continue
        for at, (said, claimed) in enumerate(pairs):
            # At an end of what is the same another statement may begin, unless the claim ends there as well.
            within = (at or not begin) and (at + 1 < size or begin + size == len(claim))
            if said.open and within and claimed.stems - said.alike and said.stems - claimed.alike:
                found.append((said, claimed, begin + at))
    moved = union(said.stems | claimed.stems for said, claimed, _ in found)
    return [(said, claimed, _around(claim, place) - moved) for said, claimed, place in found]


def _around(claim: list[_Item], place: int) -> frozenset[str]:
    """The words nearest to a place of the claim."""
    before = [stem for item in claim[:place] for stem in item.stems if not item.words[0].stop]
    behind = [stem for item in claim[place + 1 :] for stem in item.stems if not item.words[0].stop]
    return frozenset([*before[-NEAR:], *behind[:NEAR]])


def _excused(said: _Item, instead: _Item, around: frozenset[str], sentences: Sequence[Statement]) -> bool:
    """Is the other name one for the same, or does another sentence say it of that?"""
    fresh = instead.stems - said.alike
    # The day of an article's "Tuesday" is checked elsewhere.
    if said.stems <= WEEKDAY_WORDS or _initials(said) in fresh or _initials(instead) in said.stems:
        return True
    for one in sentences:
        # A sentence that has both names may say it of either.
        if fresh & one.stems and not said.stems & one.stems and len(around & one.stems) >= LEAST_SAID * len(around):
            return True
        for a, b in pairwise(one.words):
            parts = (a.stem in said.stems and b.stem in fresh) or (a.stem in fresh and b.stem in said.stems)
            if parts and _adjoin(a, b):
                return True
    return False


def _adjoin(word: Token, after: Token) -> bool:
    """Is there but a space between two words, and not a comma?"""
    return after.start == word.start + len(word.text) + 1


def _initials(item: _Item) -> str:
    return "".join(word.text[0] for word in item.words).lower()
