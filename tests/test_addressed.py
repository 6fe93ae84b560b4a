"""Which messages are questions for the bot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.addressed import Incoming, decide

ME = 42
PLAIN = Incoming(
    content="who controls the data centers?",
    from_bot=False,
    ordinary=True,
    direct=False,
    mentions_bot=False,
    mentions_others=False,
    replies_to_bot=False,
    replies_to_other=False,
    bot_thread=False,
)


@pytest.mark.parametrize(
    "change, question",
    [
        ({"content": f"<@{ME}> who?", "mentions_bot": True}, "who?"),
        ({"content": f"who <@!{ME}> ?", "mentions_bot": True, "replies_to_other": True}, "who ?"),
        ({"direct": True}, PLAIN.content),
        ({"replies_to_bot": True, "mentions_bot": True}, PLAIN.content),
        ({"replies_to_bot": True}, PLAIN.content),
        ({"bot_thread": True}, PLAIN.content),
        ({"content": f"<@{ME}>", "mentions_bot": True}, ""),
        ({"content": f"<@{ME}> who <@77> <#88> is it?", "mentions_bot": True, "mentions_others": True}, "who is it?"),
    ],
)
def test_these_are_answered(change: dict[str, object], question: str) -> None:
    decision = decide(replace(PLAIN, **change), ME)  # type: ignore[arg-type]
    assert decision.answer
    assert decision.question == question


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"content": "@everyone look", "mentions_others": True},
        {"direct": True, "from_bot": True},
        {"mentions_bot": True, "content": f"<@{ME}> hi", "ordinary": False},
        {"mentions_bot": True, "replies_to_other": True},
        {"bot_thread": True, "replies_to_other": True},
        {"bot_thread": True, "mentions_others": True},
        {"bot_thread": True, "content": ""},
    ],
)
def test_these_are_ignored(change: dict[str, object]) -> None:
    assert not decide(replace(PLAIN, **change), ME).answer  # type: ignore[arg-type]


def test_a_reply_whose_text_is_hidden_gets_an_explanation() -> None:
    assert decide(replace(PLAIN, content="", replies_to_bot=True), ME).why == "text withheld"
