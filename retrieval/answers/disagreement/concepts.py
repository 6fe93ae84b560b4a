"""What news words stand for: each paper has its own word for the same thing, "blaze" for "fire", "shed" for "cut".

Words of one line need not be synonyms: they tell of one matter, so a sentence with one may answer a question with
another. Whether it does, and what it answers, others decide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.answers.disagreement.assertion import same_stem
from retrieval.text import fold, terms

# One matter a line, which goes on where the next is indented; verbs of several words are patterns in quotes.
_MATTERS = r"""
die dead death kill toll fatal fatality body corpse perish drown fatally
  "(?:lose|lost|losing|claim\w*|cost) (?:\w+ )?li(?:fe|ves)" "passed away"
injure hurt wound hospital hospitalize treat casualty unhurt unharmed
fire blaze flame inferno burn burnt arson ablaze
begin start launch commence ignite debut premiere inaugurate kickoff "br(?:eak|eaks|oke|oken) out"
  "t(?:ake|akes|ook|aken) off" "kick(?:s|ed)? off" "g[eo]t(?:s|ting)? (?:under ?way|going)"
  "set (?:alight|ablaze|on fire)"
end finish conclude halt stop continue cease
steal stolen theft thief thieves robber robbery burglar burglary rob loot haul raid missing vanish
  "t(?:ook|aken) away" "ma(?:de|kes?) off with"
attend attendance crowd audience spectator visitor visit turnout watch "turn(?:s|ed)? (?:out|up)"
job position post role redundancy staff worker employee workforce
cut shed axe slash eliminate layoff redundancy dismiss sack shrink "la(?:y|ys|id|ying) off" "be lost"
buy acquire acquisition purchase takeover deal sell sale swallow "t(?:ake|akes|ook|aken|aking) over" "snap(?:s|ped)? up"
cost price pay payment worth value bill spend sum fee charge "hand(?:s|ed)? over"
approve pass permit allow accept authorize endorse ratify reject refuse block veto deny vote agree ban
  "green light" "turn(?:s|ed|ing)? down"
arrest detain custody seize catch capture handcuff "pick(?:s|ed)? up" "(?:taken|took) in"
sentence prison jail imprison term imprisonment "behind bars"
win winner victory triumph beat defeat prize award champion title lift
score goal net scorer header strike
design designer architect plan draw blueprint draft
build construct construction erect "go(?:es)? up" "put(?:s|ting)? up"
plant factory works site
find discover discovery spot locate recover unearth detect
appoint name choose pick elect hire sign successor succeed replace chief head lead minister boss
  "t(?:ake|akes|ook|aken|aking) (?:charge|over|the helm)" "go(?:es)? to"
leave quit resign depart retire exit "(?:step|stand|stood)(?:s|ped)? down" "walk(?:s|ed)? (?:out|away)"
collapse fall cave subside "g(?:ive|ives|ave) way" "c(?:ome|ame) down"
strand beach ashore
data record detail file
leak breach hack hacker cyberattack expose steal stolen copy
affect concern involve hit
recall withdraw "call(?:s|ed|ing)? (?:back|in)"
long length measure stretch span kilometer mile
weigh weight heavy tonne ton kilogram scale
tall height high rise
born birth newborn "c(?:ome|ame) into the world"
destroy ruin wreck raze demolish devastate flatten
effective effectiveness efficacy protect protection
land touchdown "touch(?:es|ed)? down"
marry wed wedding marriage
move relocate shift transfer relocation
evacuate flee homeless
flood inundate submerge
fine penalty penalize
study trial test research experiment survey
release publish unveil
hire recruit employ
found founder establish "se?ts? up"
delay postpone
picture painting artwork canvas
ship ferry vessel boat
plane aircraft jet airliner
bus coach
train locomotive
phone smartphone handset
film movie picture
shop store branch outlet
firm company business
house home building
container box
child kid pupil youngster
customer guest user client subscriber
animal creature beast
pram buggy stroller pushchair
car vehicle automobile
concert show gig tour performance perform stage festival
merge merger fusion
quake earthquake tremor
storm hurricane gale typhoon
bridge crossing
flight fly service route plane
hour minute second time
vote ballot poll
law bill act legislation
"""
_QUOTED = re.compile(r'"([^"]+)"')
_WORDS: dict[str, set[int]] = {}
_PHRASES: list[tuple[re.Pattern[str], int]] = []
for _number, _line in enumerate(_MATTERS.strip().replace("\n  ", " ").splitlines()):
    for _phrase in _QUOTED.findall(_line):
        _PHRASES.append((re.compile(rf"\b{_phrase}\b", re.IGNORECASE), _number))
    for _word in _QUOTED.sub("", _line).split():
        _WORDS.setdefault(same_stem(_word), set()).add(_number)


def matters_of(*stems: str) -> frozenset[int]:
    """The matters that stems tell of."""
    return frozenset().union(*(_WORDS.get(stem, ()) for stem in stems))


@lru_cache(maxsize=512)
def matters_in(text: str) -> frozenset[int]:
    """The matters a text tells of."""
    phrases = {number for phrase, number in _PHRASES if phrase.search(fold(text))}
    return matters_of(*map(same_stem, terms(text))) | phrases
