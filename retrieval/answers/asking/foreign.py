"""A question in another language than English, as the embedded default searches for it: by the words that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retrieval.answers.answer import Turn
from retrieval.answers.asking.followup import standalone_by_rule
from retrieval.answers.languages.glossary import TRUST, asked_in, glossary, in_english
from retrieval.answers.languages.language import detected, looks_english, written_so_far
from retrieval.articles import Standalone


def spoken_by_words(question: str, history: Sequence[Turn]) -> str | None:
    """The language of a question that is read by its words; what was asked before helps where it is short.

    May load the model that tells languages, which takes a second: call it in a thread.
    """
    if looks_english(question):
        return None
    for text in (question, written_so_far(question, history)):
        language, sure = asked_in(text)
        # A neighbour of these languages, such as Portuguese, has many of their words.
        if language is not None and (sure or detected(text) in (None, language)):
            return language
    return None


def in_english_by_words(question: str, history: Sequence[Turn]) -> Standalone | None:
    """A question in English as far as its words are known; None for one in English or in a language without a table."""
    language = spoken_by_words(question, history)
    if language is None:
        return None
    told = [replace(turn, text=in_english(turn.text, language)) if turn.role == "user" else turn for turn in history]
    own = glossary(language).content(question)
    return replace(standalone_by_rule(in_english(question, language), told), also=own, trust=TRUST)
