"""Do two sentences give answers to a question that exclude each other? By words and by code, without a model.

They give amounts, days or names that exclude each other where the question asks for one, or one denies what the other
says, or says the opposite. Two clauses are about the same thing when they share most of their words, or enough of them
and of the question's, and neither is narrowed down by words that the question and the other lack; or when each by
itself answers the question (sides.py). What was so once and is not so now is no contradiction, nor what a mark tells
apart (marks.py), and a sentence that reports both sides takes none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from retrieval.answers.disagreement.asked import Asked, asked_of
from retrieval.answers.disagreement.assertion import Assertion, Clause, apart, of_the_past, weight
from retrieval.answers.disagreement.marks import Marked, state_may_have_changed, told_apart
from retrieval.answers.disagreement.sides import (
    AGAIN_AND_AGAIN,
    ALSO,
    SHARED_BY_MANY,
    STANDS_FOR,
    Side,
    about,
    contested,
    exclusive,
    names_given,
)
from retrieval.answers.wording.amounts import MONEY, Amount
from retrieval.answers.wording.equivalents import is_country, shared_stems
from retrieval.answers.wording.opposites import oppositions, prefixed, verbal
from retrieval.answers.wording.words import PRONOUNS

_ALONE = shared_stems("share shared joint jointly together alone sole solely exclusive exclusively")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?\b")
# Of the clause that weighs less, the share that both must have in common; where they name the thing asked for, less.
ALIKE, ALIKE_ENOUGH = 0.6, 0.34
LEAST_SHARED = 3
# The share of the question's words that both clauses must hold, where they share less or are short.
ASKED, MOSTLY, NEARLY_ALL = 0.5, 0.6, 0.75


def contradict(a: Side, b: Side, question: str) -> bool:
    """Do two sides give answers to a question that exclude each other, and has neither a mark that makes both right?"""
    asked, one, other = asked_of(question), a.assertion, b.assertion
    if one.settled or other.settled or not (has_figures(a, asked) and has_figures(b, asked)):
        return False
    if contested(a, b, asked) and not state_may_have_changed(
        *(side.marked(side.assertion.clauses[0]) for side in (a, b))
    ):
        return True
    judged = bool(a.near and b.near) and asked.short and asked.kind not in ("yesno", "other")
    pairs = [
        clauses
        for clauses in product(one.clauses, other.clauses)
        if not (judged and not (about(a, asked) and about(b, asked))) and _Pair(asked, one, other, *clauses).exclusive()
    ]
    if answering := exclusive(a, b, asked):
        pairs.append(answering)
    return any(not doubtful(a.marked(here), b.marked(there), asked, question) for here, there in pairs)


def has_figures(side: Side, asked: Asked) -> bool:
    """Does a side have the amounts and years that the question itself has, to tell of what it asks?

    Who asks whether a figure is right may be answered with another one.
    """
    if asked.kind in ("yesno", "other"):
        return True
    if not all(str(year) in f"{side.text} {side.before} {side.published_at}" for year in asked.years):
        return False
    # The 2 of a name stands in the title.
    known = {float(number.replace(",", "")) for number in _NUMBER.findall(side.before)}
    return all(own.value in known or any(map(own.agrees, side.assertion.amounts)) for own in asked.amounts)


def doubtful(a: Marked, b: Marked, asked: Asked, question: str, one_event: bool = False) -> bool:
    """May both be right, by a mark or since so much time lies between them?"""
    if any(of_the_past(one.clause, asked.content) for one in (a, b)):
        return True
    lasting = asked.units and not asked.units & MONEY
    return told_apart(a, b, asked, question, one_event) or (not lasting and state_may_have_changed(a, b))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A clause of one sentence beside a clause of the other."""

    asked: Asked
    a: Assertion
    b: Assertion
    here: Clause
    there: Clause

    def exclusive(self) -> bool:
        """Can only one of them be right?"""
        if not self.shared:
            return False
        if self._days_differ():
            return True
        if self._elsewhere:
            return False
        if self._names_differ():
            return True
        return not self._of_another and (self._amounts_differ() or self._denied() or self._opposite())

    @property
    def shared(self) -> frozenset[str]:
        """The content of both clauses."""
        return self.here.content & self.there.content

    def _overlap(self, but: frozenset[str] = frozenset()) -> float:
        """The share of the lighter clause that both have in common; what one says for the other's is common."""
        common = weight(self.shared | (self.here.content & but))
        lighter = min(self.here.weight, self.there.weight)
        return common / lighter if lighter else 0.0

    @property
    def _balance(self) -> float:
        """The share of the heavier clause that both have in common."""
        heavier = max(self.here.weight, self.there.weight)
        return weight(self.shared) / heavier if heavier else 0.0

    @property
    def _enough(self) -> float:
        """The share of the question's words from which both answer it; what is counted says much by itself."""
        return ASKED if self.asked.counted else MOSTLY

    def _held(self, but: frozenset[str] = frozenset()) -> float:
        """The share of the question's words that both hold or leave unsaid; a name may be missing in both."""
        both = ((self.a.content | self.a.context) & (self.b.content | self.b.context)) | but
        named = frozenset() if self.asked.kind in ("number", "other", "time") else self.asked.names
        wanted = self.asked.content - (named - self.a.content - self.b.content)
        asked = weight(wanted)
        return weight(wanted & both) / asked if asked else 1.0

    @property
    def _held_themselves(self) -> float:
        """The share of the question's words that both sentences hold themselves."""
        asked = weight(self.asked.content)
        return weight(self.asked.content & self.a.content & self.b.content) / asked if asked else 1.0

    @property
    def _things(self) -> frozenset[str]:
        """What both clauses hold and is no name."""
        # A word of the question in small letters is no name where a sentence begins with it.
        named = (self.a.names | self.b.names) - (self.asked.content - self.asked.names)
        return self.shared - named

    @property
    def _to_the_point(self) -> bool:
        """Do both clauses hold a word of the question that is no name?"""
        return bool(self._things & self.asked.content) or not self.asked.content

    def _alike(self, but: frozenset[str] = frozenset()) -> bool:
        return self._overlap(but) >= ALIKE and (len(self.shared) >= LEAST_SHARED or self._held(but) >= ASKED)

    @property
    def _about_the_same(self) -> bool:
        return self._alike() or (self.asked.short and self._overlap() >= ALIKE_ENOUGH and self._held() >= ASKED)

    @property
    def _elsewhere(self) -> bool:
        """Do they speak of other days, of the second and the third, or one of another than the question's?"""
        if apart(self.a.days, self.b.days):
            return True
        ours, theirs = self.here.weekdays, self.there.weekdays
        if ours and theirs and not ours & theirs:
            return True
        return bool(self.a.ordinals - self.b.ordinals and self.b.ordinals - self.a.ordinals)

    @property
    def _of_another(self) -> bool:
        """Does one name another than the question does, and not begin with a pronoun?"""
        asked = self.asked
        return any(
            asked.names - one.content and clause.names - other.content - asked.content and one.first not in STANDS_FOR
            for clause, one, other in ((self.here, self.a, self.b), (self.there, self.b, self.a))
        )

    def _narrowed(self, but: frozenset[str] = frozenset()) -> bool:
        """Does each say of what it speaks with words that neither the other, with what it leaves unsaid, nor the
        question has?
        """
        aside = self.asked.content | self.asked.words | but
        return bool(self.here.content - self.b.content - self.b.context - aside) and bool(
            self.there.content - self.a.content - self.a.context - aside
        )

    def _days_differ(self) -> bool:
        if not self._about_the_same or self._substituted:
            return False
        if self.asked.kind == "time":
            if not self._to_the_point or (self._narrowed() and self._held() < MOSTLY):
                return False
        elif not (self._wanted_anyway and self._to_the_point) or self._narrowed():
            return False
        if apart(self.here.days, self.there.days):
            return apart(self.a.days, self.b.days)
        ours, theirs = self.here.weekdays, self.there.weekdays
        undated = not (self.a.days or self.b.days)
        return undated and bool(ours and theirs) and not ours & theirs

    @property
    def _wanted_anyway(self) -> bool:
        """Do they say the same but for a figure, and is the question a topic, or about that figure?"""
        if self.asked.kind == "yesno":
            return self._alike() and self.asked.figures
        if self.asked.kind != "other" or not self._alike() or self.asked.figures:
            return False
        return self._balance >= ALIKE or (self.asked.property and self._to_the_point)

    @property
    def _substituted(self) -> bool:
        """Does one speak of something else in place of what is asked about?"""
        asked = self.asked.content
        return self._held_themselves < self._enough and any(
            (here.content & asked) - other.content
            and there.content - one.content - asked
            and not any(token.text.lower() in PRONOUNS for token in there.tokens)
            for here, one, there, other in (
                (self.here, self.a, self.there, self.b),
                (self.there, self.b, self.here, self.a),
            )
        )

    def _amounts_differ(self) -> bool:
        if not self._about_the_same or self._substituted:
            return False
        if self.asked.kind in ("number", "time"):
            wanted = self._to_the_point
        else:
            wanted = self._wanted_anyway and (self._held() >= NEARLY_ALL or self._to_the_point)
        if not wanted or self._things & AGAIN_AND_AGAIN:
            return False
        if self._narrowed() and not (self.asked.counted and self._held() >= self._enough and not self._placed):
            return False
        ours, theirs = ([one for one in side.amounts if self._wanted(one)] for side in (self.here, self.there))
        return any(
            one.alike(other)
            and not one.compatible(other)
            and not any(x.alike(one) and x.compatible(y) for x, y in product(self.a.amounts, self.b.amounts))
            for one, other in product(ours, theirs)
        )

    @property
    def _placed(self) -> bool:
        """Does each name something that neither the other nor the question does?"""
        aside = self.asked.content
        return bool(self.here.names - self.b.content - aside) and bool(self.there.names - self.a.content - aside)

    def _wanted(self, amount: Amount) -> bool:
        if self.asked.kind == "time":
            return "clock" in amount.units
        return not self.asked.counted or bool(amount.units & self.asked.counted) or self._balance >= ALIKE

    def _names_differ(self) -> bool:
        asked = self.asked
        if not (asked.short and asked.names_one and self._to_the_point):
            return False
        if (self.shared | asked.content) & SHARED_BY_MANY or not self._subjects_told:
            return False
        if any(ALSO.search(" ".join(_texts(one))) for one in (self.here, self.there)):
            return False
        here, there = (frozenset().union(*names_given(clause, asked)) for clause in (self.here, self.there))
        ours, theirs = here - self.b.names, there - self.a.names
        if not ours or not theirs or _spelt_out(ours, self.b) or _spelt_out(theirs, self.a):
            return False
        if any(map(is_country, ours)) != any(map(is_country, theirs)):
            return False
        told = ours | theirs | _before_names(self.here, ours) | _before_names(self.there, theirs)
        rest = min(weight(clause.content - told) for clause in (self.here, self.there))
        alike = bool(rest) and weight(self.shared) / rest >= ALIKE_ENOUGH
        things, both = asked.content - asked.names, _told(self.here, self.a) & _told(self.there, self.b)
        point = weight(things & both) >= ASKED * weight(things)
        return alike and point and not self._narrowed(told)

    @property
    def _subjects_told(self) -> bool:
        """Does each sentence hold the names asked about, or begin with a word that stands for them?"""
        return all(self.asked.names <= one.content or one.first in STANDS_FOR for one in (self.a, self.b))

    def _relevant(self, words: frozenset[str]) -> bool:
        """Is it the point of the question whether these words hold?"""
        if words & self.asked.words:
            return True
        if self.asked.kind in ("yesno", "other"):
            return self._to_the_point and self._held(words) >= ASKED
        return self._alone(words)

    def _alone(self, words: frozenset[str]) -> bool:
        """Is it about who does something alone, and both clauses hold what is asked? Who asks who, or names a topic,
        asks that too.
        """
        held = weight(self.asked.content & self.shared) >= NEARLY_ALL * weight(self.asked.content)
        return self.asked.kind in ("person", "other") and held and bool(words & _ALONE)

    def _denied(self) -> bool:
        least = LEAST_SHARED if self.asked.kind == "other" else 2
        turned = self._things & ((self.a.denied & self.b.affirmed) | (self.b.denied & self.a.affirmed))
        if not self._alike() or len(self.shared) < least or (self._narrowed() and not self._alone(turned)):
            return False
        return bool(turned) and self._to_the_point and self._relevant(turned)

    @property
    def _of_other_figures(self) -> bool:
        """Do they report on different measurements, such as the sales of two quarters?"""
        pairs = [(x, y) for x, y in product(self.here.amounts, self.there.amounts) if x.alike(y)]
        return bool(pairs) and not any(x.compatible(y) for x, y in pairs)

    def _opposite(self) -> bool:
        if self._of_other_figures:
            return False
        for ours, theirs in (
            *oppositions(_stems(self.here), _stems(self.there)),
            *prefixed(_predicates(self.here), _predicates(self.there)),
        ):
            same = bool(ours & self.a.denied) == bool(theirs & self.b.denied)
            turned = ours | theirs
            few = len(self.shared | ours) < (LEAST_SHARED if self.asked.kind == "other" else 2)
            narrowed = self._narrowed(turned) and not self._alone(turned)
            if same and not few and self._alike(turned) and self._relevant(turned) and not narrowed:
                return True
        return False


