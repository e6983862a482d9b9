"""Folder for the files of tests: in memory if the machine has enough, because a commit there waits for no disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 (each run and each server creates its own folder in it)
ENOUGH_BYTES = 4 << 30


def fast_folder() -> Path:
    """Return the in-memory folder if it has room for the tests, else the folder for temporary files."""
    is_usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    return MEMORY if is_usable and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES else Path(tempfile.gettempdir())
