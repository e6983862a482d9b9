"""The Python of a tree of another revision: with the libraries of its own lock file."""

import subprocess
import sys
from filecmp import cmp
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-tools.lock")


@cache
def python_of(tree: Path) -> str:
    """Return the interpreter of a tree: this one if it locks the same libraries or none, else one made for it."""
    locks = [each for each in LOCKS if (tree / each).is_file()]
    if tree.resolve() == ROOT or all(cmp(tree / each, ROOT / each, shallow=False) for each in locks):
        return sys.executable
    target = ".venv/.tools" if LOCKS[1] in locks else ".venv/.ready"
    subprocess.run(["make", target], cwd=tree, check=True, capture_output=True)
    return str(tree / ".venv" / "bin" / "python")
