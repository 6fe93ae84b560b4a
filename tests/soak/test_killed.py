"""A hundred times `kill -9` in the middle of ingestions, replacements and removals."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest

from bot.app import open_app
from bot.settings import Settings
from tests.running import ROOT, environment
from tests.soak.agreement import assert_agreement
from tests.soak.work import SERVER

KILLS = 100


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_whatever_is_killed_leaves_three_indexes_that_agree(tmp_path: Path) -> None:
    chance = random.Random(7)
    directory = tmp_path / "data"
    changed = 0
    for seed in range(KILLS):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.soak.work", str(directory), str(seed)),
            cwd=ROOT,
            env=environment(directory),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), 60)
        await asyncio.sleep(chance.uniform(0.0, 4.0))
        process.kill()
        await process.wait()
        if seed % 5 == 4:
            settings = Settings(data_dir=directory, starter_articles=tmp_path / "none", _env_file=None)
            async with open_app(settings) as app:
                library = await app.libraries.open(SERVER)
                await assert_agreement(app.libraries, library)
                changed += len(await library.articles())
    assert changed > 0
