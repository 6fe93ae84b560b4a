"""The program in a terminal, as a script or a person without a token runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.data_dir import locked
from tests.running import ROOT, ask, environment, footnote

ARTICLE = """---
title: The Halden reactor reopens
date: 2024-05-02
source: Fjord Courier
url: https://courier.example/halden
---
The research reactor at Halden reopened on 2 May 2024 after six years of repairs. Its director, Ingrid Solberg, said
that the work had cost 41 million kroner. The reactor supplies isotopes to four hospitals in Oslo and Bergen.

The town council had opposed the reopening at first. It changed its mind after the operator promised to move the waste
to a storehouse outside the town by 2027.
"""


@pytest.fixture(scope="module")
def halden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose library holds one article that nobody has seen."""
    data = tmp_path_factory.mktemp("halden") / "data"
    article = data.parent / "halden.md"
    article.write_text(ARTICLE)
    done = footnote(data, "ingest", str(article))
    assert done.returncode == 0, done.stderr
    assert "Indexed 1 article" in done.stdout
    return data


def test_a_first_run_indexes_the_articles_and_shows_both_sides_of_the_example(tmp_path: Path) -> None:
    first = footnote(tmp_path / "data", "run")
    assert first.returncode == 0, first.stderr
    assert "Indexed 8 articles" in first.stdout
    assert "Who controls the data centers?" in first.stdout
    assert "disagree" in first.stdout
    assert {"[1]", "[2]"} <= set(re.findall(r"\[\d\]", first.stdout))
    assert "#:~:text=" in first.stdout
    quotes = re.findall(r"^    “(.+)”$", first.stdout, re.MULTILINE)
    articles = "\n".join(path.read_text() for path in (ROOT / "articles").glob("*.md"))
    assert len(quotes) >= 2
    assert all(quote in articles for quote in quotes)

    second = footnote(tmp_path / "data", "run")
    assert "8 articles unchanged" in second.stdout
    assert "Indexed" not in second.stdout


def test_an_answer_quotes_words_that_stand_at_their_offsets(halden: Path) -> None:
    answer = ask(halden, "How much did the repairs of the Halden reactor cost?")
    assert answer["status"] == "answered"
    assert "41 million kroner" in answer["text"]
    body = ARTICLE.split("---\n", 2)[2]
    for citation in answer["citations"]:
        assert body[citation["start"] : citation["end"]] == citation["quote"]
        assert (citation["title"], citation["published_at"]) == ("The Halden reactor reopens", "2024-05-02")
        assert citation["url"] == "https://courier.example/halden"
    assert set(answer) >= {"status", "text", "citations", "passages", "model", "usage", "timings"}


def test_a_question_the_library_does_not_answer_is_refused(halden: Path) -> None:
    answer = ask(halden, "What is the capital of the Halden region?")
    assert (answer["status"], answer["citations"]) == ("not_in_library", [])
    assert "Halden" in answer["text"], "the nearest article is named"


def test_a_chat_answers_one_question_after_the_other_each_as_far_as_the_library_does(halden: Path) -> None:
    questions = [
        "How do I bake sourdough bread?",
        "Who is the director of the Halden reactor, and what is the capital of Mongolia?",
    ]
    done = footnote(halden, "chat", typed="\n".join(questions))
    assert done.returncode == 0, done.stderr
    _, refused, partial, _ = done.stdout.split("? ")
    assert "The library does not hold the answer" in refused
    assert "[1]" not in refused
    assert "Ingrid Solberg" in partial
    assert "I did not find: what is the capital of Mongolia?" in partial


@pytest.mark.slow
def test_commands_of_discord_work_in_the_chat_with_their_slash(halden: Path) -> None:
    typed = [
        "/why",
        "hello",
        "/why",
        "Who is the director of the Halden reactor?",
        "/why",
        "/sources",
        "/Help",
        "/dance",
        "/quit",
        "Bye?",
    ]
    done = footnote(halden, "chat", typed="\n".join(typed))
    assert done.returncode == 0, done.stderr
    _, early, hello, nothing, asked, why, sources, helped, unknown, left = re.split(
        r"^\? (?!Who)", done.stdout, flags=re.MULTILINE
    )
    assert "Nothing was asked yet." in early
    assert "Hello!" in hello
    assert "needed no search" in nothing
    assert "Ingrid Solberg" in asked
    assert "1 passage considered" in why
    assert "cited" in why
    assert "The library holds 1 article. Their sources: Fjord Courier." in sources
    assert "`footnote ingest PATH…`" in helped
    assert "There is no /dance in the chat" in unknown
    assert "Bye" not in left


@pytest.mark.slow
def test_a_first_run_with_own_articles_asks_nothing_that_they_do_not_answer(tmp_path: Path) -> None:
    (tmp_path / "halden.md").write_text(ARTICLE)
    first = footnote(tmp_path / "data", "run", STARTER_ARTICLES=str(tmp_path / "halden.md"))
    assert first.returncode == 0, first.stderr
    assert "Ask about “The Halden reactor reopens”." in first.stdout
    assert "data centers" not in first.stdout
    assert "does not hold" not in first.stdout


