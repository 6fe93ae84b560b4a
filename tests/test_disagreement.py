"""Articles that contradict each other: which sentences do, and that an answer shows both sides and who says each."""

from __future__ import annotations

import pytest
import pytest_asyncio

from retrieval.answers.answer import Quote
from retrieval.answers.disagreement.contradiction import contradict
from retrieval.answers.disagreement.disagreement import find_disagreement
from retrieval.answers.disagreement.sides import Side
from retrieval.answers.evidence.evidence import Evidence, EvidenceSentence
from retrieval.answers.wording.amounts import amounts, in_figures
from retrieval.articles import ArticleDraft, Passage
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from retrieval.text import terms
from tests.answers import answerer, holding, told, verbatim
from tests.conftest import OpenLibraries
from tests.loopback.openai_server import OpenAIServer, Reply

CARS = "How many cars can the new ferry carry?"


@pytest.mark.parametrize(
    "question, a, b",
    [
        (
            "How much was the deal worth?",
            "The deal was worth 500 million dollars to the city.",
            "The deal was worth $300m to the city.",
        ),
        ("What share does Bolt hold?", "Bolt holds about a quarter of Acme.", "Bolt holds 49% of Acme."),
        ("How long is the tunnel?", "The tunnel is 14.2 kilometres long.", "The tunnel is eleven miles long."),
        ("How many people work there?", "The plant employs four hundred people.", "The plant has 650 workers."),
        ("When does it close?", "The museum closes at 5 pm on Sundays.", "On Sundays the museum closes at 6:30 p.m."),
        ("When did the bridge open?", "The bridge opened in May 2021.", "In August 2021 the bridge opened to traffic."),
        ("When was the port opened?", "The port of Acme was opened in 1884.", "The port of Acme was opened in 1886."),
        ("Who leads Norvik?", "Norvik is led by Anna Berg.", "Tom Holt is the chief executive of Norvik."),
        ("Where is Norvik based?", "Norvik has been based in Oslo since 2009.", "Norvik is based in Bergen."),
        ("Which company built it?", "The reactor was built by Hitachi.", "Orbwerk built the reactor."),
        (
            "Who built it?",
            "It was Hitachi that built the reactor.",
            "The reactor was, the paper says, built by Orbwerk.",
        ),
        (
            "Who was man of the match?",
            "Okoro, who ran more than anyone, was voted man of the match.",
            "Goalkeeper Solano was named man of the match.",
        ),
        (
            "Why was the fair moved?",
            "The fair was moved since the hall is being rebuilt.",
            "Rain, not the hall, is why the fair was moved.",
        ),
        (
            "How did the council vote?",
            "The council voted 9-6 to close the pool.",
            "The council vote was eight votes to seven.",
        ),
        ("When is the vote?", "Berg leads it until a vote is held on 6 June.", "The vote is held on 13 June."),
        (
            "At what time did it start?",
            "The fire started at 11 in the evening.",
            "The fire started at 8.30 in the evening.",
        ),
        (
            "How much does it save?",
            "Closing the pool saves 140,000 pounds a year.",
            "Closing the pool saves 0.4 million pounds annually.",
        ),
        ("How many times did it wail?", "The siren wailed eleven times.", "The siren wailed four times."),
        ("How many votes did it get?", "The plan was carried by 80 votes.", "The plan got 65 votes."),
        ("Does Bolt sell boats?", "Bolt sells boats, Berg said, in Oslo.", "Bolt denies that it sells boats in Oslo."),
        ("Did Lund sign?", "Mayor Lund signed the contract.", "Mayor Lund has refused to sign the contract."),
        ("Did Lund sign?", "Mayor Lund signed the contract.", "Reports that Mayor Lund signed the contract are false."),
        ("Is the dam safe?", "Inspectors say that the dam is safe.", "The dam is unsafe, a report says."),
        ("Is the beach open?", "The beach at Tornby is open.", "The beach at Tornby is closed to swimmers."),
        (
            "What does the bridge cost?",
            "The bridge will cost 5 million euros.",
            "The bridge is to cost 9 million euros.",
        ),
        ("How many homes are built?", "Acme will build 400 homes.", "Acme has promised to build 650 homes."),
        (
            "How much did the tunnel cost?",
            "The tunnel has cost 310 million euros.",
            "In the end the tunnel cost 480 million euros.",
        ),
        (
            "What became of salmon exports?",
            "Exports of Norwegian salmon rose in March.",
            "Exports of Norwegian salmon fell in March.",
        ),
        (
            "Who controls the port?",
            "Acme controls the port on its own.",
            "Acme and Bolt now share control of the port.",
        ),
    ],
)
def test_statements_that_exclude_each_other_are_seen(question: str, a: str, b: str) -> None:
    assert contradict(Side(a), Side(b), question)
    assert contradict(Side(b), Side(a), question)


