"""The Python of a tree of another revision: with the libraries of its own lock file."""

import subprocess
import sys
from filecmp import cmp
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"


@cache
def python_of(tree: Path) -> str:
    """Return the interpreter of a tree: this one if it locks the same libraries or none, else one made for it."""
    lock = tree / LOCK
    if tree.resolve() == ROOT or not lock.is_file() or cmp(lock, ROOT / LOCK, shallow=False):
        return sys.executable
    subprocess.run(["make", ".venv/.ready"], cwd=tree, check=True, capture_output=True)
    return str(tree / ".venv" / "bin" / "python")
