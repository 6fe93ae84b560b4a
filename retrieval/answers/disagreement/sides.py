"""What a sentence answers to a question: the amount, day or name it gives, or yes or no.

Two sides of a disagreement are worded each in its own way. So they are not compared with each other but each with the
question, which both have to answer: with words of their own or from before, or with words that come near to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from retrieval.answers.disagreement.asked import Asked
from retrieval.answers.disagreement.assertion import (
    Assertion,
    Clause,
    apart,
    parse_assertion,
    same,
    same_stem,
    weight,
    word_weight,
)
from retrieval.answers.disagreement.denials import denies_answer
from retrieval.answers.disagreement.marks import Marked
from retrieval.answers.wording.amounts import MEASURES, MONEY, Amount, tallies
from retrieval.answers.wording.equivalents import is_country, shared_stem, shared_stems
from retrieval.answers.wording.opposites import oppositions, verbal
from retrieval.answers.wording.words import PRONOUNS

# The share of the question's words that a side must hold, come near to, or leave unsaid.
HELD = 0.6
# From here on a sentence says what it comes near to.
NEAR = 0.3
# What an amount in the right unit says by itself.
_MEASURED = frozenset(map(same_stem, "cost spend spent money take last".split()))
# Much may happen to people: some die, others are taken to hospital.
NEAR_OF_PEOPLE = 0.6
_OF_PLACE = frozenset("in at near from to on outside".split())
# A person is seldom behind these; a house may belong to one.
_OF_PLACE_ALONE = frozenset("in at near outside".split())
_DETERMINERS = frozenset("the a an its their".split())
# "Okoro, who ran more than anyone else, was voted man of the match" is one clause about Okoro.
_ASIDE = re.compile(
    r"(?<=\w), (?:who|which|whose|where|an?|the|his|her|its)\b[^,;.]*,(?= (?:was|were|is|are|has|had|will|\w+ed)\b)"
)
STANDS_FOR = PRONOUNS | {"the"}
_UNDONE = re.compile(
    r"\b(?:f[ae]ll(?:s|en)? through|call(?:s|ed|ing)? off|cancel(?:s|l?ed)?|scrap(?:s|ped)|abandon(?:s|ed)|"
    r"c(?:ome|ame) to nothing)\b",
    re.IGNORECASE,
)
# "Holt supports it, too": one of several, none of which excludes the others.
ALSO = re.compile(r"\b(?:also|too|another|other|others|as well|among|co-\w+|fellow|one of)\b", re.IGNORECASE)
# What happens again and again, with other figures each time.
AGAIN_AND_AGAIN = shared_stems(
    "score goal point yard touchdown assist rebound match game odds win beat time run wicket over ball "
    "pitch inning round set shot"
)
# Who else may do the same at the same time.
SHARED_BY_MANY = shared_stems(
    "support back oppose criticize praise attend join play star say tell believe think like visit help "
    "include use call ask want mention recommend report feature offer compete contribute reply respond answer"
)
PERSONS = shared_stems(
    "people person worker employee staff workforce resident inhabitant passenger visitor guest patient "
    "victim fan spectator audience capacity seat member man woman student pupil soldier life death toll "
    "dead injured wounded missing homeless firefighter officer driver rider tourist child player voter demonstrator "
    "protester"
)


@dataclass(frozen=True, slots=True)
class Side:
    """A sentence, what its article says before it, the day of that, and how near it comes to the question's words."""

    text: str
    before: str = ""
    published_at: str | None = None
    near: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def assertion(self) -> Assertion:
        """The sentence taken apart."""
        return parse_assertion(self.text, self.before, self.published_at)

    def marked(self, clause: Clause) -> Marked:
        """A clause of it with what may tell it from another."""
        return Marked(clause, self.assertion, self.before, self.published_at)


@dataclass(frozen=True, slots=True)
class Given:
    """The clause of a side that answers, with the amount or name that it gives, or what it says and what it denies."""

    clause: Clause
    amount: Amount | None = None
    name: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


def exclusive(a: Side, b: Side, asked: Asked) -> tuple[Clause, Clause] | None:
    """The clauses of two sides that answer a question in ways that exclude each other."""
    if asked.counted & AGAIN_AND_AGAIN:
        return None
    if not (answers(a, asked) and answers(b, asked)):
        return None
    for one, other in product(given(a, asked), given(b, asked)):
        if _exclude(one, other, a, b, asked):
            return one.clause, other.clause
    return None


