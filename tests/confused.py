"""A Chroma worker that fails inside itself.

Apart from the tests that use it, since the worker imports it: with them it would import the program's half and pytest.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from retrieval.index.collections import ChromaConfused, run_in_worker

CONFUSED = "CONFUSED"


def confused_once(method: str, *arguments: Any) -> Any:
    """What runs in the worker; while there is the file, Chroma fails at a question as it does now and then."""
    flag = Path(os.environ[CONFUSED])
    if method == "query" and flag.exists():
        flag.unlink()
        raise ChromaConfused("Error creating hnsw segment reader: Nothing found on disk")
    return run_in_worker(method, *arguments)
