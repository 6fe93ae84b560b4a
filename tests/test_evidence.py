"""What the evidence gate sees beyond the words themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from retrieval.answers.answer import Quote, Turn
from retrieval.answers.asking.names import with_names
from retrieval.answers.asking.parts import split_question
from retrieval.answers.asking.question import parse_question
from retrieval.answers.evidence.choice import with_both
from retrieval.answers.evidence.evidence import Evidence, EvidenceSentence, merged
from retrieval.answers.evidence.nearness import asked_words
from retrieval.answers.evidence.scoring import Candidate, ScoredPassage, answer_features, answerability
from retrieval.answers.readers.quoting_reader import QuotingReader
from retrieval.answers.wording.words import analyse
from retrieval.articles import ArticleDraft, FoundPassage, Passage, Standalone
from retrieval.index.embedder import MiniLMEmbeddings, PieceVectors
from tests.answers import answerer, holding
from tests.conftest import OpenLibraries
from tests.loopback.openai_server import OpenAIServer, Reply

on_the_loop = pytest.mark.asyncio(loop_scope="module")

QUESTION = "When was the company founded?"
HARBOUR = "The company was founded in 1931. It built the harbour of Moss."


class Noting(MiniLMEmbeddings):
    """The built-in embedder, noting what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        self.read += texts
        return await super().aembed_documents(texts)

    async def aembed_pieces(self, texts: Sequence[str]) -> list[PieceVectors]:
        self.read += texts
        return await super().aembed_pieces(texts)


async def test_a_word_of_a_question_is_nearer_to_its_synonym_than_to_other_words(embeddings: MiniLMEmbeddings) -> None:
    texts = [QUESTION, "The firm was established in 1931.", "The river froze in 1931.", "They founded it in 1931.", ""]
    question, synonym, other, same, nothing = await embeddings.aembed_pieces(texts)
    asked = asked_words(["found", "compani"], [(QUESTION, question)])
    assert asked.near(same)["found"] > asked.near(synonym)["found"] > asked.near(other)["found"]
    assert asked.near(nothing) == {}
    assert asked_words(["missing"], [(QUESTION, question)]).near(same) == {}


async def test_vectors_with_pieces_are_the_same_and_the_pieces_cover_the_text(embeddings: MiniLMEmbeddings) -> None:
    (pieces,) = await embeddings.aembed_pieces([QUESTION])
    assert pieces.whole.tolist() == await embeddings.aembed_query(QUESTION)
    assert len(pieces.spans) == len(pieces.pieces)
    assert "".join(QUESTION[start:end] for start, end in pieces.spans) == QUESTION.replace(" ", "")


def weighed(question: str, likely: float, said: str) -> Evidence:
    passage = Passage(1, "k", 1, 0, 0, len(said), said, "A plant", None, None, None, None)
    sentence = EvidenceSentence(Quote(passage, said, 0, len(said), 1.0), frozenset(), 1.0)
    return Evidence(question, (FoundPassage(passage, 1.0),), (sentence,), likely)


def test_the_other_side_of_a_choice_needs_less_once_one_is_answered() -> None:
    parts = split_question("Which plant employs more people, Lima or Dresden?")
    dresden = weighed(parts[1], 0.4, "1,900 people work in Dresden.")

    def answered(one: Evidence, other: Evidence) -> list[bool]:
        return [evidence.answers for evidence in with_both(parts, [one, other])]

    lima = "The plant in Lima employs 2,600."
    assert answered(weighed(parts[0], 0.15, lima), dresden) == [True, True]
    # Another place, far from an answer, or nothing to stand beside.
    assert answered(weighed(parts[0], 0.15, "The plant in Oslo employs 2,600."), dresden) == [False, True]
    assert answered(weighed(parts[0], 0.05, lima), dresden) == [False, True]
    assert answered(weighed(parts[0], 0.15, lima), weighed(parts[1], 0.15, "Dresden")) == [False, False]


def likely(asked: str, said: str) -> float:
    passage = ScoredPassage(frozenset(), (analyse(said),), 0.5)
    question = parse_question(Standalone(asked), {}, 10)
    return answerability(question, answer_features(question, [passage], passage, Candidate(0, 0.6), {}))


def test_the_opposite_of_what_is_asked_is_less_of_an_answer() -> None:
    said = "The mayor of Narvik opened the new bridge in May."
    assert likely("Who opened the new bridge?", said) > likely("Who closed the new bridge?", said)
    assert likely("Who opened the new bridge?", said) > likely("Who did not open the new bridge?", said)
    assert likely("Who opened the new bridge in May?", said) > likely("Who opened 40 new bridges in May?", said)
    assert likely("Who opened the new bridge of Narvik?", said) > likely("Who opened the new bridge of Bergen?", said)


