"""Articles that say opposite things.

By words and by code: answers to the question from different articles, about the same thing, that cannot both be right.
They give amounts, days or names that exclude each other where the question asks for one, or one denies what the other
says, or says the opposite. Two clauses are about the same thing when they share most of their words and neither is
narrowed down by words that the question and the other lack. What was so once and is not so now is no disagreement, and
a sentence that reports both sides takes none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

from retrieval.answers.amounts import Amount
from retrieval.answers.assertion import Assertion, Clause, is_rare_name, names_in, parse_assertion, weight
from retrieval.answers.equivalents import is_country, shared_stem
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.opposites import oppositions
from retrieval.answers.question import Kind, answer_kind
from retrieval.answers.scoring import SHORT_UNTIL
from retrieval.answers.words import PRONOUNS, tokens
from retrieval.index.mentions import Day
from retrieval.text import STOP_WORDS, terms

# "Holt supports it, too": one of several, none of which excludes the others.
_ALSO = re.compile(r"\b(?:also|too|another|other|others|as well|among|co-\w+|fellow|one of)\b", re.IGNORECASE)
# Who else may do the same at the same time.
_SHARED_BY_MANY = frozenset(
    shared_stem(word)
    for word in "support back oppose criticize praise attend join play star say tell believe think like visit help "
    "include use call ask want mention recommend report feature offer compete".split()
)
_OF_PLACE = frozenset("in at near from to on outside".split())
_ALONE = frozenset(
    shared_stem(word) for word in "share shared joint jointly together alone sole solely exclusive exclusively".split()
)
_STANDS_FOR = PRONOUNS | {"the"}
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")
# Of the clause that weighs less, the share that both must have in common; where they name the thing asked for, less.
ALIKE, ALIKE_ENOUGH = 0.6, 0.34
LEAST_SHARED = 3
# Sentences with less in common are not looked at more closely.
LEAST_COMMON = 1
# The share of the question's words that both clauses must hold, where they share less or are short.
ASKED, MOSTLY, NEARLY_ALL = 0.5, 0.6, 0.75
# Characters before a sentence that may say of whom it speaks.
BEFORE = 300
# A side must be among the best answers.
SCORE_MARGIN = 6.0
MOST_LOOKED_AT = 8
MOST_SIDES = 4


def find_disagreement(evidence: Evidence) -> tuple[EvidenceSentence, ...]:
    """The strongest sentences that contradict each other, newest article first; empty when there are none.

    Two, and further ones that side with either of them.
    """
    ranked = evidence.sentences
    strong = [side for side in ranked[:MOST_LOOKED_AT] if side.score >= ranked[0].score - SCORE_MARGIN]
    for first, second in sorted(combinations(range(len(strong)), 2), key=sum):
        a, b = strong[first], strong[second]
        if _against(a, b, evidence.question):
            return _newest_first([a, b, *_further(strong, a, b, evidence.question)])
    return ()


def contradict(a: str, b: str, question: str) -> bool:
    """Do two sentences give answers to a question that exclude each other?"""
    asked, one, other = _asked(question), parse_assertion(a), parse_assertion(b)
    if one.settled or other.settled:
        return False
    pairs = product(one.clauses, other.clauses)
    return any(_Pair(asked, one, other, here, there).exclusive() for here, there in pairs)


def _against(a: EvidenceSentence, b: EvidenceSentence, question: str) -> bool:
    least = LEAST_COMMON if _asked(question).short else LEAST_SHARED
    if a.quote.passage.article_id == b.quote.passage.article_id or len(a.stems & b.stems) < least:
        return False
    return contradict(a.quote.text, b.quote.text, question) and _same_subject(a, b, question)


def _further(
    strong: Sequence[EvidenceSentence], a: EvidenceSentence, b: EvidenceSentence, question: str
) -> list[EvidenceSentence]:
    """Sentences of yet other articles that contradict one of two sides."""
    articles = {a.quote.passage.article_id, b.quote.passage.article_id}
    found: list[EvidenceSentence] = []
    for side in strong:
        new = side.quote.passage.article_id not in articles
        if new and len(found) < MOST_SIDES - 2 and (_against(side, a, question) or _against(side, b, question)):
            articles.add(side.quote.passage.article_id)
            found.append(side)
    return found


def _newest_first(sides: Sequence[EvidenceSentence]) -> tuple[EvidenceSentence, ...]:
    return tuple(sorted(sides, key=lambda side: side.quote.passage.published_at or "", reverse=True))


def _same_subject(a: EvidenceSentence, b: EvidenceSentence, question: str) -> bool:
    """Are the names asked about told in or before both, and do the titles of two that share no name fit the other?"""
    named = names_in(tokens(question))
    if not all(named <= side.stems | set(terms(_context(side))) for side in (a, b)):
        return False
    if parse_assertion(a.quote.text).names & parse_assertion(b.quote.text).names:
        return True
    known = [set(terms(f"{side.quote.passage.head} {side.quote.passage.text}")) for side in (a, b)]
    titles = [
        {word.stem for word in tokens(side.quote.passage.title) if is_rare_name(word)} - stems
        for side, stems in zip((a, b), reversed(known), strict=True)
    ]
    return not all(titles)


def _context(side: EvidenceSentence) -> str:
    """What a sentence may leave unsaid: the article's head line and what stands just before the sentence."""
    passage = side.quote.passage
    at = side.quote.start - passage.start
    return f"{passage.head} {passage.text[max(0, at - BEFORE) : at]}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question: what it asks for, its content stems, and of those its names; `one` is False when it asks for many."""

    kind: Kind
    content: frozenset[str]
    names: frozenset[str]
    counted: frozenset[str]
    words: frozenset[str]
    short: bool
    names_one: bool
    figures: bool


