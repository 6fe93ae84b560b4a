"""Text from a model, made harmless before anyone sees it.

A model repeats what passages and questions tell it to; so links, mentions and invitations never come from its
words. The only links in an answer are those of its footnotes.
"""

from __future__ import annotations

import re

_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,2000}\)")
_BARE_LINK = re.compile(
    r"<?\b(?:https?|ftp|file|discord)\s{0,2}:\s{0,2}/{1,2}[^\s<>]{2,}>?"
    r"|\b(?:data:[a-z]+/[a-z+.-]+[;,]|javascript:[^\s<>])[^\s<>]*"
    r"|\b(?:www\.|discord\.gg/|discord(?:app)?\.com/)\S+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b((?:https?|ftp|discord):(?=/)|discord(?:app)?\.(?=gg\b|com\b)|www\.)", re.IGNORECASE)
_EMPTY_PARENTHESES = re.compile(r"\s?\((?:\s|[,;])*\)")
_DISCORD_TOKEN = re.compile(r"<(?:@[!&]?|#|/[^:<>]{1,64}:|a?:\w{1,32}:|t:|id:)[\w:]{0,32}>")
_PING = re.compile(r"@(?:everyone|here)\b", re.IGNORECASE)
# Control and formatting characters: terminal escapes, and direction overrides that show text as other text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]")
_HALF = re.compile("[\ud800-\udfff]")
# What frames our prompts, and what chat templates frame a conversation with; a small model writes both.
_SCAFFOLDING = re.compile(
    r"</?(?:passages?|questions?|sentences?|conversation|message)\b[^<>\n]{0,600}>?"
    r"|<\|[^|<>\n]{1,40}\|>(?:(?:assistant|user|system)\b)?|\[/?INST\]|<</?SYS>>|</?s>|</?think>|<(?:start|end)_of_turn>",
    re.IGNORECASE,
)

# What a model sets its words in although it is asked for plain sentences; elements by name, since <path> may be meant.
_SETTING = re.compile(
    r"</?(?:answer|response|b|i|u|em|strong|sup|sub|br|p|div|span|a|ul|ol|li|h[1-6]|code|mark|font|small)"
    r"(?:\s[^<>\n]{0,300})?/?>|\*\*|~~|\|\||(?<!\w)__(?=\w)|(?<=\w)__(?!\w)|^\[[ x]\]\s",
    re.IGNORECASE,
)
# Single signs set words in italics or as code only in pairs around them.
_PAIR = re.compile(r"(?<!\w)([*_`])(?=\S)([^*_`\n]{1,300})(?<=\S)\1(?!\w)|``")
_BEFORE_STOP = re.compile(r"(?<=\w)\s{1,3}([.,;:!?])(?=\s|$)")


def harmless(text: str) -> str:
    """The text without links, Discord mentions and control characters."""
    text = without_targets(_CONTROL.sub("", text))
    for pattern in (_BARE_LINK, _DISCORD_TOKEN, _PING, _EMPTY_PARENTHESES):
        text = pattern.sub(_gap, text)
    return text.strip()


def plain(text: str) -> str:
    """What is harmless, without elements of our prompts and of HTML, bold type and control tokens of chat templates."""
    # First, since an element may stand in the middle of a link.
    text = _SCAFFOLDING.sub("", text)
    # A code block shows everything as it is.
    if text.lstrip().startswith("```"):
        return harmless(text)
    return _BEFORE_STOP.sub(r"\1", harmless(_PAIR.sub(r"\2", _SETTING.sub("", text))))


def without_targets(text: str) -> str:
    """The text with the words of its Markdown links alone: where a link leads to is not seen when it is read."""
    return _MARKDOWN_LINK.sub(r"\1", text)


def broken_addresses(text: str) -> str:
    """The text with addresses that can be read but not followed: each has a zero-width space in it."""
    return _ADDRESS.sub("\\1\u200b", text)


def _gap(found: re.Match[str]) -> str:
    """Nothing, but a space where what is left would become one word: of "htt<@1>ps://" a link."""
    before, after = found.string[max(0, found.start() - 1) : found.start()], found.string[found.end() : found.end() + 1]
    return "" if (before or " ").isspace() or (after or " ").isspace() else " "


def printable(text: str) -> str:
    """Text for one line of a terminal or a log: no control characters, white space folded."""
    return " ".join(_CONTROL.sub("", text).split())


def whole_characters(text: str) -> str:
    """The text with a mark for each half of a character, which nothing can store or send.

    A model's server may cut an emoji in two; on a command line they are bytes of another encoding.
    """
    return _HALF.sub("\ufffd", text)
