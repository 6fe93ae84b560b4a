"""The quoting reader: answers with the articles' own sentences, and who says them. No model, no invention."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from textwrap import shorten

from retrieval.answers.answer import Sentence
from retrieval.answers.disagreement import find_disagreement
from retrieval.answers.evidence import Evidence, EvidenceSentence
from retrieval.answers.markers import MARKER
from retrieval.answers.parts import side_of
from retrieval.answers.reader import NOT_FOUND, Reading
from retrieval.answers.rows import worded
from retrieval.answers.sanitize import harmless, printable
from retrieval.articles import Passage, Span

# What stands for a model in answers of this reader.
QUOTES = "quotes"
MOST_SENTENCES = 3
# Where a message asks several questions, each gets room.
MOST_SENTENCES_A_PART = 2
# A further sentence must come this near to the best one: 1.9 sentences on average, and the answer is in one of them
# nearly as often as with always three.
SCORE_MARGIN = 3.0
# Sentences that share this much of their words say the same; one of them is enough.
SAME = 0.8
# Of the name of who says it, so many characters are shown.
LONGEST_NAME = 60


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
        missing = tuple(f"{NOT_FOUND} {side_of(part.question) or part.question}" for part in parts if not part.answers)
        most = MOST_SENTENCES if len(parts) == 1 else MOST_SENTENCES_A_PART
        # One sentence may answer two questions; it is said once.
        read = [sentence for part in answered for sentence in await asyncio.to_thread(_read, part, most)]
        sentences = tuple(dict.fromkeys(read))
        yield Reading("partial" if missing else "answered", sentences, missing)


def _read(evidence: Evidence, most: int) -> tuple[Sentence, ...]:
    if evidence.overview:
        return _dated(evidence.sentences)
    sides = find_disagreement(evidence)
    if sides:
        return disagreeing(sides)
    picked = chosen(evidence.sentences, most)
    if evidence.latest and any(one.quote.passage.published_at for one in picked):
        # What was so before may be no longer so: nothing stands before what is newer, or without its day.
        return _dated(sorted(picked, key=lambda one: (one.quote.passage.published_at or "")[:10], reverse=True))
    if len({one.quote.passage.article_id for one in picked}) > 1:
        # They may say different things where no disagreement was seen: each with who says it.
        return _dated(picked)
    return tuple(quoted(one, "\n" if at else f"\n{_said_by(one.quote.passage)}: ") for at, one in enumerate(picked))


def disagreeing(sides: Sequence[EvidenceSentence]) -> tuple[Sentence, ...]:
    """The sides of a disagreement in their order, each with its date and who says it."""
    opening = Sentence("The articles disagree:", tuple(side.quote for side in sides), "\n")
    return (opening, *_dated(sides))


def _dated(several: Sequence[EvidenceSentence]) -> tuple[Sentence, ...]:
    return tuple(quoted(one, f"\n- {_said_by(one.quote.passage)}: ") for one in several)


def _said_by(passage: Passage) -> str:
    """When and where it stands: the day if known, and the article's source or its title, cut where that is long."""
    day = (passage.published_at or "")[:10]
    # A source is the article's own words: "[2]" in it would pass for a footnote, and a link for ours.
    name = harmless(MARKER.sub("", printable(passage.source or passage.title)))
    name = shorten(name, LONGEST_NAME, placeholder=" …")
    return f"{day}, {name}" if day and name else name or day or "undated"


def chosen(ranked: Sequence[EvidenceSentence], most: int) -> list[EvidenceSentence]:
    """The best sentence and further ones, up to `most` in all, that add something to it."""
    picked: list[EvidenceSentence] = []
    for sentence in ranked:
        if len(picked) == most or sentence.score < ranked[0].score - SCORE_MARGIN:
            break
        if all(_overlap(sentence.stems, other.stems) < SAME and not _within(sentence, other) for other in picked):
            picked.append(sentence)
    return picked


def quoted(sentence: EvidenceSentence, lead: str = "\n") -> Sentence:
    """A sentence of an article as a sentence of the answer; its footnote holds the words verbatim."""
    # The article's own "[9]" would pass for a footnote of ours; the footnote's quote keeps it.
    quote = sentence.quote
    span = Span(quote.start - quote.passage.start, quote.end - quote.passage.start)
    lines = (" ".join(line.split()) for line in worded(quote.passage.text, span).split("\n"))
    shown = MARKER.sub("", "\n".join(line for line in lines if line))
    return Sentence(harmless(shown), (quote,), lead)


def _within(sentence: EvidenceSentence, other: EvidenceSentence) -> bool:
    """Is a sentence an item of a list that the other one is quoted with, or the other way round?"""
    one, two = sentence.quote, other.quote
    return one.passage.article_id == two.passage.article_id and one.start < two.end and two.start < one.end


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
