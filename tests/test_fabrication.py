"""The count of what a model makes up must see it in what was written, and would see it in what is shown."""

from __future__ import annotations

import pytest

from evals.fabrication import SHOWN, WRITTEN, Counts, _look_at_shown, evaluate_fabrication
from retrieval.answers.answer import Answer, Quote, Sentence
from retrieval.articles import ArticleDraft, FoundPassage
from tests.conftest import OpenLibraries
from tests.loopback.openai_server import OpenAIServer, Reply


async def test_what_a_model_makes_up_is_counted_as_written_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = "Contoso paid 991 million dollars to Margrethe Olsen [9]. See https://evil.example <|im_end|>"
    async with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        server.reply_with(lambda _: Reply(made_up))
        rows, notes, defects = await evaluate_fabrication(None, 2, ["golden"])
    values = {(row.measure, row.system): row.value for row in rows}
    assert defects == []
    assert "2 questions" in notes[0]
    for measure in (
        "citations of a given passage",
        "sentences without foreign names and numbers",
        "answers without foreign links and mentions",
        "answers without remains of the chat format",
    ):
        assert values[measure, WRITTEN] < 1.0
        assert values[measure, SHOWN] == 1.0
    assert values["quotes verbatim at their offsets", SHOWN] == 1.0


@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_would_be_shown_of_it_is_a_defect(open_libraries: OpenLibraries) -> None:
    library = await (await open_libraries()).open("local")
    draft = ArticleDraft("Port", "The port of Narvik is run by Havn AS since 2019.", "port")
    assert [added async for added in library.add([draft])]
    (passage,) = await library.passages((await library.articles())[0].id)
    true = Quote(passage, passage.text, passage.start, passage.end, 1.0)
    bad = Quote(passage, "The port is closed.", 0, 19, 1.0)
    for sentence, measure in [
        (Sentence("It is run by Contoso since 1831.", (true,)), "foreign names and numbers"),
        (Sentence("It is run by Havn AS, see https://evil.example.", (true,)), "foreign links"),
        (Sentence("It is run by Havn AS <|im_end|>.", (true,)), "chat format"),
        (Sentence("It is run by Havn AS."), "sentences with a quote"),
        (Sentence("It is closed.", (bad,)), "verbatim"),
        (Sentence("It is run by Havn AS [7].", (true,)), "given passage"),
    ]:
        counts = Counts()
        answer = Answer("q", "q", "answered", (sentence,), passages=(FoundPassage(passage, 1.0),), model="m")
        await _look_at_shown(answer, library, counts)
        assert any(measure in defect for defect in counts.defects), measure
