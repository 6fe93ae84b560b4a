"""Two papers on one event, each in its own words: what only one can be right in is shown, what both may be is not."""

from __future__ import annotations

import pytest

from retrieval.answers.disagreement.asked import asked_of
from retrieval.answers.disagreement.causes import causes
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from tests.answers import told

STOLEN = (
    "2024-07-09 Burglars have taken eleven paintings from the gallery in Lorne. They came through the roof on Sunday. "
    "The director, Aurore Blanc, had switched the alarm off.",
    "2024-07-11 Experts are puzzled by the break-in at the gallery in Lorne. Seven pictures are missing, none of which "
    "could ever be sold in the open, says Rolf Tander.",
)
DISPUTED = [
    ("How many paintings were stolen from the gallery in Lorne?", *STOLEN),
    (
        "Who designed the town hall in Brunn?",
        "2024-06-20 The town hall in Brunn is open at last. It was designed by Leonie Marsh, who grew up near by. "
        "It has a green roof.",
        "2024-06-21 A walk around the new hall in Brunn. The plans came from the pen of Anton Reyes, whose office beat "
        "seventy others.",
    ),
    (
        "What caused the fire at the mill in Alder?",
        "2024-11-05 The mill in Alder burned to the ground on Monday. The fire broke out due to a faulty heater, said "
        "Hugo Lamm, the chief of the fire service.",
        "2024-11-06 Police believe that the mill in Alder was set alight. Officers blame a group of teenagers with "
        "fireworks for the blaze.",
    ),
    (
        "Is the strike at Lowland Rail over?",
        "2024-03-20 The strike at Lowland Rail is over. The union and the company settled on Tuesday night.",
        "2024-03-21 Platforms were empty again. The stoppage at Lowland Rail continues, after drivers in three depots "
        "rejected what was offered.",
    ),
    (
        "Will the banks Lindholm and Ostra merge?",
        "2023-12-13 The merger of the banks Lindholm and Ostra has fallen through. They could not agree on a name.",
        "2023-12-14 Two banks become one. Lindholm and Ostra will merge after all, two members of the boards said.",
    ),
]
BOTH_RIGHT = [
    (
        "How many paintings were stolen from the gallery in Lorne?",
        STOLEN[0],
        "2024-07-11 The thieves who took eleven paintings from the gallery in Lorne left seven pictures in the hall.",
    ),
    (
        "How many people were hurt in the fire in Lorne?",
        "2024-07-09 Fourteen people were taken to hospital after the fire in Lorne.",
        "2024-07-10 Three people died in the fire in Lorne, the police said.",
    ),
    (
        "What share of Norrland's power did wind supply?",
        "2024-02-20 Wind supplied 34 percent of the power in Norrland, more than coal. New turbines were put up.",
        "2024-02-22 Coal's part in the power of Norrland shrank to 21 percent. Two plants were closed.",
    ),
    (
        "How much is the Zipp bike on sale for?",
        "2024-10-10 The Zipp bike is on sale for 180 dollars right now. It folds in ten seconds.",
        "2024-11-19 The Zipp bike is down to 229 dollars. It comes in red.",
    ),
    (
        "Who picked up three wickets for Norland?",
        "2024-10-10 Tom Arley picked up three wickets for Norland. The crowd cheered.",
        "2024-10-11 Ben Okoro picked up four wickets for Norland. The crowd left early.",
    ),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asked, one, other", DISPUTED, ids=[asked for asked, *_ in DISPUTED])
async def test_two_accounts_of_one_event_are_shown_newest_first(
    asked: str, one: str, other: str, new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    body = await told(asked, [one, other], new_library, embeddings)
    assert body.startswith("The articles disagree:")
    assert 0 < body.index(f"- {other[:10]}, ") < body.index(f"- {one[:10]}, ")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asked, one, other", BOTH_RIGHT, ids=[asked for asked, *_ in BOTH_RIGHT])
async def test_accounts_that_may_both_be_right_are_no_disagreement(
    asked: str, one: str, other: str, new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    assert not (await told(asked, [one, other], new_library, embeddings)).startswith("The articles disagree:")


@pytest.mark.asyncio(loop_scope="module")
async def test_another_paper_s_answer_stands_beside_the_best_one_though_it_may_be_no_contradiction(
    new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    articles = [
        "2024-05-01 At least twelve people died when the dam at Orlo burst. The mayor, Ada Simic, wept.",
        "2024-05-03 Since the dam burst at Orlo nineteen people have been found dead, the mayor, Ada Simic, told us.",
    ]
    body = await told("How many people died when the dam at Orlo burst?", articles, new_library, embeddings)
    assert "twelve people" in body
    assert "nineteen people" in body
    assert all(f"{article[:10]}, " in body for article in articles)


@pytest.mark.parametrize(
    "sentence, words",
    [
        ("The fire broke out due to a faulty heater, the chief said.", "faulty heater"),
        ("The company traced the collapse to a small earthquake.", "small earthquake"),
        ("Leaking chemicals wiped out the fish, he is sure.", "leaking chemicals"),
        ("Varga quit the show over a dispute.", "dispute"),
        ("The mill burned on Monday.", ""),
    ],
)
def test_a_cause_is_read_however_it_is_told(sentence: str, words: str) -> None:
    assert causes(sentence) == (causes(f"It burned because of {words}.") if words else ())


@pytest.mark.parametrize(
    "question, kind",
    [
        ("date of the first flight from Lorne?", "time"),
        ("death toll of the flood in Merin", "number"),
        ("How big was the crowd in Lorne?", "number"),
        ("battery life of the Orbis in hours?", "number"),
        ("How big is Lorne?", "number"),
    ],
)
def test_a_question_that_is_no_sentence_asks_for_something(question: str, kind: str) -> None:
    assert asked_of(question).kind == kind
