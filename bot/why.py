"""*Why this answer?*: what was considered for an answer, how it was weighed, and what was left out. Pure text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.render import FOOTNOTES_BEGIN, escape, shortened, split, unescape
from retrieval.answers.answer import Answer
from retrieval.answers.checking.left_out import read_left_out, read_unverified
from retrieval.answers.evidence.evidence import ANSWERS, WORTH_READING, Evidence, EvidenceSentence
from retrieval.answers.sanitize import printable, without_targets
from retrieval.articles import FoundPassage

BY_CODE = "the check by code: the passages do not hold its words, names and numbers, or say otherwise"
BY_JUDGE = "the judge (ANSWER_JUDGE): asked a second time, the model found that the quotes do not say it"
UNSEARCHED = "No passage was considered: that needed no search of the articles, or there are none."
BEGINS = 110
SHOWN_SENTENCES = 5
_FOOTNOTE = re.compile(r"^-# \[\d+\] .*?“(.+)”", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Face:
    """How a face marks small print and headings, and makes words from outside harmless."""

    small: str
    heading: str
    outside: Callable[[str], str]


DISCORD = _Face("-# ", "**", escape)
TERMINAL = _Face("  ", "", printable)


def why_text(evidence: Evidence, answer_text: str, judged: bool = False) -> list[str]:
    """The passages with their scores, best first, as Discord messages; `answer_text` is the answer's message.

    `judged` says whether a model judges its own answers (`ANSWER_JUDGE`).
    """
    top = f"> {escape(shortened(evidence.question, 300))}"
    lines = _lines(evidence, answer_text, _cited_in(answer_text, evidence), judged, DISCORD)
    return split("\n".join([top, *lines]))


def why_in_terminal(evidence: Evidence, answer: Answer, judged: bool = False) -> list[str]:
    """The same as lines for the terminal."""
    cited = frozenset(citation.quote.passage.id for citation in answer.citations)
    return [printable(f"? {evidence.question}"), *_lines(evidence, answer.text, cited, judged, TERMINAL)]


def _cited_in(message: str, evidence: Evidence) -> frozenset[int]:
    """The passages that hold the words of a message's footnotes; a refusal names titles and has no footnotes."""
    _, _, notes = message.partition(FOOTNOTES_BEGIN)
    quotes = [_flat(unescape(quote)).rstrip("…") for quote in _FOOTNOTE.findall(notes)]
    # As the footnotes show them.
    texts = {found.passage.id: _flat(without_targets(found.passage.text)) for found in evidence.passages}
    return frozenset(number for number, text in texts.items() if any(quote in text for quote in quotes))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _lines(evidence: Evidence, text: str, cited: frozenset[int], judged: bool, face: _Face) -> list[str]:
    lines = [_verdict(evidence)]
    for part in evidence.parts:
        lines.append(f"{face.small}“{face.outside(shortened(part.question, 120))}”: {part.answerable:.2f}")
    lines += _left_out(text, judged, face)
    count = len(evidence.passages)
    considered = f"{face.heading}{count} passage{'' if count == 1 else 's'} considered{face.heading}, best first"
    if not count:
        return [*lines, UNSEARCHED]
    lines.append(f"{considered}{'' if cited else ', none of them cited in this message'}.")
    lines.append(f"{face.small}Each by its words and by its meaning, both as a share of the best passage for it.")
    words = max((found.bm25 or 0.0 for found in evidence.passages), default=0.0)
    meaning = max((found.cosine or 0.0 for found in evidence.passages), default=0.0)
    for number, found in enumerate(evidence.passages, start=1):
        marks = [f"words {_share(found.bm25, words)}", f"meaning {_share(found.cosine, meaning)}"]
        if cited:
            marks.append("cited" if found.passage.id in cited else "left out")
        lines.append(f"{number}. {_named(found, face)}: {' · '.join(marks)}{_copies(found)}")
    lines += _nearest(evidence, face)
    return lines


def _nearest(evidence: Evidence, face: _Face) -> list[str]:
    """The best sentences, each text once."""
    if not evidence.sentences or evidence.overview:
        return []
    best = evidence.sentences[0].score
    lines = [
        f"{face.heading}Sentences that came nearest:{face.heading}",
        f"{face.small}How likely each is the answer, next to the first: 50 % is half as likely.",
    ]
    for sentence in _distinct(evidence.sentences)[:SHOWN_SENTENCES]:
        quoted = face.outside(shortened(_flat(sentence.quote.text), BEGINS))
        title = face.outside(shortened(sentence.quote.passage.title, 60))
        lines.append(f"{face.small}{_percent(math.exp(min(0.0, sentence.score - best)))} “{quoted}” ({title})")
    return lines


def _distinct(sentences: Iterable[EvidenceSentence]) -> list[EvidenceSentence]:
    first: dict[str, EvidenceSentence] = {}
    for sentence in sentences:
        first.setdefault(_flat(sentence.quote.text), sentence)
    return list(first.values())


def _left_out(answer_text: str, judged: bool, face: _Face) -> list[str]:
    """What of a model's answer was left out, by whom and why, as the answer itself says."""
    by_code, by_judge = read_left_out(answer_text)
    lines: list[str] = []
    if by_code:
        lines.append(f"{face.small}{_sentences(by_code)} left out by {BY_CODE}.")
    if by_judge:
        lines.append(f"{face.small}{_sentences(by_judge)} left out by {BY_JUDGE}.")
    if who := read_unverified(answer_text):
        reason = BY_JUDGE if who == "the judge" else BY_CODE
        lines.append(f"{face.small}Nothing of the model's answer is left: it was left out by {reason}.")
    if judged and not lines:
        lines.append(
            f"{face.small}Answers of the model are judged by it a second time (ANSWER_JUDGE); nothing was left out."
        )
    heading = f"{face.heading}Left out of the model's answer:{face.heading}"
    return [heading, *lines] if by_code or by_judge or who else lines


def _sentences(count: int) -> str:
    return "One sentence" if count == 1 else f"{count} sentences"


def _verdict(evidence: Evidence) -> str:
    likely = f"The evidence gate puts the chance that the library holds the answer at {evidence.answerable:.2f}"
    if evidence.answers:
        return f"{likely}; from {ANSWERS:.2f} on it is quoted."
    if evidence.worth_reading:
        looked = f"from {WORTH_READING:.2f} on a language model may still look"
        return f"{likely}: below {ANSWERS:.2f} nothing is quoted, {looked}."
    return f"{likely}: below {WORTH_READING:.2f} not even a language model is asked."


def _named(found: FoundPassage, face: _Face) -> str:
    passage = found.passage
    facts = " · ".join(part for part in (face.outside(passage.source or ""), passage.day) if part)
    return f"{face.outside(shortened(passage.title, 90))}{f' ({facts})' if facts else ''}"


def _copies(found: FoundPassage) -> str:
    return f", the same text also in {len(found.copies)} more" if found.copies else ""


def _share(score: float | None, best: float) -> str:
    return _percent((score or 0.0) / best) if best > 0 else "none"


def _percent(share: float) -> str:
    return f"{round(100 * min(1.0, max(0.0, share)))} %"
