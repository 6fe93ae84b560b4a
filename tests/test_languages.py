"""Questions in another language than the articles, with a scripted model on loopback and without one."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio

from retrieval.answers.answer import Turn
from retrieval.answers.asking.foreign import in_english_by_words
from retrieval.answers.languages.glossary import in_english
from retrieval.answers.languages.language import detected, question_language
from retrieval.answers.languages.translator import Languages, says_no_more
from retrieval.articles import ArticleDraft
from retrieval.index.embedder import MiniLMEmbeddings
from retrieval.library import Library
from retrieval.sources.files import read_paths
from tests.answers import answerer, holding, verbatim
from tests.conftest import OpenLibraries
from tests.loopback.openai_server import OpenAIServer, Reply, Request
from tests.running import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

GERMAN = "Welche besonderen Rechte bekommt Microsoft an den Modellen von OpenAI?"
ENGLISH = "Which special rights does Microsoft get to OpenAI's models?"
TRUE = "Microsoft gets special rights to use OpenAI's advanced models in its products"
WAHR = "Microsoft erhält besondere Rechte, die Modelle von OpenAI in seinen Produkten zu nutzen."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(open_libraries: OpenLibraries) -> Library:
    samples = [draft for draft in read_paths([ROOT / "articles"]) if isinstance(draft, ArticleDraft)]
    return await holding(await open_libraries(), samples)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def german(open_libraries: OpenLibraries) -> Library:
    """A library of one German article among others in German."""
    drafts = [
        ArticleDraft(
            "Neue Brücke in Varholm",
            "Die neue Brücke über den Fjord bei Varholm wurde im Mai eröffnet. Sie kostete 77 Millionen Kronen und "
            "ersetzt die alte Fähre. Der Bürgermeister lobte die Arbeiter für ihre Geduld.",
            "bridge",
            language="de",
        ),
        ArticleDraft(
            "Fischmarkt zieht um",
            "Der Fischmarkt von Varholm zieht im Herbst in eine größere Halle am Hafen um, sagte der Betreiber.",
            "market",
        ),
    ]
    return await holding(await open_libraries(), drafts)


def speaks(question: str, answer: str, *translations: str) -> object:
    """A model that translates the question, answers from the passage on special rights, and translates that."""

    def reply(request: Request) -> Reply:
        if "<conversation>" in request.last_user:
            return Reply(question)
        if "<passages>" in request.last_user:
            rights = re.search(r'<passage number="(\d+)"[^>]*>\n[^<]*special rights', request.prompt)
            return Reply(answer.replace("{n}", rights[1] if rights else "1"))
        lines = [f'<sentence number="{n}">{text}</sentence>' for n, text in enumerate(translations, start=1)]
        return Reply("\n".join(lines))

    return reply


async def test_a_german_question_is_answered_in_german_with_quotes_in_the_original(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(speaks(ENGLISH, f"{TRUE} [{{n}}].", WAHR))
    answers = [answer async for answer in answerer(embeddings, model).stream(library, GERMAN)]
    answer = answers[-1]
    assert (answer.status, answer.standalone_question) == ("answered", ENGLISH)
    assert answer.body == f"{WAHR} [1]"
    assert "special rights" in answer.citations[0].quote.text
    assert await verbatim(library, answer)
    assert "Translated into German by the model" in answer.text
    # The untranslated sentence is never flashed before, and no further call was made.
    assert all(TRUE not in earlier.text for earlier in answers)
    assert len(model.chats) == 3
    assert "in English, on one line" in model.chats[0].prompt
    assert "<passage" not in model.chats[2].prompt


async def test_an_english_question_costs_one_call_and_nothing_is_translated(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(speaks("unused", f"{TRUE} [{{n}}]."))
    answer = await answerer(embeddings, model).answer(library, ENGLISH)
    assert answer.body == f"{TRUE}. [1]"
    assert len(model.chats) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "Microsoft erhält 77 besondere Rechte, die Modelle von OpenAI in seinen Produkten zu nutzen.",
        "Google erhält besondere Rechte, die Modelle von OpenAI in seinen Produkten zu nutzen.",
        "Microsoft erhält besondere Rechte an den Modellen von OpenAI, siehe https://evil.example/rechte.",
        "Microsoft erhält besondere Rechte an den Modellen von OpenAI, sagt @everyone hier.",
        "Microsoft erhält besondere Rechte an den Modellen von OpenAI [7].",
        "Microsoft erhält besondere Rechte an den Modellen von OpenAI. " + "Und das sollte jeder wissen. " * 20,
    ],
)
async def test_a_translation_that_changes_or_brings_something_is_shown_in_the_original(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer, bad: str
) -> None:
    model.reply_with(speaks(ENGLISH, f"{TRUE} [{{n}}].", bad))
    answer = await answerer(embeddings, model).answer(library, GERMAN)
    assert answer.body == f"{TRUE}. [1]"
    assert "could not be translated into German" in answer.text
    assert "evil" not in answer.text


async def test_a_model_that_recites_its_prompt_in_place_of_a_translation_is_not_shown(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    def recite(request: Request) -> Reply:
        asked = "<passages>" in request.last_user or "<conversation>" in request.last_user
        return speaks(ENGLISH, f"{TRUE} [{{n}}].")(request) if asked else Reply(request.prompt)  # type: ignore[operator]

    model.reply_with(recite)
    answer = await answerer(embeddings, model).answer(library, GERMAN)
    assert answer.body == f"{TRUE}. [1]"
    assert "You translate" not in answer.text


async def test_when_the_translation_fails_the_checked_answer_is_shown_and_the_reason(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.script(Reply(ENGLISH), Reply(f"{TRUE}."), *[Reply.server_error()] * 3)
    answer = await answerer(embeddings, model).answer(library, GERMAN)
    assert answer.body == f"{TRUE}. [1]"
    assert (
        "could not be translated into German. The chat model could not be asked: the server answered 500" in answer.text
    )


async def test_a_follow_up_in_german_is_rewritten_and_translated_in_one_call(
    library: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(speaks(ENGLISH, f"{TRUE} [{{n}}].", WAHR))
    history = [Turn("user", "Wer ist heute für die Rechenzentren verantwortlich?"), Turn("assistant", "OpenAI. [1]")]
    answer = await answerer(embeddings, model).answer(library, "Und Microsoft?", history)
    assert answer.body == f"{WAHR} [1]"
    assert len(model.chats) == 3
    assert "Wer ist heute" in model.chats[0].prompt


async def test_german_articles_are_read_in_german_without_a_further_call(
    german: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.reply_with(lambda _: Reply("Die Brücke kostete 77 Millionen Kronen [1]. Sie ist aus Gold [1]."))
    answer = await answerer(embeddings, model).answer(german, "Wie viel hat die Brücke in Varholm gekostet?")
    assert answer.body == "Die Brücke kostete 77 Millionen Kronen. [1]"
    assert await verbatim(german, answer)
    assert len(model.chats) == 1


async def test_an_english_question_about_german_articles_is_searched_for_in_german_and_answered_in_english(
    german: Library, embeddings: MiniLMEmbeddings, model: OpenAIServer
) -> None:
    model.script(
        Reply("Wie viel kostete die neue Brücke bei Varholm?"),
        Reply("Sie kostete 77 Millionen Kronen und ersetzt die alte Fähre [1]."),
        Reply('<sentence number="1">It cost 77 million kroner and replaces the old ferry.</sentence>'),
    )
    answer = await answerer(embeddings, model).answer(
        german, "How much did the new bridge near Varholm cost in the end?"
    )
    assert answer.standalone_question == "Wie viel kostete die neue Brücke bei Varholm?"
    assert answer.body == "It cost 77 million kroner and replaces the old ferry. [1]"
    assert "kostete 77 Millionen" in answer.citations[0].quote.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Warum wurden die Verträge mit den Lieferanten nicht verlängert?", "Ohne Sprachmodell"),
        ("Pourquoi les contrats des fournisseurs ne sont-ils pas renouvelés ?", "Sans modèle de langue"),
        ("Dlaczego nie przedłużono umów z dostawcami części zamiennych?", "seems to be in Polish"),
    ],
)
async def test_without_a_model_another_language_is_told_with_the_setting_that_helps(
    library: Library, embeddings: MiniLMEmbeddings, question: str, said: str
) -> None:
    answer = await answerer(embeddings).answer(library, question)
    assert answer.status == "not_in_library"
    assert said in answer.text
    assert "OPENAI_BASE_URL" in answer.text


async def test_without_a_model_an_english_question_answered_from_german_says_so(
    german: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(german, "How much did the bridge of Varholm cost?")
    assert answer.citations[0].quote.text.startswith("Sie kostete 77 Millionen Kronen")
    assert "What is quoted is in German." in answer.text
    assert "matched by names, numbers and common words" in answer.text


JAILED = ArticleDraft(
    "Halden employee jailed over stolen turbines",
    "Erik Sandmo was sentenced to six years in prison on Wednesday. He had stolen turbine parts from Halden Energy.\n\n"
    "The old bridge in Mirow was closed in April 2022 because engineers found cracks in its girders. "
    "Mayor Carola Stein cut the ribbon in front of about 3,000 people on Saturday.",
    "jailed",
    language="en",
)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("Wie viele Jahre Gefängnis bekam Erik Sandmo?", "six years in prison"),
        ("Combien d'années de prison pour Erik Sandmo ?", "six years in prison"),
        ("¿Cuántos años de cárcel recibió Erik Sandmo?", "six years in prison"),
        ("Warum wurde die Brücke in Mirow geschlossen?", "cracks"),
        ("Pourquoi le pont de Mirow a-t-il été fermé ?", "cracks"),
        ("por que se cerro el puente de Mirow", "cracks"),
    ],
)
async def test_without_a_model_a_question_finds_english_articles_by_its_common_words(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, question: str, quoted: str
) -> None:
    library = await holding(await open_libraries(), [JAILED])
    answer = await answerer(embeddings).answer(library, question)
    assert quoted in answer.citations[0].quote.text
    assert await verbatim(library, answer)
    assert "OPENAI_BASE_URL" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Wer hat das Gefängnis gebaut?",
        "Pourquoi le maire de Mirow a-t-il démissionné ?",
        "¿Cuánto costó el fichaje de Erik Sandmo?",
        # In English the gate lets these pass; read by words they need more.
        "¿Cuándo dimitió la alcaldesa Carola Stein?",
        "Quand Carola Stein a-t-elle été élue maire ?",
        "Wie viele Stühle stehen im Garten von Erik Sandmo?",
    ],
)
async def test_without_a_model_what_no_article_says_is_refused_in_another_language_too(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, question: str
) -> None:
    library = await holding(await open_libraries(), [JAILED])
    assert (await answerer(embeddings).answer(library, question)).status == "not_in_library"


async def test_without_a_model_a_follow_up_in_another_language_leans_on_what_was_asked(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings
) -> None:
    library = await holding(await open_libraries(), [JAILED])
    history = [Turn("user", "Le pont de Mirow est-il fermé ?"), Turn("assistant", "It was closed. [1]")]
    answer = await answerer(embeddings).answer(library, "Et pourquoi ?", history)
    assert "cracks" in answer.citations[0].quote.text


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("Wie hoch war die Ablösesumme?", "de", "how much was the transfer fee?"),
        ("Wie hoch ist der Turm?", "de", "how high is the Turm?"),
        ("Wie viele Busfahrer streiken?", "de", "how many bus drivers strike?"),
        ("Das Urteil gegen Erik Richter", "de", "the verdict against Erik Richter"),
        ("1.200,5 Millionen", "de", "1,200.5 million"),
        ("combien d'emplois", "fr", "how many jobs"),
        ("Qui a été arrêté à Londres ?", "fr", "who was arrested to London ?"),
        ("¿Cuándo ganó Rosa Villena?", "es", "when won Rosa Villena?"),
    ],
)
async def test_common_words_of_another_language_are_read_in_english(text: str, language: str, english: str) -> None:
    assert in_english(text, language) == english


@pytest.mark.parametrize(
    "question",
    [
        "is la paz de ayacucho flooded",
        "did many die in the war",
        "latest on Rio de la Plata?",
        "Por que a ponte foi fechada?",
        "Quanti posti di lavoro taglia la fabbrica?",
        "Hoeveel banen verdwijnen er bij de fabriek?",
    ],
)
async def test_a_question_in_english_or_without_a_table_is_read_as_it_is(question: str) -> None:
    assert in_english_by_words(question, []) is None


async def test_without_a_model_an_english_answer_says_nothing_of_languages(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    assert not (await answerer(embeddings).answer(library, ENGLISH)).notices


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "「はやて」が回収した試料は何グラムですか",
            "宇宙機構によると、回収された試料は121グラムで、目標の約2倍だった。",
        ),
        ("この計画の費用はいくらですか", "この計画の費用は約290億円である。"),
    ],
)
async def test_a_japanese_question_finds_the_sentence_in_the_passage(
    open_libraries: OpenLibraries, embeddings: MiniLMEmbeddings, question: str, sentence: str
) -> None:
    text = (
        "探査機「はやて」のカプセルが5日、砂漠に着陸した。宇宙機構によると、回収された試料は121グラムで、目標の約2倍だった。\n\n"
        "「はやて」は2016年に打ち上げられ、小惑星に到着した。探査機の本体は次の目標に向かっている。この計画の費用は約290億円である。"
    )
    library = await (await open_libraries()).open("japanese")
    assert [one.status async for one in library.add([ArticleDraft("探査機が帰還", text, "probe", language="ja")])]
    answer = await answerer(embeddings).answer(library, question)
    assert answer.citations[0].quote.text == sentence
    assert "言語モデル" in answer.text


async def test_without_a_model_german_articles_are_found_by_their_very_words(
    german: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(
        german, "Wann wurde die neue Brücke über den Fjord bei Varholm eröffnet?"
    )
    assert answer.status == "answered"
    assert "im Mai eröffnet" in answer.citations[0].quote.text
    assert "Ohne Sprachmodell" in answer.text


async def test_an_english_question_without_an_answer_is_not_called_foreign(
    library: Library, embeddings: MiniLMEmbeddings
) -> None:
    answer = await answerer(embeddings).answer(library, "How do I bake sourdough bread?")
    assert answer.status == "not_in_library"
    assert "seems to be in" not in answer.text


@pytest.mark.parametrize(
    "question, language",
    [
        ("Who controls the data centers?", "en"),
        ("Wer kontrolliert die Rechenzentren von Microsoft?", "de"),
        ("¿Quién controla los centros de datos de Microsoft?", "es"),
        ("Qui contrôle les centres de données de Microsoft ?", "fr"),
        ("Chi controlla i centri dati di Microsoft?", "it"),
        ("Кто управляет центрами обработки данных?", "ru"),
        ("谁控制数据中心？", "zh"),
        ("誰がデータセンターを管理していますか？", "ja"),
        # Too little to tell.
        ("Microsoft?", None),
        ("Satya Nadella", None),
        ("Stargate budget", None),
        ("", None),
    ],
)
async def test_the_language_of_a_question_is_told_or_left_open(question: str, language: str | None) -> None:
    assert detected(question) == language


@pytest.mark.parametrize(
    "question",
    [
        "latest on velk?",
        "is luis paredes dead",
        "is quillbit dead",
        "gaza ceasefire",
        "los angeles fires",
        "le pen verdict",
    ],
)
async def test_a_short_english_question_with_a_name_is_not_called_foreign(
    library: Library, embeddings: MiniLMEmbeddings, question: str
) -> None:
    answer = (await answerer(embeddings).answer(library, question)).text
    assert question_language(question, []) in ("en", None)
    assert "OPENAI_API_KEY" not in answer


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("was kostet der kai", "de"),
        ("wo liegt varholm", "de"),
        ("où est la gare", "fr"),
        ("dónde está varholm", "es"),
        ("dove si trova varholm", "it"),
        ("waar ligt varholm", "nl"),
        ("onde fica varholm", "pt"),
        ("när går färjan", "sv"),
        ("kto jest burmistrzem", "pl"),
        ("кто мэр города", "ru"),
    ],
)
async def test_a_short_foreign_question_shows_by_its_little_words(question: str, language: str) -> None:
    assert question_language(question, []) == language


async def test_what_was_asked_before_helps_to_tell_the_language() -> None:
    assert question_language("Und Microsoft?", [Turn("user", "Wer ist für die Rechenzentren verantwortlich?")]) == "de"


@pytest.mark.parametrize(
    "original, translation, language, holds",
    [
        ("It cost $1,000.50 in 2024.", "Es kostete 2024 1.000,50 Dollar.", "de", True),
        ("It cost 1.5 million.", "Es kostete 15 Millionen.", "de", False),
        ("Revenue was 13 billion dollars.", "Der Umsatz betrug 13 Milliarden Dollar.", "de", True),
        ("Revenue was 13 billion dollars.", "Der Umsatz betrug 13 Billionen Dollar.", "de", False),
        ("Revenue was 13 million dollars.", "Der Umsatz betrug 13 Milliarden Dollar.", "de", False),
        ("The office in Germany is run by Siemens.", "La oficina de Alemania la dirige Siemens.", "es", True),
        ("The office in Germany is run by Siemens.", "La oficina de Alemania la dirige Bosch.", "es", False),
        ("The cloud of Microsoft stays.", "Microsofts Cloud bleibt.", "de", True),
        ("The cloud of Microsoft stays.", "El servicio de Microsoft y Oracle sigue.", "es", False),
        ("The cloud of Microsoft stays in 12 places.", "微软的云服务仍在12个地方。", "zh", True),
        ("The cloud of Microsoft stays in 12 places.", "微软的云服务仍在13个地方。", "zh", False),
    ],
)
async def test_a_translation_keeps_numbers_and_names(
    original: str, translation: str, language: str, holds: bool
) -> None:
    assert says_no_more(original, translation, Languages("en", language)) is holds