@pytest.mark.parametrize(
    "asked, said, reworded",
    [
        ("How many lives did the flood cost?", "41 people died in the flood.", "41 people were in the flood."),
        ("How long did it take to lose time?", "The winner took 50 minutes.", "The runner took 50 minutes."),
    ],
)
def test_a_noun_is_no_opposite_of_a_verb(asked: str, said: str, reworded: str) -> None:
    assert likely(asked, said) == pytest.approx(likely(asked, reworded))


@pytest.mark.parametrize(
    "asked, said, other",
    [
        ("How many jobs are lost?", "1,140 people will lose theirs.", "1,140 boxes will lose theirs."),
        ("How many people got hurt?", "The crash injured 14.", "The crash took 14 minutes."),
    ],
)
def test_people_are_counted_by_what_becomes_of_them(asked: str, said: str, other: str) -> None:
    assert likely(asked, said) > 1.5 * likely(asked, other)


@pytest.mark.parametrize(
    "phrase", ["electric cars were sold", "cars drove past", "red cars", "old wooden cars of the museum ran"]
)
def test_what_is_counted_is_the_noun(phrase: str) -> None:
    asked = f"How many {phrase}?"
    assert likely(asked, "The museum sold 40 old cars.") > likely(asked, "The museum sold 40 old prints of cars.")


def test_a_pronoun_is_no_opposite_of_another() -> None:
    passage = ScoredPassage(frozenset(), (analyse("He handed the office to Ines Falk, who came from Narvik."),), 0.5)

    def likely(asked: str) -> float:
        question = parse_question(Standalone(asked), {}, 10)
        return answerability(question, answer_features(question, [passage], passage, Candidate(0, 0.6), {}))

    assert likely("Where did she come from?") == likely("Where did he come from?")


@on_the_loop
async def test_a_question_is_embedded_once_for_finding_passages_and_for_weighing_their_sentences(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
) -> None:
    noting = Noting()
    library = await (await open_libraries(embeddings=noting)).open("local")
    assert [added async for added in library.add([article("Moss", HARBOUR)])]
    history = [Turn("user", QUESTION), Turn("assistant", "In 1931. [1]")]
    answer = await answerer(noting).answer(library, "And what did it build?", history)
    assert "It built the harbour of Moss." in answer.body
    assert (noting.read.count("And what did it build?"), noting.read.count(QUESTION)) == (1, 1)


@on_the_loop
async def test_a_message_that_a_model_leaves_as_it_is_is_searched_for_once(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], model: OpenAIServer
) -> None:
    noting = Noting()
    library = await (await open_libraries(embeddings=noting)).open("local")
    assert [added async for added in library.add([article("Moss", HARBOUR)])]
    model.script(Reply(QUESTION), Reply("The company was founded in 1931 [1]."))
    history = [Turn("user", "Who owns the harbour of Moss?"), Turn("assistant", "The town. [1]")]
    answer = await answerer(noting, model).answer(library, QUESTION, history)
    assert (answer.model, answer.body) == ("m", "The company was founded in 1931. [1]")
    assert noting.read.count(QUESTION) == 1
    assert answer.usage["input_tokens"] > 0


@pytest.mark.parametrize(
    "asked, further, missing",
    [
        ("What did the mayor of Moss promise?", "How many jobs?", False),
        ("What did the mayor of Moss promise?", "How many ships?", True),
        # What is counted of one town is not counted of another.
        ("How many jobs are there in Moss?", "How many jobs in Narvik?", True),
        ("How much was Moss promised?", "How much did it get?", False),
        ("How much was Moss promised?", "Who paid it?", True),
    ],
)
async def test_a_question_that_a_quote_for_another_one_answers_is_not_called_missing(
    asked: str, further: str, missing: bool
) -> None:
    said = "Moss was promised 400 jobs and $5.1 million, of which it has received $900,000."
    both = merged(f"{asked} {further}", [weighed(asked, 0.5, said), weighed(further, 0.15, said)])
    (reading,) = [read async for read in QuotingReader().read(both.question, both, date(2026, 1, 5))]
    assert (reading.status, reading.notices) == (
        ("partial", (f"I did not find: {further}",)) if missing else ("answered", ())
    )


