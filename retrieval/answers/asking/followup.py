"""Understanding a follow-up without a model: does it lean on the question before it?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from retrieval.answers.answer import Turn
from retrieval.answers.asking.small_talk import small_talk
from retrieval.answers.markers import MARKER
from retrieval.answers.wording.words import AUXILIARIES, PRONOUNS, QUESTION_WORDS, Token, tokens
from retrieval.articles import Standalone
from retrieval.text import fold, stem, terms

_LEADS = re.compile(
    r"\s*(?:and|but|so|then|also|what about|how about|what else|who else|why not|why|really|since when)\b",
    re.IGNORECASE,
)
_LONG_WHY = re.compile(r"\s*(?:why|since when)(?:\s+\S+){4}", re.IGNORECASE)
_REFERS = PRONOUNS - {"such", "that"} | frozenset("them him both there".split())
# What these stand for is in the plural, with an article or without: "why do cats lick their paws".
_PLURAL = frozenset("they them their these those both there".split())
_DETERMINERS = frozenset("the a an this these those his her its their each every any some no another which".split())
# Who is meant may have been named by the last answer alone.
_PERSONS = frozenset("he him his she her".split())
_BE = rf"(?:{'|'.join(AUXILIARIES)})"
# "Who said that", "is that true", "which one", "and the other".
_BARE = re.compile(
    rf"\bthat\W*$|^\W*{_BE} that\b|\b(?:which|what|the|this|that|other) ones?\b(?! (?:of|in|that|who|which|with)\b)"
    r"|\bthe others?\W*$",
    re.IGNORECASE,
)
# "Is it true that", "are there", "both A and B": words that refer to nothing before.
_EMPTY = re.compile(
    r"\b(?:is|was|are|were|has|have|be|been|would) there\b|\bthere (?:is|are|was|were)\b"
    r"|\b(?:is|makes?|made) it (?:true|possible|impossible|easy|easier|legal|allowed|safe|hard|difficult|clear)\b"
    r"|\bit (?:take|cost|called|possible)\b"
    r"|\b(?:is|was) it (?:called|from|to|that)\b|\bboth (?:\w+ ){1,4}?and\b|\bboth (?:the )?\w+s\b"
    r"|\bthis (?:year|month|week)\b|^\W*who\b.*\btheir\b|\bof those \w+ing\b|\bthose (?:who|responsible|with)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"\W*(?:(?:by|for|from|to|with|in|on|at|of|about|since|until) )?(?:{'|'.join(QUESTION_WORDS)}"
    rf"|{_BE})\b",
    re.IGNORECASE,
)
# "Since when?", "and by how much?": what is asked of the question before, and nothing else.
_ONLY_ASKS = re.compile(
    r"\W*(?:(?:and|but|so|then|ok|okay|by|for|from|to|with|in|on|at|of|about|since|until)\W+)*"
    r"(?:how (?:much|many|long|often|far|old|soon|so)|why not|who|whom|whose|what|when|where|why)"
    r"(?: (?:else|exactly|then|again|so))*\W*$",
    re.IGNORECASE,
)
# Who says it, where an answer quotes several articles: "- 2024-03-12, BBC News: …".
_SAID_BY = re.compile(r"^(?:- )?\d{4}-\d\d-\d\d, [^:\n]+: ", re.MULTILINE)
_HOW_COME = re.compile(r"\bhow come\b", re.IGNORECASE)
# "What is photosynthesis": the thing itself, without an article.
_DEFINES = re.compile(
    r"\W*(?:what|who)(?:'s| is| are| was| were)(?: an?)? \w+\W*$|\W*what does \w+ mean\W*$", re.IGNORECASE
)
# Words of quantity, of speech, and verbs for anything: no subject of their own.
_GENERIC = frozenset(
    stem(word)
    for word in "many much more less few long often far big large high number amount total percent one ones two "
    "say says said tell told mention mentioned claim claimed report reported write wrote written explain think thought "
    "know knew known get got go goes went gone come came happen happened take took taken make made give gave given "
    "work use used want need mean meant let see show find put call called continue "
    "anything anybody anyone something somebody someone everything else thing things detail details source sources "
    "example examples reason reasons news update updates exactly really ok please true right sure possible".split()
)
# A message this long says for itself what it is about.
MOST_WORDS = 25
# With fewer words of its own a message has no subject.
LEAST_OWN_WORDS = 2


# How much of the question before counts. A pronoun stands for something in it: half was best on 402 simulated
# follow-ups (docs/decisions.md). "And what does Microsoft get?" brings its own subject and needs only the topic.
PRONOUN_WEIGHT = 0.5
TOPIC_WEIGHT = 0.2
# "Since when?" has no words of its own: the question before is asked anew.
WHOLE_WEIGHT = 1.0


def standalone_by_rule(question: str, history: Sequence[Turn], going_on: frozenset[str] = frozenset()) -> Standalone:
    """The question, with what it leans on in the conversation as context when it does.

    `going_on` are messages that are known to lean, although their words do not show it.

    That is the last question that stood alone, with what answered ones after it added: "what about Narvik?" another
    subject, and for a question without one ("by how much?") whatever was asked last. "She" may be whom the last answer
    named.
    """
    goes_on = question in going_on
    question = _HOW_COME.sub("why", question)
    asked = asked_before(history)
    if not asked or not (goes_on or leans_on_context(question)):
        return Standalone(question)
    said = {token.text.lower() for token in tokens(question)}
    if not (_ASKS.match(fold(question)) or said & _REFERS or _subjects(question)):
        # "Tell me more", "source?": the last question again, with its footnotes.
        last = max(at for at, turn in enumerate(history) if turn.role == "user" and turn.text == asked[-1])
        return standalone_by_rule(asked[-1], history[:last], going_on)
    alone = next((at for at in reversed(range(len(asked))) if not _leans(asked[at], going_on)), 0)
    answered = {turn.text for turn, reply in pairwise(history) if MARKER.search(reply.text)}
    later = [text for text in asked[alone + 1 :] if text in answered]
    context = [asked[alone], *[text for text in later if _LEADS.match(fold(text)) and named(text)][-1:]]
    if not said & _REFERS and not _subjects(question):
        context += [text for text in later if _subjects(text)][-1:]
    if said & _PERSONS:
        context += _named_in_answer(history)
    leant = leaning(question, " ".join(dict.fromkeys(context)))
    return replace(leant, weight=max(leant.weight, PRONOUN_WEIGHT)) if goes_on else leant


def asked_before(history: Sequence[Turn]) -> list[str]:
    """What was asked so far: the user's messages that say something and do more than greet or thank."""
    said = [turn.text for turn in history if turn.role == "user"]
    return [text for text in said if terms(text) and not small_talk(text)]


