"""The words we say to models: one Markdown file a prompt.

A file has a part for each message under `## system` or `## human`, with `{variables}`. Reasons for the rules
stand beside them as HTML comments, which the model never sees.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate

_COMMENT = re.compile(r"[ \t]*<!--.*?-->\n?", re.DOTALL)
_PART = re.compile(r"^## (system|human)\s*$", re.MULTILINE)


@cache
def load(name: str) -> ChatPromptTemplate:
    """The prompt of that name as a LangChain template.

    Whoever has no model has no prompts, and need not wait for LangChain to be imported.
    """
    from langchain_core.prompts import ChatPromptTemplate

    text = _COMMENT.sub("", (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8"))
    roles_and_texts = _PART.split(text)[1:]
    parts = zip(roles_and_texts[::2], roles_and_texts[1::2], strict=True)
    return ChatPromptTemplate.from_messages([(role, part.strip()) for role, part in parts])
