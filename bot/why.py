"""*Why this answer?*: what was considered for an answer, how it was weighed, and what was left out. Pure text."""

from __future__ import annotations

from bot.render import escape, shortened, split
from retrieval.answers.evidence import ANSWERS, WORTH_READING, Evidence
from retrieval.articles import FoundPassage

BEGINS = 110
SHOWN_SENTENCES = 5


def why_text(evidence: Evidence, answer_text: str) -> list[str]:
    """The passages with their scores, best first, as Discord messages; `answer_text` is the answer's message."""
    lines = [f"> {escape(shortened(evidence.question, 300))}", _verdict(evidence)]
    for part in evidence.parts:
        lines.append(f"-# “{escape(shortened(part.question, 120))}”: {part.answerable:.2f}")
    lines.append(f"**{len(evidence.passages)} passages considered**, best first:")
    lines += [_line(number, found, answer_text) for number, found in enumerate(evidence.passages, start=1)]
    lines.append("**Sentences that came nearest:**")
    for sentence in evidence.sentences[:SHOWN_SENTENCES]:
        quoted = escape(shortened(sentence.quote.text, BEGINS))
        lines.append(f"-# {sentence.score:+.2f} “{quoted}” ({escape(shortened(sentence.quote.passage.title, 60))})")
    return split("\n".join(lines))


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
