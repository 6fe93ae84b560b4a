"""What the embedded default, which understands English, says of itself where another language is asked or quoted in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrieval.answers.answer import Answer, Turn
from retrieval.answers.asking.foreign import spoken_by_words
from retrieval.answers.languages.glossary import GLOSSED
from retrieval.answers.languages.language import ENGLISH, LANGUAGES, looks_english, passages_language, question_language

ENGLISH_ONLY = (
    "Without a language model Footnote understands English; in other languages it finds little more than the very "
    "words of an article. Who runs this bot can switch a model on (OPENAI_API_KEY or OPENAI_BASE_URL)."
)
BY_WORDS = (
    "Without a language model articles in another language are matched by names, numbers and common words, and quoted "
    "as they are. Who runs this bot can switch a model on (OPENAI_API_KEY or OPENAI_BASE_URL)."
)
_SETTINGS = "(OPENAI_API_KEY, OPENAI_BASE_URL)"
_IN_THEIR_LANGUAGE: Mapping[str, str] = {
    "de": f"Ohne Sprachmodell {_SETTINGS} verstehe ich von einer deutschen Frage Namen, Zahlen und häufige Wörter; "
    "geantwortet wird mit Sätzen der Artikel in deren Sprache, und die Antwort kann danebenliegen.",
    "es": f"Sin un modelo de lenguaje {_SETTINGS} entiendo de una pregunta en español los nombres, los números y las "
    "palabras frecuentes; respondo con frases de los artículos en su idioma, y la respuesta puede no venir al caso.",
    "fr": f"Sans modèle de langue {_SETTINGS}, je comprends d'une question en français les noms, les nombres et les "
    "mots courants ; je réponds par des phrases des articles, dans leur langue, et la réponse peut tomber à côté.",
    "it": f"Senza un modello linguistico {_SETTINGS} capisco solo l'inglese; in italiano trovo poco più delle stesse "
    "parole, e la risposta può non essere pertinente.",
    "ja": f"言語モデル{_SETTINGS}がないと英語しか理解できません。"
    "日本語では同じ語句を探すだけなので、答えが外れることがあります。",
    "nl": f"Zonder taalmodel {_SETTINGS} begrijp ik alleen Engels; in het Nederlands vind ik weinig meer dan dezelfde "
    "woorden, en het antwoord kan ernaast zitten.",
    "pt": f"Sem um modelo de linguagem {_SETTINGS} só entendo inglês; em português encontro pouco mais do que as "
    "mesmas palavras, e a resposta pode não vir ao caso.",
}


def limits_said(question: str, history: Sequence[Turn], answer: Answer) -> str | None:
    """A line for a question in another language than English, or an English one that is answered from another one.

    May load the model that tells languages, which takes a second: call it in a thread.
    """
    spoken = ENGLISH if looks_english(question) else spoken_by_words(question, history)
    spoken = spoken or question_language(question, history)
    if spoken not in (None, ENGLISH):
        return _IN_THEIR_LANGUAGE.get(spoken) or f"The question seems to be in {LANGUAGES[spoken]}. {ENGLISH_ONLY}"
    foreign = [one.quote.passage for one in answer.citations if not looks_english(one.quote.passage.text)]
    written = passages_language(foreign) if spoken == ENGLISH else None
    if written in (None, ENGLISH):
        return None
    return f"What is quoted is in {LANGUAGES[written]}. {BY_WORDS if written in GLOSSED else ENGLISH_ONLY}"