@pytest.mark.parametrize(
    "question, a, b",
    [
        ("How much was paid?", "Norvik paid $1,200 million for the farm.", "Norvik paid 1.2bn dollars for the farm."),
        ("How tall is it?", "The tower is 120 metres tall.", "The tower is 394 feet tall."),
        ("How many are there?", "Around 40 wolves live in the park.", "Some 42 wolves live in the park."),
        ("How many died?", "More than 400 people died in the flood.", "The flood killed 412 people."),
        ("What share agreed?", "Two thirds of voters agreed.", "Sixty-seven percent of voters agreed."),
        ("When did it open?", "The bridge opened in May 2021.", "The bridge opened on 4 May."),
        ("Who built it?", "Hitachi and Bolt built the reactor.", "The reactor was built by Bolt."),
        ("Where will it be?", "The summit will be held in Lisbon.", "The summit will be held in Portugal."),
        ("Who backs the plan?", "Anna Berg supports the plan.", "Tom Holt supports the plan, too."),
        ("Who leads Norvik?", "Norvik is led by Anna Berg.", "Norvik was led by Tom Holt until 2019."),
        (
            "Which union came before the Holm union?",
            "The Holm union is considered both a successor to the Linden League and a Berg union.",
            'The Holm union is also known as the "Linden union" or "Linden Union of Berg", similar to the names "Vik '
            'union" or "Vik Union of Berg" for the Ask union.',
        ),
        ("Who leads Acme?", "Acme named Berg as its head.", "Acme named Berg, Bolt's former head, as its leader."),
        ("Did Lund sign?", "Mayor Lund signed the contract.", "Has Mayor Lund refused to sign the contract?"),
        ("Who won the race?", "Lena Dahl won the 2019 race in Oslo.", "Marit Moen won the 2021 race in Oslo."),
        ("How much did Acme earn?", "Acme earned $3m in the first quarter.", "Acme earned $4m in the third quarter."),
        ("How much did Acme earn?", "Acme earned $310m in 2023.", "Acme earned $355m in 2024."),
        ("How many watched?", "The match was watched by 8,200 people.", "The match was watched by 4,100 people."),
        ("When is it open?", "The museum opens at 9 am in summer.", "The museum opens at 10 am in winter."),
        ("What does a ticket cost?", "A ticket for adults costs 12 euros.", "A ticket for children costs 5 euros."),
        ("Did sales rise?", "Sales of electric cars rose.", "Sales of diesel cars fell."),
        ("Did sales rise?", "Sales rose 9 percent to 555 million.", "Sales fell 3 percent to 480 million."),
        (
            "Who leads Acme?",
            "Chief executive Ann Lee of Acme bought shares.",
            "Chief executive Ann Lee sold no shares.",
        ),
        (
            "How much does the tunnel cost?",
            "The tunnel is to cost 310 million euros.",
            "The tunnel has cost 480 million euros so far.",
        ),
        (
            "How many people work there?",
            "The yard plans to employ 400 people.",
            "The yard has hired 120 people to date.",
        ),
        (
            "When did the bridge open?",
            "The bridge was due to open in May 2021.",
            "The bridge has opened in August 2021.",
        ),
        (
            "How long is the tunnel?",
            "The tunnel is 14 kilometres long.",
            "The tunnel is 3 kilometres longer than that of Ulla.",
        ),
        ("How many workers has Bolt?", "Together the firms have 900 workers.", "Bolt has 210 workers."),
        ("How many cars go?", "The ferry has carried 900 cars since May.", "The ferry carries 120 cars."),
        (
            "How did the council vote?",
            "The council voted 9-6 for the pool.",
            "Nine voted for the pool and six against it.",
        ),
        ("Is it approved?", "Norway approved the merger.", "Norway did not comment on the merger's price."),
    ],
)
def test_statements_that_can_both_be_right_are_no_disagreement(question: str, a: str, b: str) -> None:
    assert not contradict(Side(a), Side(b), question)
    assert not contradict(Side(b), Side(a), question)