def contested(a: Side, b: Side, asked: Asked) -> bool:
    """Does one side deny by name what the other answers?"""
    if not asked.short or asked.kind in ("number", "time") or not (about(a, asked) and about(b, asked)):
        return False
    return any(denies_answer(one.text, other.assertion, asked.content) for one, other in ((a, b), (b, a)))


def answers(side: Side, asked: Asked) -> bool:
    """Does a sentence give something of the sort that is asked for?"""
    return asked.short and about(side, asked) and bool(given(side, asked))


def about(side: Side, asked: Asked) -> bool:
    """Does a side speak of what is asked? The first or the highest is another than any."""
    said = side.assertion
    if asked.ordinals - said.ordinals or (asked.kind != "yesno" and opposite(said, asked)):
        return False
    things = _things(side, asked)
    near = near_stems(side)
    known = said.content | said.context
    missing = things - known
    least = NEAR_OF_PEOPLE if asked.counted & PERSONS else NEAR
    # What is measured, or denied, need not be called so: what covers 40 hectares is large.
    if not (asked.units or asked.kind == "yesno") and any(near.get(stem, 0.0) < least for stem in missing):
        return False
    held = weight(things & known) + sum(word_weight(stem) * near.get(stem, 0.0) for stem in missing)
    return held >= HELD * weight(things)


def _things(side: Side, asked: Asked) -> frozenset[str]:
    """What is asked about, without what an amount in the sentence says by itself: whom it counts, what it measures."""
    units = side.assertion.units
    told = asked.counted if asked.counted & PERSONS and units & PERSONS else frozenset()
    if asked.units & units and (not asked.names or asked.names & side.assertion.content):
        near = near_stems(side)
        told |= frozenset(stem for stem in _MEASURED if near.get(stem, 0.0) >= NEAR)
    return asked.content - asked.names - told


def near_stems(side: Side) -> dict[str, float]:
    """How near a sentence comes to each of the question's stems; those that say the same are one."""
    near: dict[str, float] = {}
    for stem, share in side.near.items():
        near[same(stem)] = max(share, near.get(same(stem), 0.0))
    return near


def opposite(said: Assertion, asked: Asked) -> bool:
    """Does it say the opposite of a word of the question, as when a strike ends and one asks when it begins?"""
    words = verbal([token for clause in said.clauses for token in clause.tokens if not token.stop]) - said.denied
    return next(oppositions(asked.words, words), None) is not None


def given(side: Side, asked: Asked) -> list[Given]:
    """What a sentence gives of the sort that is asked for."""
    said = side.assertion
    if "tally" in asked.units:
        counts = tallies(said.text)
        return [Given(said.clauses[0], counts[0])] if len(counts) == 1 else []
    if asked.kind == "number":
        found = [Given(clause, one) for clause in said.clauses for one in clause.amounts if _fits(one, side, asked)]
        return found if len(found) == 1 else []
    if asked.kind == "time":
        return [
            Given(clause, clock[0] if clock else None)
            for clause in said.clauses
            if len(clock := _clock(clause)) <= 1
            and (clock or ("clock" not in asked.units and (len(clause.days) == 1 or len(clause.weekdays) == 1)))
        ]
    if asked.names_one:
        named = named_in(side, asked)
        pointed = [one for one in named if one.clause.content & (asked.content - asked.names)]
        # What takes place somewhere may be told in another clause.
        named = pointed or (named if asked.kind == "place" else [])
        by = [one for one in named if done_by(one)]
        return by if len(by) == 1 else named if len(named) == 1 else []
    if asked.kind == "yesno":
        return [_stance(clause, said, asked) for clause in said.clauses]
    return []


def named_in(side: Side, asked: Asked) -> list[Given]:
    """The names in a sentence that may be what is asked for."""
    said = parse_assertion(_ASIDE.sub("", side.text), side.before, side.published_at)
    return [Given(clause, name=name) for clause in said.clauses for name in names_given(clause, asked)]


def _clock(clause: Clause) -> list[Amount]:
    return [amount for amount in clause.amounts if "clock" in amount.units]


def _of_another(given: Given, other: Assertion, asked: Asked) -> bool:
    """Does a clause with an amount or a day name something else than the question does, in its place?"""
    clause = given.clause
    first = clause.tokens[0].text.lower() if clause.tokens else ""
    elsewhere = clause.names - asked.content - other.content - other.context
    shared = asked.names & clause.names
    stems = [token.stem for token in clause.tokens]
    longer = any(one in shared and behind in elsewhere for one, behind in zip(stems, stems[2:], strict=False))
    another = bool(asked.names - clause.names and elsewhere) and (longer or not shared)
    return another and first not in STANDS_FOR


