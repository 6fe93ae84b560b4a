"""The quoting reader: answers with the articles' own sentences, and who says them. No model, no invention."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date

from retrieval.answers.answer import Quote, Sentence
from retrieval.answers.asking.parts import side_of
from retrieval.answers.asking.question import answer_kind, holds_kind
from retrieval.answers.disagreement.disagreement import find_disagreement, other_answers
from retrieval.answers.evidence.evidence import Evidence, EvidenceSentence
from retrieval.answers.markers import MARKER, short_name
from retrieval.answers.readers.antecedent import with_antecedent
from retrieval.answers.readers.beside import denials_of, later_counts
from retrieval.answers.readers.reader import NOT_FOUND, Reading
from retrieval.answers.readers.together import adding_most, answered_together
from retrieval.answers.readers.told_above import told_above
from retrieval.answers.sanitize import harmless
from retrieval.answers.wording.rows import worded
from retrieval.answers.wording.words import tokens
from retrieval.articles import Passage, Span
from retrieval.text import LIST_MARKER, terms

# What stands for a model in answers of this reader.
QUOTES = "quotes"
MOST_SENTENCES = 3
# Where a message asks several questions, each gets room.
MOST_SENTENCES_A_PART = 2
# How near a further sentence must come to the best one, and one that brings neither the kind of thing that is asked for
# (a person, a time, a number …) nor another article's voice (docs/decisions.md, 6).
MARGIN = 3.0
MARGIN_OF_THE_SAME = 2.5
# What a further sentence loses that speaks of something which no sentence before it names.
UNNAMED = 1.0
# Sentences that share this much of their words say the same; one of them is enough.
SAME = 0.8
_DISAGREE = "The articles disagree:"
# What stands before a sentence that goes on with the article of the one before it.
SAME_RUN = " "


class QuotingReader:
    """Quotes up to three sentences, or says that the library does not hold the answer."""

    @property
    def name(self) -> str:
        """Not a model."""
        return QUOTES

    async def read(self, question: str, evidence: Evidence, today: date) -> AsyncIterator[Reading]:
        """One reading: there is nothing to wait for."""
        parts = evidence.parts or (evidence,)
        answered = [part for part in parts if part.answers]
        if not answered:
            yield Reading("not_in_library")
            return
        most = MOST_SENTENCES if len(parts) == 1 else MOST_SENTENCES_A_PART
        read = [await asyncio.to_thread(_read, part, most) for part in answered]
        quotes = [quote for sentences in read for sentence in sentences for quote in sentence.quotes]
        missing = tuple(
            f"{NOT_FOUND} {side_of(part.question) or part.question}"
            for part in parts
            if not (part.answers or told_above(part, quotes))
        )
        yield Reading("partial" if missing else "answered", _once(read), missing)


def _read(evidence: Evidence, most: int) -> tuple[Sentence, ...]:
    if evidence.overview:
        return _dated(evidence.sentences)
    sides = find_disagreement(evidence)
    if sides:
        return disagreeing(sides)
    best = chosen(evidence.question, evidence.sentences, most)
    beside = [
        *other_answers(evidence),
        *denials_of(evidence.sentences),
        *later_counts(evidence.question, evidence.sentences),
    ]
    picked = _with_others(best, beside, most)
    if (evidence.latest or picked != best) and any(one.quote.passage.day for one in picked):
        # What was so before may be no longer so: nothing stands before what is newer, or without its day.
        return _dated(sorted(picked, key=lambda one: one.quote.passage.day, reverse=True))
    # Several articles may say different things where no disagreement was seen: each with who says it.
    return _dated(picked) if len({one.quote.article_id for one in picked}) > 1 else _told(picked, "\n")


def _with_others(
    picked: Sequence[EvidenceSentence], others: Sequence[EvidenceSentence], most: int
) -> list[EvidenceSentence]:
    """What was chosen, and in place of its last what another article answers otherwise and is not among it."""
    heard = {one.quote.article_id for one in picked}
    new = [one for one in others if one.quote.article_id not in heard][:1]
    return [*picked[: most - len(new)], *new]


def _once(parts: Sequence[tuple[Sentence, ...]]) -> tuple[Sentence, ...]:
    """The sentences of all parts without those that say what another one says: one may answer two questions.

    A disagreement stays whole; its sides are not told beside it.
    """
    sided = [part for part in dict.fromkeys(parts) if part[:1] and part[0].text == _DISAGREE]
    sides = [side for at, part in enumerate(sided) if not _told_in(part, sided[:at]) for side in part[1:]]
    kept: list[Sentence] = []
    for at, part in enumerate(parts):
        if part in sided:
            if not _told_in(part, parts[:at]):
                kept.extend(part)
            continue
        others = [one for later in parts[at + 1 :] if later not in sided for one in later]
        # What stands before a sentence that is left out is needed by those behind it.
        lead = ""
        for sentence in part:
            longer = any(_holds(one, sentence) and not _holds(sentence, one) for one in others)
            if longer or any(_holds(one, sentence) for one in (*kept, *sides)):
                lead = lead if sentence.lead == SAME_RUN else sentence.lead
                continue
            kept.append(replace(sentence, lead=lead) if lead and sentence.lead == SAME_RUN else sentence)
            lead = ""
    return tuple(kept)


def _told_in(part: Sequence[Sentence], parts: Sequence[Sequence[Sentence]]) -> bool:
    """Are all sides of a disagreement those of one of these parts?"""
    return any(
        other[:1]
        and other[0].text == _DISAGREE
        and all(any(_holds(told, side) for told in other[1:]) for side in part[1:])
        for other in parts
    )


def _holds(one: Sentence, other: Sentence) -> bool:
    """Does a sentence say all of another one: the same words, or a quote that holds its quote?"""
    return one.text == other.text or one.quotes[0].holds(other.quotes[0])


def disagreeing(sides: Sequence[EvidenceSentence]) -> tuple[Sentence, ...]:
    """The sides of a disagreement in their order, each with its date and who says it."""
    opening = Sentence(_DISAGREE, tuple(side.quote for side in sides), "\n")
    return (opening, *_dated(sides))


def _dated(several: Sequence[EvidenceSentence]) -> tuple[Sentence, ...]:
    return _told(several, "\n- ")


def _told(several: Sequence[EvidenceSentence], begin: str) -> tuple[Sentence, ...]:
    """Sentences of an article in one run behind who says them; each run stands in a line that begins so."""
    by_article: dict[int, list[EvidenceSentence]] = {}
    for one in several:
        by_article.setdefault(one.quote.article_id, []).append(one)
    told: list[Sentence] = []
    for run in by_article.values():
        lead = f"{begin}{_said_by(run[0].quote.passage)}: "
        for at, one in enumerate(run):
            said = quoted(one, lead)
            # Behind the items of a list it would belong to the last of them.
            goes_on = at > 0 and "\n" not in told[-1].text + said.text
            told.append(replace(said, lead=SAME_RUN) if goes_on else said)
    return tuple(told)


def _said_by(passage: Passage) -> str:
    """When and where it stands: the day if known, and the article's source or its title, cut where that is long."""
    name = short_name(passage.source or passage.title)
    return ", ".join(part for part in (passage.day, name) if part) or "undated"


