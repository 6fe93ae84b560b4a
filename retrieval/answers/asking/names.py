"""Names that a question writes small: "how many people does orrin employ".

What tells whether two sentences speak of the same goes by names, which are known by their capitals, and who writes in a
chat leaves them out. A word that the passages found write with a capital inside their sentences, and never without, is
written so in the question.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from retrieval.answers.wording.english import frequency_rank
from retrieval.articles import Passage
from retrieval.text import STOP_WORDS, WORD

# "Bank" and "united" are in many names and are none.
COMMONEST = 1_500
SHORTEST = 3
_SMALL = re.compile(r"(?<![\w.@/:-])[a-z]+(?![\w@/-]|\.\w)")
# A capital behind these may be that of a sentence, or of a heading.
_OPENS = re.compile(r"(?:^|[.!?:\n|\"“”‘(—–-])\s*$")


def with_names(question: str, passages: Sequence[Passage]) -> str:
    """A question with the names in it as passages write them."""
    words = {word for word in _SMALL.findall(question) if _may_be_name(word)}
    if not words:
        return question
    names = _written(words, [passage.text for passage in passages])
    sources = {passage.source for passage in passages if passage.source}
    # All of an outlet's name, or it would be half a name.
    told = [source for source in sources if source.lower() in question.lower()]
    names |= {word.lower(): word for source in told for word in WORD.findall(source)}
    return _SMALL.sub(lambda match: names.get(match.group(), match.group()), question)


def _may_be_name(word: str) -> bool:
    rank = frequency_rank(word)
    return len(word) >= SHORTEST and word not in STOP_WORDS and (rank is None or rank > COMMONEST)


def _written(words: set[str], texts: Sequence[str]) -> dict[str, str]:
    """How texts write those of some words that they always write with a capital."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    for text in texts:
        for match in pattern.finditer(text):
            form = match.group()
            if form.islower() or not _OPENS.search(text[max(0, match.start() - 3) : match.start()]):
                found[form.lower()][form] += 1
    return {word: forms.most_common(1)[0][0] for word, forms in found.items() if word not in forms}
