"""The two work trees: a folder as it is, or a revision exported into an ignored folder."""

import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / "var" / "bench-trees"
BASE_FILE = ROOT / "tests" / "same_answers" / "base"
PACKAGES = ("services", "gateway", "shared", "cli", "tests")


class UnknownTree(Exception):
    """Raised when a place is neither a folder nor a revision."""


def default_base() -> str | None:
    """Return the revision that the repository names as base, if it names one."""
    return BASE_FILE.read_text().strip() if BASE_FILE.exists() else None


def get_tree(place: str) -> Path:
    """Return the folder of that path or revision, compiled, so that no round pays for compiling."""
    tree = Path(place).resolve() if Path(place).is_dir() else _exported(_commit_of(place))
    packages = [package for package in PACKAGES if (tree / package).is_dir()]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *packages], cwd=tree, check=True)
    return tree


def _commit_of(revision: str) -> str:
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        raise UnknownTree(f"{revision!r} is neither a folder nor a revision.")
    return found.stdout.strip()


def _exported(commit: str) -> Path:
    """Return the export of a commit; a name in the cache is a complete export."""
    tree = CACHE / commit
    if not tree.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as folder:
            _export(commit, Path(folder))
            (Path(folder) / "tree").rename(tree)
    return tree


def _export(commit: str, folder: Path) -> None:
    archive = folder / "tree.tar"
    subprocess.run(["git", "archive", "--format=tar", f"--output={archive}", commit], cwd=ROOT, check=True)
    with tarfile.open(archive) as content:
        content.extractall(folder / "tree", filter="data")
