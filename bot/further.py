"""What a face says below a help text or a list of articles: how to ask, and its commands that go further."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.answers.answer import Further

_HOW_TO_ASK = (
    "Go on from an answer (“and in 2024?”). Name a time (“last month”, “before 2022”) or a source (“according to …”).",
    "Ask for an overview (“tell me about …”), for what is new (“the latest on …”, “latest news”), or for what is here "
    "(“how many articles do you have?”, “which sources?”).",
)
IN_DISCORD: Mapping[Further, tuple[str, ...]] = {
    "": (),
    "help": (
        *_HOW_TO_ASK,
        "Mention me, reply to me, write me a DM, or use `/ask`. *Why this answer?* in an answer's menu (Apps) shows "
        "what was considered.",
        "`/articles list` shows what is here; `/ingest url`, `/ingest file`, `/ingest text`, `/ingest feed` add to it.",
        "`/summarize` sends key points by DM, `/digest on` what is new every day or week.",
    ),
    "articles": ("`/articles list` shows all of them.",),
}
IN_TERMINAL: Mapping[Further, tuple[str, ...]] = {
    "": (),
    "help": (
        *_HOW_TO_ASK,
        "In a chat: /why shows how the last answer came about, /articles and /sources what is here, /quit leaves.",
        "`footnote articles list` shows what is here; `footnote ingest PATH…` adds files, folders and web addresses.",
        "`footnote summarize ARTICLE` gives key points, `footnote digest now` what is new.",
    ),
    "articles": ("`footnote articles list` shows all of them.",),
}