def _exclude(one: Given, other: Given, a: Side, b: Side, asked: Asked) -> bool:
    if asked.kind in ("number", "time") and (
        _of_another(one, b.assertion, asked) or _of_another(other, a.assertion, asked)
    ):
        return False
    if one.amount and other.amount:
        alike = one.amount.alike(other.amount) or not (_measured(one.amount) or _measured(other.amount))
        known = any(x.agrees(y) for x, y in product(a.assertion.amounts, b.assertion.amounts))
        return alike and not known and not one.amount.compatible(other.amount)
    if asked.kind == "time":
        if one.clause.days and other.clause.days:
            return apart(one.clause.days, other.clause.days) and apart(a.assertion.days, b.assertion.days)
        return bool(one.clause.weekdays and other.clause.weekdays) and not one.clause.weekdays & other.clause.weekdays
    if one.name and other.name:
        if asked.content & SHARED_BY_MANY or any(ALSO.search(given.clause.text) for given in (one, other)):
            return False
        if any(map(is_country, one.name)) != any(map(is_country, other.name)):
            return False
        return not (one.name & b.assertion.content or other.name & a.assertion.content)
    return bool(one.said & other.denied or one.denied & other.said)


def _fits(amount: Amount, side: Side, asked: Asked) -> bool:
    """Is an amount of the sort that is asked for?"""
    if not asked.counted:
        return bool(amount.units & asked.units) if asked.units else "clock" not in amount.units
    if counted_in(amount.units, asked):
        return True
    said, near = side.assertion, near_counted(side, asked)
    return not _measured(amount) and near >= NEAR and not asked.counted & said.content and len(said.amounts) == 1


def counted_in(units: frozenset[str], asked: Asked) -> bool:
    """Are these the units of what "how many" asks for? One word for people counts what another asks for."""
    return bool(units & asked.counted or (units & PERSONS and asked.counted & PERSONS))


def near_counted(side: Side, asked: Asked) -> float:
    """How near a sentence comes to what is counted."""
    return max((share for stem, share in side.near.items() if shared_stem(stem) in asked.counted), default=0.0)


def _measured(amount: Amount) -> bool:
    return bool(amount.units & (MONEY | MEASURES))


def names_given(clause: Clause, asked: Asked) -> list[frozenset[str]]:
    """The names in a clause that may be what is asked for: places behind a word of place, others behind none."""
    of_place = _OF_PLACE if asked.kind == "place" else _OF_PLACE_ALONE
    runs: list[tuple[bool, set[str]]] = []
    place = going = False
    for token in clause.tokens:
        named = token.stem in clause.names
        if named and going:
            runs[-1][1].add(token.stem)
        elif named:
            runs.append((place, {token.stem}))
        elif not (token.text[0].isupper() or token.text.lower() in _DETERMINERS):
            place = token.text.lower() in of_place
        going = named
    return [
        frozenset(run)
        for placed, run in runs
        if not run & asked.content
        and (asked.kind not in ("person", "place") or placed == (asked.kind == "place"))
        and (asked.kind == "place" or not all(map(is_country, run)))
    ]


def done_by(given: Given) -> bool:
    """Is it the name of who did it: "designed by the architect Berg"?"""
    words = [(token.text.lower(), token.stem) for token in given.clause.tokens]
    at = next(at for at, (_, stem) in enumerate(words) if stem in given.name)
    return "by" in [text for text, _ in words[max(0, at - 3) : at]]


def _stance(clause: Clause, said: Assertion, asked: Asked) -> Given:
    """Which words of the question a clause says, and which it denies or says the opposite of."""
    words = verbal([token for token in clause.tokens if not token.stop])
    undone = _UNDONE.search(clause.text) is not None
    told = {token.stem: same(token.stem) for token in clause.tokens if not token.stop and not token.name}
    things = {stem for stem in asked.words if same(stem) in asked.content - asked.names}
    denied = {same(stem) for stem in said.denied & told.keys()}
    affirmed = set(told.values()) - denied
    if undone:
        # What fell through is not so, whatever word its clause has for it.
        denied, affirmed = affirmed, denied
    for ours, theirs in oppositions(frozenset(things), words):
        (affirmed if theirs <= said.denied else denied).update(map(same, ours))
    return Given(clause, said=frozenset(affirmed) & asked.content, denied=frozenset(denied) & asked.content)
