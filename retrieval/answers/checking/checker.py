"""Do passages support a sentence, and with which words?

By code, without a model. The sentences that together hold most of the claim are found; they must hold more than half of
its words, weighted; its names, numbers and units must stand in the passages, or follow from an article's day or by
rounding that it tells of; a number must stand there with its unit and belong to the words it belongs to, and what is
said of somebody must not be said of another; where the claim follows a sentence's wording, the same names and numbers
must stand in the same places; something of its beginning and its end must stand there; and none of those sentences may
deny it, say the opposite, hedge what it asserts or have the parties in opposite roles.
Sentences that give orders to whoever answers are no evidence. What this cannot tell from a paraphrase is a swapped word
that is neither a name nor a number (docs/decisions.md has what it catches and what it lets through).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.answers.answer import Quote
from retrieval.answers.checking.exchanges import exchanged
from retrieval.answers.checking.figures import Figures, miscounted, rounded, unspanned
from retrieval.answers.checking.quotations import in_a_row, quoted_verbatim
from retrieval.answers.checking.statement import Statement, contradicts, parse_statement, quantities, union
from retrieval.answers.checking.subjects import named_speaker, only_name, said_of_another, speakers, topic, unbound
from retrieval.answers.checking.told_dates import told_as_date, told_dates
from retrieval.answers.checking.wishes import undone, unsettled
from retrieval.answers.wording.opposites import EXACT, turned
from retrieval.answers.wording.orders import orders, reports_order
from retrieval.answers.wording.rows import worded
from retrieval.articles import Passage, Span
from retrieval.text import sentences

# The weighted share of a sentence's words that its evidence must hold. Flat between .45 and .6 on Wikipedia claims and
# edited news summaries.
ENOUGH = 0.55
# For passages that the sentence did not cite: there more must speak for it.
ENOUGH_UNCITED = 0.75
# Where so many names and numbers of the sentence all stand in its evidence, this much less is enough.
LEAST_FIXED, FIXED_BONUS = 2, 0.05
# Titles and dates count, but so much of it must stand in the sentences themselves.
LEAST_EVIDENCE = 0.35
MOST_SENTENCES = 3
# A further sentence must hold this share of the claim that none before it holds.
LEAST_GAIN = 0.05
# A neighbour of what is chosen continues the same quote.
NEIGHBOUR_GAIN = 0.05

# A sentence of a passage: the passage's place among those given, and the sentence's in it.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage with its sentences, analysed.

    `given` is its head line with the dates it tells; `stems`, `names` and `numbers` are all of it, headings too.
    `dates` are numbers that stand in none of it but in the dates that the head line tells; `words` are all its words.
    `figures` are those of the sentences that have any, with the stems of the sentence and the one before; `topic` is
    the name it has most often.
    """

    passage: Passage
    spans: tuple[Span, ...]
    sentences: tuple[Statement, ...]
    given: Statement
    stems: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    words: str
    figures: tuple[tuple[Figures, frozenset[str]], ...]
    topic: str

    def between(self, one: int, other: int) -> str:
        """What stands between two sentences."""
        return self.passage.text[self.spans[one].end : self.spans[other].start].strip()


class Checker:
    """Finds the quotes that support a sentence."""

    def __init__(self, reports_orders: bool = True) -> None:
        """With `reports_orders` a sentence may tell what an article orders, as long as it tells it as an order."""
        self._reports_orders = reports_orders

    def quotes(self, sentence: str, passages: Sequence[Passage], enough: float = ENOUGH) -> tuple[Quote, ...]:
        """The quotes that together support the sentence, the one that holds most of it first; empty when they do not.

        A quote is a run of whole sentences; its score is the weighted share of the claim's words in it.
        """
        claim, read = self._look(sentence, passages)
        places = _verbatim(claim, read)
        if not places:
            places = _evidence(claim, read)
            evidence = [read[p].sentences[at] for p, at in places]
            if not _holds(sentence, claim, read, evidence, enough) or _denies(claim, read, evidence):
                return ()
        return _quotes(claim, read, places)

    def denies(self, sentence: str, passages: Sequence[Passage]) -> bool:
        """Do the passages speak of what the sentence says, and say otherwise?"""
        claim, read = self._look(sentence, passages)
        evidence = [read[p].sentences[at] for p, at in _evidence(claim, read)]
        about = claim.cover(union(one.stems for one in evidence)) >= ENOUGH
        return about and not _verbatim(claim, read) and _denies(claim, read, evidence)

    def _look(self, sentence: str, passages: Sequence[Passage]) -> tuple[Statement, list[_Read]]:
        # What an order says may be reported, but it is no evidence for what it wants said.
        reported = self._reports_orders and reports_order(sentence)
        return parse_statement(sentence), [_read(passage, reported) for passage in dict.fromkeys(passages)]


def _holds(text: str, claim: Statement, read: Sequence[_Read], evidence: Sequence[Statement], enough: float) -> bool:
    """Is what the claim names, counts and quotes there, and enough of its words?"""
    said = [pair for item in read for pair in item.figures]
    near = rounded(claim.figures, said)
    stems = union(item.stems for item in read)
    numbers = union(item.numbers for item in read) | near | told_as_date(claim, union(item.dates for item in read))
    if claim.names - stems or (claim.stems & EXACT) - stems or claim.numbers - numbers:
        return False
    if named_speaker(claim) - stems or not quoted_verbatim(text, [item.words for item in read]):
        return False
    words = union(frozenset(one.lower) for one in evidence)
    if speakers(claim) - words or quantities(claim) - words:
        return False
    name = only_name(claim) - EXACT - union(item.given.stems for item in read)
    if name and all(unbound(name, claim, item.sentences) for item in read):
        return False
    # Something of its own, hung on a sentence that is true: "The plant opened in May, as everybody should know".
    if any(end and not end & stems for end in claim.ends):
        return False
    if claim.negated and not any(one.negated for one in evidence):
        return False
    held = union(one.stems for one in evidence) | near
    if claim.cover(held) < LEAST_EVIDENCE:
        return False
    # Names and numbers that all stand in the evidence speak for other words around them.
    fixed = claim.names | claim.numbers
    anchored = len(fixed) >= LEAST_FIXED and fixed <= held
    return claim.cover(held | union(item.given.stems for item in read)) >= enough - FIXED_BONUS * anchored


