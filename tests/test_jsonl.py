"""JSON Lines become articles."""

from __future__ import annotations

import json
import random

import pytest

from retrieval.articles import ArticleDraft, Unreadable
from tests.test_sources import read, read_one, why_not


class TestJsonLines:
    def test_a_line_is_an_article(self) -> None:
        line = {
            "id": "a-1",
            "title": "The deal",
            "url": "https://paper.example/deal",
            "published_at": "2025-10-28T14:30:00Z",
            "source": "The Paper",
            "text": "The text.",
            "views": 12,
        }
        assert read_one(json.dumps(line), "news.jsonl") == ArticleDraft(
            title="The deal",
            text="The text.",
            identity="/articles/news.jsonl#a-1",
            url="https://paper.example/deal",
            source="The Paper",
            published_at="2025-10-28T14:30:00+00:00",
        )

    @pytest.mark.parametrize(
        "bad, why",
        [
            ("{nope", "not JSON"),
            ("[1, 2]", "not a JSON object"),
            ('"text"', "not a JSON object"),
            ('{"title": "x"}', "text: field required"),
            ('{"text": null}', "text"),
            ('{"text": "  "}', "no words"),
            ('{"text": "!?…"}', "no words"),
            ('{"text": "Fine.", "url": ["x"]}', "url"),
            ('{"text": "Fine.", "id": ' + "9" * 6000 + "}", "not JSON"),
            ("[" * 100_000, "not JSON"),
        ],
        ids=lambda value: value[:24],
    )
    def test_a_bad_line_is_named_and_the_others_are_read(self, bad: str, why: str) -> None:
        first, reported, last = read(f'{{"text": "First."}}\n{bad}\n\n{{"text": "Last."}}\n', "news.jsonl")
        assert isinstance(first, ArticleDraft)
        assert isinstance(last, ArticleDraft)
        assert (first.text, last.text) == ("First.", "Last.")
        assert isinstance(reported, Unreadable)
        assert reported.reason.startswith("line 2: ")
        assert why in reported.reason

    def test_bytes_that_are_not_utf_8_spoil_one_line_only(self) -> None:
        reported, draft = read(b'{"text": "caf\xe9"}\n{"text": "Fine."}', "news.jsonl")
        assert isinstance(reported, Unreadable)
        assert isinstance(draft, ArticleDraft)

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
    def test_a_file_in_another_unicode_encoding_is_read(self, encoding: str) -> None:
        drafts = read('{"text": "Café."}\n{"text": "Fine — 港口."}\n'.encode(encoding), "news.jsonl")
        assert [getattr(draft, "text", draft) for draft in drafts] == ["Café.", "Fine — 港口."]

    def test_a_binary_file_is_refused_once(self) -> None:
        assert "not text" in why_not(b"\x7fEL\0" + random.Random(1).randbytes(5000), "news.jsonl")

    @pytest.mark.parametrize("number", ["12", "12345678901234567890123", "1e999", "-0.5", "NaN"])
    def test_a_number_serves_as_id_and_title(self, number: str) -> None:
        draft = read_one(f'{{"text": "Fine.", "id": {number}, "title": {number}}}', "news.jsonl")
        assert draft.title
        assert draft.identity.startswith("/articles/news.jsonl#")

    def test_lone_surrogates_and_nuls_are_replaced_in_every_field(self) -> None:
        bad = "a\\ud800b\\u0000c"
        fields = ", ".join(f'"{name}": "{bad}"' for name in ("id", "title", "url", "source", "author", "language"))
        draft = read_one(f'{{"text": "Plan \\udfff\\u0000 failed.", {fields}}}', "news.jsonl")
        assert draft.text == "Plan \ufffd\ufffd failed."
        assert draft.identity == "a\ufffdb\ufffdc"
        assert {draft.title, draft.url, draft.source, draft.author, draft.language} == {"a\ufffdb\ufffdc"}
        assert draft.content_hash

    def test_a_line_without_title_is_named_by_its_id_or_number(self) -> None:
        titles = [
            getattr(item, "title", None)
            for item in read('{"text": "A.", "id": "x1"}\n{"text": "B.", "title": " "}', "n.jsonl")
        ]
        assert titles == ["x1", "Line 2"]

    def test_long_ids_that_begin_alike_stay_two_articles(self) -> None:
        lines = "\n".join(json.dumps({"text": "Fine.", "id": "漢" * 2000 + end}) for end in "ab")
        first, second = (item.identity for item in read(lines, "news.jsonl") if isinstance(item, ArticleDraft))
        assert first != second
        assert max(len(first.encode()), len(second.encode())) < 2000
