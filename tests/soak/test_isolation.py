"""Two servers, thousands of random operations with marked texts: neither ever sees a word of the other's."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bot.app import App, open_app
from bot.settings import Settings
from retrieval.answers.answer import Answer
from retrieval.articles import ArticleDraft
from retrieval.library import Library, exported
from retrieval.listing import listed
from tests.soak.agreement import assert_agreement

SERVERS = {"111111111111111111": "kestrel", "222222222222222222": "osprey"}
OPERATIONS = 3_000
TOPICS = "harbour ferry mill bridge reactor museum school railway".split()


def draft(mark: str, topic: str, version: int) -> ArticleDraft:
    """An article that names its server's mark in every sentence; title and identity are the same on both servers."""
    words = f"The {topic} is run by {mark} crews. Its director {mark} said the {topic} costs {version} {mark} crowns. "
    return ArticleDraft(f"The {topic}", words * 3, f"https://news.example/{topic}", source=f"{mark} courier")


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_no_operation_ever_shows_the_other_servers_words(tmp_path: Path) -> None:
    chance = random.Random(11)
    settings = Settings(data_dir=tmp_path / "data", starter_articles=tmp_path / "none", _env_file=None)
    seen = dict.fromkeys(SERVERS, 0)
    async with open_app(settings) as app:
        libraries = {key: await app.libraries.open(key) for key in SERVERS}
        for version in range(OPERATIONS):
            key = chance.choice(list(SERVERS))
            shown = await _operate(app, libraries[key], SERVERS[key], chance, version)
            (other,) = [mark for found, mark in SERVERS.items() if found != key]
            assert other not in shown, (key, version)
            seen[key] += SERVERS[key] in shown
        for library in libraries.values():
            await assert_agreement(app.libraries, library)
    assert min(seen.values()) > OPERATIONS // 10


async def _operate(app: App, library: Library, mark: str, chance: random.Random, version: int) -> str:
    """One random operation; gives everything a person of that server would be shown."""
    topic = chance.choice(TOPICS)
    match chance.randrange(6):
        case 0:
            return str([added async for added in library.add([draft(mark, topic, version)])])
        case 1:
            records = await library.articles()
            if records:
                await library.remove(chance.choice(records).id)
            return str(listed(await library.articles(), search=topic))
        case 2 | 3:
            return _shown(await app.answerer.answer(library, f"Who runs the {topic}, and what does it cost?"))
        case 4:
            return "".join([row async for row in exported(library)])
        case _:
            records = await library.articles()
            alone = library.only(chance.randrange(1, 2_000))
            answer = await app.answerer.answer(alone, f"Who is the director of the {topic}?")
            return _shown(answer) + str([await library.text(number) for number in range(1, 60)]) + str(records[:1])


def _shown(answer: Answer) -> str:
    return re.sub(r"\s+", " ", str(answer))
