"""Questions for an overview: "news about Volvo", "what happened in Moss in May?", "tell me about the bridge".

They ask for no fact that a sentence could hold. Where only a topic of a few words, a time or a source remains of one,
it is answered with the beginnings of the newest articles of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.answers.asking.wanted import NOTHING, Wanted
from retrieval.answers.wording.orders import is_order
from retrieval.articles import Passage, Span
from retrieval.index.copies import originals
from retrieval.index.mentions import Mentions
from retrieval.library import Library
from retrieval.text import fold, sentences, terms

MOST_TOPIC_WORDS = 3
MOST_ARTICLES = 3
# A shorter first sentence is a kicker or a place line.
FEWEST_WORDS = 6

_NEWS = (
    r"(?:news|updates?|reports?|articles?|stories|story|information|info|coverage|developments?|headlines?|anything|"
    r"something|everything)"
)
_ABOUT = r"(?:about|on|of|from|with|in|at|for|to|around|regarding|concerning)"
# "The latest", of a time that is named, is all that is asked; "the latest phone" asks something else.
_ABOUT_OR_END = rf"(?:\s+{_ABOUT}|$)"
_NEW = r"(?:the\s+)?(?:(?:very\s+)?(?:latest|newest|most recent|recent|new|first|earliest|oldest|last)\s+)?"
_POLITE = r"(?:(?:hi|hello|hey|please|pls|ok)\b[\s,!]*)*(?:(?:can|could|would|will)\s+you\s+(?:please\s+|pls\s+)?)?"
_FRAMES = tuple(
    re.compile(rf"\W*{_POLITE}(?:{frame})\b\W*", re.IGNORECASE)
    for frame in (
        rf"(?:tell|show|give|brief|update)\s+(?:me|us)\s+(?:(?:more|all|a bit|what you know|{_NEW}{_NEWS}|"
        rf"an?\s+(?:\w+\s+)?(?:overview|summary|update|recap))\s+)?{_ABOUT}",
        rf"what\s+(?:do|can)\s+you\s+(?:know|have|say|tell\s+(?:me|us))\s+{_ABOUT}",
        rf"(?:what|which)\s+{_NEWS}\s+(?:(?:do\s+you\s+have|are\s+there|is\s+there)\s+)?{_ABOUT}",
        rf"(?:(?:is|are)\s+there\s+|do\s+you\s+have\s+|have\s+you\s+(?:got\s+)?)?(?:(?:any|some)\s+)?{_NEW}{_NEWS}"
        rf"(?:\s+new)?{_ABOUT_OR_END}",
        rf"(?:what(?:'s|s|\s+is|\s+was|\s+are)\s+)?(?:the\s+)(?:latest|newest|most\s+recent|first|earliest|last)"
        rf"(?:\s+(?:{_NEWS}|things?))?{_ABOUT_OR_END}",
        rf"(?:what(?:'s|s|\s+is)\s+)?(?:latest|newest|most\s+recent)(?:\s+(?:{_NEWS}|things?))?{_ABOUT_OR_END}",
        rf"what(?:'s|s|\s+is|\s+has\s+been|\s+was)\s+(?:new|going\s+on|up|happening)(?:\s+{_ABOUT})?",
        rf"what\s+(?:has\s+|had\s+)?happened(?:\s+{_ABOUT})?",
        rf"what\s+(?:was|is|has\s+been)\s+(?:reported|written|published|said)(?:\s+{_ABOUT})?",
        rf"what\s+(?:do|does|did|has|have)\s+(?:(?:the|your|these|any|all(?:\s+the)?)\s+)?(?:{_NEWS}|library|papers?|press|"
        rf"media|sources?)(?:\s+(?:of|by|from|in|here)(?:\s+(?P<who>\S.*?))?)?\s+(?:say|said|tell|told|report(?:ed)?|write|wrote|written)(?:\s+(?:me|us))?"
        rf"\s+{_ABOUT}",
        rf"(?:an?\s+|the\s+)?(?:\w+\s+)?(?:summary|overview|timeline|recap)\s+{_ABOUT}",
        r"(?:summari[sz]e|sum\s+up|recap)",
    )
)
_REPORTED = re.compile(
    rf"\W*what\s+(?:do|does|did|has|have)\s+(?P<who>.+?)\s+(?:ever\s+)?"
    rf"(?:say|said|report(?:ed)?|write|wrote|written|publish(?:ed)?)\b(?:\s+{_ABOUT}\b)?\W*",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\s+(?:news|updates?|timeline|overview|headlines|coverage|story|stories)$", re.IGNORECASE)
_THANKS = re.compile(r"(?<![\s,])[\s,]*\b(?:please|pls|plz|thanks|thank you|thx)[\s!.?]*$", re.IGNORECASE)
# What only stands around a topic: "the story of the bridge", "the bridge affair".
_AROUND = frozenset(terms("story affair topic subject matter thing situation article articles news report"))
# What only says which of the articles are wanted, unless it is a part of a topic ("first aid").
_WHICH = frozenset(terms("latest newest new recent first earliest oldest last"))
# "SAN FRANCISCO — ", "BRODNO, Moravena (AP) — ", "(Reuters) - ": what an agency or a site puts before a text.
_DATELINE = re.compile(
    r"\A\W{0,2}(?:[A-Z]{2}[A-Z.'’ -]*(?:, [A-Z][\w.]+(?: \d{1,2})?)? ?(?:\([\w ]{2,20}\) ?)?|\([\w ]{2,20}\) ?)"
    r"[-–—]+\s+"
)
_OLDEST = re.compile(r"\b(?:first|earliest|oldest)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OverviewRequest:
    """A request for an overview: the stems of its topic, those of the words that only ask, and whether the oldest
    articles are wanted in place of the newest.
    """

    topic: frozenset[str]
    asking: frozenset[str]
    oldest: bool = False

    @property
    def short(self) -> bool:
        """Is an overview all that can be meant? More words ask for something about their topic."""
        return len(self.topic) <= MOST_TOPIC_WORDS


def overview_request(question: str, mentions: Mentions, wanted: Wanted) -> OverviewRequest | None:
    """What a question asks an overview of; None for any other question."""
    text = fold(question)
    # Times are no part of a topic; one that can be read in two ways stands there twice.
    for time in mentions.times:
        text = text[: time.start] + " " * len(time.words) + text[time.end :]
    text = _THANKS.sub("", " ".join(text.split())).strip(" ?!.,")
    rest = _rest(text, wanted)
    if rest is None:
        return None
    topic = frozenset(terms(rest)) - _AROUND
    if topic <= _WHICH:
        topic = frozenset()
    if not (topic or wanted.narrows):
        return None
    return OverviewRequest(topic, frozenset(terms(text)) - topic, _OLDEST.search(text) is not None)


def _rest(text: str, wanted: Wanted) -> str | None:
    """What a text asks an overview of."""
    for frame in _FRAMES:
        found = frame.match(text)
        who = found and found.groupdict().get("who")
        if found and (not who or wanted.names(who)):
            return _BEHIND.sub("", text[found.end() :])
    reported = _REPORTED.match(text)
    if reported and wanted.names(reported["who"]):
        return text[reported.end() :]
    shortened = _BEHIND.sub("", text)
    return shortened if shortened != text and len(terms(shortened)) <= MOST_TOPIC_WORDS else None


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first passage of an article and the first sentence in it that tells something.

    `copies` are passages of other articles that begin alike.
    """

    passage: Passage
    lead: Span
    copies: tuple[Passage, ...] = ()

    @property
    def text(self) -> str:
        """The sentence."""
        return self.lead.of(self.passage.text)


