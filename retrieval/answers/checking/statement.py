"""A sentence as the checker sees it: what it names, counts and denies, and whether another one says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.answers.asking.question import common_share, term_weight
from retrieval.answers.checking.figures import Figures, figures
from retrieval.answers.wording.equivalents import shared_stems, spelled_out, with_shared_stem
from retrieval.answers.wording.open_questions import open_questions
from retrieval.answers.wording.opposites import HEDGES, QUANTITIES, opposed
from retrieval.answers.wording.words import NEGATORS, Token, tokens

# How far a negation reaches, in words.
REACH = 4
# So many characters between two words are more than a comma and a space.
QUOTATION_ENDS = 3
# Sentences that hold this share of a claim speak about the same thing, so that a denial or an opposite counts.
SAME_SUBJECT = 0.5
# A sentence that holds this much of a claim, and is held by it for half, says nearly the same.
NEAR, NEAR_BACK = 0.75, 0.5

_COLON = re.compile(r":(?!\d)")
# What only joins a sentence to the one before it.
_LINKING = re.compile(
    r"^(?:however|additionally|furthermore|moreover|in addition|meanwhile|also|besides|similarly|by contrast|"
    r"in contrast|on the other hand|specifically|notably|in particular|finally|lastly)\s*,\s*",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<!\d)[,:](?!\d)|[;()–—]|\s-\s")
# "It is unclear whether" says that it is not known.
_UNSURE = frozenset("unclear unknown uncertain".split())
_IF = frozenset("if unless".split())
_CONDITIONS = _IF | frozenset("when whenever once whether would should could were otherwise provided".split())
# "In Oslo, said Solberg" is "Solberg said in Oslo".
_REPORTING = shared_stems("say said told")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, analysed.

    `weights` are its content stems, each with what it weighs in English, since a passage is too small to count in;
    `denied` and `affirmed` are those that stand behind a negation somewhere, and those that somewhere do not (as names
    and numbers always do).
    `left_open` are those that stand in open questions only ("it is unclear whether …").
    `ends` are the content stems up to its first comma (or dash or bracket), right before its first colon, and from its
    last one of them on.
    """

    words: tuple[Token, ...]
    lower: tuple[str, ...]
    stems: frozenset[str]
    content: tuple[str, ...]
    weights: Mapping[str, float]
    names: frozenset[str]
    numbers: frozenset[str]
    denied: frozenset[str]
    affirmed: frozenset[str]
    negated: bool
    left_open: frozenset[str]
    ends: tuple[frozenset[str], ...]
    figures: Figures

    def cover(self, stems: frozenset[str]) -> float:
        """The weighted share of the statement's words among these stems."""
        total = sum(self.weights.values()) or 1.0
        return sum(weight for word, weight in self.weights.items() if word in stems) / total

    def told(self, stems: frozenset[str]) -> float:
        """The same among its words that are no names; of a statement of names alone, among all."""
        told = {word: weight for word, weight in self.weights.items() if word not in self.names}
        total = sum(told.values())
        return sum(weight for word, weight in told.items() if word in stems) / total if total else self.cover(stems)


def parse_statement(text: str) -> Statement:
    """Look at a sentence, of a claim or of a passage, or at a whole passage."""
    text = _LINKING.sub("", spelled_out(text))
    words = words_of(text)
    parts = _BREAK.split(text)
    # What leads to a colon is the model's own, too.
    leading = _BREAK.split(_COLON.split(text)[0])
    content = [word for word in words if not word.stop]
    denied, affirmed, negated = polarity(words)
    return Statement(
        words=words,
        lower=tuple(word.text.lower() for word in words),
        stems=frozenset(word.stem for word in words),
        content=tuple(word.stem for word in content),
        weights={word.stem: term_weight(0, 0, common_share(word.text.lower(), word.stem)) for word in content},
        names=frozenset(word.stem for word in words if word.name and len(word.text) > 1),
        numbers=frozenset(word.text for word in words if word.text[0].isdigit()),
        denied=denied,
        affirmed=affirmed,
        negated=negated,
        left_open=_left_open(text),
        ends=tuple(
            frozenset(word.stem for word in words_of(part) if not word.stop)
            for part in (parts[0], leading[-1], parts[-1])
        ),
        figures=figures(words, text),
    )


