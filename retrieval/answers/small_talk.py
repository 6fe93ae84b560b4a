"""Greetings, thanks and the like: no questions, so no article is searched for them."""

from __future__ import annotations

import re

from retrieval.text import fold

OFFER = "Ask me something about the articles in this library; every answer carries footnotes."
WHAT = f"What would you like to know? {OFFER}"

# What people say, without punctuation and emoji, and what to reply; of several in a message the first one decides.
_SAID = (
    (
        r"(?:please )?help(?: me)?|(?:can|could) you help(?: me)?|what (?:can|do) you do(?: for me)?|commands"
        r"|what can you (?:tell|answer|offer)(?: me)?|what can i (?:ask|do)(?: you)?(?: here)?|how do you work"
        r"|how do i use (?:you|this(?: bot)?)|how does (?:this|the) bot work|what is this bot(?: for)?",
        f"I look things up in the articles of this library, and say so when they do not hold the answer. {OFFER}",
    ),
    (
        r"(?:who|what) (?:are|r) (?:you|u)|(?:what is|what's|whats) your name|who (?:made|built|created|wrote) you"
        r"|are you (?:an? )?(?:real|human|bot|robot|ai|person|alive|there)|introduce yourself",
        f"I am a bot that answers from the articles of this library alone. {OFFER}",
    ),
    (
        r"how (?:are|r) (?:you|u)(?: doing)?(?: today)?|how (?:are things|is it going|do you do)|how's it going"
        r"|what's up|whats up|wassup|sup",
        f"I am well, thank you. {OFFER}",
    ),
    (
        r"(?:many |ok )?(?:thanks|thank you|thank u|thx|ty|cheers|danke|merci|gracias)"
        r"(?: (?:so|very) much| a lot| again)?(?: for (?:that|this|it|(?:the|your) (?:help|answer|info)))?",
        f"You are welcome. {OFFER}",
    ),
    (
        r"(?:(?:very )?(?:good|nice|great|cool|best|awesome|amazing|smart|clever) (?:bot|job|work|answer|one))"
        r"|well done|great|cool|perfect|awesome|amazing|excellent|brilliant|wow|(?:i )?love (?:you|it|this)",
        f"Thank you! {OFFER}",
    ),
    (
        r"hi+|hello|hey+|hiya|yo|howdy|greetings|hallo|hola|bonjour|ciao|moin|servus|gm|gn|bye|goodbye|see you"
        r"|good (?:morning|afternoon|evening|day|night)",
        f"Hello! {OFFER}",
    ),
    (
        r"o?k+|okay|okey|yes|yeah|yep|yup|no|nope|nah|sure|all ?right|right|fine|good|got it|i see|understood"
        r"|makes sense|interesting|never ?mind|nvm|lo+l|lmao|rofl|(?:ha){2,}|(?:he){2,}|hm+|oh|aha?|test|testing|ping"
        r"|(?:bad|stupid|dumb|useless) bot|that is all|that's all|nothing",
        WHAT,
    ),
)
_TO_WHOM = r"there|all|everyone|everybody|folks|guys|again|bot|footnote|friend|mate|you|please|so much|today|and"
_PHRASES = "|".join(pattern for pattern, _ in _SAID)
_TALK = re.compile(rf"(?:(?:{_PHRASES}|{_TO_WHOM})(?: |$))+")
_REPLIES = tuple((re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])"), reply) for pattern, reply in _SAID)
# Discord's own emoji are words between colons.
_EMOTICON = re.compile(r"<a?:\w+:\d+>|(?<!\w)(?:[:;=]['-]?[dpo3]|<3|x+d)(?!\w)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# Longer messages ask something.
MOST_WORDS = 12


def small_talk(message: str) -> str | None:
    """What to say to a message that only greets, thanks or the like; None for anything else."""
    words = _words(message)
    text = " ".join(words)
    if not words:
        return WHAT
    if len(words) > MOST_WORDS or not _TALK.fullmatch(text):
        return None
    return next((reply for pattern, reply in _REPLIES if pattern.search(text)), None)


def _words(message: str) -> list[str]:
    """The words of a message, without punctuation and emoji."""
    return _WORD.findall(_EMOTICON.sub(" ", fold(message).lower()))
