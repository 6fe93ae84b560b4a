"""Settings of a run that stands alone: what is measured must not depend on, or touch, anybody's installation."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from retrieval.index.embedder import MINILM


def settings_alone(data_dir: Path, model: bool = False) -> Settings:
    """The embedded defaults in a directory of the run's own.

    Whatever places articles or vectors elsewhere is overridden, not only left unread: with DATABASE_URL in the
    environment the corpora would be written into the `local` library of a real installation. `model` lets the
    chat model's settings through.
    """
    alone = Settings(_env_file=None, data_dir=data_dir, database_url=None, chroma_url=None, embedding_model=MINILM)
    return alone if model else alone.model_copy(update={"openai_api_key": None, "openai_base_url": None})
