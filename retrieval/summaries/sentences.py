"""Which sentences of an article may stand in a summary, and what their words say for each.

Navigation, credits, calls to subscribe and orders to whoever summarises are left out, and so are questions and crumbs
of lists: as a key point none of them says anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from retrieval.answers.answer import Quote
from retrieval.answers.wording.orders import orders
from retrieval.answers.wording.words import PRONOUNS, Token, tokens
from retrieval.articles import Passage
from retrieval.number_words import NUMBER_WORDS
from retrieval.text import sentences

FEWEST_WORDS = 6
# So many fit sentences make a summary without the others.
ENOUGH = 3
# A longer "sentence" is a table or a list that was run together.
MOST_WORDS = 80
# Shorter sentences rarely say something that can be understood alone.
SHORT_WORDS = 10
# Characters of an ordinary sentence, which turn an offset into a place among sentences.
SENTENCE_CHARACTERS = 130
# Names that count; more of them are a list.
MOST_NAMES = 4

BOILERPLATE, POOR, FIT = range(3)

_BOILERPLATE = re.compile(
    r"\b(?:subscribe|subscription|newsletters?|sign up|sign in|log in|cookies?|click here|read more|read also|"
    r"advertisement|sponsored|getty images|photo(?:graph)?s? (?:by|courtesy)|image credits?|all rights reserved|"
    r"follow us|terms of (?:use|service)|privacy policy|affiliate|send this page|share this|story continues)\b",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"^\W*(?:photo|image|picture|video|source|credit|file)s?\s*[:/]", re.IGNORECASE)
_QUESTION = re.compile(r"[?？][\"'”’)\]]*\s*$")
_SPEAKER = frozenset("i me my you your we our us".split())

# Conditional logit over the sentences of an article: which one did a question about it rest on? Fitted on 150 articles
# of MultiHop-RAG, cross-validated by article (docs/decisions.md); `short` and `speaker` are what reads badly alone.
WORD_WEIGHTS: Mapping[str, float] = {
    "place": 0.8,
    "names": 0.5,
    "numbers": 0.4,
    "short": -1.4,
    "speaker": -0.4,
    "pronoun": -0.3,
}


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence that may become a point: where it stands, its content stems, and what its words speak for it."""

    passage: Passage
    start: int
    end: int
    text: str
    stems: frozenset[str]
    worth: float

    def quote(self) -> Quote:
        """The sentence as the quote it is."""
        return Quote(self.passage, self.text, self.start, self.end, 1.0)


def candidates(passages: Iterable[Passage]) -> list[SentenceCandidate]:
    """The sentences of passages that may be points, in order.

    Where hardly any is fit, as in a note of two lines, short ones and questions will do; and of a text that
    is nothing but calls to subscribe, those.
    """
    everything = [found for passage in passages for found in _of_passage(passage)]
    fit = [candidate for candidate, fitness in everything if fitness == FIT]
    if len(fit) >= ENOUGH:
        return fit
    usable = [candidate for candidate, fitness in everything if fitness != BOILERPLATE]
    return usable or [candidate for candidate, _ in everything]


def _of_passage(passage: Passage) -> Iterator[tuple[SentenceCandidate, int]]:
    spans = list(sentences(passage.text, passage.language))
    texts = [span.of(passage.text) for span in spans]
    for span, text, order in zip(spans, texts, orders(passage.text, spans, texts), strict=True):
        words = tokens(text)
        stems = frozenset(token.stem for token in words if not token.stop)
        if not stems:
            continue
        start = passage.start + span.start
        candidate = SentenceCandidate(
            passage, start, passage.start + span.end, text, stems, _worth(words, start / SENTENCE_CHARACTERS)
        )
        yield candidate, BOILERPLATE if order else _fitness(text, len(words))


def _fitness(text: str, words: int) -> int:
    if _BOILERPLATE.search(text) or _CREDIT.match(text):
        return BOILERPLATE
    readable = FEWEST_WORDS <= words <= MOST_WORDS and not text.startswith("|") and not _QUESTION.search(text)
    return FIT if readable else POOR


def _worth(words: tuple[Token, ...], place: float) -> float:
    """The score by words of a sentence that stands about `place` sentences into its article."""
    low = [token.text.lower() for token in words]
    names = len({token.stem for token in words if token.name})
    features = {
        "place": 1.0 / (1.0 + place),
        "names": min(names, MOST_NAMES) / MOST_NAMES,
        "numbers": float(any(token.number or NUMBER_WORDS.get(token.text.lower(), 0) > 1 for token in words)),
        "short": float(len(words) < SHORT_WORDS),
        "speaker": float(not _SPEAKER.isdisjoint(low)),
        "pronoun": float(low[0] in PRONOUNS),
    }
    return sum(weight * features[name] for name, weight in WORD_WEIGHTS.items())
