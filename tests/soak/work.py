"""What the killed process of `test_killed.py` does: random changes of a library, for ever.

`python -m tests.soak.work DIRECTORY SEED`
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from bot.app import open_app
from bot.settings import Settings
from retrieval.articles import ArticleDraft
from retrieval.ingestion.job import FileRequest, TextRequest, TooManyJobs

SERVER = "123456789012345678"
NOTES = 12


def text(number: int, version: int) -> str:
    """An article of one to six passages that says which one and which version it is."""
    sentence = f"Note {number} in version {version} says that boat {number} carries {version} tonnes. "
    return "\n\n".join(f"Part {part}. " + sentence * 25 for part in range(1 + number % 6))


async def change(directory: Path, seed: int) -> None:
    """Add, replace and remove until the process is killed."""
    chance = random.Random(seed)
    settings = Settings(data_dir=directory, starter_articles=directory / "none", _env_file=None)
    async with open_app(settings) as app:
        library = await app.libraries.open(SERVER)
        await app.jobs.resume()
        print("ready", flush=True)
        version = seed * 1_000
        while True:
            version += 1
            number = chance.randrange(NOTES)
            try:
                match chance.randrange(4):
                    case 0 | 1:
                        requests = [
                            TextRequest(ArticleDraft(f"Note {n}", text(n, version), f"note/{n}"))
                            for n in {number, chance.randrange(NOTES)}
                        ]
                        job = await app.jobs.submit(library, requests)
                        async for _ in app.jobs.watch(job.id):
                            pass
                    case 2:
                        content = text(number, version).encode()
                        job = await app.jobs.submit(library, [FileRequest(f"file-{number}.txt", content)])
                        await asyncio.sleep(chance.random() / 4)
                        await app.jobs.stop(job.id, library)
                    case 3:
                        for record in (await library.articles())[: chance.randrange(3)]:
                            await library.remove(record.id)
            except TooManyJobs:
                # What the killed ones left is still under way on a slow machine.
                await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(change(Path(sys.argv[1]), int(sys.argv[2])))
