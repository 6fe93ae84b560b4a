"""Words that change what a sentence says although little of it changes.

Opposites, exact words that have no synonym (units, months, colors, kin), quantities and hedges: the common ones of
English, so that a claim that has one where its source has another can be told from a paraphrase.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from retrieval.answers.wording.equivalents import shared_stems
from retrieval.answers.wording.words import Token
from retrieval.calendar_names import MONTHS, WEEKDAY_WORDS

# One opposition a line; a word may stand in several. Who does something stands apart from that it is done: a race has a
# winner whatever somebody lost in it.
_OPPOSITIONS = """
increase rise rose risen grow grew grown gain climb surge soar jump raise expand widen more upward higher up
| decrease fall fell fallen shrink lose lost drop decline plunge sink lower reduce cut narrow less fewer downward down
win won victory | lose lost defeat
end stop close finish cease halt | continue persist
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
keep kept retain maintain | remove abandon discard withdraw relinquish
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
gain | loss lose
general generic | specific particular
near nearby | distant remote far
reveal unveil disclose expose show display | hide conceal
remember | forget forgotten
love enjoy | hate dislike loathe
happy joy joyful cheerful delighted | sad sorrow grief sorrowful
brave courageous | cowardly timid
generous | stingy greedy
honest truthful sincere | dishonest lying deceitful
calm quiet silent peaceful | loud noisy violent stormy
clean pure | dirty polluted contaminated
wet moist damp humid | dry arid
full packed crowded | empty vacant deserted
thick | thin
wide broad | narrow
deep | shallow
hard solid | soft
rough uneven | smooth
sharp | blunt dull
bright | dim dark dull
tight | loose
straight | crooked curved
fresh | stale rotten
healthy | ill sick unhealthy injured
awake | asleep
drunk | sober
married wed | divorced single unmarried
employed | unemployed jobless
major significant important | minor trivial insignificant unimportant
maximum | minimum
superior | inferior
senior | junior
upper top | bottom
front | rear
beginning | ending
birth born | death
dawn sunrise | dusk sunset
day daytime | night nighttime
victory triumph triumphant | defeat
ascend climb | descend
float | sink
freeze | melt thaw
fill | drain
lock | unlock
load | unload
wrap | unwrap
tie | untie
pack | unpack
push | pull
arrival | departure
entrance | exit
inflow | outflow
expansion | contraction
growth | decline shrinkage
boom | bust recession
bullish | bearish
optimism | pessimism
hope | despair
trust | distrust mistrust
respect | contempt disrespect
praise acclaim applaud laud | criticism criticize condemn blame
reward | punish punishment penalize
pardon forgive | condemn punish convict
attractive beautiful pretty | ugly
fair | unfair unjust biased
legitimate | illegitimate fraudulent
genuine real authentic original | fake counterfeit artificial false
natural | artificial synthetic
organic | inorganic
voluntary willing willingly | reluctant reluctantly unwilling unwillingly
deliberate deliberately intentional intentionally arson | accident accidental accidentally unintentional unintentionally
visible | invisible hidden
official officially formal formally | unofficial unofficially informal informally
sure definite | uncertain unsure doubtful
clear | unclear vague ambiguous
accurate exact precise | inaccurate approximate imprecise
active | inactive passive dormant
stable steady | unstable volatile
conservative | liberal progressive
democratic | authoritarian autocratic
civilian | military
amateur | professional
guest | host
buyer customer | seller vendor
lender creditor | borrower debtor
teacher | student pupil
employer | employee
landlord | tenant
plaintiff prosecutor | defendant
winner | loser
predator | prey
parent | child
ancestor | descendant
landing | takeoff
ally | opponent
unite united join merge | divide split separate
gather assemble collect | scatter disperse
attach | detach
accept | decline
obey comply | disobey defy violate
remain stay | leave depart
advance | retreat
attract | repel
save rescue | abandon endanger
preserve conserve protect | destroy damage
repair fix mend | break damage
cure heal | infect sicken
wealth | poverty
luxury luxurious | cheap modest
abundant plentiful abundance | scarce scarcity shortage
presence present | absence absent
ability able | inability unable
knowledge | ignorance
orderly | chaos chaotic disorder
freedom freed | captivity slavery imprisoned
permission | prohibition
mild moderate | severe extreme harsh
troubled failing ailing struggling | thriving successful flourishing prosperous booming
celebrate | mourn
ignore neglect | heed notice
simplify | complicate
superficial | profound
broaden | narrow
lengthen extend prolong | shorten
enable | disable
online | offline
digital | analog analogue
recent recently | ancient
frequently | occasionally
partly | fully completely entirely
exactly | roughly approximately
"""

_EXACT = """
minute hour day week month year decade century morning afternoon evening
hundred thousand million billion trillion percent quarter double triple twice
half mile kilometer meter centimeter millimeter
kilogram gram liter acre hectare foot feet inch pound ton tonne dollar euro
red orange yellow green blue purple violet pink brown black white gray
spring summer autumn winter
mother father brother sister son daughter husband wife uncle aunt nephew niece grandmother grandfather
"""

QUANTITIES = frozenset("all every most both none never always only entire against".split())
HEDGES = frozenset("may might could possibly perhaps reportedly allegedly".split())
_BEFORE_NOUNS = frozenset("my your his her its our their many few several".split())
# Prefixes that turn a word round, and the shortest word that they are looked for at.
PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")
SHORTEST = 4


# Without "march" and "may", which are verbs as well.
_EXACT_DAYS = WEEKDAY_WORDS | {name.lower() for name in MONTHS} - {"march", "may"}
EXACT = shared_stems(f"{_EXACT} {' '.join(_EXACT_DAYS)}")
OPPOSITES = tuple(
    (shared_stems(one), shared_stems(other))
    for one, other in (line.split("|") for line in _OPPOSITIONS.replace("\n|", " |").strip().splitlines())
)

# A word's oppositions, its own side first.
_ROWS: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
for _one, _other in OPPOSITES:
    for _word in _one:
        _ROWS.setdefault(_word, []).append((_one, _other))
    for _word in _other:
        _ROWS.setdefault(_word, []).append((_other, _one))


def opposed(claimed: frozenset[str], said: frozenset[str]) -> bool:
    """Does the claim have a word whose opposite is said, while neither has the other's?"""
    return next(oppositions(claimed, said), None) is not None


