"""Who holds a post: "Who is the mayor of Moss?" is answered where the post is named, by its word or by a like one."""

from __future__ import annotations

import re

# What is asked for, and the words that tell who has it.
_TOLD = {
    "ceo|chief executive(?: officer)?": r"ceo|chief executive|boss|heads|headed|leads?|led",
    "boss|head|leader|chief": r"ceo|chief|boss|head\w*|lead\w*|led|president|chair\w*|direct\w*|minister|manag\w+|runs",
    "chair(?:man|woman|person)?": r"chair\w*",
    "(?:vice )?president": r"president\w*",
    "cfo|chief financial officer|finance (?:chief|director)": r"cfo|chief financ\w+|financ\w+ (?:chief|director)",
    "(?:co-?)?founders?": r"(?:co-?)?found\w+|set up|start\w*|creat\w+|establish\w*|launch\w*|began",
    "owners?": r"own\w*|bought|belongs?|acquir\w+",
    "mayor": r"mayor\w*",
    "(?:head )?coach|trainer": r"coach\w*|train\w+|manag\w+",
    "captain|skipper": r"captain\w*|skipper\w*",
    "director": r"direct\w+|heads|headed|leads?|led",
    "editor": r"edit\w+",
    "inventor": r"invent\w+|creat\w+|develop\w*|devis\w+|built|made",
    "architect|designer": r"architect\w*|design\w*|drew|built",
    "(?:prime )?minister": r"minister\w*|premier\w*",
    "governor": r"governor\w*",
    "spokes(?:man|woman|person)": r"spokes\w+|spoke|sa(?:id|ys)|told",
    "lawyers?|attorneys?": r"lawyers?|attorneys?|counsel|represent\w*|barristers?|solicitors?|law firms?|sued|argued",
    "successor": r"succ\w+|replac\w+|takes? over|took over|follow\w*|next|interim",
}
_OF_WHOM = (
    r"\bwho(?:['’]s| is| was| are| were| became) (?:(?:the|an?|its|their|his|her|our|new|old|current|present|first|last"
    r"|next|former|acting|interim|[\w.&-]+['’]s?) ){0,4}"
)
_POSTS = tuple(
    (re.compile(rf"{_OF_WHOM}(?:{post})\b", re.IGNORECASE), re.compile(rf"\b(?:{told})\b", re.IGNORECASE))
    for post, told in _TOLD.items()
)


def post_asked(question: str) -> re.Pattern[str] | None:
    """What finds the words that tell who holds the post that a question asks for; None if it asks for none."""
    return next((told for asks, told in _POSTS if asks.search(question)), None)
