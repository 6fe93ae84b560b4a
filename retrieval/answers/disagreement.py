"""Articles that say opposite things: among the best answers to a question those that cannot all be right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from retrieval.answers.asked import asked_of
from retrieval.answers.assertion import is_rare_name, names_in, parse_assertion
from retrieval.answers.contradiction import LEAST_SHARED, contradict
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.sides import Side, answers
from retrieval.answers.words import tokens
from retrieval.text import terms

# A side must be among the best answers.
SCORE_MARGIN = 12.0
MOST_LOOKED_AT = 8
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
    strong = [side for side in ranked[:MOST_LOOKED_AT] if side.score >= ranked[0].score - SCORE_MARGIN]
    # The best one, or the best of those that give what is asked for, must be a side; weaker ones are beside the point.
    asked = asked_of(evidence.question)
    best = {0, next((at for at, one in enumerate(strong) if answers(_side(one), asked)), 0)}
    for first, second in sorted(combinations(range(len(strong)), 2), key=sum):
        if not of_topic and best.isdisjoint((first, second)):
            continue
        a, b = strong[first], strong[second]
        if _against(a, b, evidence.question):
            return _newest_first([a, b, *_further(strong, a, b, evidence.question)])
    return ()


def _against(a: EvidenceSentence, b: EvidenceSentence, question: str) -> bool:
    least = 0 if asked_of(question).short else LEAST_SHARED
    if a.quote.passage.article_id == b.quote.passage.article_id or len(a.stems & b.stems) < least:
        return False
    return contradict(_side(a), _side(b), question) and _same_subject(a, b, question)


def _side(sentence: EvidenceSentence) -> Side:
    quote = sentence.quote
    return Side(quote.text, _context(sentence), quote.passage.published_at, sentence.near)


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
    if not all(named <= set(terms(f"{_own(side)} {_context(side, BEFORE)}")) for side in (a, b)):
        return False
    if parse_assertion(a.quote.text).names & parse_assertion(b.quote.text).names:
        return True
    known = [set(terms(f"{side.quote.passage.head} {side.quote.passage.text}")) for side in (a, b)]
    titles = [
        {word.stem for word in tokens(side.quote.passage.title) if is_rare_name(word)} - stems
        for side, stems in zip((a, b), reversed(known), strict=True)
    ]
    return not all(titles)


def _own(side: EvidenceSentence) -> str:
    """A sentence without what it only measures by: "two hours less than the other phone"."""
    return _MEASURED_BY.sub("", side.quote.text)


def _context(side: EvidenceSentence, after: int = 0) -> str:
    """What a sentence may leave unsaid: the article's head line and what stands just before it, or after it."""
    passage = side.quote.passage
    at = side.quote.start - passage.start
    end = side.quote.end - passage.start
    return f"{passage.head}\n{passage.text[max(0, at - BEFORE) : at]} {passage.text[end : end + after]}"
