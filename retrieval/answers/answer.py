"""The answer: one frozen value that every face only renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from retrieval.answers.nearest import nearest_articles
from retrieval.articles import FoundPassage, Passage, Span

Status = Literal["answered", "partial", "not_in_library", "small_talk"]
# What a face has commands for, which it should name below an answer.
Further = Literal["", "help", "articles"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far; `cited` are the titles of the articles that an answer cites."""

    role: Literal["user", "assistant"]
    text: str
    cited: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Turn:
        """An answer that was given."""
        titles = dict.fromkeys(citation.quote.passage.title for citation in answer.citations)
        return cls("assistant", answer.text, tuple(titles))


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article, verbatim: `text` is the article's text at [start, end).

    `score` says how well they support the sentence that cites them, from 0 to 1.
    """

    passage: Passage
    text: str
    start: int
    end: int
    score: float

    @classmethod
    def of(cls, passage: Passage, span: Span, score: float) -> Quote:
        """What stands in a passage at a span of its own text."""
        return cls(passage, span.of(passage.text), passage.start + span.start, passage.start + span.end, score)

    @property
    def span(self) -> Span:
        """Where it stands in its passage's own text."""
        return Span(self.start - self.passage.start, self.end - self.passage.start)

    @property
    def article_id(self) -> int:
        """Whose words they are."""
        return self.passage.article_id

    def holds(self, other: Quote) -> bool:
        """Are all words of another quote among these?"""
        return self.article_id == other.article_id and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Quote) -> bool:
        """Are some of them?"""
        return self.article_id == other.article_id and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be shown, with the quotes it stands on.

    `lead` is what stands between it and the sentence before: a space, a line break, a list marker.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    lead: str = " "


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered footnote; `copies` are passages of other articles that say the same in nearly the same words."""

    n: int
    quote: Quote
    copies: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says to a question, complete or (while `complete` is False) as far as it is checked.

    `notices` are sentences about the answer that quote nothing: what the library does not hold, that a model
    did not answer; `preface` are such that must be read first. `passages` are what the reader was given, best first.
    `timings` are seconds a step. `further` says which of its commands a face should name below.
    """

    question: str
    standalone_question: str
    status: Status
    sentences: tuple[Sentence, ...] = ()
    notices: tuple[str, ...] = ()
    preface: tuple[str, ...] = ()
    passages: tuple[FoundPassage, ...] = ()
    model: str | None = None
    usage: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    complete: bool = True
    further: Further = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The footnotes, numbered by first use; the same quote has one number."""
        copies = {found.passage.id: found.copies for found in self.passages}
        plain = footnotes(self.sentences)
        return tuple(replace(one, copies=copies.get(one.quote.passage.id, ())) for one in plain)

    @property
    def body(self) -> str:
        """The sentences with their markers, without notices."""
        texts = marked(self.sentences)
        return "".join(f"{s.lead}{text}" for s, text in zip(self.sentences, texts, strict=True)).strip()

    @property
    def text(self) -> str:
        """Everything the answer says, with markers, without the footnotes themselves."""
        return "\n\n".join(part for part in (*self.preface, self.body, *self.notices) if part)

    @property
    def nearest(self) -> tuple[Passage, ...]:
        """The best passage of each article that came near, for an answer that was not found."""
        return nearest_articles(self.standalone_question, self.passages)


def footnotes(sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    """The footnotes of sentences, numbered by first use; the same quote has one number."""
    return tuple(Citation(n, quote) for n, quote in _numbers(sentences).values())


def marked(sentences: Sequence[Sentence]) -> list[str]:
    """Each sentence's text with the markers of its footnotes behind it."""
    numbers = _numbers(sentences)
    texts: list[str] = []
    for sentence in sentences:
        markers = "".join(f"[{n}]" for n in sorted({numbers[_key(q)][0] for q in sentence.quotes}))
        texts.append(f"{sentence.text}{' ' if markers else ''}{markers}")
    return texts


def _key(quote: Quote) -> tuple[int, int, int]:
    return (quote.article_id, quote.start, quote.end)


def _numbers(sentences: Sequence[Sentence]) -> dict[tuple[int, int, int], tuple[int, Quote]]:
    numbers: dict[tuple[int, int, int], tuple[int, Quote]] = {}
    for sentence in sentences:
        for quote in sentence.quotes:
            numbers.setdefault(_key(quote), (len(numbers) + 1, quote))
    return numbers
