"""Other languages without a model: the commonest words of news in English, from a table for each language.

A question and an article's sentence are read word by word: question words, small words, names of countries and some six
hundred words of news become English, all else stays as it is. That is no translation and is shown to nobody; it only
lets a question and a sentence meet. What is quoted is the article's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import Stemmer

from retrieval.answers.wording.english import frequency_rank
from retrieval.text import STOP_WORDS, WORD, fold

_STEMMERS = {"de": "german", "es": "spanish", "fr": "french"}
GLOSSED = frozenset(_STEMMERS)
# A stem as short as this belongs to too many words.
SHORTEST_STEM = 4
# Parts of a German compound, such as Busfahrer.
SHORTEST_PART, SHORTEST_COMPOUND = 3, 8
_JOINTS = ("", "s", "n", "es", "en")
# In these languages a capital within a sentence is a name's.
_ONLY_NAMES_HAVE_CAPITALS = frozenset({"es", "fr"})
# "1.200,5" and "1 200,5" are 1,200.5 in English.
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.\u00a0\u202f ]\d{3})+(?![\d.])")
_DECIMAL = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
_JOINED = re.compile(r"[’'‘-]")
# What is counted stands in the plural.
_HOW_MANY = "how many"
_NO_PLURAL = re.compile(r"(?:s|people|men|women|children|percent|dead|injured|missing|unemployed)$")
_ENDS_SENTENCE = re.compile(r"[.!?:\n¿¡«»\"“„]")
# "How high was the fee?" asks how much it was.
_HOW_HIGH = re.compile(
    r"\bhow high(?=.*\b(?:fees?|price|fine|cost|budget|sum|salary|wage|profit|loss|revenue|damage|debt|rent|number"
    r"|share|tax|subsidy|interest rate|inflation|unemployment|turnout|pension)\b)",
    re.IGNORECASE,
)

# What the likelihood of an answer is multiplied by where the question or the sentence was read word by word
# (docs/decisions.md, 23).
TRUST = 0.62

# Words of a table that are in names of places and people, in English or in the neighbours of its language.
_TELLS_NOTHING = frozenset(
    "que por para la le les l de du des d del el los las der die das den dem von vom san y e et und a o u am an "
    "as at but car her hat he in man me mine must no on or pour si sin so son sous sur also will was war use par "
    "lui nun mit ja is en se".split()
)
# What a word says of the language of a question: one that asks as much as two others.
ASKS, TELLS, ENOUGH, PLENTY = 2, 1, 2, 3
# Long words that English lacks.
LONG = 6
# A text is in the language in which so many of its words are small ones.
WRITTEN = 0.15
# Different ones that tell, since names have such words.
LEAST_TELLING = 2
# A passage's language shows in its beginning.
LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Glossary:
    """The table of one language, by words in small letters, each as it is written and without accents.

    `small` are the words that carry no meaning, `asks` those that ask, `names` those of places.
    """

    language: str
    phrases: Mapping[tuple[str, ...], str]
    stems: Mapping[str, str]
    asks: frozenset[str]
    small: frozenset[str]
    names: frozenset[str]
    longest: int

    def english(self, text: str) -> str:
        """A text with the words that the table has in English."""
        said, counted = "", False
        for word, gap, _ in self._read(text):
            said += f"{_plural(word) if counted else word}{gap}"
            counted = word == _HOW_MANY
        return _HOW_HIGH.sub("how much", " ".join(said.replace("¿", "").replace("¡", "").split()))

    def content(self, text: str) -> str:
        """The words of a text that mean something, as they are."""
        return " ".join(word for _, _, word in self._read(text) if word)

    def hints(self, text: str) -> int:
        """How much speaks for a text being in this language."""
        score = 0
        for word in {match.group() for match in WORD.finditer(text)}:
            key = _unaccented(word)
            if key in _TELLS_NOTHING or key in STOP_WORDS or key.isdigit():
                continue
            if key in self.asks:
                score += ASKS
            elif key in self.small:
                score += TELLS
            elif (key,) in self.phrases and len(key) >= LONG and frequency_rank(key) is None:
                score += ASKS
        return score

    def _read(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Each word or phrase in English with what stands behind it, and its own form if it means something."""
        text = _DECIMAL.sub(".", _THOUSANDS.sub(lambda number: re.sub(r"\D", ",", number.group()), text))
        words = list(WORD.finditer(text))
        keys = [word.group().lower() for word in words]
        yield (text[: words[0].start()] if words else text), "", ""
        at, unknown_name = 0, False
        while at < len(words):
            gaps = [text[one.end() : other.start()] for one, other in zip(words[at:], words[at + 1 :], strict=False)]
            length = self._longest_phrase(keys, gaps, at)
            last = words[at + length - 1]
            end = words[at + length].start() if at + length < len(words) else len(text)
            gap, own = text[last.end() : end], text[words[at].start() : last.end()]
            key = tuple(keys[at : at + length])
            fresh = at == 0 or _ENDS_SENTENCE.search(text[words[at - 1].end() : words[at].start()]) is not None
            meaning = self._meaning(own, key, fresh, unknown_name)
            unknown_name = meaning is None and own[0].isupper() and gap == " "
            bare = _unaccented(" ".join(key))
            small = bare in self.small or bare in self.asks
            yield (
                own if meaning is None else meaning,
                gap if meaning is None else _JOINED.sub(" ", gap),
                "" if small else own,
            )
            at += length

    def _longest_phrase(self, keys: list[str], gaps: list[str], at: int) -> int:
        for length in range(min(self.longest, len(keys) - at), 1, -1):
            near = all(not gap.strip(" ’'‘-") for gap in gaps[: length - 1])
            if near and self._told(tuple(keys[at : at + length])) is not None:
                return length
        return 1

    def _meaning(self, own: str, key: tuple[str, ...], fresh: bool, behind_name: bool) -> str | None:
        """The English of a word or phrase; None where the table lacks it or it seems to be somebody's name."""
        told = self._told(key)
        name = _unaccented(" ".join(key)) in self.names
        capital = own[0].isupper() and not fresh
        if capital and not name and (behind_name or self.language in _ONLY_NAMES_HAVE_CAPITALS):
            return None
        if told is not None or len(key) > 1:
            return told
        return self._inflected(key[0], _unaccented(key[0]))

    def _told(self, key: tuple[str, ...]) -> str | None:
        """What the table has for a word or phrase: as it is written, else without accents."""
        found = self.phrases.get(key)
        return found if found is not None else self.phrases.get(tuple(map(_unaccented, key)))

    def _inflected(self, word: str, key: str) -> str | None:
        found = next((self.stems[one] for one in _stems(self.language, word) if one in self.stems), None)
        if found is None and self.language == "de" and len(key) >= SHORTEST_COMPOUND:
            return self._compound(key)
        return found

    def _compound(self, key: str) -> str | None:
        """Both parts of a compound that the table has: Energiekosten, Gefängnisstrafe."""
        for cut in range(len(key) - SHORTEST_STEM, SHORTEST_PART - 1, -1):
            head, tail = key[:cut], key[cut:]
            second = self._part(tail) or next(
                (self.stems[one] for one in _stems(self.language, tail) if one in self.stems), None
            )
            if second is None:
                continue
            for joint in _JOINTS:
                bare = head.removesuffix(joint) if joint else head
                if (not joint or bare != head) and len(bare) >= SHORTEST_PART and (first := self._part(bare)):
                    return f"{first} {second}"
        return None

    def _part(self, key: str) -> str | None:
        return None if key in self.small or key in self.asks or key in self.names else self.phrases.get((key,))


