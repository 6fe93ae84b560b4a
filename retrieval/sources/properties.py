"""Title, author and date as Office programs keep them, without what templates left there."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Protocol

# Documents that programs write with python-docx and python-pptx start from a template, and keep its date and author.
TEMPLATE_DAYS = {date(2013, 12, 23), date(2013, 1, 27)}
TEMPLATE_AUTHORS = {"python-docx", "steve canny", "openpyxl", "unknown", "author", "user", "administrator"}
# "Microsoft Word - budget_v3.doc", "untitled", "Slide 1": what programs write when nobody gave a title.
NO_TITLE = re.compile(
    r"(?:microsoft \w+ - .*|untitled.*|(?:powerpoint presentation|word document|document|presentation|slide|book)\s*\d*"
    r"|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|tex|dvi|odt|rtf))",
    re.IGNORECASE,
)


class CoreProperties(Protocol):
    """What python-docx, python-pptx and openpyxl have in common."""

    title: str | None
    created: datetime | None
    modified: datetime | None


def proper_title(title: str | None) -> str | None:
    """The title, unless it is one that a program made up."""
    cleaned = " ".join((title or "").split())
    return cleaned if cleaned and not NO_TITLE.fullmatch(cleaned) else None


def proper_author(author: str | None) -> str | None:
    """The author, unless it is a template's or a computer's."""
    cleaned = " ".join((author or "").split())
    return cleaned if cleaned.lower() not in TEMPLATE_AUTHORS and cleaned else None


def written_on(properties: CoreProperties) -> str | None:
    """The day the document was made, else last changed."""
    for moment in (properties.created, properties.modified):
        if moment and moment.year > 1980 and moment.date() not in TEMPLATE_DAYS:
            return moment.date().isoformat()
    return None