def _told(clause: Clause, one: Assertion) -> frozenset[str]:
    """What a clause says, and what a pronoun at the beginning of its sentence stands for."""
    return clause.content | one.context if one.first in STANDS_FOR else clause.content


def _texts(clause: Clause) -> list[str]:
    return [token.text for token in clause.tokens]


def _stems(clause: Clause) -> frozenset[str]:
    return verbal(clause.tokens) & frozenset(token.stem for token in clause.tokens if not token.stop and not token.name)


def _spelt_out(names: frozenset[str], other: Assertion) -> bool:
    """Is one of the names made of the first letters of the other's?"""
    capitals = [token.text for clause in other.clauses for token in clause.tokens if token.text[0].isupper()]
    initials = "".join(text if text.isupper() else text[0] for text in capitals).lower()
    return any(len(name) > 1 and name in initials for name in names)


def _before_names(clause: Clause, names: frozenset[str]) -> frozenset[str]:
    """What is said with a name about whom it names: "the Danish architect Mette Krogh"."""
    found: set[str] = set()
    run: list[str] = []
    for token in clause.tokens:
        if token.stop:
            run = []
            continue
        if token.stem in names:
            found.update(run)
        run.append(token.stem)
    return frozenset(found)


def _predicates(clause: Clause) -> dict[str, str]:
    """The words that stand before no other content word, with their stems: "is safe", but no "safe harbour"."""
    following = [*clause.tokens[1:], None]
    return {
        token.text.lower(): token.stem
        for token, after in zip(clause.tokens, following, strict=True)
        if after is None or after.stop or after.number or after.text.endswith("ly")
    }