def verbal(words: Sequence[Token]) -> frozenset[str]:
    """The stems of words that may say what is done: no noun as in "their lives", "28 lives" and "how many lives"."""
    before = (None, *words)
    return frozenset(
        word.stem
        for last, word in zip(before, words, strict=False)
        if not (last and (last.number or last.text.lower() in _BEFORE_NOUNS))
    )


def oppositions(claimed: frozenset[str], said: frozenset[str]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Words of the claim with those said that are their opposites, where neither has a word of the other's side."""
    only_claimed, only_said = claimed - said, said - claimed
    for one, other in dict.fromkeys(row for word in only_claimed for row in _ROWS.get(word, ())):
        if only_said & other and not said & one and not claimed & other:
            yield only_claimed & one, only_said & other


def prefixed(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Stems of words of which one is the other with a prefix that turns it round: safe, unsafe.

    Both map words to their stems.
    """
    for x, y in product(ours.keys() - theirs.keys(), theirs.keys() - ours.keys()):
        short, long = sorted((x, y), key=len)
        if len(short) >= SHORTEST and any(long == prefix + short for prefix in PREFIXES):
            yield frozenset({ours[x]}), frozenset({theirs[y]})


def turned(claimed: frozenset[str], said: frozenset[str], known: frozenset[str]) -> bool:
    """Does the claim have a word that no passage has, nor one of its side, while its evidence says the opposite?

    `known` are the stems of all passages, `said` those of the evidence.
    """
    new = claimed - known
    return any(
        (new & one and said & other and not known & one and not claimed & other)
        or (new & other and said & one and not known & other and not claimed & one)
        for one, other in OPPOSITES
    )
