"""What several articles answer together: a long question that names their outlets or says of each what it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrieval.answers.evidence.evidence import EvidenceSentence
from retrieval.index.clauses import clauses
from retrieval.index.outlets import is_named
from retrieval.text import fold, terms

# What a further sentence gains, in points of the score: from an article that was not heard yet, from one of a source
# that the question names and that was not heard yet, and for the question's words that no sentence before it holds, if
# it held all of them.
OTHER_ARTICLE = 2.0
NAMED = 6.0
WORDS = 20.0
# Articles of so many named sources are asked of.
SEVERAL = 2


def answered_together(question: str, ranked: Sequence[EvidenceSentence]) -> bool:
    """Does a question ask of several articles, so that no sentence alone answers it?"""
    return len(clauses(question)) >= SEVERAL or len(_named(question, ranked)) >= SEVERAL


def adding_most(question: str, ranked: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """The best sentence, then always the one that adds most to those before it, while it adds as much as it is behind.

    Maximal marginal relevance (Carbonell & Goldstein 1998), with what is asked in the place of what is alike.
    """
    named = _named(question, ranked)
    held = dict.fromkeys(terms(question), 0.0)
    left, heard = list(ranked), list(ranked[:1])
    while left:
        left.remove(heard[-1])
        held = {stem: max(share, _holds(heard[-1], stem)) for stem, share in held.items()}
        gains = [one.score + _adds(one, heard, held, named) for one in left]
        # The first of equal ones, as they are ranked.
        best = max(range(len(left)), key=gains.__getitem__, default=None)
        if best is None or gains[best] < ranked[0].score:
            break
        heard.append(left[best])
    return heard


def _adds(
    one: EvidenceSentence, heard: Sequence[EvidenceSentence], held: Mapping[str, float], named: set[str | None]
) -> float:
    """What a sentence adds to those that were heard, which hold so much of each of the question's stems."""
    passage = one.quote.passage
    other = all(passage.article_id != before.quote.article_id for before in heard)
    source = passage.source in named - {before.quote.passage.source for before in heard}
    new = sum(max(0.0, _holds(one, stem) - share) for stem, share in held.items()) / max(1, len(held))
    return OTHER_ARTICLE * other + NAMED * source + WORDS * new


def _holds(sentence: EvidenceSentence, stem: str) -> float:
    return 1.0 if stem in sentence.stems else sentence.near.get(stem, 0.0)


def _named(question: str, ranked: Sequence[EvidenceSentence]) -> set[str | None]:
    text = fold(question)
    sources = {one.quote.passage.source for one in ranked}
    return {source for source in sources if source and is_named(text, source)}
