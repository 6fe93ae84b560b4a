"""Articles that say opposite things: among the best answers to a question those that cannot all be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from retrieval.answers.disagreement.accounts import Account, accounts, exclude, of_same_days, one_story
from retrieval.answers.disagreement.asked import Asked, asked_of
from retrieval.answers.disagreement.assertion import is_rare_name, names_in, parse_assertion
from retrieval.answers.disagreement.contradiction import LEAST_SHARED, contradict, doubtful, has_figures
from retrieval.answers.disagreement.report import report_of
from retrieval.answers.disagreement.sides import Side, answers
from retrieval.answers.evidence.evidence import Evidence, EvidenceSentence
from retrieval.answers.languages.glossary import written_in
from retrieval.answers.wording.words import tokens
from retrieval.text import terms

# A side must be among the best answers.
SCORE_MARGIN = 12.0
MOST_LOOKED_AT = 8
# Reports of the same days are looked at further, since each has words of its own.
MOST_OF_REPORTS = 16
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
    asked = asked_of(evidence.question)
    strong = _strong(ranked)
    # The best one, or the best of those that give what is asked for, must be a side; weaker ones are beside the point.
    best = {0, next((at for at, one in enumerate(strong[:MOST_LOOKED_AT]) if answers(one.side, asked)), 0)}
    for first, second in sorted(combinations(range(len(strong[:MOST_LOOKED_AT])), 2), key=sum):
        if not of_topic and best.isdisjoint((first, second)):
            continue
        a, b = strong[first], strong[second]
        if _against(a, b, evidence.question):
            return _newest_first([a.said, b.said, *_further(strong, a, b, evidence.question)])
    return _newest_first(_accounts(strong, asked, evidence.question)) if asked.short and not of_topic else ()


@dataclass(frozen=True, slots=True)
class _Strong:
    """A sentence among the best answers, and what it may be a side of."""

    said: EvidenceSentence
    side: Side

    @property
    def article_id(self) -> int:
        return self.said.quote.article_id


def _strong(ranked: Sequence[EvidenceSentence]) -> list[_Strong]:
    """The best answers in English: what is read word by word tells too little to be held against anything."""
    least = ranked[0].score - SCORE_MARGIN if ranked else 0.0
    near = [one for one in ranked[:MOST_OF_REPORTS] if one.score >= least]
    return [_Strong(one, _side(one)) for one in near if not written_in(one.quote.passage.text)]


def _against(a: _Strong, b: _Strong, question: str) -> bool:
    least = 0 if asked_of(question).short else LEAST_SHARED
    if a.article_id == b.article_id or len(a.said.stems & b.said.stems) < least:
        return False
    return contradict(a.side, b.side, question) and _same_subject(a.said, b.said, question)


def _side(sentence: EvidenceSentence) -> Side:
    quote = sentence.quote
    return Side(quote.text, _context(sentence), quote.passage.published_at, sentence.near)


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


def other_answers(evidence: Evidence) -> tuple[EvidenceSentence, ...]:
    """Of articles that tell the story of the best sentence's, what each answers otherwise; it need not exclude that.

    Whoever asks is to see both, though it may be that they agree: one is a part of the other, or has been overtaken. So
    for an amount, a day or a name they may be of any days.
    """
    asked = asked_of(evidence.question)
    if evidence.overview or not evidence.sentences or not asked.short:
        return ()
    found: list[EvidenceSentence] = []
    changes = asked.kind in ("number", "time", "person")
    for pair in _pairs(_strong(evidence.sentences), asked, evidence.question, any_days=changes):
        if pair.theirs and not (
            pair.ours and asked.kind != "yesno" and not exclude(pair.ours[0], pair.theirs[0], asked)
        ):
            found.append(pair.other[pair.theirs[0].at].said)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The best sentence's article and another one on its story, with their accounts."""

    best: Sequence[_Strong]
    other: Sequence[_Strong]
    ours: Sequence[Account]
    theirs: Sequence[Account]


def _pairs(strong: Sequence[_Strong], asked: Asked, question: str, any_days: bool = False) -> Iterator[_Pair]:
    of: dict[int, list[_Strong]] = {}
    for one in strong:
        of.setdefault(one.article_id, []).append(one)
    best, *others = of.values() or [[]]
    for other in others:
        passages = [several[0].said.quote.passage for several in (best, other)]
        days = [passage.published_at for passage in passages]
        if not (all(days) if any_days else of_same_days(*days)):
            continue
        here, there = map(report_of, passages)
        if one_story(here, there, asked):
            ours = accounts([one.side for one in best], here, there, asked, question)
            yield _Pair(best, other, ours, accounts([one.side for one in other], there, here, asked, question))


def _accounts(strong: Sequence[_Strong], asked: Asked, question: str) -> list[EvidenceSentence]:
    """Two accounts of one event that cannot both be right, one of them by the article of the best sentence."""
    for pair in _pairs(strong, asked, question):
        for a, b in product(pair.ours, pair.theirs):
            mine, theirs = (one.side.marked(one.answer.clause) for one in (a, b))
            told = has_figures(a.side, asked) and has_figures(b.side, asked)
            if told and exclude(a, b, asked) and not doubtful(mine, theirs, asked, question, one_event=True):
                return [pair.best[a.at].said, pair.other[b.at].said]
    return []


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
    mine, theirs = _names_around(a), _names_around(b)
    if not named and mine and theirs and not mine & theirs:
        # "How much is the company worth?", asked of two companies.
        return False
    known = [_told(side) for side in (a, b)]
    titles = [
        {word.stem for word in tokens(side.quote.passage.title) if is_rare_name(word)} - stems
        for side, stems in zip((a, b), reversed(known), strict=True)
    ]
    return not all(titles)


def _names_around(side: EvidenceSentence) -> frozenset[str]:
    """The names in a sentence, before it and in its title."""
    texts = (side.quote.passage.title, _context(side, BEFORE), _own(side))
    return frozenset().union(*(names_in(tokens(text)) for text in texts))


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
    passage, span = side.quote.passage, side.quote.span
    before, behind = passage.text[max(0, span.start - BEFORE) : span.start], passage.text[span.end : span.end + after]
    return f"{passage.head}\n{before} {behind}"
