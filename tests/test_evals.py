"""The measures must measure, and the gate must close."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bot.app import open_app
from evals import abstention, latency
from evals.__main__ import evaluate
from evals.alone import settings_alone
from evals.by_type import judge as judge_answer
from evals.by_type import type_of
from evals.edits import edits
from evals.golden import Outcome, fallen, figures
from evals.measures import auroc, auroc_interval, holds, interval, mean, ndcg, reciprocal_rank, says
from evals.readers import Shown, plain
from evals.report import ratio, row
from retrieval.articles import ArticleDraft, Passage, Standalone
from retrieval.index.embedder import MINILM
from retrieval.index.minilm_graph import DIMENSION
from retrieval.library import LOCAL
from retrieval.text import sentences, terms


def test_ndcg_is_one_for_the_ideal_order_and_less_for_any_other() -> None:
    gains = {"a": 4.0, "b": 2.0, "c": 1.0}
    assert ndcg(["a", "b", "c"], gains) == pytest.approx(1.0)
    assert ndcg(["c", "b", "a"], gains) < ndcg(["b", "a", "c"], gains) < 1.0
    assert ndcg(["x"], gains) == 0.0


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([0.3, 0.9], [0.5]) == 0.5
    assert auroc([0.1], [0.9]) == 0.0


def test_the_interval_of_an_auroc_is_the_same_at_every_run_and_holds_it() -> None:
    positive, negative = [0.2, 0.6, 0.7, 0.9] * 5, [0.1, 0.3, 0.65] * 5
    low, high = auroc_interval(positive, negative)
    assert (low, high) == auroc_interval(positive, negative)
    assert low < auroc(positive, negative) < high


def test_a_gold_answer_counts_as_whole_words_only() -> None:
    assert says("In 1930 it had 3 towers.", "3")
    assert not says("In 1930 it was closed.", "3")
    assert says("It cost £1, they say.", "£1")


def test_a_ratio_compares_with_bm25_on_the_same_set_and_measure() -> None:
    ours, base = row("a", "m", "footnote", [1.0, 1.0]), row("a", "m", "BM25 alone", [1.0, 0.0])
    assert ratio([base, ours], ours) == "2.00"
    assert ratio([row("b", "m", "BM25 alone", [1.0]), ours], ours) == ""


def test_a_run_touches_no_installation_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot@db/footnote")
    monkeypatch.setenv("CHROMA_URL", "http://chroma:8000")
    monkeypatch.setenv("EMBEDDING_MODEL", "text-embedding-3-small")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models:8000")
    settings = settings_alone(tmp_path)
    assert settings.database == f"sqlite:///{tmp_path / 'footnote.db'}"
    assert (settings.chroma_url, settings.embedding_model, settings.has_chat_model) == (None, MINILM, False)
    assert settings_alone(tmp_path, model=True).has_chat_model


def test_a_quote_is_found_across_quotation_marks_and_white_space_and_when_its_larger_part_is_there() -> None:
    assert holds("He said:\n“It is   done.”", 'he said: "it is done."')
    words = "one two three four five six seven eight nine ten"
    assert holds("xx one two three four five six yy", words)
    assert not holds("one two three yy", words)


def test_reciprocal_rank_and_intervals() -> None:
    assert reciprocal_rank([False, True, True]) == 0.5
    assert reciprocal_rank([False] * 20) == 0.0
    values = [0.0, 1.0] * 50
    assert interval(values) == interval(values)
    low, high = interval(values)
    assert low < mean(values) < high


def outcomes(right: int, of: int = 10) -> list[Outcome]:
    return [Outcome("q", "fact", True, n < right, n < right, n < right, n < right, True, "answered") for n in range(of)]


def test_the_gate_closes_when_more_than_one_question_is_lost() -> None:
    baseline = figures(outcomes(9))
    assert fallen(figures(outcomes(9)), baseline) == []
    assert fallen(figures(outcomes(8)), baseline) == []
    assert "status right fell from 9 to 7 of 10." in fallen(figures(outcomes(7)), baseline)


def test_the_gate_stays_closed_when_the_baseline_is_of_other_questions() -> None:
    assert "--update" in fallen(figures(outcomes(9)), figures(outcomes(9, of=12)))[0]


@pytest.mark.asyncio
async def test_a_set_that_breaks_off_leaves_the_results_of_those_before_it(tmp_path: Path) -> None:
    evidence = ["The harbour of Moss was closed in 1931.", "The town sold its cranes."]
    claims = [("Moss closed its harbour in 1931.", "supported"), ("Moss bought 40 cranes.", "not_supported")]
    lines = [json.dumps({"claim": claim, "label": label, "evidence_sentences": evidence}) for claim, label in claims]
    for name in ("wice", "summedits-news"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "claims.jsonl").write_text("\n".join(lines))
    (tmp_path / "injection").mkdir()
    (tmp_path / "injection" / "items.jsonl").write_text("broken off in the mid")
    with pytest.raises(json.JSONDecodeError):
        await evaluate(Console(quiet=True), tmp_path, ["checking", "injection"], None, False, tmp_path / "out")
    assert "balanced accuracy of support" in (tmp_path / "out" / "results.md").read_text()


@pytest.mark.asyncio
async def test_a_generated_library_that_was_broken_off_is_gone_on_with_and_can_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "BATCH", 16)
    sentences = [f"The harbour of town {n} has a lighthouse with {n + 3} lamps." for n in range(30)]
    article = tuple((sentence, tuple(terms(sentence))) for sentence in sentences)
    source = latency.Filler((article,), np.eye(4, DIMENSION, dtype=np.float32))

    def break_off(_done: int) -> None:
        raise InterruptedError

    async with open_app(settings_alone(tmp_path)) as app:
        library = await app.libraries.open(LOCAL)
        # The first batch has its vectors and no rows yet.
        with pytest.raises(InterruptedError):
            await latency.fill(app, library, source, 40, break_off)
    async with open_app(settings_alone(tmp_path)) as app:
        library = await app.libraries.open(LOCAL)
        assert await app.libraries.vectors.count(library.retriever.library.collection) == 0
        started: list[int] = []
        await latency.fill(app, library, source, 40, started.append)
        await latency.fill(app, library, source, 40, started.append)
        assert started == [0, 16, 32]
        (frequencies, size) = await library.frequencies(["lighthous"])
        assert (frequencies["lighthous"], size) == (40, 40)
        _, found = await library.retriever.search(Standalone("Which town has a lighthouse with 7 lamps?"))
        assert len(found) == library.retriever.limit
    async with open_app(settings_alone(tmp_path)) as app:
        library = await app.libraries.open(LOCAL)
        assert (await library.frequencies([]))[1] == 40


def test_an_abstention_curve_refuses_more_as_it_keeps_less_and_tells_what_a_kept_share_costs(tmp_path: Path) -> None:
    answerable, unanswerable = [0.9, 0.8, 0.7, 0.2], [0.6, 0.3, 0.1, 0.1]
    points = abstention.curve(answerable, unanswerable)
    assert points[0] == (1.0, 0.0)
    assert points[-1] == (0.0, 1.0)
    assert abstention.refused_at(points, 1.0) == 0.5
    assert abstention.refused_at(points, 0.75) == 1.0
    cosines = [0.5] * 4
    one = abstention.Abstention("null", (answerable, cosines), (unanswerable, cosines), 0.75, 1.0, 0.65)
    abstention.write(tmp_path, [one])
    gate, cosine = [line for line in (tmp_path / "abstention.md").read_text().splitlines() if "| null |" in line]
    assert "0.750 / 1.000" in gate
    assert "| 0.500 | 0.000 | 0.000 | 0.000 | 0.000 |" in cosine
    assert (tmp_path / "abstention.png").read_bytes().startswith(b"\x89PNG")


def test_an_edit_changes_one_fact_of_a_sentence_and_is_the_same_in_every_run() -> None:
    text = (
        "The ferry to Ulla was built in Bergen in 1987 and carried Ana Ruiz to Narvik in June. "
        "Later the town of Hamar bought the boat for 41 million kroner, which did not please its council at all."
    )
    given = Passage(1, "k", 1, 0, 0, len(text), text, "A report", None, None, None, None)
    made = edits([given], 7)
    assert made == edits([given], 7)
    assert {edit.kind for edit in made} == {
        "a digit changed",
        "a number of the passage for another",
        "a name of the passage for another",
        "two names exchanged",
        "another month",
        "a negation put in",
        "a negation taken out",
    }
    originals = [span.of(text).split() for span in sentences(text)]
    for edit in made:
        changes = min(
            sum(kind != "equal" for kind, *_ in SequenceMatcher(None, one, edit.claim.split()).get_opcodes())
            for one in originals
        )
        assert changes in ((1, 2) if edit.kind == "two names exchanged" else (1,)), edit


def test_a_question_has_the_type_its_set_gives_it_or_its_question_word() -> None:
    assert type_of({"question": "Do both say so?", "type": "comparison_query"}) == "comparison"
    asked = {
        "In which year did it open?": "when",
        "Of the towers, how many fell?": "how many",
        "How did it fall?": "how",
        "Whose was it?": "who",
        "Name the bridge.": "other",
    }
    assert {question: type_of({"question": question, "type": "answerable"}) for question in asked} == asked


def test_an_answer_is_judged_by_what_it_quotes_and_by_whom() -> None:
    question = {
        "question": "Who did both blame?",
        "type": "inference_query",
        "answer": "Ada Quill",
        "evidence": [],
        "evidence_ids": ["a", "b"],
    }
    shown = [Shown("They blamed Ada Quill.", 1), Shown("It rained.", 3)]
    assert judge_answer(question, shown, {1: "a", 2: "b", 3: "c"}) == {
        "answer quoted": 1.0,
        "evidence articles cited": 0.5,
        "cited articles that are evidence": 0.5,
    }
    # Silence cites nothing wrong, and a verdict stands in no sentence.
    assert judge_answer(question | {"type": "temporal_query"}, [], {}) == {"evidence articles cited": 0.0}


async def test_plain_readers_quote_what_shares_most_words_and_what_is_nearest(tmp_path: Path) -> None:
    texts = ("The ferry to Orvik sails at nine. Its captain likes tea.", "A boat leaves the island each morning.")
    async with open_app(settings_alone(tmp_path)) as app:
        library = await app.libraries.open(LOCAL)
        async for _ in library.add(
            [ArticleDraft(title=str(n), text=text, identity=str(n)) for n, text in enumerate(texts)]
        ):
            pass
        found = await plain(library, "When does the ferry sail to Orvik?")
    assert {system: shown[0].text for system, shown in found.items()} == {
        "BM25 alone": "The ferry to Orvik sails at nine.",
        "dense alone": "The ferry to Orvik sails at nine.",
    }
    assert [one.text for one in found["dense alone"]][1] == "A boat leaves the island each morning."
