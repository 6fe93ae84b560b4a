"""What comes up first: the named source, the named date, each part of a question, and a text only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from retrieval.articles import ArticleDraft, FoundPassage, Passage, Standalone
from retrieval.index.clauses import clauses
from retrieval.index.copies import originals
from retrieval.index.diversity import PassageCandidate, pick
from retrieval.index.mentions import Mentions
from retrieval.index.ranking import rank
from retrieval.library import LOCAL, Library
from retrieval.text import terms
from tests.conftest import OpenLibraries

pytestmark = pytest.mark.asyncio(loop_scope="module")

Article = Callable[..., ArticleDraft]

FERRY = (
    "The ferry company raised its fares by nine percent. Passengers in the harbour said that they would take the "
    "bridge instead, and the company promised more departures in the evening."
)
LIBRARY = (
    "The town library opens on Sundays from now on. Its director, Ines Okafor, hired two students for the weekend, "
    "and the reading room was full on the first day."
)
STADIUM = (
    "The old stadium is torn down next spring. Architects had proposed to keep the northern stand, but the club "
    "found the repair of its roof too expensive."
)
WEATHER = [f"Rain fell on village number {n}. Farmers of the village wait for drier days." for n in range(8)]


async def filled(open_libraries: OpenLibraries, drafts: Sequence[ArticleDraft]) -> Library:
    library = await (await open_libraries()).open(LOCAL)
    assert {added.status async for added in library.add(drafts)} == {"added"}
    return library


async def found(library: Library, question: str, limit: int = 8) -> list[FoundPassage]:
    query, passages = await library.retriever.search(Standalone(question), limit)
    assert await library.retriever.find(query, limit) == passages
    return passages


def identities(passages: Sequence[FoundPassage]) -> list[str]:
    return [passage.passage.url or "" for passage in passages]


class TestNamed:
    @pytest.mark.parametrize(
        ("question", "first"),
        [
            ("What does The Verge say about the new fares of the ferry?", "verge"),
            ("what did the sporting news report about the new fares of the ferry?", "sporting"),
            ("What did Fortune write about the new fares of the ferry?", "fortune"),
            ("What are the new fares of the ferry according to fortune?", "fortune"),
            ("What do they say on GlobeHarbour about the new fares of the ferry?", "globe"),
        ],
    )
    async def test_an_article_of_the_source_that_the_question_names_comes_first(
        self, open_libraries: OpenLibraries, article: Article, question: str, first: str
    ) -> None:
        papers = {
            "verge": "The Verge",
            "sporting": "Sporting News - Travel",
            "fortune": "Fortune",
            "globe": "www.globeharbour.com",
        }
        # The same words, told at different length; without the name the shortest would win.
        drafts = [
            article(f"Ferry fares {n}", f"{FERRY} {' '.join(WEATHER[: 2 * n])}", url=key, source=source)
            for n, (key, source) in enumerate(papers.items())
        ]
        library = await filled(open_libraries, drafts)
        assert identities(await found(library, question))[0] == first

    async def test_a_named_source_counts_by_whatever_name_it_goes(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        library = await filled(open_libraries, [article("Ferry", FERRY, source="The Daily Oracle - Travel")])
        (oracle,) = await found(library, "ferry")
        asked = [
            "What does the daily oracle say?",
            "According to Daily Oracle, why?",
            "What does the oracle say daily?",
        ]
        assert [Mentions.of(question).match(oracle.passage) for question in asked] == [1.0, 1.0, 0.0]

    async def test_a_common_word_is_not_taken_for_a_source(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        drafts = [
            article("Ferry", FERRY, url="ferry", source="The Age"),
            article("Lottery", "At the age of 70 a fisherman won a fortune.", url="lottery", source="Nobody"),
        ]
        library = await filled(open_libraries, drafts)
        scores = {f.passage.url: f.score for f in await found(library, "Who won a fortune at the age of 70?")}
        assert scores["lottery"] > scores["ferry"] + 0.5

    @pytest.mark.parametrize(
        ("date", "first"),
        [
            ("in September 2023", "2023-09-14"),
            ("in September", "2023-09-14"),
            ("on October 4, 2023", "2023-10-04"),
            ("on 5 October 2023", "2023-10-05"),
            ("on the 5th of October", "2023-10-05"),
            ("on 2022-10-04", "2022-10-04"),
        ],
    )
    async def test_an_article_of_the_date_that_the_question_names_comes_first(
        self, open_libraries: OpenLibraries, article: Article, date: str, first: str
    ) -> None:
        days = ["2022-10-04", "2023-10-04", "2023-09-14", "2023-10-05", "2023-11-30"]
        drafts = [
            article(f"Ferry fares {letter}", f"{FERRY} {' '.join(WEATHER[:n])}", url=day, published_at=day)
            for n, (letter, day) in enumerate(zip("vwxyz", days, strict=True))
        ]
        library = await filled(open_libraries, drafts)
        assert identities(await found(library, f"What was written {date} about the ferry?"))[0] == first


class TestParts:
    async def test_a_question_about_two_things_brings_both(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        """Ten articles share more words with the whole question than the one about the library does."""
        drafts = [article(f"Ferry {n}", f"{FERRY} Year {n}.", url=f"ferry{n}") for n in range(10)]
        library = await filled(open_libraries, [*drafts, article("Sundays", LIBRARY, url="library")])
        question = (
            "Did the ferry company raise its fares for passengers in the harbour and promise more departures in the "
            "evening, while the director of the town library hired students for the weekend?"
        )
        assert len(clauses(question)) > 1
        first = identities(await found(library, question))[:2]
        assert "library" in first
        assert any(one.startswith("ferry") for one in first)

    async def test_each_clause_has_its_passage_before_one_clause_has_two(self) -> None:
        ranking = [
            PassageCandidate(1, 1, 2.0, (1.9, 0.3)),
            PassageCandidate(2, 2, 1.9, (1.8, 0.2)),
            PassageCandidate(3, 3, 1.5, (0.2, 1.4)),
        ]
        assert [passage for passage, _ in pick(ranking, 3)] == [1, 3, 2]

    async def test_one_article_does_not_take_every_place(self) -> None:
        ranking = [PassageCandidate(n, 1, 2.0 - n / 100) for n in range(6)] + [PassageCandidate(9, 2, 1.75)]
        order = [passage for passage, _ in pick(ranking, 7)]
        assert order == [0, 1, 9, 2, 3, 4, 5]
        assert [passage for passage, _ in pick(ranking, 3)] == order[:3]

    async def test_a_far_better_article_keeps_its_places(self) -> None:
        ranking = [PassageCandidate(1, 1, 2.0), PassageCandidate(2, 1, 1.9), PassageCandidate(3, 2, 1.0)]
        assert [passage for passage, _ in pick(ranking, 2)] == [1, 2]

    @pytest.mark.parametrize(
        "question",
        [
            "Who hired the students?",
            "What does the ferry cost in the evening, and why?",
            "",
            "?!",
            "渡し船の運賃は、いくらですか。",
        ],
    )
    async def test_a_short_question_stays_whole(self, question: str) -> None:
        assert clauses(question) == []

    @pytest.mark.parametrize(
        "together",
        ["November 1, 2023,", "Epic v. Google", "A. J. Dillon", "the U.S. market"],
    )
    async def test_a_date_or_a_name_is_not_cut_in_two(self, together: str) -> None:
        question = (
            f"Was the ferry company praised for its new harbour fares in {together} by the town council, and was "
            "the director of the library criticised for hiring students at the weekend?"
        )
        found = [clause.of(question) for clause in clauses(question)]
        assert len(found) > 1
        assert any(together in clause for clause in found)

    async def test_clauses_hold_every_word_of_the_question_and_are_at_most_four(self) -> None:
        question = ", and ".join(
            f"did mayor{n} of town{n} open bridge{n} near river{n} beside market{n}" for n in range(9)
        )
        assert "".join(clause.of(question) for clause in clauses(question)) == question
        assert len(clauses(question)) == 4


class TestCopies:
    async def test_the_same_text_on_two_sites_takes_one_place_and_both_are_known(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        drafts = [
            article("Ferry dearer", FERRY, url="one", source="Agency"),
            article("Ferry is dearer now", f"{FERRY}\nAll rights reserved.", url="two", source="Daily"),
            article("Sundays", LIBRARY, url="library"),
        ]
        passages = await found(await filled(open_libraries, drafts), "By how much did the ferry fares rise?")
        assert [sorted([f.passage.url, *(copy.url for copy in f.copies)]) for f in passages] == [
            ["one", "two"],
            ["library"],
        ]

    async def test_a_copy_that_quotes_in_other_words_is_one(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        agency = f'{FERRY} "It was that or fewer boats," the captain told reporters.'
        drafts = [
            article("Ferry dearer", agency, url="one", source="Agency"),
            article("Ferry is dearer", agency.replace("told reporters", "said"), url="two", source="Daily"),
            article("Sundays", LIBRARY, url="library"),
        ]
        passages = await found(await filled(open_libraries, drafts), "By how much did the ferry fares rise?")
        assert sorted([passages[0].passage.url or "", *(copy.url or "" for copy in passages[0].copies)]) == [
            "one",
            "two",
        ]

    @pytest.mark.parametrize(
        ("said", "instead"), [("rises", "never rises"), ("Monday", "Friday"), ("the mayor", "the bishop")]
    )
    async def test_a_part_that_says_something_else_is_none(self, said: str, instead: str) -> None:
        text = (
            "The fare of the old ferry to Lom rises in spring, the mayor of Lom said on Monday after a debate and a "
            "vote of the council, which had asked for it."
        )
        whole, other = (
            f"{text} Its boats are old and full, carry 900 people a day and stop at eleven quays.",
            text.replace(said, instead),
        )
        assert originals([terms(whole), terms(text)], [whole, text]) == [0, 0]
        # What says more than one before it is kept.
        assert originals([terms(text), terms(whole)], [text, whole]) == [0, 1]
        assert originals([terms(whole), terms(other)], [whole, other]) == [0, 1]

    async def test_reports_that_differ_in_a_number_are_two(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        report = " ".join(f"The station at mile {n} of the coast road measured rain." for n in range(12))
        drafts = [
            article("Monday", f"{report} The gauge of the harbour stood at 41 litres.", url="monday"),
            article("Tuesday", f"{report} The gauge of the harbour stood at 7 litres.", url="tuesday"),
        ]
        passages = await found(await filled(open_libraries, drafts), "Where did the gauge of the harbour stand?")
        assert sorted(identities(passages)) == ["monday", "tuesday"]

    async def test_passages_of_one_letter_are_searched_like_any_others(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        """Laid side by side word by word, they would take minutes."""
        library = await filled(open_libraries, [article("Laughter", "哈" * 59_000, url="laughter")])
        assert "laughter" in identities(await found(library, "哈哈哈"))


class TestCloseness:
    async def test_words_that_belong_together_are_looked_for_together(
        self, open_libraries: OpenLibraries, article: Article
    ) -> None:
        apart = "The white paint on the house peels. Inside, a cat sleeps on a chair that somebody left in the rain."
        together = "Inside, a chair peels in the rain. Somebody left paint on the cat that sleeps on the white house."
        library = await filled(
            open_libraries, [article("A", apart, url="apart"), article("B", together, url="together")]
        )
        assert identities(await found(library, "white house"))[0] == "together"

    async def test_words_of_a_clause_that_belong_together_bring_its_passage(self) -> None:
        """Two passages have all words; the one for the first clause, which has a better one, scores a little higher."""
        words = {
            1: terms("harbour fares rise"),
            2: terms("harbour fares in spring, a library near students"),
            3: terms("library students in spring, a harbour near fares"),
        }
        known = {n: Passage(n, f"p{n}", n, 0, 0, 9, " ".join(text), "", *[None] * 4) for n, text in words.items()}
        near = [(n, 0.5) for n in known]
        lists = [
            ([(1, 4.0), (2, 3.1), (3, 3.0)], near),
            ([(1, 2.0), (2, 1.5), (3, 1.5)], near),
            ([(2, 1.5), (3, 1.5)], near),
        ]
        ranked = rank(
            ["Harbour fares while library students?", "Harbour fares", "while library students?"],
            known,
            words,
            lists,
            3,
        )
        assert [one.passage_id for one in ranked] == [1, 3, 2]


class TestDescribed:
    @pytest.mark.parametrize(
        ("question", "first"),
        [
            ("what wears the blades of wind turbines near the coast", 7),
            # Whoever names something wants that and not what is written about its like.
            ("what wears the blades of Halvorsen turbines near the coast", 6),
            ("what wears the blades of 12 wind turbines near the coast", 6),
            ("what wears the blades", 6),
        ],
    )
    async def test_what_the_best_passages_say_lifts_another_that_says_it(self, question: str, first: int) -> None:
        best = "turbine blade coast wind erosion salt rain"
        texts = {**dict.fromkeys(range(1, 6), best), 6: "turbine blade paint colour", 7: "turbine blade erosion salt"}
        known = {n: replace(dated("2024-01-01"), id=n, article_id=n, text=f"{text} {n}") for n, text in texts.items()}
        words = {n: text.split() for n, text in texts.items()}
        scores = [(n, 9.0 if n < 6 else 3.0) for n in texts]
        ranked = [one.passage_id for one in rank([question], known, words, [(scores, [])], 7)]
        assert next(n for n in ranked if n > 5) == first


def dated(published_at: str) -> Passage:
    return Passage(1, "k", 1, 0, 0, 5, "Words", "Title", None, "News", published_at, None)


@pytest.mark.parametrize(
    "question, fits, does_not",
    [
        ("What was planned before March 2024?", "2024-02-28", "2024-03-02"),
        ("What was decided after 5 March 2024?", "2024-03-06T08:00:00", "2024-03-05"),
        ("What has been built since 2023?", "2023-01-01", "2022-12-31"),
        ("What was built until May 2024?", "2024-05-31", "2024-06-01"),
        ("What happened in 2023?", "2023-07-01", "2024-07-01"),
        ("What did they say in September 2023?", "2023-09-30", "2023-10-01"),
    ],
)
async def test_a_time_in_the_question_prefers_articles_of_it(question: str, fits: str, does_not: str) -> None:
    mentions = Mentions.of(question)
    assert mentions.match(dated(fits)) > mentions.match(dated(does_not)) == 0.0


# Asked on a Thursday, 14 November 2024: the days that are of the time, from one to another.
@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What happened in Moss last year?", "2023-01-01", "2023-12-31"),
        ("What was decided this month?", "2024-11-01", "2024-11-30"),
        ("What did the mayor say last week?", "2024-11-04", "2024-11-10"),
        ("What was written yesterday?", "2024-11-13", "2024-11-13"),
        ("What happened in the last two weeks?", "2024-10-31", "2024-11-14"),
        ("What happened last December?", "2023-12-01", "2023-12-31"),
        ("What opened last summer?", "2024-06-01", "2024-08-31"),
        ("What was planned in early 2023?", "2023-01-01", "2023-04-30"),
        ("What was planned in mid-2023?", "2023-05-01", "2023-08-31"),
        ("How did it stand at the end of 2023?", "2023-09-01", "2023-12-31"),
        ("What opened in summer 2022?", "2022-06-01", "2022-08-31"),
        ("What opened in the spring of 2022?", "2022-03-01", "2022-05-31"),
        ("What froze in winter 2022?", "2021-12-01", "2022-02-28"),
        ("What froze in winter 2022?", "2022-12-01", "2023-02-28"),
        ("How much was sold in Q3 2022?", "2022-07-01", "2022-09-30"),
        ("How much was sold in the second half of 2022?", "2022-07-01", "2022-12-31"),
        ("What happened on 28.05.2022?", "2022-05-28", "2022-05-28"),
        ("What happened on 28/05/2022?", "2022-05-28", "2022-05-28"),
        ("What happened on 05/28/2022?", "2022-05-28", "2022-05-28"),
        ("What happened between May 2022 and 5 July 2023?", "2022-05-01", "2023-07-05"),
        ("What happened between May and August 2023?", "2023-05-01", "2023-08-31"),
        ("What happened between November and May 2023?", "2022-11-01", "2023-05-31"),
        ("What happened between 29 February and May 2023?", "2023-02-28", "2023-05-31"),
        ("What was built from 2020 to 2022 in Moss?", "2020-01-01", "2022-12-31"),
        ("Moss harbour news 2022", "2022-01-01", "2022-12-31"),
        ("What happened in Auguſt 2022?", "2022-08-01", "2022-08-31"),
        ("What happened in early October 2023?", "2023-10-01", "2023-10-12"),
        ("the flood of mid-September 2023", "2023-09-09", "2023-09-22"),
        ("What burned at the end of February 2023?", "2023-02-19", "2023-02-28"),
        ("What opened at the beginning of May 2023?", "2023-05-01", "2023-05-12"),
        ("What happened around Christmas 2022?", "2022-12-17", "2023-01-02"),
        ("What happened around 5 May 2023?", "2023-04-28", "2023-05-12"),
        ("What happened in the week of 6 March 2024?", "2024-03-04", "2024-03-10"),
        ("What happened last spring?", "2024-03-01", "2024-05-31"),
        ("What was sold this autumn?", "2024-09-01", "2024-11-30"),
        # With the Monday on which it is told.
        ("What happened over the weekend?", "2024-11-09", "2024-11-11"),
    ],
)
async def test_a_time_is_the_days_it_stands_for(question: str, first: str, last: str) -> None:
    mentions = Mentions.of(question, date(2024, 11, 14))
    outside = [date.fromisoformat(first) - timedelta(days=1), date.fromisoformat(last) + timedelta(days=1)]
    expected = 1.0 if first == last else 0.5
    assert [mentions.match(dated(day)) for day in (first, last)] == [expected, expected]
    assert [mentions.match(dated(day.isoformat())) for day in outside] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What happened in mid September?", "09-09", "09-22"),
        ("What was said at the end of May?", "05-19", "05-31"),
        ("What did the dairy earn in Q3?", "07-01", "09-30"),
        ("What happened in the week of 30 December?", "12-30", "12-31"),
        ("What was sold around Christmas?", "12-17", "12-31"),
    ],
)
async def test_a_time_without_a_year_is_of_any_year(question: str, first: str, last: str) -> None:
    mentions = Mentions.of(question, date(2024, 11, 14))
    for year in (2021, 2023):
        begun, ended = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
        outside = [begun - timedelta(days=1), ended + timedelta(days=1)]
        assert [mentions.match(dated(day.isoformat())) for day in (begun, ended)] == [0.5, 0.5]
        assert [mentions.match(dated(day.isoformat())) for day in outside] == [0.0, 0.0]


@pytest.mark.parametrize(
    "question",
    [
        "How much dearer is it than last year's model?",
        "What happened in the last year of the war?",
        "How many of the 2024 employees stayed?",
        "Who opens the Christmas market?",
        "Did around 50 people come to the start of the war?",
    ],
)
async def test_what_only_looks_like_a_time_prefers_nothing(question: str) -> None:
    mentions = Mentions.of(question, date(2024, 11, 14))
    assert not any(mentions.match(dated(f"{year}-05-14")) for year in (2022, 2023, 2024))


async def test_last_year_is_told_from_the_day_on_which_it_is_asked(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
) -> None:
    days = ("2021-05-02", "2022-05-02", "2023-05-02")
    drafts = [
        article(f"Ferry fares {letter}", FERRY, published_at=day) for letter, day in zip("xyz", days, strict=True)
    ]
    library = await filled(open_libraries, drafts)
    for today, year in ((date(2023, 3, 1), "2022"), (date(2024, 3, 1), "2023")):
        asked = Standalone("What did the ferry company do about its fares last year?", asked_on=today)
        _, found = await library.retriever.search(asked, 3)
        assert (found[0].passage.published_at or "").startswith(year)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the latest price of the ferry to Lofoten?", "2024-05-02"),
        ("What is the price of the ferry to Lofoten now?", "2024-05-02"),
        ("What does the ferry to Lofoten currently cost?", "2024-05-02"),
        ("What was the first report on the price of the ferry to Lofoten?", "2021-05-02"),
        ("Which is the earliest article about the price of the ferry to Lofoten?", "2021-05-02"),
    ],
)
async def test_of_what_is_alike_the_latest_is_the_newest_and_the_first_report_the_oldest(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], question: str, first: str
) -> None:
    library = await (await open_libraries()).open("local")
    prices = {2022: 230, 2021: 212, 2024: 264, 2023: 248}
    drafts = [
        article(f"Ferry in {year}", f"The ferry to Lofoten costs {price} kroner.", published_at=f"{year}-05-02")
        for year, price in prices.items()
    ]
    [added async for added in library.add(drafts)]
    query = await library.retriever.query(Standalone(question))
    found = await library.retriever.find(query, 4)
    assert found[0].passage.published_at == first


@pytest.mark.parametrize(
    "question",
    [
        "Was the price still 212 kroner?",
        "What did the ferry cost then, and who knew?",
        "Which company, currently in court over the price of its ferries, has now ordered three new ones in Gdansk?",
    ],
)
async def test_what_was_so_then_is_not_asked_of_the_latest(question: str) -> None:
    assert not Mentions.of(question).latest