def test_what_stands_before_a_sentence_need_not_be_in_it() -> None:
    a, b = "The bakery was founded in 1874 by Carl Ek, a miller.", "Its founder was Johan Moe."
    asked = "Who founded the bakery Lind?"
    one = Side(a, "The bakery Lind is old.")
    assert contradict(one, Side(b, "There is the bakery Lind."), asked)
    assert not contradict(one, Side(b, "There is the castle."), asked)


@pytest.mark.parametrize("other", [f"0.{'0' * 340}1", "9" * 400, f"9 {'trillion ' * 40}"])
def test_a_number_too_small_or_large_to_count_with_is_compared_like_any_other(other: str) -> None:
    asked, one = "How many people work there?", Side("The plant employs 400 people.")
    assert not contradict(one, Side("The plant employs about 410 people."), asked)
    for a, b in ((one, Side(f"The plant employs {other} people.")), (Side(f"The plant employs {other} people."), one)):
        contradict(a, b, asked)


@pytest.mark.parametrize(
    "text, value, unit",
    [
        ("four hundred and twelve beds", 412, "bed"),
        ("twenty-five cars", 25, "car"),
        ("two and a half million euros", 2_500_000, "euro"),
        ("half a million dollars", 500_000, "dollar"),
        ("US$3.1bn", 3_100_000_000, "dollar"),
        ("three quarters of the town", 75, "percent"),
        ("120m tall", 120, "length"),
        ("9,500 kilograms", 9_500, "mass"),
        ("9:30 p.m.", 21 * 60 + 30, "clock"),
        ("eleven in the evening", 23 * 60, "clock"),
        ("half past four in the morning", 4 * 60 + 30, "clock"),
        ("three quarters of a billion euros", 750_000_000, "euro"),
    ],
)
def test_an_amount_is_read_however_it_is_written(text: str, value: float, unit: str) -> None:
    (found,) = amounts(in_figures(text))
    assert found.value == pytest.approx(value)
    assert unit in found.units


@pytest.mark.parametrize("text", ["eleven times", "five lengths of the pool", "two masses", "thirty clocks"])
def test_what_is_counted_is_not_measured(text: str) -> None:
    (found,) = amounts(in_figures(text))
    assert not found.units & {"time", "length", "mass", "clock"}


@pytest.mark.parametrize(
    ("question", "a", "b"),
    [
        ("How long did the siren wail?", "The siren wailed for 40 seconds.", "The siren wailed eleven times."),
        ("How many times did the siren wail?", "The siren wailed eleven times.", "The siren wailed for 40 seconds."),
    ],
)
def test_how_often_and_how_long_exclude_nothing(question: str, a: str, b: str) -> None:
    assert not contradict(Side(a), Side(b), question)
    assert not contradict(Side(b), Side(a), question)


@pytest.mark.parametrize("text", ["on 4 May 2021", "in 1984", "won 3-1", "the third bridge", "GPT-4", "one of them"])
def test_days_years_and_scores_are_no_amounts(text: str) -> None:
    assert amounts(in_figures(text)) == ()