def _denies(claim: Statement, read: Sequence[_Read], evidence: Sequence[Statement]) -> bool:
    """Do the passages say it of others, or otherwise?"""
    said = [pair for item in read for pair in item.figures]
    near = rounded(claim.figures, said)
    if miscounted(claim.figures, said) or unspanned(claim.figures, said):
        return True
    if all(said_of_another(claim, item.sentences, item.names, item.topic) for item in read):
        return True
    held = union(one.stems for one in evidence) | near
    if turned(claim.stems, held, union(item.stems for item in read)):
        return True
    sentences_of_all = [one for item in read for one in item.sentences]
    if exchanged(claim, evidence, sentences_of_all, union(item.names for item in read), near):
        return True
    if undone(claim, evidence) or unsettled(claim, evidence):
        return True
    return any(contradicts(one, claim) for one in evidence)


def _verbatim(claim: Statement, read: Sequence[_Read]) -> list[Place]:
    """The passage's own sentence that the claim repeats word for word: it is supported, whatever stands elsewhere."""
    places = ((p, at) for p, item in enumerate(read) for at in range(len(item.sentences)))
    return [place for place in places if claim.lower and read[place[0]].sentences[place[1]].lower == claim.lower][:1]


def _evidence(claim: Statement, read: Sequence[_Read]) -> list[Place]:
    """The sentences that together hold most of the claim, chosen greedily; the first holds most by itself."""
    left = dict(claim.weights)
    total = sum(left.values()) or 1.0
    chosen: list[Place] = []

    def gain(place: Place) -> float:
        p, at = place
        # In the claim's order: sums in the order of a set differ in the last digit from one start to the next.
        new = sum(weight for stem, weight in left.items() if stem in read[p].sentences[at].stems) / total
        return new + NEIGHBOUR_GAIN * (new > 0 and bool({(p, at - 1), (p, at + 1)}.intersection(chosen)))

    places = [(p, at) for p, item in enumerate(read) for at in range(len(item.sentences))]
    while len(chosen) < MOST_SENTENCES:
        best = max((place for place in places if place not in chosen), key=gain, default=None)
        if best is None or gain(best) < LEAST_GAIN:
            break
        chosen.append(best)
        for stem in read[best[0]].sentences[best[1]].stems:
            left.pop(stem, None)
    return chosen


def _quotes(claim: Statement, read: Sequence[_Read], places: Sequence[Place]) -> tuple[Quote, ...]:
    """The sentences as quotes, neighbours as one unless a heading stands between them."""
    runs: list[list[Place]] = []
    for p, at in sorted(places):
        if runs and runs[-1][-1] == (p, at - 1) and not read[p].between(at - 1, at):
            runs[-1].append((p, at))
        else:
            runs.append([(p, at)])
    quotes: list[Quote] = []
    for run in runs:
        item, (first, last) = read[run[0][0]], (run[0][1], run[-1][1])
        span = Span(item.spans[first].start, item.spans[last].end)
        score = round(claim.cover(union(one.stems for one in item.sentences[first : last + 1])), 4)
        quotes.append(Quote.of(item.passage, span, score))
    return tuple(sorted(quotes, key=lambda quote: -quote.score))


@lru_cache(maxsize=64)
def _read(passage: Passage, reported: bool) -> _Read:
    """A passage's sentences, analysed once for all sentences of an answer; of orders, unless reported, empty ones."""
    spans = tuple(sentences(passage.text, passage.language))
    texts = [span.of(passage.text) for span in spans]
    given_orders = orders(passage.text, spans, texts)
    counted = ["" if order and not reported else text for text, order in zip(texts, given_orders, strict=True)]
    # Headings are no sentences, but what they name counts.
    whole = passage.text
    for span, text in zip(reversed(spans), reversed(counted), strict=True):
        whole = whole if text else whole[: span.start] + whole[span.end :]
    told = told_dates(passage.text, passage.published_at)
    given = parse_statement(f"{passage.head}\n{told}")
    everything = parse_statement(f"{passage.head}\n{told}\n{whole}")
    written = parse_statement(f"{passage.title}\n{passage.source or ''}\n{whole}").numbers
    rows = [worded(passage.text, span) for span in spans]
    statements = tuple(parse_statement(row if text else "") for row, text in zip(rows, counted, strict=True))
    stems = [statement.stems for statement in statements]
    # All rows of a table share the names of its columns, and the row before is about something else.
    own = [parse_statement(text).stems if text != row else None for text, row in zip(texts, rows, strict=True)]
    counting = tuple(
        (statement.figures, own[at] or union(stems[max(0, at - 1) : at + 1]))
        for at, statement in enumerate(statements)
        if statement.figures.each or statement.figures.changes
    )
    return _Read(
        passage=passage,
        spans=spans,
        sentences=statements,
        given=given,
        stems=everything.stems,
        names=everything.names,
        numbers=written,
        dates=everything.numbers - written,
        words=in_a_row(f"{passage.head}\n{whole}"),
        figures=counting,
        topic=topic(statements, everything.names),
    )
