"""Which tree a place names."""

import subprocess
from pathlib import Path

import pytest

from tests.bench.compare import trees

GIT = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit and a later change in its work tree."""
    root = tmp_path / "repository"
    module = root / "shared" / "pace.py"
    module.parent.mkdir(parents=True)
    module.write_text("PACE = 1\n")
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "one"]):
        subprocess.run([*GIT, *arguments], cwd=root, check=True)
    module.write_text("PACE = 2\n")
    monkeypatch.setattr(trees, "ROOT", root)
    monkeypatch.setattr(trees, "CACHE", tmp_path / "cache")
    return root


def test_a_revision_is_exported_as_it_was_committed(repository: Path) -> None:
    tree = trees.get_tree("HEAD")
    assert (tree / "shared" / "pace.py").read_text() == "PACE = 1\n"
    assert trees.get_tree("HEAD") == tree


def test_a_folder_is_taken_as_it_is(repository: Path) -> None:
    assert (trees.get_tree(str(repository)) / "shared" / "pace.py").read_text() == "PACE = 2\n"


def test_the_modules_are_compiled_before_the_first_round(repository: Path) -> None:
    assert list(trees.get_tree("HEAD").glob("shared/__pycache__/pace.*.pyc"))


@pytest.mark.usefixtures("repository")
def test_an_unknown_revision_is_refused() -> None:
    with pytest.raises(trees.UnknownTree):
        trees.get_tree("no-such-revision")


def test_the_default_base_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "BASE_FILE", tmp_path / "base")
    assert trees.default_base() is None
    (tmp_path / "base").write_text("4e3429f\n")
    assert trees.default_base() == "4e3429f"
