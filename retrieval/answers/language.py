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
    return detected(question) or detected(" ".join([*(t.text for t in history if t.role == "user"), question]))


def passages_language(passages: Sequence[Passage]) -> str | None:
    """The language of most of these passages: what their article says of itself, else what it looks like."""
    found = Counter(_stated(passage) or detected(passage.text[:LOOKED_AT]) for passage in passages)
    return found.most_common(1)[0][0] if found else None


def _stated(passage: Passage) -> str | None:
    code = (passage.language or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