def begins_anew(turn: Turn, going_on: frozenset[str]) -> bool:
    """Is a turn a question of the user that leans on nothing before it?"""
    return bool(asked_before([turn])) and not _leans(turn.text, going_on)


def leaning(question: str, earlier: str) -> Standalone:
    """A question that leans on an earlier one, as much as its words need."""
    refers = _BARE.search(fold(question)) or any(token.text.lower() in _REFERS for token in tokens(question))
    if only_asks(question):
        return Standalone(question, earlier, WHOLE_WEIGHT)
    own = {token.stem for token in (tokens(question) if named(question) else _subjects(question)) if not token.stop}
    return Standalone(question, earlier, PRONOUN_WEIGHT if refers or len(own) < LEAST_OWN_WORDS else TOPIC_WEIGHT)


def only_asks(text: str) -> bool:
    """Are the words of a message those that ask, and no others: "since when?", "how come?"?"""
    return _ONLY_ASKS.match(fold(text)) is not None


def leans_on_context(text: str) -> bool:
    """Does a message need the words of the question before it?

    It does when it begins like a follow-up ("and …", "what about …"), points at something ("who said that"), has no
    subject of its own, or holds a pronoun that nothing in it explains.
    """
    flat = fold(text)
    if _LEADS.match(flat) and not _LONG_WHY.match(flat):
        return True
    if len(flat.split()) > MOST_WORDS:
        return False
    if _BARE.search(flat) or not _has_subject(text):
        return True
    content = [token for token in tokens(text) if not token.stop]
    for token in tokens(_EMPTY.sub(lambda match: " " * len(match.group()), flat)):
        low = token.text.lower()
        if low in _REFERS:
            before = [earlier for earlier in content if earlier.start < token.start]
            if not any(_can_be_meant(earlier, flat, low in _PLURAL) for earlier in before):
                return True
    return False


def named(text: str) -> bool:
    """Does a message bring a name or a number?"""
    return any(token.name or token.number for token in _subjects(text))


def _leans(text: str, going_on: frozenset[str]) -> bool:
    return text in going_on or leans_on_context(text)


def _subjects(text: str) -> list[Token]:
    """The words of a message that can be what it is about: names, numbers, and whatever is not said of anything."""
    return [t for t in tokens(text) if not t.stop and (t.name or t.number or t.stem not in _GENERIC)]


def _named_in_answer(history: Sequence[Turn]) -> list[str]:
    """The first name of several words in the last answer, if that has footnotes: else it is no article's word."""
    said = next((_SAID_BY.sub("", turn.text) for turn in reversed(history) if turn.role == "assistant"), "")
    cited = [match.start() for match in MARKER.finditer(said)]
    sentences = fold(said[: cited[-1]]) if cited else ""
    for first, second in pairwise(tokens(sentences)):
        together = first.name and second.name and second.start == first.start + len(first.text) + 1
        # "The North Sea" is nobody.
        if together and not sentences[: first.start].lower().endswith("the "):
            return [f"{first.text} {second.text}"]
    return []


def _has_subject(text: str) -> bool:
    """Does a message say what it is about? A single word behind a question word is what is asked of it."""
    subjects = _subjects(text)
    if len(subjects) > 1 or named(text):
        return True
    return bool(subjects) and (not _ASKS.match(fold(text)) or _DEFINES.match(fold(text)) is not None)


def _can_be_meant(token: Token, text: str, plural: bool) -> bool:
    """Can a word before a pronoun be what it stands for: a name, or a noun with an article?"""
    before = text[: token.start].lower().split()
    named = token.name or (bool(before) and before[-1] in _DETERMINERS)
    return named or (plural and token.text.lower().endswith("s"))