# A passage takes some fifteen milliseconds, and the next question most likely finds it again.
@lru_cache(maxsize=4_096)
def in_english(text: str, language: str) -> str:
    """A text of a language of `GLOSSED` with the words that its table has in English."""
    return glossary(language).english(text)


def asked_in(question: str) -> tuple[str | None, bool]:
    """The language of `GLOSSED` that a question seems to be in, and whether there is no doubt."""
    scores = {language: glossary(language).hints(question) for language in sorted(GLOSSED)}
    best = max(scores, key=lambda language: scores[language])
    if scores[best] < ENOUGH or sum(score == scores[best] for score in scores.values()) > 1:
        return None, False
    return best, scores[best] >= PLENTY


@lru_cache(maxsize=4_096)
def written_in(text: str) -> str | None:
    """The language of `GLOSSED` that a passage is written in; None for English and for others."""
    words = WORD.findall(_unaccented(text[:LOOKED_AT]))
    if not words:
        return None
    english = sum(word in STOP_WORDS for word in words)
    counts = {language: sum(word in glossary(language).small for word in words) for language in sorted(GLOSSED)}
    best = max(counts, key=lambda language: counts[language])
    telling = glossary(best).small.intersection(words) - _TELLS_NOTHING - STOP_WORDS
    enough = counts[best] > english and counts[best] >= WRITTEN * len(words) and len(telling) >= LEAST_TELLING
    return best if enough else None


@cache
def glossary(language: str) -> Glossary:
    """The table of a language."""
    phrases: dict[tuple[str, ...], str] = {}
    stems: dict[str, str] = {}
    sections: dict[str, set[str]] = {}
    section = ""
    bare: dict[tuple[str, ...], str] = {}
    for line in (Path(__file__).parent / "glossaries" / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        english, forms = line.split(": ", 1)
        for form in forms.split(", "):
            phrases.setdefault(tuple(form.split()), english)
            for key in {_unaccented(form), _written_out(form)}:
                bare.setdefault(tuple(key.split()), english)
                sections.setdefault(section, set()).add(key)
            if section == "words" and " " not in form:
                for one in _stems(language, form):
                    stems.setdefault(one, english)
    asks, small, names = (frozenset(sections[one]) for one in ("asks", "small", "names"))
    phrases = bare | phrases
    return Glossary(language, phrases, stems, asks, small, names, max(map(len, phrases)))


def _plural(word: str) -> str:
    if not word or not word.isascii() or _NO_PLURAL.search(word):
        return word
    if re.search(r"(?:x|ch|sh)$", word):
        return f"{word}es"
    return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"


def _unaccented(word: str) -> str:
    """A word in small letters, without accents."""
    return fold(word.lower().replace("ß", "ss").replace("œ", "oe"))


def _written_out(word: str) -> str:
    """As it is written without umlauts."""
    return _unaccented(word.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def _stems(language: str, word: str) -> list[str]:
    stemmer = _stemmer(language)
    found = dict.fromkeys(_unaccented(stemmer.stemWord(form)) for form in (word, _unaccented(word)))
    return [one for one in found if len(one) >= SHORTEST_STEM]


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMERS[language], 0)