@pytest.mark.slow
def test_an_export_keeps_addresses_and_hides_paths(halden: Path, tmp_path: Path) -> None:
    exported = footnote(halden, "articles", "export").stdout
    (row,) = map(json.loads, exported.splitlines())
    assert (row["id"], row["title"]) == ("https://courier.example/halden", "The Halden reactor reopens")
    (tmp_path / "export.jsonl").write_text(exported)
    (tmp_path / "halden.md").write_text(ARTICLE.replace("41 million", "43 million"))
    assert footnote(tmp_path / "data", "ingest", str(tmp_path / "export.jsonl")).returncode == 0
    assert footnote(tmp_path / "data", "ingest", str(tmp_path / "halden.md")).returncode == 0
    (listed,) = footnote(tmp_path / "data", "articles", "--json").stdout.splitlines()
    assert json.loads(listed)["identity"] == "https://courier.example/halden"
    assert str(tmp_path) not in exported


def test_ingest_reports_what_cannot_be_read_and_takes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The lighthouse at Skagen was built in 1858 by Niels Nebelong.")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "table.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    names = [str(tmp_path / name) for name in ("good.txt", "empty.md", "table.xls", "missing.txt")]
    done = footnote(tmp_path / "data", "ingest", *names)
    assert done.returncode == 0
    assert "Indexed 1 article" in done.stdout
    assert "empty.md: the file is empty" in done.stdout
    assert "files of this kind cannot be read" in done.stdout
    assert "no such file or folder" in done.stdout


def test_an_ingestion_of_nothing_but_an_empty_file_and_an_address_that_is_not_public_fails(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    done = footnote(tmp_path / "data", "ingest", str(tmp_path / "empty.md"), "http://127.0.0.1/x")
    assert done.returncode == 1
    assert "empty.md: the file is empty" in done.stdout
    assert "127.0.0.1 is not on the public web, so it is not read." in done.stdout


def test_an_unknown_library_is_not_created_by_a_typing_error(halden: Path) -> None:
    done = footnote(halden, "ask", "Anything?", "--library", "12345")
    assert done.returncode == 1
    assert done.stderr.strip() == "footnote: There is no library 12345; there are: local."


def test_a_second_process_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with locked(tmp_path / "data"):
        done = footnote(tmp_path / "data", "ask", "Anything?")
    assert done.returncode == 1
    assert f"Another footnote process (number {os.getpid()})" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is wrong"),
        ({"OPENAI_BASE_URL": "ollama:11434"}, "OPENAI_BASE_URL is wrong"),
        ({"MODEL_TIMEOUT": "soon"}, "MODEL_TIMEOUT is wrong"),
        ({"EMBEDDING_MODEL": "text-embedding-3-small"}, "EMBEDDING_MODEL is text-embedding-3-small, which needs"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be used"),
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR is /proc/nowhere, which cannot be written"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    done = footnote(tmp_path / "data", "ask", "Anything?", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith(f"footnote: {sentence}"), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_name_in_env_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKN=x\n")
    done = footnote(tmp_path / "data", "ask", "Anything?", cwd=tmp_path)
    assert "DISCORD_TOKN in .env is not a setting of Footnote" in done.stderr


def test_changing_the_embedding_model_is_refused_until_the_library_is_embedded_again(halden: Path) -> None:
    changed = {"EMBEDDING_MODEL": "other", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    done = footnote(halden, "ask", "Anything?", **changed)
    assert done.returncode == 1
    assert "footnote reindex" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_killed_while_indexing_it_is_complete_after_the_next_start(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(16):
        text = " ".join(f"Village {number} has house {house} with a green door." for house in range(40))
        (articles / f"village-{number}.txt").write_text(text)
    settings = environment(tmp_path / "data", STARTER_ARTICLES=str(articles))
    command = [sys.executable, "-m", "bot", "run"]
    process = subprocess.Popen(command, env=settings, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (tmp_path / "data" / "chroma" / "chroma.sqlite3").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGKILL)
    process.wait()

    again = footnote(tmp_path / "data", "run", STARTER_ARTICLES=str(articles))
    assert again.returncode == 0, again.stderr
    listed = footnote(tmp_path / "data", "articles", "--json").stdout.splitlines()
    assert sorted(json.loads(line)["title"] for line in listed) == sorted(f"Village {n}" for n in range(16))
    assert "agrees with the database" in footnote(tmp_path / "data", "doctor").stdout


@pytest.mark.slow
def test_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    done = footnote(tmp_path / "data", "doctor", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 1
    assert "✗ model" in done.stdout
    assert "✓ embedder" in done.stdout
    assert "✓ database" in done.stdout
    assert "✓ chroma" in done.stdout