_MANY = re.compile(
    r"\b(?:who are|who were|who all|where are|where were|(?:which|what) (?:(?:two|three|other|of the) )?"
    r"(?!is\b|was\b|does\b|has\b)\w+[^s\W]s\b)",
    re.IGNORECASE,
)
_WHICH = re.compile(r"^(?:\W*\w+ )?(?:which|what) (?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|happen)\w+", re.I)
# "How many construction workers does …"
_COUNTED = re.compile(
    r"\bhow many ((?:(?!do\b|does\b|did\b|is\b|are\b|was\b|were\b|has\b|have\b|can\b|will\b)[a-z]+ ?){1,3})", re.I
)
_ASKED_FOR = frozenset(
    shared_stem(word)
    for word in "company firm country city town day date month time person percentage amount number name place article "
    "share proportion many much long big heavy tall high wide deep far".split()
)


@lru_cache(maxsize=64)
def _asked(question: str) -> _Asked:
    parsed = parse_assertion(question.rstrip("?"))
    content = parsed.content - _ASKED_FOR
    kind = answer_kind(question)
    counted = _COUNTED.search(question)
    return _Asked(
        kind,
        content,
        parsed.names,
        frozenset(shared_stem(word) for word in counted[1].lower().split() if word not in STOP_WORDS)
        if counted
        else frozenset(),
        frozenset(map(shared_stem, re.findall(r"[a-z]+", question.lower()))),
        len(content) <= SHORT_UNTIL,
        _MANY.search(question) is None and (kind in ("person", "place") or _WHICH.search(question) is not None),
        bool(parsed.amounts or parsed.days),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A clause of one sentence beside a clause of the other."""

    asked: _Asked
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
        """The share of the question's words that both sentences hold; a name that neither holds counts for nothing."""
        said, both = self.a.content | self.b.content, (self.a.content & self.b.content) | but
        named = frozenset() if self.asked.kind in ("number", "other", "time") else self.asked.names - said
        wanted = self.asked.content - named
        asked = weight(wanted)
        return weight(wanted & both) / asked if asked else 1.0

    @property
    def _things(self) -> frozenset[str]:
        """What both clauses hold and is no name."""
        return self.shared - self.a.names - self.b.names

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
        if _apart(self.a.days, self.b.days):
            return True
        ours, theirs = self.here.weekdays, self.there.weekdays
        if ours and theirs and not ours & theirs:
            return True
        return bool(self.a.ordinals - self.b.ordinals and self.b.ordinals - self.a.ordinals)

    @property
    def _of_another(self) -> bool:
        """Does one name another than the question does, and does not begin with a word that stands for that?"""
        asked = self.asked
        return any(
            asked.names - one.content and one.names - other.content - asked.content and not _stands_for(one)
            for one, other in ((self.a, self.b), (self.b, self.a))
        )

    def _narrowed(self, but: frozenset[str] = frozenset()) -> bool:
        """Does each say of what it speaks with words that neither the other nor the question has?"""
        aside = self.asked.content | self.asked.words | but
        return bool(self.here.content - self.b.content - aside) and bool(self.there.content - self.a.content - aside)

    def _days_differ(self) -> bool:
        if not self._about_the_same or self._substituted:
            return False
        if self.asked.kind == "time":
            if not self._to_the_point or (self._narrowed() and self._held() < MOSTLY):
                return False
        elif not self._wanted_anyway or self._narrowed():
            return False
        if _apart(self.here.days, self.there.days):
            return _apart(self.a.days, self.b.days)
        ours, theirs = self.here.weekdays, self.there.weekdays
        undated = not (self.a.days or self.b.days)
        return undated and bool(ours and theirs) and not ours & theirs

    @property
    def _wanted_anyway(self) -> bool:
        """Do they say the same but for a figure, and is the question a topic, or about that figure?"""
        if self.asked.kind == "yesno":
            return self._alike() and self.asked.figures
        return self.asked.kind == "other" and self._alike() and self._balance >= ALIKE and not self.asked.figures

    @property
    def _substituted(self) -> bool:
        """Does one speak of something else in place of what is asked about?"""
        asked = self.asked.content
        return self._held() < self._enough and any(
            (here.content & asked) - other.content and there.content - one.content - asked
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
        if not wanted:
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
        if (self.shared | asked.content) & _SHARED_BY_MANY or not self._subjects_told:
            return False
        if any(_ALSO.search(" ".join(_texts(one))) for one in (self.here, self.there)):
            return False
        ours, theirs = _answers(self.here, asked) - self.b.names, _answers(self.there, asked) - self.a.names
        if not ours or not theirs or _spelt_out(ours, self.b) or _spelt_out(theirs, self.a):
            return False
        if any(map(is_country, ours)) != any(map(is_country, theirs)):
            return False
        told = ours | theirs | _before_names(self.here, ours) | _before_names(self.there, theirs)
        rest = min(weight(clause.content - told) for clause in (self.here, self.there))
        alike = bool(rest) and weight(self.shared) / rest >= ALIKE_ENOUGH
        things = asked.content - asked.names
        point = weight(things & self.a.content & self.b.content) >= ASKED * weight(things)
        return alike and point and self._held(asked.names) >= ASKED and not self._narrowed(told)

    @property
    def _subjects_told(self) -> bool:
        """Does each sentence hold the names asked about, or begin with a word that stands for them?"""
        return all(self.asked.names <= one.content or _stands_for(one) for one in (self.a, self.b))

    def _relevant(self, words: frozenset[str]) -> bool:
        """Is it the point of the question whether these words hold?"""
        if words & self.asked.words:
            return True
        if self.asked.kind in ("yesno", "other"):
            return self._held(words) >= ASKED
        # Who does it, is also a question of who does it alone.
        return self.asked.kind == "person" and bool(words & _ALONE) and self._held(words) >= NEARLY_ALL

    def _denied(self) -> bool:
        least = LEAST_SHARED if self.asked.kind == "other" else 2
        if not self._alike() or len(self.shared) < least or self._narrowed():
            return False
        turned = self._things & ((self.a.denied & self.b.affirmed) | (self.b.denied & self.a.affirmed))
        return bool(turned) and self._relevant(turned)

    @property
    def _of_other_figures(self) -> bool:
        """Do they report on different measurements, such as the sales of two quarters?"""
        pairs = [(x, y) for x, y in product(self.here.amounts, self.there.amounts) if x.alike(y)]
        return bool(pairs) and not any(x.compatible(y) for x, y in pairs)

    def _opposite(self) -> bool:
        if self._of_other_figures:
            return False
        for ours, theirs in (*oppositions(_stems(self.here), _stems(self.there)), *_prefixed(self.here, self.there)):
            same = bool(ours & self.a.denied) == bool(theirs & self.b.denied)
            turned = ours | theirs
            few = len(self.shared | ours) < (LEAST_SHARED if self.asked.kind == "other" else 2)
            if same and not few and self._alike(turned) and self._relevant(turned) and not self._narrowed(turned):
                return True
        return False


def _apart(ours: Sequence[Day], theirs: Sequence[Day]) -> bool:
    """Do both name days, and no day of one fits any of the other?"""
    return bool(ours and theirs) and not any(_fit(one, other) for one, other in product(ours, theirs))


def _fit(one: Day, other: Day) -> bool:
    """Can both be the same day, as far as they are told? "Before May" and "in June" tell too little."""
    bounded = {"before", "after", "since", "until", "by", "prior to"}
    if one.lead != other.lead and {one.lead, other.lead} & bounded:
        return True
    told = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(x is None or y is None or x == y for x, y in told)


def _stands_for(one: Assertion) -> bool:
    """Does it begin with a word that stands for what was spoken of before?"""
    return one.clauses[0].tokens[:1] != () and one.clauses[0].tokens[0].text.lower() in _STANDS_FOR


def _texts(clause: Clause) -> list[str]:
    return [token.text for token in clause.tokens]


def _stems(clause: Clause) -> frozenset[str]:
    return frozenset(token.stem for token in clause.tokens if not token.stop and not token.name)


def _answers(clause: Clause, asked: _Asked) -> frozenset[str]:
    """The names in a clause that may be what is asked for: places behind a word of place, others behind none."""
    found: set[str] = set()
    place = False
    for token in clause.tokens:
        if token.stem not in clause.names:
            place = token.text.lower() in _OF_PLACE if token.stop else place and token.text[0].isupper()
            continue
        if token.stem in asked.content or (asked.kind == "person" and is_country(token.stem)):
            continue
        if asked.kind in ("person", "place") and place != (asked.kind == "place"):
            continue
        found.add(token.stem)
    return frozenset(found)


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


def _prefixed(one: Clause, other: Clause) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Words of which one is the other with a prefix that turns it round: safe, unsafe."""
    ours, theirs = (_predicates(clause) for clause in (one, other))
    return [
        (frozenset({ours[x]}), frozenset({theirs[y]}))
        for x, y in product(ours.keys() - theirs.keys(), theirs.keys() - ours.keys())
        if len(x) > 3 and len(y) > 3 and any(x == prefix + y or y == prefix + x for prefix in _PREFIXES)
    ]


def _predicates(clause: Clause) -> dict[str, str]:
    """The words that stand before no other content word, with their stems: "is safe", but no "safe harbour"."""
    following = [*clause.tokens[1:], None]
    return {
        token.text.lower(): token.stem
        for token, after in zip(clause.tokens, following, strict=True)
        if after is None or after.stop or after.number or after.text.endswith("ly")
    }
