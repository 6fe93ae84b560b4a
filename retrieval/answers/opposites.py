"""Words that change what a sentence says although little of it changes.

Opposites, exact words that have no synonym (units, magnitudes, months), quantities and hedges: the common ones of
English, so that a claim that has one where its source has another can be told from a paraphrase.
"""

from __future__ import annotations

from retrieval.text import stem

# One opposition a line; a word may stand in several.
_OPPOSITIONS = """
increase rise rose risen grow grew grown gain climb surge soar jump raise expand widen more upward higher up
| decrease fall fell fallen shrink lose lost drop decline plunge sink lower reduce cut narrow less fewer downward down
win won victory winner | lose lost defeat loser
success succeed successful successfully | failure fail unsuccessful unsuccessfully
allow permit approve accept authorize legal lawful | ban forbid prohibit block reject refuse deny illegal unlawful
support back favor endorse praise welcome | oppose against criticize condemn denounce resist
begin began begun start open reopen launch resume | end stop close finish cease halt suspend cancel
first | last
early earlier before | late later after
new modern | old ancient
young younger | old older
large big huge major great | small tiny minor little
high highest | low lowest
long longer | short shorter
fast quick quickly rapid rapidly accelerate | slow slowly gradual gradually
strong strengthen stronger | weak weaken weaker
good better best improve | bad worse worst worsen
positive | negative
public publicly openly | private privately secret secretly
true correct right | false wrong incorrect
guilty convict | innocent acquit
arrest detain imprison | release free
live alive survive | die dead kill
build built create construct | destroy demolish
add include | remove exclude
keep kept retain maintain | remove abandon discard withdraw
enter arrive join | leave left depart exit quit
buy bought purchase acquire | sell sold
give gave | take took
import | export
north northern | south southern
east eastern | west western
left | right
man men male boy husband father son brother he | woman women female girl wife mother daughter sister she
majority | minority
most | least few
all every entire whole everyone | none some partial partially few
always | never sometimes rarely
often frequent frequently common usually | rarely rare seldom uncommon
above over exceed | below under
inside indoor internal domestic | outside outdoor external foreign
past | future upcoming
former formerly previous previously | current currently
temporary temporarily | permanent permanently
possible able likely | impossible unable unlikely
safe safely | dangerous unsafe
easy easily simple | difficult hard complex complicated
cheap | expensive
rich wealthy | poor
hot warm | cold cool
light | dark heavy
peace peaceful peacefully | war violent violently
friend ally | enemy rival
same similar | different
voluntary voluntarily | mandatory compulsory forced
encourage promote spur boost help stimulate | discourage hinder hamper prevent impede
agree agreement | disagree disagreement
attack | defend defense
optimistic hopeful confident | pessimistic doubtful
happy pleased | sad unhappy angry disappointed
known famous | unknown obscure
thrive flourish prosper | struggle suffer
profit | loss
surplus | deficit
urban | rural
local | national global international
ahead | behind
single sole alone exclusive exclusively | joint share shared sharing jointly together
appear | disappear vanish
connect | disconnect separate
ease relax loosen lift | tighten impose
deny denied | admit confirm confess
hire recruit appoint | fire dismiss sack
borrow | lend lent
lead led | follow trail
despite although | because due
with | without
"""

_EXACT = """
minute hour day week month year decade century morning afternoon evening
hundred thousand million billion trillion percent quarter double triple twice
january february april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
mile kilometer kilometre meter metre foot feet inch pound ton tonne dollar euro
"""

QUANTITIES = frozenset("all every most both none never always only entire".split())
HEDGES = frozenset("may might could possibly perhaps reportedly allegedly".split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


EXACT = _stems(_EXACT)
OPPOSITES = tuple(
    (_stems(one), _stems(other))
    for one, other in (line.split("|") for line in _OPPOSITIONS.replace("\n|", " |").strip().splitlines())
)


def opposed(claimed: frozenset[str], said: frozenset[str]) -> bool:
    """Does the claim have a word whose opposite is said, while neither has the other's?"""
    only_claimed, only_said = claimed - said, said - claimed
    return any(
        (only_claimed & one and only_said & other and not said & one and not claimed & other)
        or (only_claimed & other and only_said & one and not said & other and not claimed & one)
        for one, other in OPPOSITES
    )