def chosen(question: str, ranked: Sequence[EvidenceSentence], most: int) -> list[EvidenceSentence]:
    """The best sentence and further ones, up to `most` in all, that add something to it.

    One that speaks of what another names is quoted from that one on.
    """
    kind, asked = answer_kind(question), frozenset(terms(question))
    picked: list[EvidenceSentence] = []
    heard: list[EvidenceSentence] = []
    # What several articles answer together comes near to the whole in none of them.
    together = answered_together(question, ranked)
    for sentence in adding_most(question, ranked) if together else ranked:
        behind = 0.0 if together else ranked[0].score - sentence.score
        if len(heard) == most or behind > MARGIN:
            break
        whole = with_antecedent(sentence)
        said = sentence.quote
        brings = all(said.article_id != other.quote.article_id for other in heard) or holds_kind(
            kind, tokens(said.text), asked
        )
        margin = MARGIN if brings else MARGIN_OF_THE_SAME
        if behind + (0.0 if whole else UNNAMED) > margin and heard:
            continue
        others = (*heard, *picked)
        # An item of a list may be quoted with it, or with what is before it.
        if any(_overlap(sentence.stems, other.stems) >= SAME or said.overlaps(other.quote) for other in others):
            continue
        heard.append(sentence)
        whole = whole or sentence
        joined = [other for other in picked if whole.quote.overlaps(other.quote)]
        for other in joined:
            whole = _both(other, whole)
        at = picked.index(joined[0]) if joined else len(picked)
        picked[at:] = [whole, *(other for other in picked[at:] if other not in joined)]
    return picked


def _both(one: EvidenceSentence, other: EvidenceSentence) -> EvidenceSentence:
    """Two overlapping quotes of a passage as one."""
    first, second = one.quote.span, other.quote.span
    span = Span(min(first.start, second.start), max(first.end, second.end))
    return replace(one, quote=Quote.of(one.quote.passage, span, one.quote.score), stems=one.stems | other.stems)


def quoted(sentence: EvidenceSentence, lead: str = "\n") -> Sentence:
    """A sentence of an article as a sentence of the answer; its footnote holds the words verbatim."""
    # The article's own "[9]" would pass for a footnote of ours; the footnote's quote keeps it.
    quote = sentence.quote
    lines = [" ".join(line.split()) for line in worded(quote.passage.text, quote.span).split("\n") if line.strip()]
    # Items of a list keep their lines; sentences of two paragraphs are one text.
    shown = MARKER.sub("", "".join(f"{_between(line) if at else ''}{line}" for at, line in enumerate(lines)))
    return Sentence(harmless(shown), (quote,), lead)


def _between(line: str) -> str:
    return "\n" if LIST_MARKER.match(line) else " "


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