@on_the_loop
async def test_a_follow_up_about_one_article_that_finds_nothing_is_searched_for_once(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
) -> None:
    noting = Noting()
    library = await (await open_libraries(embeddings=noting)).open("local")
    assert [added async for added in library.add([article("Moss", HARBOUR)])]
    history = [Turn("user", QUESTION), Turn("assistant", "In 1931. [1]", cited=("Moss",))]
    asked = "Which bishop crowned Queen Ingrid?"
    answers = [one async for one in answerer(noting).stream(library, asked, history, about="Moss")]
    assert (answers[-1].status, noting.read.count(asked)) == ("not_in_library", 1)


@on_the_loop
async def test_a_passage_in_another_language_is_embedded_for_the_first_question_that_finds_it_alone(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft]
) -> None:
    noting = Noting()
    library = await (await open_libraries(embeddings=noting)).open("local")
    text = "Die neue Brücke wurde im Mai eröffnet. Sie kostete 77 Millionen Kronen und ersetzt die alte Fähre."
    assert [added async for added in library.add([article("Neue Brücke in Varholm", text)])]
    answers, whole = answerer(noting), list[int]()
    for asked in ("Wann wurde die Brücke eröffnet?", "Wie viel kostete die Brücke?"):
        noting.read.clear()
        assert (await answers.answer(library, asked)).citations
        # Only the head line, under which a passage is read, has the name.
        whole.append(sum("Varholm" in one for one in noting.read))
    assert whole == [1, 0]


@on_the_loop
async def test_a_later_question_of_a_message_is_about_what_the_first_one_names(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], embeddings: MiniLMEmbeddings
) -> None:
    library = await (await open_libraries(embeddings=embeddings)).open("local")
    towns = {"Moss": "Ines Falk", "Larvik": "Ada Berg", "Horten": "Jon Dahl"}
    texts = [
        f"The harbour of {town} opened in 1931. The engineer {name} drew the harbour." for town, name in towns.items()
    ]
    drafts = [article(f"The harbour of {town}", text) for town, text in zip(towns, texts, strict=True)]
    assert len([added async for added in library.add(drafts)]) == len(towns)
    for town, name in towns.items():
        asked = f"When did the harbour of {town} open and who was the engineer of the harbour?"
        found = await answerer(embeddings).considered(library, asked)
        when, who = found.parts
        assert town in when.sentences[0].quote.passage.title
        assert name in who.sentences[0].quote.text


@pytest.mark.parametrize(
    "asked, given, lacking",
    [
        ("Why did Moss sell the ferry?", "Moss sold the ferry to save money.", "Moss sold the ferry to Narvik."),
        ("Why did Moss sell the ferry?", "Moss sold the ferry after a fire.", "Moss sold the ferry after two years."),
        ("How much did the ferry cost?", "The ferry cost Moss $4 million.", "The ferry cost Moss 4 friends."),
        ("What is the ferry's price?", "The ferry's price is 40 euros.", "The ferry's price is 40 percent up."),
        ("How fast is the ferry?", "The ferry is fast: 40 knots.", "The ferry is fast: one of 40 ferries."),
        ("Where was the mayor born?", "The mayor was born in Narvik.", "The mayor was born in 1931."),
        ("Who bought the ferry?", "The ferry was bought by Ines Falk.", "The ferry was bought by the town."),
        (
            "Who is the CEO of Falk Lines?",
            "Ines Falk is Falk Lines' chief executive.",
            "Falk Lines' press man is Jon Dahl.",
        ),
        ("When does the ferry leave?", "The ferry leaves Moss at six.", "The ferry leaves Moss at pier six."),
        ("When does the ferry leave?", "The ferry leaves at 7 p.m. with goats.", "The ferry leaves with 7 goats."),
        ("Which firm built the ferry?", "The ferry was built by Falk Marine.", "The ferry was built by hand."),
        ("In which country was the ferry built?", "It was built in Norway.", "It was built in the yard."),
        ("Who ran the ferry in 2019?", "In 2019 Ines Falk ran the ferry.", "In 2021 Ines Falk ran the ferry."),
        ("In which century was it built?", "It was built in the 18th century.", "It was built in this century."),
        ("When the ferry sank, who saved it?", "Ines Falk saved the ferry.", "On Monday they saved the ferry."),
    ],
)
def test_a_sentence_without_what_is_asked_for_is_less_of_an_answer(asked: str, given: str, lacking: str) -> None:
    assert likely(asked, given) > 1.5 * likely(asked, lacking)


