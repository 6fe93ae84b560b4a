"""The sentences of retrieved passages as candidates for an answer: analysed, scored, and whether the best answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from retrieval.answers.answer import Quote
from retrieval.answers.asking.question import Question, holds_kind
from retrieval.answers.asking.wanted import Wanted
from retrieval.answers.evidence.evidence import EvidenceSentence
from retrieval.answers.evidence.nearness import nearest
from retrieval.answers.evidence.rebuttals import rebuts
from retrieval.answers.evidence.scoring import (
    Candidate,
    ScoredPassage,
    answer_features,
    answerability,
    sentence_features,
    sentence_score,
)
from retrieval.answers.languages.glossary import in_english, written_in
from retrieval.answers.wording.orders import orders
from retrieval.answers.wording.rows import worded
from retrieval.answers.wording.words import analyse
from retrieval.articles import FoundPassage, Span
from retrieval.index.mentions import Fit
from retrieval.text import LIST_MARKER, sentences, terms

# Sentences embedded a question, the best by their words: 24 lose nothing against all. Sixteen are enough for questions
# in the words of the article, and leave out some answers in other words.
CANDIDATES = 24
# Characters; a longer list is quoted up to its last item that fits.
LONGEST_LIST = 800
# What a sentence gains whose article is of the source or the time that the question names; two of the score make a
# sentence seven times as likely the answer.
MEANT = 2.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A passage with its sentences, analysed."""

    found: FoundPassage
    spans: tuple[Span, ...]
    # What each of the spans reads alone, in English as far as that is known; nothing for one that says nothing.
    texts: tuple[str, ...]
    scored: ScoredPassage
    # Numbers of the sentences that give orders.
    orders: frozenset[int]
    # How well its article fits the source and the time that the question names.
    meant: float


def prepare(found: FoundPassage, cosine: float, fit: Fit) -> Prepared:
    """A passage analysed; `cosine` is its own to the question, `fit` how well its article meets source and time."""
    passage = found.passage
    spans = tuple(sentences(passage.text, passage.language))
    texts = tuple(worded(passage.text, span) for span in spans)
    given = frozenset(at for at, order in enumerate(orders(passage.text, spans, texts)) if order)
    head, analyses = frozenset(terms(passage.head)), tuple(analyse(text) for text in texts)
    if language := written_in(passage.text):
        texts = tuple(in_english(text, language) for text in texts)
        # A question may hold the article's own words.
        head |= frozenset(terms(in_english(passage.head, language)))
        analyses = tuple(
            replace(one, stems=one.stems | own.stems) for one, own in zip(map(analyse, texts), analyses, strict=True)
        )
    # What the question says of the time is held by an article of that time, in whatever way its day is written.
    scored = ScoredPassage(head | frozenset(terms(fit.words)), analyses, cosine)
    return Prepared(found, spans, texts, scored, given, fit.score)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate of passage `number` with its score, by words alone or with what its embedding adds."""

    number: int
    candidate: Candidate
    score: float


def by_score(item: Ranked) -> tuple[float, int, int]:
    """The key that sorts candidates best first, equal ones as they stand."""
    return (-item.score, item.number, item.candidate.at)


def ranked_by(question: Question, number: int, item: Prepared, candidate: Candidate) -> Ranked:
    """A sentence of passage `number` with its score for the question."""
    score = sentence_score(sentence_features(question, item.scored, candidate))
    return Ranked(number, candidate, score + MEANT * item.meant)


def by_words(question: Question, prepared: Sequence[Prepared]) -> list[Ranked]:
    """All sentences of the passages by everything but their own vectors, best first.

    An order to whoever answers is no answer, unless there is nothing else.
    """
    places = [(number, at) for number, item in enumerate(prepared) for at, text in enumerate(item.texts) if text]
    told = [(number, at) for number, at in places if at not in prepared[number].orders]
    ranked = [ranked_by(question, number, prepared[number], Candidate(at)) for number, at in told or places]
    return sorted(ranked, key=by_score)


def meets(wanted: Wanted, prepared: Sequence[Prepared], item: Ranked) -> bool:
    """Is a candidate of the time and the source that are wanted?"""
    one = prepared[item.number]
    return wanted.met_by(one.found.passage, one.texts[item.candidate.at])


def taken(question: Question, ranked: Sequence[Ranked], prepared: Sequence[Prepared], wanted: Wanted) -> list[Ranked]:
    """The candidates to embed: of those that meet what the question insists on half at least, if there are as many.

    The best of each article is among them: one that says what was asked in its own words would have no seat beside one
    that repeats the question's. So is the best that may deny something of what was asked about.
    """
    # No further than needed: the times that a sentence names take long to find.
    meeting = (item for item in ranked if wanted.narrows and meets(wanted, prepared, item))
    chosen = list(islice(meeting, CANDIDATES // 2))
    articles = {prepared[item.number].found.passage.article_id for item in chosen}
    for item in ranked:
        article = prepared[item.number].found.passage.article_id
        if article not in articles:
            articles.add(article)
            chosen.append(item)
    others = (item for item in ranked if item not in chosen)
    chosen += islice((item for item in others if _may_deny(question, prepared, item)), 1)
    others = (item for item in ranked if item not in chosen)
    return sorted([*chosen, *islice(others, max(0, CANDIDATES - len(chosen)))], key=by_score)


def _may_deny(question: Question, prepared: Sequence[Prepared], item: Ranked) -> bool:
    passage, at = prepared[item.number], item.candidate.at
    return rebuts(passage.texts[at]) and not question.weights.keys().isdisjoint(passage.scored.sentences[at].stems)


def held(parsed: Question, prepared: Sequence[Prepared], item: Ranked) -> frozenset[str]:
    """The question's names and the kind it asks for, as far as a sentence and its neighbours hold them."""
    passage = prepared[item.number].scored
    near = passage.near(item.candidate.at)
    kind = any(holds_kind(parsed.kind, one.tokens, frozenset(parsed.weights)) for one in near)
    return (parsed.names & passage.head.union(*(one.stems for one in near))) | ({parsed.kind} if kind else set())


def answerable(parsed: Question, prepared: Sequence[Prepared], best_first: Sequence[Ranked]) -> float:
    """How likely the first of these sentences answers."""
    best = best_first[0]
    around = (
        item.candidate.near
        for item in best_first
        if item.number == best.number and abs(item.candidate.at - best.candidate.at) <= 1
    )
    features = answer_features(
        parsed, [item.scored for item in prepared], prepared[best.number].scored, best.candidate, nearest(around)
    )
    return answerability(parsed, features)


def with_list(text: str, span: Span) -> Span:
    """A sentence that leads to a list, with the list; any other one as it is.

    "These stops are moved:" answers nothing without what follows.
    """
    end = span.end
    if not text[: span.end].endswith(":"):
        return span
    for line in re.finditer(r"\s*\n([^\n]+)", text[span.end :]):
        if line.start() != end - span.end or not LIST_MARKER.match(line[1]) or line.end() > LONGEST_LIST:
            break
        end = span.end + line.end()
    return Span(span.start, end)


def as_evidence(item: Prepared, ranked: Ranked, question: Question) -> EvidenceSentence:
    """A candidate as a sentence with its quote."""
    passage = item.found.passage
    span = with_list(passage.text, item.spans[ranked.candidate.at])
    stems = item.scored.sentences[ranked.candidate.at].stems
    # How much of the question the sentence holds by itself: what a footnote's score means for a quote.
    support = round(question.coverage(stems), 4)
    return EvidenceSentence(Quote.of(passage, span, support), stems, ranked.score, ranked.candidate.near)
