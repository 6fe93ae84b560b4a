"""*Why this answer?*: what was considered for an answer, how it was weighed, and what was left out. Pure text."""

from __future__ import annotations

from bot.render import escape, shortened, split
from retrieval.answers.evidence import ANSWERS, WORTH_READING, Evidence
from retrieval.answers.left_out import read_left_out, read_unverified
from retrieval.articles import FoundPassage

BY_CODE = "the check by code: the passages do not hold its words, names and numbers, or say otherwise"
BY_JUDGE = "the judge (ANSWER_JUDGE): asked a second time, the model found that the quotes do not say it"
BEGINS = 110
SHOWN_SENTENCES = 5


def why_text(evidence: Evidence, answer_text: str, judged: bool = False) -> list[str]:
    """The passages with their scores, best first, as Discord messages; `answer_text` is the answer's message.

    `judged` says whether a model judges its own answers (`ANSWER_JUDGE`).
    """
    lines = [f"> {escape(shortened(evidence.question, 300))}", _verdict(evidence)]
    for part in evidence.parts:
        lines.append(f"-# “{escape(shortened(part.question, 120))}”: {part.answerable:.2f}")
    lines += _left_out(answer_text, judged)
    lines.append(f"**{len(evidence.passages)} passages considered**, best first:")
    lines += [_line(number, found, answer_text) for number, found in enumerate(evidence.passages, start=1)]
    lines.append("**Sentences that came nearest:**")
    for sentence in evidence.sentences[:SHOWN_SENTENCES]:
        quoted = escape(shortened(sentence.quote.text, BEGINS))
        lines.append(f"-# {sentence.score:+.2f} “{quoted}” ({escape(shortened(sentence.quote.passage.title, 60))})")
    return split("\n".join(lines))


def _left_out(answer_text: str, judged: bool) -> list[str]:
    """What of a model's answer was left out, by whom and why, as the answer itself says."""
    by_code, by_judge = read_left_out(answer_text)
    lines: list[str] = []
    if by_code:
        lines.append(f"-# {_sentences(by_code)} left out by {BY_CODE}.")
    if by_judge:
        lines.append(f"-# {_sentences(by_judge)} left out by {BY_JUDGE}.")
    if who := read_unverified(answer_text):
        reason = BY_JUDGE if who == "the judge" else BY_CODE
        lines.append(f"-# Nothing of the model's answer is left: it was left out by {reason}.")
    if judged and not lines:
        lines.append("-# Answers of the model are judged by it a second time (ANSWER_JUDGE); nothing was left out.")
    return ["**Left out of the model's answer:**", *lines] if by_code or by_judge or who else lines


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


def _line(number: int, found: FoundPassage, answer_text: str) -> str:
    passage = found.passage
    title = escape(shortened(passage.title, 90))
    cited = "cited" if title.rstrip("…") in answer_text else "left out"
    scores = [f"score {found.score:.2f}"]
    if found.bm25 is not None:
        scores.append(f"words {found.bm25:.1f}")
    if found.cosine is not None:
        scores.append(f"meaning {found.cosine:.2f}")
    facts = " · ".join(part for part in (escape(passage.source or ""), (passage.published_at or "")[:10]) if part)
    copies = f", the same text also in {len(found.copies)} more" if found.copies else ""
    return f"{number}. {title}{f' ({facts})' if facts else ''}: {', '.join(scores)} · {cited}{copies}"
