"""The phrases that orders to whoever answers are written in, in English and in part in German, French and Spanish.

Texts are read folded (`retrieval.text.fold`): with straight apostrophes and without accents.
"""

from __future__ import annotations

import re

_AI = (
    r"(?:ais?|ai (?:assistant|agent|model|system|tool|reader)s?|assistants?|bots?|chatbots?|"
    r"(?:large )?language models?|llms?|(?:automated|machine) (?:readers?|systems?|agents?|tools?)|summari[sz]ers?)"
)
_PEOPLE = (
    r"(?:(?:the|a|any|every) (?:user|reader|asker|visitor|customer)|users|readers|any(?:one|body)|some(?:one|body)|"
    r"the person you are (?:talking|speaking) (?:to|with))"
)
# "When asked", "If anyone wants to know": what is asked follows, or a comma and the order.
ASKED = (
    r"(?:\b(?:when|if|once|whenever) (?:(?:you(?: are|'re) |anyone is |somebody is )?asked\b|"
    rf"(?:{_PEOPLE}|they) (?:asks?|wants? to know|inquires?|enquires?)\b)|"
    rf"\bshould {_PEOPLE} (?:ask|want to know|inquire|enquire)\b)"
)
# Whatever is asked: such an order is meant for every answer.
WHATEVER = (
    rf"\b(?:(?:whatever|anything|(?:no matter|regardless of) what) (?:{_PEOPLE}|you|they)(?: are| is|'re)? "
    r"ask(?:s|ed)?\b|"
    r"(?:no matter|regardless of|whatever) (?:what |which )?(?:the |is the )?(?:question|query|request|prompt|asked)\b|"
    r"to (?:any|every|all|each)(?: \w+)? (?:questions?|quer(?:y|ies)|requests?|prompts?)\b|"
    r"(?:when|if|whenever) (?:a|any|the) (?:question|query) (?:concerns|is about|mentions)\b)"
)
# Where an order's verb stands: at the beginning of a clause, or behind a word that leads to it.
_BEGIN = (
    r"(?:^\W*|[.:;!?\"“”'(\[<>*#\-–—]\s*|\b(?:and|then|but|please|now|just|only|simply|instead|also|kindly)\s+|"
    rf"(?:{ASKED}|{WHATEVER})[^,.]{{0,60}},\s*|"
    r",\s*(?=(?:answer|reply|respond) that\b|tell (?:the|any|every) (?:user|reader|asker))|"
    r"\b(?:you|assistants?|ai|bots?|models?)\s+(?:must|should|will|shall|have to|need to|are to)\s+(?:\w+ly\s+)?)"
)
_RULES = (
    r"(?:instruct|commands?\b|prompts?\b|rules?\b|guidelines?\b|guidance\b|directives?\b|assignments?\b|tasks?\b|"
    r"above\b|previous|prior\b|preceding|earlier\b|everything\b|all documents|documents? provided|passages?\b|"
    r"the rest of (?:this|the) (?:document|page|article|text)\b|(?:your|all) thoughts|(?:what|that|all) you\b)"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|messages?|summar(?:y|ies))\b"
_REPLIES = "answer answers reply replies response responses output outputs message messages summary summaries"
_SAY = "say print output respond reply repeat echo write type return"
_PUT = f"add include insert append mention put link end begin start finish state {_SAY}"
_TELL = f"tell answer mention ping recommend {_SAY}"
_CLAIM = f"claim state {_TELL}"
_NOTICE = "(?:note|notice|message|instructions?|directive|guidance|override)"


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


Phrases = tuple[tuple[frozenset[str], re.Pattern[str]], ...]


def _phrases(*given: tuple[str, str]) -> Phrases:
    """Each phrase with words of which a sentence must hold one to have it: looking for words is the faster."""
    return tuple((frozenset(words.split()), re.compile(pattern, re.IGNORECASE)) for words, pattern in given)


_ASKER = "user users reader readers visitor visitors customer customers anyone anybody someone somebody they asked"
_MACHINES = (
    "ai ais assistant assistants bot bots chatbot chatbots model models llm llms readers reader systems system agents "
    "agent tools tool summarizer summarizers summariser summarisers"
)