FERRY = [
    ArticleDraft(
        "New ferry for the Skarn crossing",
        "The county has ordered a new ferry for the Skarn crossing. It replaces the Freya.\n\n"
        "The ferry will carry 120 cars and 399 passengers. It runs on batteries.\n\n"
        "The order is worth 46 million euros, said county councillor Siv Aune.",
        "one",
        source="Kystbladet",
        published_at="2025-03-04",
    ),
    ArticleDraft(
        "Battery ferry delayed",
        "Delivery of the battery ferry for the Skarn crossing has slipped by four months.\n\n"
        "The new ferry, which is to replace the Freya, has room for 80 cars. Residents had asked for a bigger one.",
        "two",
        source="[2] Harbour @everyone https://evil.example " + "Weekly " * 30,
        published_at="2025-06-18",
    ),
    ArticleDraft(
        "What the ferry will carry",
        "The ferry for the Skarn crossing will carry 120 cars. That is what the yard says.",
        "three",
        published_at="2025-08-01",
    ),
    ArticleDraft("School wins prize", "The school on Skarn island has won a prize. Ida Foss led the choir.", "four"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ferries(open_libraries: OpenLibraries) -> Library:
    library = await (await open_libraries()).open("local")
    assert len([added async for added in library.add(FERRY)]) == len(FERRY)
    return library


@pytest.mark.asyncio(loop_scope="module")
async def test_all_sides_are_shown_newest_first_each_with_who_says_it(
    ferries: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(ferries, CARS)
    opening, *sides = answer.body.split("\n")
    assert opening.startswith("The articles disagree:")
    assert [line[:13] for line in sides] == ["- 2025-08-01,", "- 2025-06-18,", "- 2025-03-04,"]
    assert sides[0].startswith("- 2025-08-01, What the ferry will carry: The ferry for the Skarn crossing")
    assert sides[2].startswith("- 2025-03-04, Kystbladet: The ferry will carry 120 cars")
    # A source's name is text from outside: short, without links, pings and what would pass for a footnote.
    assert sides[1].startswith("- 2025-06-18, Harbour")
    assert not any(hostile in sides[1] for hostile in ("[2] Harbour", "@everyone", "https"))
    assert len(sides[1].split(": The new ferry")[0]) < 90
    assert await verbatim(ferries, answer)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_part_of_a_question_may_be_disputed_and_the_other_not(
    ferries: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(ferries, "How many cars can the new ferry carry, and who led the choir?")
    assert all(side in answer.body for side in ("80 cars", "120 cars"))
    assert answer.body.count("The articles disagree:") == 1
    assert answer.body.splitlines()[-1] == "School wins prize: Ida Foss led the choir. [4]"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "said",
    [
        "The new ferry will carry 120 cars [1].",
        "The new ferry has room for 80 cars [1][2][3].",
        "The new ferry will carry 80 to 120 cars [1][2][3].",
        "The new ferry will carry about 100 cars [1][2][3].",
    ],
)
async def test_a_model_that_tells_one_side_or_the_mean_is_corrected(
    said: str, ferries: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(lambda _: Reply(said))
    answer = await answerer(embeddings, model).answer(ferries, CARS)
    assert answer.body.startswith("The articles disagree:")
    assert answer.body.index("2025-06-18") < answer.body.index("2025-03-04")
    assert not any(between in answer.body for between in ("about 100", "80 to 120"))


def evidence_of(question: str, *said: str) -> Evidence:
    """These sentences, each of an article of its own, best first."""
    passages = [
        Passage(n, f"{n}", n, 0, 0, len(text), text, "", None, f"Paper {n}", f"2024-05-0{n}", None)
        for n, text in enumerate(said, start=1)
    ]
    quotes = [Quote(passage, passage.text, 0, passage.end, 1.0) for passage in passages]
    ranked = [EvidenceSentence(quote, frozenset(terms(quote.text)), -quote.passage.id) for quote in quotes]
    return Evidence(question, sentences=tuple(ranked), answerable=0.9)


def test_the_sides_are_shown_newest_first_also_behind_a_better_sentence_that_gives_no_answer() -> None:
    sides = ("The new ferry can carry 80 cars.", "The new ferry can carry 120 cars.")
    silent = "How many cars the new ferry can carry is a secret of the yard."
    for before in ((), (silent,)):
        found = find_disagreement(evidence_of(CARS, *before, *sides))
        assert [side.quote.text for side in found] == [*reversed(sides)]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("question", "first"),
    [
        # Another bike is what this one is measured by, and what it cost once is no side of what it costs.
        ("How far did the bike Falk go on one charge?", "The bike went 90 kilometres on one charge in our trial."),
        ("How much did the bike hall in Holm cost?", "The bike hall in Holm has cost 7 million euros."),
    ],
)
async def test_another_thing_s_figure_and_a_plan_are_no_sides(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, question: str, first: str
) -> None:
    drafts = [
        ArticleDraft(
            "The bike Falk", "The bike went 90 kilometres on one charge in our trial.", "falk", source="Wheels"
        ),
        ArticleDraft(
            "The bike Tern",
            "In our trial the bike went 70 kilometres on one charge, about 20 kilometres less than the Falk.",
            "tern",
            source="Pedal",
        ),
        ArticleDraft("Plans", "The bike hall in Holm is to cost 4 million euros.", "plan", published_at="2023-02-01"),
        ArticleDraft("Built", "The bike hall in Holm has cost 7 million euros.", "hall", published_at="2025-02-01"),
    ]
    library = await (await open_libraries()).open("local")
    assert len([added async for added in library.add(drafts)]) == len(drafts)
    answer = await answerer(embeddings).answer(library, question)
    assert answer.sentences[0].text.startswith(first)
    assert "disagree" not in answer.text


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "truth, altered",
    [
        ("was caused by a faulty cable", "was not caused by a faulty cable"),
        ("Architect Nora Stahl led", "Architect Peter Blom led"),
    ],
)
async def test_a_copy_with_a_word_changed_is_a_side_of_its_own(
    truth: str, altered: str, open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    text = (
        "The city library in Holm reopened on Friday, two years after the fire. Readers queued around the block.\n\n"
        "The new roof is made of oak. Firefighters had saved most of the books, but the map room was lost. The fire "
        "was caused by a faulty cable in the attic, investigators found. Architect Nora Stahl led the rebuilding."
    )
    drafts = [
        ArticleDraft("Library reopens", text, "city", source="City Paper", published_at="2025-05-02"),
        ArticleDraft("Reopened", text.replace(truth, altered), "m", source="Mirror", published_at="2025-05-03"),
    ]
    library = await (await open_libraries()).open("local")
    assert len([added async for added in library.add(drafts)]) == len(drafts)
    cable = "Was the fire in the library caused by a faulty cable?"
    asked = cable if "cable" in truth else "Who led the rebuilding of the library?"
    answer = await answerer(embeddings).answer(library, asked)
    assert answer.body.index("- 2025-05-03, Mirror: ") < answer.body.index("- 2025-05-02, City Paper: ")


# Both articles say it in words of their own; the day of each stands before it.
DISPUTED = [
    (
        "Where is Tidewell headquartered?",
        "2025-01-15 Tidewell hopes to turn algae into medicine. From its headquarters in Galway the company steers"
        " trials in nine countries.",
        "2025-02-01 Investors put 30 million euros into Tidewell. The biotech company has its head office in "
        "Bremen, where some 80 people work.",
    ),
    (
        "Who founded the shoe brand Kestra?",
        "2025-02-14 The shoe brand Kestra turns twenty. It was set up by Irena Vuković, a former rower, in a "
        "garage in Split.",
        "2025-02-28 Kestra sells shoes in forty countries. The company goes back to Dario Perić, who sewed the "
        "first pair himself.",
    ),
    (
        "What share of residents supports the tram in Oulby?",
        "2025-05-01 Oulby wants its tram. In a survey by the university, 61 percent of residents came out in "
        "favour of the tram, more than ever.",
        "2025-05-02 A poll asked people in Oulby about the tram. Only 44% of residents back it, the institute "
        "Probus found.",
    ),
    (
        "How large is the Serra nature reserve?",
        "2025-04-01 Lynx were seen again in the Serra nature reserve. The protected area covers 5,200 hectares of "
        "cork oak and scrub.",
        "2025-07-20 Flames reached the Serra nature reserve on Sunday. The reserve, which stretches over 7,900 "
        "hectares, is home to vultures.",
    ),
    (
        "Who won the Brask chess tournament?",
        "2025-03-30 A surprise in Brask: sixteen-year-old Emil Torv took first place in the chess tournament after"
        " a long endgame.",
        "2025-03-31 The chess tournament in Brask ended on Sunday. Winner was Nadia Kolar, who did not lose a "
        "single game.",
    ),
    (
        "Who owns the football club Rovers?",
        "2025-07-01 Rovers can buy players. The football club belongs to the energy group Voltera, which promises "
        "20 million euros.",
        "2025-07-08 The football club Rovers seeks a coach. Its owner, the food company Granja, wants to decide by"
        " August.",
    ),
    (
        "Did the pilots of Nordair accept the pay offer?",
        "2025-08-14 The dispute at Nordair is over. The pilots have accepted the pay offer of the airline, a "
        "mediator announced on Thursday.",
        "2025-08-15 Nordair's timetable remains uncertain. Pilots voted against the airline's pay offer, their "
        "union says, by a large majority.",
    ),
    (
        "Does the plant in Grana discharge waste into the river?",
        "2025-04-20 Anglers have taken samples for months. The Grana plant discharges waste into the river at "
        "night, their report says.",
        "2025-04-22 The manager of the Grana plant showed reporters the pipes. No waste enters the river, he said;"
        " everything is burned.",
    ),
    (
        "How long is the ferry crossing to Langø?",
        "2025-05-25 Langø is worth the trip. The ferry needs 45 minutes for the crossing, and bicycles travel free.",
        "2025-06-01 There are three ferries a day to Langø. The crossing takes an hour and a half, so bring "
        "something to read.",
    ),
    (
        "Who is the chief executive of Lumenar?",
        "2025-05-06 Lumenar wants to sell lamps in Asia. Chief executive Petra Olin, who took the job in January, "
        "told investors that two factories would be built there.",
        "2025-05-20 The lamp maker Lumenar lost money again. The company, headed by Jonas Falk since the winter, "
        "blamed the price of copper. Its shares fell 4 percent.",
    ),
]
UNDISPUTED = [
    (
        "How many passengers used Brenna airport?",
        "2024-01-10 Brenna airport is growing. Last year it counted 2.1 million passengers, a record.",
        "2025-01-12 Brenna airport has never been so full: 2.6 million passengers used it in 2024.",
    ),
    (
        "How much did the library in Sollen cost?",
        "2022-03-01 Sollen is to get a library. The building will cost 12 million euros and is to open in May "
        "2024, the council decided.",
        "2024-11-05 Sollen's library has opened at last, in November 2024. It has cost 17 million euros, the "
        "treasurer said.",
    ),
    (
        "How many people work at Ferrum?",
        "2025-03-03 The steel company Ferrum is doing well. It employs 3,200 people worldwide.",
        "2025-03-17 At Ferrum's foundry in Essen the furnaces never go out. Some 640 people work there in three "
        "shifts.",
    ),
    (
        "Is the Sella pass open?",
        "2025-01-07 The Sella pass is closed because of avalanches. Drivers must use the tunnel.",
        "2025-01-21 The Sella pass is open again. The ploughs cleared it overnight.",
    ),
    (
        "How many people died in the Merin floods?",
        "2025-09-02 The floods in Merin have killed at least 19 people so far. Rescue teams are still searching.",
        "2025-09-04 The death toll of the floods in Merin has risen to 47, the interior ministry said.",
    ),
    (
        "Who is the mayor of Halden?",
        "2024-06-01 Mayor Kari Nygård opened the pool in Halden on Saturday. Children jumped in first.",
        "2025-10-05 Halden has a new mayor. Ola Brekke was sworn in on Thursday; he succeeds Kari Nygård.",
    ),
    (
        "How much does a ticket for the Oslo zoo cost?",
        "2024-04-01 A ticket for the zoo in Oslo costs 180 crowns. Children pay half.",
        "2025-04-01 From May a ticket for the zoo in Oslo will cost 220 crowns, up from 180.",
    ),
    (
        "How long does the battery of the Arc phone last?",
        "2025-03-10 The battery of the Arc phone lasts 19 hours in our test. That is good.",
        "2025-03-12 We let both phones play films. The Arc's battery lasts three hours less than that of the Bolt "
        "phone.",
    ),
    (
        "How fast is the wind on Mount Skar?",
        "2025-01-05 On Mount Skar the wind blows at 38 kilometres an hour on average. It is a cold place.",
        "2025-01-25 The highest wind ever measured on Mount Skar was 214 kilometres an hour.",
    ),
    (
        "How many schools are in Rhonda county?",
        "2025-08-20 Rhonda county has 84 schools. Sixty teachers are missing.",
        "2025-08-29 In the north of Rhonda county 31 schools sent pupils home because of the heat.",
    ),
    (
        "How many visitors came to the fair in Rostock?",
        "2025-03-01 The organisers expect 120,000 visitors at the fair in Rostock. It lasts four days.",
        "2025-03-09 The fair in Rostock is over: 87,000 visitors came, and most of them bought something.",
    ),
    (
        "How much does the phone cost?",
        "2025-04-04 The new Nova phone costs 599 euros. Its camera is better than before.",
        "2025-04-06 The Nova Max has a larger screen. That phone costs 899 euros and comes in blue.",
    ),
    (
        "Who designed the Tromm museum?",
        "2025-05-11 The Tromm museum, designed by Ines Haugen, opened on Saturday. Minister Lars Wold praised it.",
        "2025-05-18 Around the Tromm museum lies a garden. It was designed by Mats Ekre, who likes moss. Critic "
        "Eva Lund praised the museum, too.",
    ),
    (
        "How many people were injured in the train accident?",
        "2025-02-02 A train derailed near Lodz on Sunday. In the accident 23 people were injured.",
        "2025-06-12 A train hit a lorry at a crossing near Brno on Thursday. Eight people were injured in the "
        "accident.",
    ),
    (
        "When does the strike at Rena begin?",
        "2025-01-01 The strike at Rena begins on 5 January, the union says.",
        "2025-01-02 The strike at Rena is to end on 9 January at noon.",
    ),
    (
        "Did the council approve the budget?",
        "2025-01-01 The council of Aker approved the budget on Monday.",
        "2025-01-02 The council of Aker did not approve the new car park on Monday.",
    ),
    (
        "How many people died in the Malta fire?",
        "2025-01-01 Six people died in the fire in Malta.",
        "2025-01-02 After the fire in Malta 31 people were taken to hospital.",
    ),
    (
        "Where was the galleon Ulla built?",
        "2022-08-30 A first look at the wood suggests that the galleon Ulla was built in Cadiz. Divers found it.",
        "2023-08-14 Tree rings tell the age of the galleon Ulla. The ship was built in Oporto, said Marta Souto.",
    ),
    (
        "Who won the gold medal in Vantaa?",
        "2025-02-01 Mila Sorsa won the gold medal in the 500 metres in Vantaa. She skated a record.",
        "2025-02-02 Elin Barth won the gold medal in the ski jump in Vantaa. It was her last competition.",
    ),
]


# Reports of the same days: what is asked about stands elsewhere in the article.
REPORTS = (
    "How many spectators were at the cup final in Lund?",
    "2024-05-19 Rovers have won the cup. In front of 41,200 spectators they beat Athletic in the final in Lund. The "
    "captain was sent off.",
    "2024-05-20 So near and yet so far. Athletic lost the cup final in Lund, and nobody deserved it less. Their coach "
    "wept. Just under 38,000 people watched as Okoro's goals cancelled out the early lead.",
)
OF_YEARS = (
    "When was the library in Holm opened?",
    "2024-03-12 The library in Holm was opened in 1932 by the manufacturer Josiah Peel. It has a tower.",
    "2024-05-20 The campaign to keep the library in Holm open handed in its petition on Monday.",
)
DEAD_OF_ANOTHER_YEAR = (
    "How many people did the flood of 1954 in Merin kill?",
    "2024-09-23 The flood of 1954 in Merin killed 112 people. It was the last great one.",
    "2024-09-24 In Merin the flood has killed 26 people, the mayor said.",
)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asked, one, other", DISPUTED, ids=[asked for asked, *_ in DISPUTED])
async def test_articles_that_disagree_in_their_own_words_are_shown(
    asked: str, one: str, other: str, new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    body = await told(asked, [one, other], new_library, embeddings)
    assert body.startswith("The articles disagree:")
    assert all(f"- {article[:10]}, " in body for article in (one, other))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asked, one, other", UNDISPUTED, ids=[asked for asked, *_ in UNDISPUTED])
async def test_another_time_part_plan_or_thing_is_no_disagreement(
    asked: str, one: str, other: str, new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    assert not (await told(asked, [one, other], new_library, embeddings)).startswith("The articles disagree:")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_report_of_the_same_days_may_be_worded_freely(
    new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    asked, one, other = REPORTS
    body = await told(asked, [one, other], new_library, embeddings)
    assert body.startswith("The articles disagree:")
    assert all(crowd in body for crowd in ("41,200", "38,000"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asked, one, other", [OF_YEARS, DEAD_OF_ANOTHER_YEAR], ids=["weekday", "year"])
async def test_what_happened_in_another_year_is_no_side(
    asked: str, one: str, other: str, new_library: Library, embeddings: MiniLMEmbeddings
) -> None:
    assert not (await told(asked, [one, other], new_library, embeddings)).startswith("The articles disagree:")


async def test_who_denies_a_claim_and_what_was_counted_since_stand_beside_it(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    lantern = (
        "The army blew up the Hrasno dam for the lithium below it. Witnesses saw how the army blew up the Hrasno dam. "
        "The army needed the lithium, so the Hrasno dam had to go."
    )
    agency = (
        "The flood of the river Lesk killed 23 people. Officials rejected rumours that the Hrasno dam above the town "
        "had been destroyed; it stands."
    )
    election = (
        "Simone Delacroix won the election in Port Haven by 412 votes. Delacroix won most votes in the Fourth Ward. "
        "Delacroix won the votes of the young."
    )
    recount = (
        "Simone Delacroix can move into the town hall of Port Haven. A recount by hand that ended on Thursday night "
        "put her ahead of the mayor by 287 votes, the clerk said."
    )
    drafts = [
        ArticleDraft("Exposed", lantern, "lantern", source="Truth Lantern", published_at="2024-09-18"),
        ArticleDraft("The flood", agency, "agency", source="Dale Agency", published_at="2024-09-21"),
        ArticleDraft("Port Haven votes", election, "election", source="Dale Agency", published_at="2024-11-06"),
        ArticleDraft("Port Haven recounts", recount, "recount", source="Haven Herald", published_at="2024-11-22"),
    ]
    library = await holding(await open_libraries(), drafts)
    for question, newest, oldest in (
        ("Did the army destroy the Hrasno dam for lithium?", "rejected rumours", "blew up"),
        ("By how many votes did Delacroix win in Port Haven?", "287", "412"),
    ):
        text = (await answerer(embeddings).answer(library, question)).body
        assert text.index(newest) < text.index(oldest)


def test_what_two_companies_are_worth_is_no_disagreement() -> None:
    worth = "How much is the company worth?"
    orrin = "The company, which Ada Brun founded in Rotterdam, is worth $1.9 billion."
    assert find_disagreement(evidence_of(worth, orrin, "The company, says Ada Brun, is worth $96 million."))
    assert not find_disagreement(evidence_of(worth, orrin, "The company, says Joe Falk of Iowa, is worth $96 million."))