@dataclass(frozen=True, slots=True)
class Overview:
    """Beginnings of articles in order, and what the question insists on that they do not meet."""

    beginnings: tuple[Beginning, ...]
    unmet: Wanted


async def beginnings(
    library: Library, request: OverviewRequest, wanted: Wanted, found: Sequence[Passage]
) -> list[Beginning]:
    """Those of which an overview is asked: of the articles of these passages, or of all where it has no topic."""
    if not request.short:
        return []
    if request.topic:
        ids = list(dict.fromkeys(passage.article_id for passage in found))
    else:
        # Some may be copies of others.
        ids = await library.articles_of(wanted.times, wanted.sources, request.oldest, 2 * MOST_ARTICLES)
    begun = [_beginning(passage) for passage in await library.first_passages(ids)]
    return [one for one in begun if one and request.topic <= frozenset(terms(f"{one.passage.title} {one.text}"))]


def overview(
    several: Sequence[Beginning], request: OverviewRequest, wanted: Wanted, nearest: bool = False
) -> Overview | None:
    """The overview that is asked for; the `nearest` one meets only a part of what the question insists on."""
    steps = [*wanted.steps, *([NOTHING] if request.topic else [])]
    for step in steps[1:] if nearest else steps[:1]:
        if chosen := _chosen(several, step, request):
            return Overview(_each_once(chosen), wanted.without(step))
    return None


def _each_once(told: Sequence[Beginning]) -> tuple[Beginning, ...]:
    """Of beginnings that are alike the first, with the others as its copies."""
    texts = [_DATELINE.sub("", one.text) for one in told]
    first = originals([terms(text) for text in texts], texts)
    places = [place for place, own in enumerate(first) if own == place][:MOST_ARTICLES]
    return tuple(
        replace(told[place], copies=tuple(told[at].passage for at, own in enumerate(first) if own == place != at))
        for place in places
    )


def _chosen(several: Sequence[Beginning], wanted: Wanted, request: OverviewRequest) -> list[Beginning]:
    """Those that are wanted, newest first, or oldest first where those are asked for; undated ones last."""
    dated = [one for one in several if one.passage.published_at and wanted.met_by(one.passage, "")]
    dated.sort(key=lambda one: one.passage.published_at or "", reverse=not request.oldest)
    undated = [one for one in several if not one.passage.published_at and wanted.met_by(one.passage, "")]
    return dated if wanted.times else [*dated, *undated]


def _beginning(passage: Passage) -> Beginning | None:
    for span in sentences(passage.text, passage.language):
        text = span.of(passage.text)
        if len(text.split()) >= FEWEST_WORDS and not is_order(text):
            return Beginning(passage, span)
    return None
