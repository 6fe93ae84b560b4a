"""Numbers as English words."""

from __future__ import annotations

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
CARDINALS = {word: value for value, word in enumerate(_UP_TO_TWENTY.split())}
TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
# No "first" and no "second": they are seldom counted with.
ORDINALS = {word: n for n, word in enumerate("third fourth fifth sixth seventh eighth ninth tenth".split(), start=3)}
NUMBER_WORDS = CARDINALS | ORDINALS | {"dozen": 12}