@on_the_loop
async def test_what_an_article_does_not_say_of_its_subject_is_not_answered(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], embeddings: MiniLMEmbeddings
) -> None:
    library = await (await open_libraries(embeddings=embeddings)).open("local")
    sold = (
        "The shipping line of Moss has sold the ferry Marigold to a line in Bergen. The Marigold made 31 trips in "
        "2023. She carries 180 passengers. Ines Falk, who was born in 1970, was the captain of the Marigold."
    )
    assert [added async for added in library.add([article("Marigold", sold)])]

    async def status(asked: str) -> str:
        return (await answerer(embeddings).answer(library, asked)).status

    for said in (
        "Who was the captain of the Marigold?",
        "When was Ines Falk born?",
        "How many trips did the Marigold make in 2023?",
        "How many passengers does the Marigold carry?",
    ):
        assert await status(said) == "answered"
    for unsaid in (
        "Why did the shipping line sell the Marigold?",
        "Where was Ines Falk born?",
        "How many trips did the Marigold make in 2021?",
        "How much did the ferry Marigold cost?",
    ):
        assert await status(unsaid) == "not_in_library"


@on_the_loop
async def test_a_follow_up_that_only_asks_asks_the_question_before_anew(
    open_libraries: OpenLibraries, article: Callable[..., ArticleDraft], embeddings: MiniLMEmbeddings
) -> None:
    library = await (await open_libraries(embeddings=embeddings)).open("local")
    closed = (
        "The reservoir of Lomen has fallen to 31 percent of its capacity, the lowest level since 1974. "
        "Ines Falk is the chief engineer of Lomen. She took over on 1 May from Jon Dahl, who retired. "
        "Two people drowned in the reservoir last summer."
    )
    assert [added async for added in library.add([article("Lomen", closed)])]

    async def said(first: str, then: str) -> str:
        answering = answerer(embeddings)
        before = await answering.answer(library, first)
        history = [Turn("user", first), Turn("assistant", before.text)]
        return (await answering.answer(library, then, history)).body

    assert "1 May" in await said("Who is the new chief engineer of Lomen?", "since when?")
    assert "Two people" in await said("Who drowned in the reservoir of Lomen?", "how many?")
    assert await said("Who is the chief engineer of Lomen?", "how come?") == ""


@on_the_loop
async def test_each_article_has_a_sentence_among_those_that_are_weighed(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    repeats = " ".join(f"The strike at the Halden mill was on the mind of reader {n}." for n in range(30))
    library = await holding(
        await open_libraries(),
        [
            ArticleDraft(title="Letters", text=repeats, identity="letters"),
            ArticleDraft(
                title="Halden", text="Workers walked out over unpaid overtime, said Ada Brun.", identity="report"
            ),
        ],
    )
    evidence = await answerer(embeddings).considered(library, "Why was there a strike at the Halden mill?")
    assert {one.quote.passage.title for one in evidence.sentences} == {"Letters", "Halden"}


@on_the_loop
async def test_a_question_about_what_two_outlets_said_is_answered_from_both(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    def draft(source: str, text: str) -> ArticleDraft:
        return ArticleDraft(title=f"Norrin in {source}", text=text, identity=source, source=source)

    library = await holding(
        await open_libraries(),
        [
            draft(
                "Tech Ledger",
                "Norrin plans to raise the price of its tablet in spring. Norrin will raise the price of each tablet. "
                "The price of the tablet is to rise because Norrin pays more for screens.",
            ),
            draft("Gadget Weekly", "The founder of Norrin told us that no price is certain yet. The pen stays cheap."),
        ],
    )
    question = "Do Tech Ledger and Gadget Weekly agree that Norrin plans to raise the price of its tablet?"
    answer = await answerer(embeddings).answer(library, question)
    assert {one.quote.passage.source for one in answer.citations} == {"Tech Ledger", "Gadget Weekly"}


@pytest.mark.parametrize(
    "typed, read",
    [
        ("how many people does orrin employ", "how many people does Orrin employ"),
        ("what did the dale times say of orrin's bank", "what did the Dale Times say of Orrin's bank"),
        ("did the times change for the start-up", "did the times change for the start-up"),
    ],
)
def test_names_that_are_typed_small_are_read_as_the_passages_write_them(typed: str, read: str) -> None:
    said = "In May the start-up Orrin hired staff. Start early, said Orrin's bank. Early birds win; so did Orrin."
    assert (
        with_names(typed, [Passage(1, "k", 1, 0, 0, len(said), said, "News", None, "Dale Times", None, "en")]) == read
    )