def _left_open(text: str) -> frozenset[str]:
    asked, told = open_questions(text)
    if not asked:
        return frozenset()
    return frozenset(word.stem for word in words_of(asked) if not word.stop) - {word.stem for word in words_of(told)}


def contradicts(sentence: Statement, claim: Statement) -> bool:
    """Does a sentence of a passage say otherwise than a claim about the same thing?"""
    share = claim.cover(sentence.stems)
    if min(share, claim.told(sentence.stems)) < SAME_SUBJECT:
        return False
    if (claim.denied & (sentence.affirmed - sentence.denied)) | (sentence.denied & (claim.affirmed - claim.denied)):
        return True
    if opposed(claim.stems, sentence.stems):
        return True
    near = share >= NEAR and sentence.cover(claim.stems) >= NEAR_BACK
    hedged = _hedged(claim) != _hedged(sentence) or _unconditional(claim, sentence)
    return near and (hedged or _roles_differ(claim, sentence))


def quantities(claim: Statement) -> frozenset[str]:
    """The words of a claim that say of how many it holds; "only 5" counts no other way than "5"."""
    return frozenset(
        word
        for at, word in enumerate(claim.lower)
        if word in QUANTITIES and not (word == "only" and any(one.number for one in claim.words[at + 1 : at + 3]))
    )


def words_of(text: str) -> tuple[Token, ...]:
    """The words of a text that is spelled out, each with the stem of all its ways of writing."""
    return tuple(with_shared_stem(token) for token in tokens(text))


def polarity(words: Sequence[Token]) -> tuple[frozenset[str], frozenset[str], bool]:
    """Content stems a few words behind a negation, those that are not, and whether there is a negation at all."""
    denied: set[str] = set()
    affirmed: set[str] = set()
    negated = False
    reach = end = 0
    for at, token in enumerate(words):
        low = token.text.lower()
        # What a quotation denies ends with it: “… no food,” she said.
        if token.start - end >= QUOTATION_ENDS:
            reach = 0
        end = token.start + len(token.text)
        if low in NEGATORS or low in _UNSURE or (low == "t" and at and words[at - 1].text.lower().endswith("n")):
            reach, negated = REACH, True
            continue
        if not token.stop:
            # What is denied is what is said of somebody, not who it is: "did not want to leave Oslo".
            named = token.name or token.number
            (denied if reach and not named else affirmed).add(token.stem)
        reach = max(0, reach - 1)
    return frozenset(denied), frozenset(affirmed), negated


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """All of them together."""
    return frozenset().union(*sets)


def _hedged(statement: Statement) -> bool:
    # The month is no hedge.
    return any(word.text.lower() in HEDGES and word.text != "May" for word in statement.words)


def _unconditional(claim: Statement, sentence: Statement) -> bool:
    """Does a claim leave out the condition of a sentence?"""
    return not _IF.isdisjoint(sentence.lower) and _CONDITIONS.isdisjoint(claim.lower)


def _roles_differ(claim: Statement, sentence: Statement) -> bool:
    """Does "A verb B" of the claim stand as "B verb A" in the sentence, neither being passive?"""
    if "by" in claim.lower or "by" in sentence.lower:
        return False
    capital = {word.stem for word in claim.words if word.text[0].isupper()}
    place = {stem: at for at, stem in enumerate(sentence.content) if sentence.content.count(stem) == 1}
    return any(
        a in capital
        and b in capital
        and verb not in capital | _REPORTING
        and {a, verb, b} <= place.keys()
        and place[a] > place[verb] > place[b]
        for a, verb, b in zip(claim.content, claim.content[1:], claim.content[2:], strict=False)
    )
