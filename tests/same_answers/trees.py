"""Two trees of the product, the base commit and the working tree, and a suite that runs the code of one of them."""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.running_suite import ADMIN_KEY, READY_SECONDS, RunningSuite, wait_until
from tests.tree_python import python_of

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".same-answers"
START_MODULES = ("cli.main", "gateway.cli.main")
LIMITS = {"SIHE_WRONG_KEYS": "10000"}
"""Every operation is requested with a wrong key, from one address."""
PACKAGES = ("gateway", "shared", "services.crm", "services.erp")


class ForeignCode(AssertionError):
    """Raised when a suite imports code that is not in its tree."""


def commit_of(revision: str) -> str:
    """Return the full id of a revision of this repository."""
    command = ["git", "rev-parse", "--verify", f"{revision}^{{commit}}"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def exported_tree(commit: str) -> Path:
    """Return a folder with the files of a commit; export them if they are not cached."""
    folder = CACHE / commit / "tree"
    if not folder.is_dir():
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        draft = folder.with_name("tree.new")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(draft, filter="data")
        draft.rename(folder)
    return folder


def environment(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}


def require_own_code(tree: Path) -> None:
    """Raises ForeignCode if a process started in the tree imports a package from outside it."""
    script = f"import importlib\nfor name in {PACKAGES}: print(importlib.import_module(name).__path__[0])"
    command = [python_of(tree), "-c", script]
    found = subprocess.run(command, cwd=tree, env=environment(tree), check=True, capture_output=True, text=True).stdout
    for path in found.split():
        if not Path(path).resolve().is_relative_to(tree.resolve()):
            raise ForeignCode(f"{path} is not in {tree}")


class SuiteOfTree(RunningSuite):
    """A suite with the code of one tree, on its own home and a free port."""

    def __init__(self, home: Path, tree: Path) -> None:
        super().__init__(home)
        self.tree = tree

    def start(self) -> None:
        """Start the suite and wait until it is ready. Raises ForeignCode."""
        require_own_code(self.tree)
        self.home.mkdir(parents=True, exist_ok=True)
        settings = {"SIHE_HOME": str(self.home), "SIHE_PORT": "0", "SIHE_ADMIN_KEY": ADMIN_KEY} | LIMITS
        command = [python_of(self.tree), "-m", self._start_module(), "up"]
        with (self.home / "up.log").open("ab") as log:
            variables = environment(self.tree) | settings
            self._up = subprocess.Popen(command, cwd=self.tree, env=variables, stdout=log, stderr=log)
        wait_until(self._is_ready, READY_SECONDS, f"the suite of {self.tree}")

    def _start_module(self) -> str:
        """Return the first start command that the tree has."""
        files = {name: self.tree / f"{name.replace('.', '/')}.py" for name in START_MODULES}
        return next(name for name, file in files.items() if file.is_file())


@contextmanager
def suite_of(tree: Path) -> Iterator[SuiteOfTree]:
    """Run a suite of the tree on a temporary home."""
    with TemporaryDirectory(prefix="sihe-same-") as folder:
        suite = SuiteOfTree(Path(folder) / "suite", tree)
        try:
            suite.start()
            yield suite
        finally:
            suite.stop()
