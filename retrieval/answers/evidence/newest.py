"""The newest answer first: who leads something and how many it has is told anew by each article that comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from retrieval.answers.asking.question import Question, counts
from retrieval.answers.evidence.candidates import Prepared, Ranked, held
from retrieval.index.days import later_by

# Sentences whose scores differ by less answer about equally well.
EQUAL = 1.5
# Who has a post now is told by any sentence that names the post, whatever else it says.
EQUAL_OF_A_POST = 3.5
# And they hold as much of the question, but for so small a share.
LESS_TOLD = 0.1
# Articles of the same weeks tell the same news, each in its way.
LATER = timedelta(days=90)


def newest_first(parsed: Question, prepared: Sequence[Prepared], best_first: Sequence[Ranked]) -> list[Ranked]:
    """Candidates with the newest of those first that answer about as well as the best one; the others as they are."""
    best = best_first[0]
    needed = held(parsed, prepared, best)

    def day(item: Ranked) -> str:
        return prepared[item.number].found.passage.day

    def told(item: Ranked) -> float:
        passage = prepared[item.number].scored
        return parsed.coverage(passage.sentences[item.candidate.at].stems | passage.head)

    def equal(item: Ranked) -> bool:
        sentence = prepared[item.number].scored.sentences[item.candidate.at]
        counted = not parsed.counted or counts(parsed.counted, sentence.tokens)
        posted = parsed.post is not None and parsed.post.search(sentence.text) is not None
        margin = EQUAL_OF_A_POST if posted else EQUAL
        near = item.score >= best.score - margin and told(item) >= told(best) - LESS_TOLD
        return near and counted and needed <= held(parsed, prepared, item)

    newest = max((item for item in best_first if equal(item)), key=day, default=best)
    later = later_by(day(newest), day(best))
    if later is None or later <= LATER:
        return list(best_first)
    return [newest, *(item for item in best_first if item is not newest)]
