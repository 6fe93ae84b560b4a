"""Which language a question is in, and which the articles are in.

py3langid, a naive Bayes over byte n-grams (Lui & Baldwin 2012), restricted to languages that have a name here. A few
words are often no evidence; then nothing is said, and everything stays as in English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from retrieval.answers.answer import Turn
from retrieval.answers.wording.english import frequency_rank
from retrieval.articles import Passage

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {
    **{"ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish"},
    **{"de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque"},
    **{"fa": "Persian", "fi": "Finnish", "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi"},
    **{"hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian"},
    **{"ja": "Japanese", "ka": "Georgian", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay"},
    **{"nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian"},
    **{"sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil"},
    **{"th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese"},
    "zh": "Chinese",
}
# The probability from which on a guess counts; docs/decisions.md has what it finds and what it mistakes.
LIKELY = 0.5
# A passage's language shows in its beginning.
LOOKED_AT = 600
# In so few words names count as much as all else: "is luis paredes dead" seems to be French.
FEW_WORDS = 8
# The little words of questions that no English word looks like, by language.
_LITTLE: Mapping[str, frozenset[str]] = {
    "da": frozenset("hvem hvad hvor hvornår hvorfor hvordan er og det den af på til med ikke blev om ved et".split()),
    "de": frozenset(
        "wer wann wo warum wie welche welcher welches wieviel viele ist sind wird wurde gibt gab es der das dem den "
        "des ein eine und von vom zu zum zur im auf für mit bei nicht über neues liegt kostet".split()
    ),
    "es": frozenset(
        "quién quien qué que cuándo cuando dónde donde cuánto cuánta cuántos por cómo como cuál es está fue el la "
        "los las un una de del al en y con para murió últimas noticias hoy".split()
    ),
    "fr": frozenset(
        "qui que quoi quand où pourquoi comment combien quel quelle quels quelles est sont était ont a-t-il a-t-elle "
        "est-ce le la les un une de du des au aux en et dans pour sur avec il elle dernières nouvelles".split()
    ),
    "it": frozenset(
        "chi che cosa quando perché come quanto quanta quanti quale è sono ha il la gli le un una di del della dei "
        "al e con per su si trova morto ultime notizie".split()
    ),
    "nl": frozenset(
        "wie wat wanneer waar waarom hoe welke hoeveel zijn heeft werd de het een en van voor met niet ligt".split()
    ),
    "no": frozenset("hvem hva hvor når hvorfor hvordan er og det den av på til med ikke ble om ved et".split()),
    "pt": frozenset(
        "quem que quê quando onde por como quanto quanta qual é são foi o os um uma de da dos em na e com para fica "
        "está morreu".split()
    ),
    "sv": frozenset("vem vad var när varför hur vilken är och det den av på till med inte blev om vid ett".split()),
}
# These are little words in English, too, or look like English ones, and speak for neither.
_SHARED = frozenset("a an am as at bin dos do die hat hay in is me no on over sale war was y".split())
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


# Words of English that none of its neighbours has.
_ENGLISH_WORDS = re.compile(r"\b(?:the|who|what|which|how|when|where|why|does|did|with|and|from)\b", re.IGNORECASE)


def looks_english(text: str) -> bool:
    """Does a text hold a word that only English has? Told without the model, which takes a second to load."""
    return _ENGLISH_WORDS.search(text) is not None


def detected(text: str) -> str | None:
    """The text's language as ISO 639-1, or None when it is not clear.

    The first call loads the model, which takes a second: call it in a thread.
    """
    language, probability = _identifier().classify(text)
    return str(language) if probability >= LIKELY else None


def question_language(question: str, history: Sequence[Turn]) -> str | None:
    """The language that a person writes in; what they wrote before helps where the question is short."""
    return _asked_in(question) or _asked_in(written_so_far(question, history))


def written_so_far(question: str, history: Sequence[Turn]) -> str:
    """A question behind all that whoever asks wrote before."""
    return " ".join([*(turn.text for turn in history if turn.role == "user"), question])


def _asked_in(text: str) -> str | None:
    """The text's language; of a few words, names among them, it is foreign only where they say so themselves."""
    guess = detected(text)
    words = [word.lower() for word in _WORD.findall(text)]
    if guess == ENGLISH or len(words) > FEW_WORDS or (guess and guess not in _LITTLE and not text.isascii()):
        return guess
    held = {language: sum(word in little for word in words) for language, little in _LITTLE.items()}
    english = sum(map(_is_english, words))
    if guess and guess not in held:
        return ENGLISH if english else guess
    most = guess if guess and held[guess] == max(held.values()) else max(held, key=lambda language: held[language])
    # Where the guess is another, or none, it takes two words.
    if held[most] >= max(english, 1) if most == guess else held[most] > max(english, 1):
        return most
    return ENGLISH if guess and english else None


def _is_english(word: str) -> bool:
    """Is it a word of English, and no little one elsewhere?"""
    known = word in _SHARED or any(word in little for little in _LITTLE.values())
    return not known and frequency_rank(word) is not None


def passages_language(passages: Sequence[Passage]) -> str | None:
    """The language of most of these passages: what their article says of itself, else what it looks like."""
    found = Counter(_stated(passage) or detected(passage.text[:LOOKED_AT]) for passage in passages)
    return found.most_common(1)[0][0] if found else None


def is_foreign(passage: Passage) -> bool:
    """Is a passage in another language than English? May load the model."""
    language = _stated(passage) or (ENGLISH if looks_english(passage.text) else detected(passage.text[:LOOKED_AT]))
    return language not in (None, ENGLISH)


def _stated(passage: Passage) -> str | None:
    code = (passage.language or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
