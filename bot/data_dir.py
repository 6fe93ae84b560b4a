"""The data directory and the lock that keeps two processes out of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import SettingsError
from retrieval.errors import DataDirectoryBusy

LOCK = "lock"


@contextmanager
def locked(directory: Path) -> Iterator[Path]:
    """Own the directory until the block ends; it is created if need be.

    The lock belongs to the open file, so it goes with the process however that ends. Raises DataDirectoryBusy
    when another process has it, SettingsError when the directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR is {directory}, which cannot be written ({error.strerror}); choose another directory."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise DataDirectoryBusy(
                f"Another footnote process (number {owner}) is using {directory}. Ask it in Discord or in its own "
                "window, or stop it first: two processes would damage the index."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield directory
    finally:
        os.close(descriptor)