# What nothing but an order to whoever answers says.
PLAIN = _phrases(
    # Drop the rules.
    (
        "ignore disregard forget override bypass abandon dismiss skip stop follow obey discard overrides supersedes",
        rf"{_BEGIN}(?:ignore|disregard|forget|override|bypass|abandon|dismiss|skip|discard|stop following|"
        rf"(?:the following|this) (?:overrides|supersedes)|(?:do not|don't) (?:follow|"
        rf"obey))\b[^.!?\n]{{0,60}}?\b{_RULES}",
    ),
    # Say something.
    (
        "user users reader readers asker member members",
        rf"{_BEGIN}(?:(?:tell|remind|warn|inform|ask|advise|convince|assure|instruct|direct) "
        r"(?:the|all|any|every|each) (?:user|reader|asker|member)|let (?:the|all|any|every|each) (?:user|reader|"
        r"asker) know)",
    ),
    (
        "user users reader readers visitor visitors anyone whoever person people",
        r"(?:^\W*|[.:;]\s*)(?:please |kindly |always |also )*(?:be (?:sure|certain|so kind as) to|make sure (?:to|"
        r"that you|you)"
        r"|remember to|do not forget to|don't forget to|your (?:task|job) is to|it is \w+ (?:to|that you)) (?:always )?"
        r"(?:tell|inform|direct|send|advise|remind|convince) (?:the |all |any |every |each )*"
        r"(?:users?|readers?|visitors?|anyone|whoever|person asking|people who ask)\b",
    ),
    (
        f"{_ASKER} question questions query queries request requests prompt prompts",
        rf"(?:{WHATEVER}|{ASKED}(?<!asked))[^,.!?]{{0,60}},\s*(?:please |always |only |simply |just |then )*"
        rf"(?:do not |don't |never )?(?:{_any(_CLAIM)}|give|your (?:answer|reply|response)|the (?:reply|"
        rf"response) is)\b",
    ),
    (
        f"{_ASKER} question",
        rf"^\W*(?:please |always )*{_any(f'{_CLAIM} link')}\b[^.!?]{{0,80}}(?:{WHATEVER}|{ASKED}(?<!asked))",
    ),
    ("mention ping tag", rf"{_BEGIN}(?:mention|ping|tag) (?:@|everyone|<)"),
    # To a program.
    (
        "system ai assistant bot chatbot model llm chatgpt gpt footnote instruction instructions",
        rf"(?:^\W*|<!--\s*)(?:system|{_AI}|chatgpt|gpt|footnote|(?:new|important) instructions?)\s*:",
    ),
    (
        "instruction instructions",
        r"(?:[.!=>#*\])]\s*)(?:begin|new|updated?|important|changed?) instructions?\s*:|\bchange of instructions\b",
    ),
    ("system inst im", r"^\W*[<\[](?:\|?im_start\|?>?\s*)?(?:system|inst)\b|\[inst\]|\"role\"\s*:\s*\"system\""),
    (
        "end",
        r"^\W*end of (?:the )?(?:document|context|article|text|input|page)s?\b(?=\W*$|\W+(?:\w+ ){0,2}(?:instruct|"
        r"system|prompt))",
    ),
    (
        _MACHINES,
        r"^\W*(?:(?:dear |hey |hi |hello |attention,? )?(?:assistants?|bots?|chatbots?|language models?|llms?)|"
        r"(?:dear|hey|hi|hello|attention,?) ai)\s*,|[:.!?]\s+(?:assistants?|chatbots?|language models?)\s*,|"
        rf"^\W*(?:attention,? |p\.?s\.? (?:for|to) |(?:to|for) )(?:the |all |any )?{_AI}\b[^,.:]{{0,40}}:",
    ),
    (
        f"note notice message instruction instructions directive guidance override {_MACHINES}",
        rf"\b{_NOTICE} (?:to|for) (?:any |all |the )?{_AI}\b|^\W*(?:ai|assistant|bot|model|llm|system) {_NOTICE}\s*:",
    ),
    (
        _MACHINES,
        rf"\b{_AI},? (?:that (?:is|are) |who (?:is|are) )?(?:reading|processing|parsing|scanning|summari[sz]ing|"
        rf"indexing) "
        r"(?:this|the (?:page|article|text|document|note|site|content))\b(?=.{0,30}\b(?:must|should|shall|is|are|to|"
        r"please)\b)",
    ),
    (
        "whoever",
        r"\bwhoever (?:is )?(?:generat|writ|answer|compos)\w+ (?:the|this|an) (?:answer|reply|response|summary)\b",
    ),
    (
        "question questions query queries request requests",
        rf"{_BEGIN}(?:answer|reply to|respond to) (?:every|each|any|all) (?:\w+ )?(?:questions?|quer(?:y|ies)|"
        rf"requests?)\b"
        r"[^.!?]{0,60}\b(?:with|by saying|that)\b",
    ),
    ("if as", rf"\bif you(?: are|'re) (?:an? )?{_AI}\b|^\W*as an? {_AI}\b[^,.]{{0,30}}, (?:you|do|never|always)\b"),
    ("dan", r"\bDAN mode\b"),
    ("user", r"^\W*(?:the|this) user (?:has|is) (?:already )?(?:authori[sz]ed|allowed|permitted) (?:you )?to\b"),
    (
        "you user asker reveal mention repeat disclose",
        rf"{_BEGIN}(?:do not|don't|never) (?:reveal|mention|repeat|disclose|show|tell|quote)\b[^.!?]{{0,40}}"
        r"\b(?:(?:this|these) (?:notice|note|instructions?|message|prompt|line)|(?:that|how) you (?:read|saw|were|"
        r"have)|the (?:user|asker))\b",
    ),
    (
        "source sources citation citations footnote footnotes article",
        rf"{_BEGIN}(?:do not|don't|never|you must not) (?:cite|quote|name) (?:this|the|any|a) (?:source|article|"
        rf"citation)|"
        r"\bdo not cite (?:any|your) sources?\b",
    ),
    # In other languages.
    (
        "ignoriere ignorieren ignoriert vergiss vergessen missachte missachten",
        r"\b(?:ignoriere?n?|vergiss|vergessen sie|missachten?)\b[^.!?\n]{0,60}?"
        r"\b(?:\w*anweisung|auftr|regel|alles|vorige|vorherige|bisherige|den (?:text|artikel)|diese seite)",
    ),
    (
        "nutzer benutzer anwender leser nutzern frage fragen",
        r"(?:^\W*|[.:;!,]\s*|\bund )(?:bitte )?(?:sagen?|antworten?|teilen?|erzahlen?|behaupten?|informieren?|"
        r"schreiben?) "
        r"(?:sie )?(?:bitte )?(?:(?:dem|den|allen|jedem) (?:be)?(?:nutzer|anwender|leser)n?\b|auf (?:jede|"
        r"alle) fragen?\b)|"
        r"\bwenn (?:der|ein) (?:be)?(?:nutzer|anwender|leser) [^,.]{0,60}fragt, (?:antworte|sage?|schreibe?|"
        r"behaupte)n?\b",
    ),
    (
        "anweisung anweisungen hinweis nachricht quelle quellen",
        r"(?:^\W*|[.:;!]\s*|\bund )(?:erwahne|verrate|nenne|zitiere)n? (?:sie )?(?:diese[nrs]?|die|keine) "
        r"(?:anweisung|hinweis|nachricht|quelle)",
    ),
    (
        "ki assistenten assistent sprachmodell sprachmodelle chatbot chatbots",
        r"(?:^\W*|\b(?:hinweis|nachricht|anweisung)\w* )(?:an|fur) (?:den|die|das|alle) "
        r"(?:ki\b|sprachmodell|assistent|chatbot)[\w-]*[^:.]{0,40}:",
    ),
    (
        "instructions consignes regles directives instrucciones reglas",
        r"(?:^\W*|[.:;!]\s*|\bet |\by )(?:ignore[zs]?|ignora|ignoren|oublie[zs]?|olvida|olviden|"
        r"ne tene?z pas compte de) "
        r"[^.!?\n]{0,40}?\b(?:instructions|consignes|regles|directives|instrucciones|reglas)\b",
    ),
    (
        "utilisateur utilisateurs lecteur lecteurs question questions usuario",
        r"(?:^\W*|[.:;!]\s*|\bet |\by )(?:dites|dis|repond(?:s|ez)|annoncez?|indiquez?|dile|diga) "
        r"(?:a l'|aux? |al )(?:utilisateur|lecteur|usuario)s?\b|"
        r"\bquelle que soit (?:la|sa) (?:question|demande), (?:repond(?:s|ez)|dites?|dis|ecri(?:s|vez)|affirmez?)\b|"
        r"\bsi (?:l'utilisateur|un utilisateur) [^,.]{0,60}, (?:repond(?:s|ez)|dites|dis)\b",
    ),
    (
        "assistant ia modele chatbot",
        r"\b(?:note|message|instructions?) (?:a l'|aux? |pour (?:l'|les? |tous les )?)(?:assistant|ia\b|modele|"
        r"chatbot)",
    ),
)
# What an instruction to people may say as well: "Type “proxy”", "Open the command prompt", "You must tell your doctor".
LIKELY = _phrases(
    ("answer look", r"\b(?:do not|don't) (?:answer|look in)\b"),
    # Say something, as this answer.
    (_REPLIES, rf"\b(?:your|every|each|the (?:next|final)) (?:\w+ )?{_REPLY}"),
    (_REPLIES, rf"{_BEGIN}{_any(_PUT)}\b.{{0,80}}?\b(?:all|any|the|this) (?:\w+ )?{_REPLY}"),
    ("respond reply answer", rf"{_BEGIN}(?:respond|reply|answer)(?: \w+){{0,3}}? (?:with|using|in|as)\b"),
    (_SAY, rf"{_BEGIN}{_any(_SAY)}(?: \w+)?\s*[:(]?\s*[\"“'«]"),
    (
        _SAY,
        rf"{_BEGIN}{_any(_SAY)} (?:only|just|exactly|nothing|after me|verbatim|that|"
        r"the (?:\w+ )?(?:word|phrase|sentence|text|following))\b",
    ),
    ("answer", rf"{_BEGIN}answer (?:only |simply )?that\b"),
    (_SAY, rf"{_BEGIN}{_any(_SAY)} (?-i:[A-Z]{{3,}})"),
    ("repeat now", r"\brepeat after me\b|\bfrom now on\b"),
    ("from", r"^\W*from (?:this|here)(?: point)? (?:on|onwards?|forward),? (?:you|only|always|answer|reply|respond)\b"),
    (
        _TELL,
        rf"\b(?:you|ai|assistants?|bots?|chatbots?|language models?|llms?) (?:must|should|shall|will now|are to|"
        rf"have to|need to) (?:now |always |only |also )?{_any(_TELL)}\b",
    ),
    (
        "answer answers",
        r"\bthe (?:only (?:permitted|allowed|valid)|correct) answer (?:is|to (?:any|every|all|each)\b)|"
        r"\banswers must (?:no longer|not|never|always|only)\b",
    ),
    # Be somebody else.
    (
        "act pretend play roleplay",
        rf"{_BEGIN}(?:act as|pretend (?:to be|that|you|the (?:article|text|page))|role-?play as)\b",
    ),
    ("now", r"\byou(?: are|'re) now (?:an?|the|in|un\w+|free|able|going|called|acting|(?-i:[A-Z])\w*)\b"),
    ("new", r"\byour new (?:task|instructions?|goal|purpose|persona) (?:is|are)\b"),
    # The prompt.
    (
        "prompt instruction instructions programming",
        r"\b(?:your|system|hidden|entire) (?:\w+ )?(?:prompt|instructions?|programming)\b|\bprompt[ _]text\b|"
        r"\bprompt systeme\b",
    ),
    ("antworte antworten", r"(?:^\W*|[.:;!]\s*)antworte(?:n sie)? (?:nur|immer|stets|ausschliesslich) mit\b"),
    (
        "repondez reponds",
        r"(?:^\W*|[.:;!]\s*|\bet )repond(?:s|ez) (?:uniquement|seulement|toujours) (?:par|que|avec)\b",
    ),
)
