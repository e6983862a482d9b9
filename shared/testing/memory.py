"""The folder for the files of tests: in memory where the machine has enough, since a commit there waits for no disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - each run and each server makes a folder of its own in it
ENOUGH_BYTES = 4 << 30


def fast_folder() -> Path:
    """Return the folder of the machine's memory if it has room for the tests, else that for temporary files."""
    is_usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    return MEMORY if is_usable and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES else Path(tempfile.gettempdir())
