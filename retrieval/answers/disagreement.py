"""Articles that say opposite things: among the best answers to a question those that cannot all be right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from itertools import combinations, pairwise

from retrieval.answers.asked import Asked, asked_of
from retrieval.answers.assertion import is_rare_name, names_in, parse_assertion, same
from retrieval.answers.contradiction import LEAST_SHARED, contradict
from retrieval.answers.equivalents import shared_stem
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.sides import Side, answers, gives
from retrieval.answers.words import tokens
from retrieval.index.days import day_of
from retrieval.text import terms

# A side must be among the best answers.
SCORE_MARGIN = 12.0
MOST_LOOKED_AT = 8
# Reports of the same days are looked at further, since each has words of its own.
MOST_OF_REPORTS = 16
SAME_DAYS = timedelta(days=14)
MOST_SIDES = 4
# Characters before a sentence that may say of whom it speaks.
BEFORE = 300

_MEASURED_BY = re.compile(r"\b(?:more|less|fewer|(?!other\b|rather\b)\w{2,}er)\s+than\b[^,;]*", re.IGNORECASE)


def find_disagreement(evidence: Evidence, of_topic: bool = False) -> tuple[EvidenceSentence, ...]:
    """The strongest sentences that contradict each other, newest article first; empty when there are none.

    Two, and further ones that contradict either of them. What others disagree about is not what the best ones answer;
    `of_topic` says that nothing was asked, so any two of what stands on a topic may.
    """
    if evidence.overview:
        return ()
    ranked = evidence.sentences
    best_score = ranked[0].score - SCORE_MARGIN if ranked else 0.0
    asked = asked_of(evidence.question)
    strong = [_Strong(one, _side(one)) for one in ranked[:MOST_OF_REPORTS] if one.score >= best_score]
    # The best one, or the best of those that give what is asked for, must be a side; weaker ones are beside the point.
    best = {0, next((at for at, one in enumerate(strong[:MOST_LOOKED_AT]) if answers(one.side, asked)), 0)}
    nearest: frozenset[int] | None = None
    for first, second in sorted(combinations(range(len(strong)), 2), key=sum):
        if not of_topic and best.isdisjoint((first, second)):
            continue
        a, b = strong[first], strong[second]
        reports = asked.short and _of_the_same_days(a, b)
        if second >= MOST_LOOKED_AT and not reports:
            continue
        if reports:
            nearest = _nearest(asked, strong) if nearest is None else nearest
            a, b = (_as_report(strong[at], at in nearest) for at in (first, second))
        if _against(a, b, evidence.question):
            return _newest_first([a.said, b.said, *_further(strong, a, b, evidence.question)])
    return ()


@dataclass(frozen=True, slots=True)
class _Strong:
    """A sentence among the best answers, and what it may be a side of."""

    said: EvidenceSentence
    side: Side

    @property
    def article_id(self) -> int:
        return self.said.quote.passage.article_id


def _against(a: _Strong, b: _Strong, question: str) -> bool:
    least = 0 if asked_of(question).short else LEAST_SHARED
    if a.article_id == b.article_id or len(a.said.stems & b.said.stems) < least:
        return False
    return contradict(a.side, b.side, question) and _same_subject(a.said, b.said, question)


def _side(sentence: EvidenceSentence) -> Side:
    quote = sentence.quote
    return Side(quote.text, _context(sentence), quote.passage.published_at, sentence.near)


def _as_report(one: _Strong, best: bool) -> _Strong:
    """The same with what else its article holds, if it is the best sentence of that."""
    passage = one.said.quote.passage
    article = _article(f"{passage.head} {passage.text}") if best else frozenset[str]()
    return replace(one, side=replace(one.side, article=article, best=best))


@lru_cache(maxsize=64)
def _article(text: str) -> frozenset[str]:
    return frozenset(map(same, map(shared_stem, terms(text))))


def _of_the_same_days(a: _Strong, b: _Strong) -> bool:
    one, other = (day_of(strong.side.published_at) for strong in (a, b))
    return one is not None and other is not None and abs(one - other) <= SAME_DAYS


def _nearest(asked: Asked, strong: Sequence[_Strong]) -> frozenset[int]:
    """Of each article the best sentence that gives something of the sort asked for."""
    found: dict[int, int] = {}
    for at, one in enumerate(strong):
        if one.article_id not in found and gives(one.side, asked):
            found[one.article_id] = at
    return frozenset(found.values())


def _further(strong: Sequence[_Strong], a: _Strong, b: _Strong, question: str) -> list[EvidenceSentence]:
    """Sentences of yet other articles that contradict one of two sides."""
    articles = {a.article_id, b.article_id}
    found: list[EvidenceSentence] = []
    for one in strong[:MOST_LOOKED_AT]:
        new = one.article_id not in articles
        if new and len(found) < MOST_SIDES - 2 and (_against(one, a, question) or _against(one, b, question)):
            articles.add(one.article_id)
            found.append(one.said)
    return found


def _newest_first(sides: Sequence[EvidenceSentence]) -> tuple[EvidenceSentence, ...]:
    return tuple(sorted(sides, key=lambda side: side.quote.passage.published_at or "", reverse=True))


def _same_subject(a: EvidenceSentence, b: EvidenceSentence, question: str) -> bool:
    """Are the names asked about told in or before both, and do the titles of two that share no name fit the other?"""
    named = names_in(tokens(question))
    years = {day.year for day in parse_assertion(question).days}
    for side in (a, b):
        near = set(terms(f"{_own(side)} {_context(side, BEFORE)} {side.quote.passage.published_at or ''}"))
        if not named <= near and not _known_by_name(side, named):
            return False
        if years and not any(str(year) in near for year in years):
            return False
    if parse_assertion(a.quote.text).names & parse_assertion(b.quote.text).names:
        return True
    known = [_told(side) for side in (a, b)]
    titles = [
        {word.stem for word in tokens(side.quote.passage.title) if is_rare_name(word)} - stems
        for side, stems in zip((a, b), reversed(known), strict=True)
    ]
    return not all(titles)


def _known_by_name(side: EvidenceSentence, named: frozenset[str]) -> bool:
    """Does a sentence name a person in full, or nobody else while its article has spoken of those named?"""
    words = tokens(_own(side))
    in_full = any(one.stem in named and other.stem in named for one, other in pairwise(words))
    others = parse_assertion(side.quote.text).names - named
    return in_full or (named <= _told(side) and (bool(named & {word.stem for word in words}) or not others))


def _told(side: EvidenceSentence) -> set[str]:
    """The stems of a passage and of its article's head line."""
    return set(terms(f"{side.quote.passage.head} {_MEASURED_BY.sub('', side.quote.passage.text)}"))


def _own(side: EvidenceSentence) -> str:
    """A sentence without what it only measures by: "two hours less than the other phone"."""
    return _MEASURED_BY.sub("", side.quote.text)


def _context(side: EvidenceSentence, after: int = 0) -> str:
    """What a sentence may leave unsaid: the article's head line and what stands just before it, or after it."""
    passage = side.quote.passage
    at = side.quote.start - passage.start
    end = side.quote.end - passage.start
    return f"{passage.head}\n{passage.text[max(0, at - BEFORE) : at]} {passage.text[end : end + after]}"
