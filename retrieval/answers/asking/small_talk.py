"""Greetings, thanks and the like: no questions, so no article is searched for them."""

from __future__ import annotations

import re

from retrieval.text import fold

OFFER = "Ask me something about the articles in this library; every answer carries footnotes."
WHAT = f"What would you like to know? {OFFER}"
HELP = f"I look things up in the articles of this library, and say so when they do not hold the answer. {OFFER}"

_GOOD = r"helpful|useful|great|kind|nice|good|perfect|interesting|amazing|awesome|wonderful|lovely"
_BAD = (
    r"useless|stupid|dumb|bad|terrible|awful|horrible|worthless|rubbish|garbage|trash|crap|annoying|broken|wrong|"
    r"a joke|an idiot|no (?:help|use|good)|not (?:helpful|useful|good|right|true|correct|very (?:helpful|good))|"
    r"unhelpful"
)
_VERY = r"(?:(?:so|very|really|such|pretty|quite|totally|completely|absolutely|just|super) )*"

_THANKS = (
    r"(?:many |ok )?(?:thanks|thank you|thank u|thx|ty|cheers|danke|merci|gracias|grazie|obrigad[oa]|tack|bedankt)"
    r"(?: (?:so|very) much| a lot| a ton| again| schon| sehr| beaucoup| bien| mille)?"
    r"(?: for (?:that|this|it|(?:all )?(?:the|your) (?:help|answers?|info|information|time)))?"
    r"(?: fur (?:die|deine|ihre) (?:hilfe|antwort)| pour (?:votre|ton|l) aide| por (?:tu|su|la) ayuda)?"
    r"|(?:vielen|besten|herzlichen) dank(?: fur (?:die|deine|ihre) (?:hilfe|antwort))?|(?:muchas|mil) gracias"
    rf"|(?:that|this|it|you)(?:'s|'re| was| is| were| are|s) {_VERY}(?:{_GOOD})|{_VERY}(?:helpful|useful)"
    r"|(?:that|this) (?:really )?help(?:s|ed)(?: (?:me|a lot))?|(?:i )?appreciate (?:it|that|your help)"
)

# What people say, without punctuation and emoji, and what to reply; of several in a message the first one decides.
_SAID = (
    (
        r"(?:please )?help(?: me)?(?: please)?|(?:can|could) you help(?: me)?|what (?:can|do) you do(?: for me)?"
        r"|commands"
        r"|what can you (?:tell|answer|offer)(?: me)?|what can i (?:ask|do)(?: you)?(?: here)?|how do you work"
        r"|how do i use (?:you|this(?: bot)?)|how does (?:this|the) bot work|what is this bot(?: for)?"
        r"|hilfe|aide(?: moi)?|ayuda|aiuto|ajuda",
        HELP,
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
    (_THANKS, f"You are welcome. {OFFER}"),
    (
        r"(?:(?:very )?(?:good|nice|great|cool|best|awesome|amazing|smart|clever) (?:bot|job|work|answer|one))"
        r"|well done|great|cool|perfect|awesome|amazing|excellent|brilliant|wow|(?:i )?love (?:you|it|this)"
        r"|(?:guter|toller|braver) bot|bon bot|buen bot|gut gemacht|bien joue|bien hecho|super|toll|prima|genial"
        r"|parfait|perfekt|perfecto|bravo",
        f"Thank you! {OFFER}",
    ),
    (
        rf"(?:you|u)(?:'re| are| r|r) {_VERY}(?:a |an )?(?:{_BAD})(?: bot)?|{_VERY}(?:a )?(?:{_BAD}) (?:bot|answer)"
        rf"|you suck|(?:that|this|it)(?:'s|s| is| was| were) {_VERY}(?:a )?(?:{_BAD})(?: answer)?"
        r"|(?:(?:that|this) )?(?:does not|doesn't|did not|didn't) help(?: me)?|i hate (?:you|this)"
        r"|(?:du bist|tu es|eres|sei) (?:so |sehr |tres |muy )?(?:nutzlos|dumm|blod|doof|schlecht"
        r"|nul|nulle|inutile?|stupide|bete|tonto|estupido)"
        r"|(?:schlechter|dummer) bot",
        f"I am sorry that this was of no use. Other words may find more, such as a name, a place or a time. {OFFER}",
    ),
    (
        r"(?:please )?(?:stop|cancel|abort|quit|exit|enough|shut up|be quiet|go away|leave me alone|stopp|halt|aufhoren"
        r"|hor auf|arrete|basta|para|silence)(?: (?:it|that|this|talking|now))?",
        f"All right. I only answer when I am asked. {OFFER}",
    ),
    (
        r"hi+|hello|hey+|hiya|yo|howdy|greetings|hallo|hola|bonjour|bonsoir|salut|ciao|moin|servus|gm|gn"
        r"|bye|goodbye|see you|guten (?:morgen|tag|abend)|buenos dias|buenas tardes|buongiorno|tschuss|adios"
        r"|good (?:morning|afternoon|evening|day|night)",
        f"Hello! {OFFER}",
    ),
    (
        r"o?k+|okay|okey|yes|yeah|yep|yup|no|nope|nah|sure|all ?right|right|fine|good|got it|i see|understood"
        r"|makes sense|interesting|never ?mind|nvm|lo+l|lmao|rofl|(?:ha){2,}|(?:he){2,}|hm+|oh|aha?|test|testing|ping"
        r"|that is all|that's all|nothing",
        WHAT,
    ),
)
_TO_WHOM = r"there|all|everyone|everybody|folks|guys|again|bot|footnote|friend|mate|you|please|so much|today|and"
_PHRASES = "|".join(pattern for pattern, _ in _SAID)
_TALK = re.compile(rf"(?:(?:{_PHRASES}|{_TO_WHOM})(?: |$))+")
_THANKED = re.compile(rf"(?<![\w'])(?:{_THANKS})(?![\w'])")
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
    # In "thank you for your help" nobody asks for any.
    asking = _THANKED.sub("", text)
    return next((reply for pattern, reply in _REPLIES if pattern.search(asking if reply is HELP else text)), None)


def _words(message: str) -> list[str]:
    """The words of a message, without punctuation and emoji."""
    return _WORD.findall(_EMOTICON.sub(" ", fold(message).lower()))
