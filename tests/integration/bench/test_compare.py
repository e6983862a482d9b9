"""The comparison of small trees whose bench returns fixed figures, independent of a clock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.compare import rounds

ROOT = Path(__file__).resolve().parents[3]
COMMAND = """
from threading import Event
from types import SimpleNamespace
from PACKAGE.measure import Skipped

def figures(effort):
    assert (effort.rounds, effort.share) == (1, 0.5)
    limit = SimpleNamespace(least=60, unit=" ms", most=True, number="{:.1f}")
    print("a line that a row prints")
    return [SimpleNamespace(name="cost", ours="", judged=[COST], goal=limit, notes=[])]

def broken(effort):
    raise ValueError("no figures")

def endless(effort):
    Event().wait()

def skipped(effort):
    raise Skipped("no PostgreSQL")

ROWS = {"fixed": ROW}
LONG = {}
"""
MEASURE = """
from types import SimpleNamespace as Effort

class Skipped(Exception):
    pass
"""


def make_tree(folder: Path, cost: float = 10, row: str = "figures", package: str = "tests.bench") -> str:
    """Return a tree with one row of one figure."""
    bench = folder.joinpath(*package.split("."))
    bench.mkdir(parents=True)
    (bench / "__init__.py").touch()
    (bench / "command.py").write_text(
        COMMAND.replace("PACKAGE", package).replace("COST", str(cost)).replace("ROW}", f"{row}}}")
    )
    (bench / "measure.py").write_text(MEASURE)
    (folder / "shared").mkdir()
    (folder / "shared" / "__init__.py").touch()
    (folder / "shared" / "telemetry.py").write_text("def configure_logging(service, level): pass\n")
    if package.startswith("gateway"):
        (folder / "gateway" / "__init__.py").touch()
    return str(folder)


def compare(base: str, other: str, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.bench.compare.command", "--base", base, "--other", other, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run([*command, "--share", "0.5"], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def base(tmp_path: Path) -> str:
    return make_tree(tmp_path / "base")


def test_a_tree_that_costs_a_fifth_more_is_worse(base: str, tmp_path: Path) -> None:
    ended = compare(base, make_tree(tmp_path / "new", cost=12))
    assert "1 worse, 0 better, 0 not worse, 0 undecided" in ended.stdout
    assert "1.200 … 1.200" in ended.stdout
    assert ended.returncode == 1


def test_a_tree_is_not_worse_than_itself(base: str) -> None:
    ended = compare(base, base)
    assert "0 worse, 0 better, 1 not worse, 0 undecided" in ended.stdout
    assert ended.returncode == 0


def test_the_bench_of_an_older_layout_is_compared(tmp_path: Path, base: str) -> None:
    ended = compare(make_tree(tmp_path / "old", cost=20, package="gateway.cli.bench"), base)
    assert "0 worse, 1 better" in ended.stdout
    assert ended.returncode == 0


@pytest.mark.parametrize("side", ["base", "new"])
def test_a_row_that_breaks_in_one_tree_is_reported(base: str, tmp_path: Path, side: str) -> None:
    breaking = make_tree(tmp_path / "breaking", row="broken")
    ended = compare(*((breaking, base) if side == "base" else (base, breaking)))
    assert f"fixed     broken: the {side} tree: ValueError: no figures" in ended.stdout
    assert ended.returncode == 1


def test_a_row_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ROUND_SECONDS", 0.5)
    tree = Path(make_tree(tmp_path / "tree", row="endless"))
    with pytest.raises(rounds.RowBroken, match="not done within"):
        rounds.run_driver(tree, "new", "fixed", "0.5")


def test_a_row_that_one_tree_lacks_is_reported(base: str) -> None:
    ended = compare(base, base, "--only", "missing")
    assert "broken: the base tree: KeyError: 'missing'" in ended.stdout
    assert ended.returncode == 1


def test_a_row_that_neither_tree_can_take_is_skipped(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree", row="skipped")
    ended = compare(tree, tree)
    assert "skipped: no PostgreSQL" in ended.stdout
    assert ended.returncode == 0


def test_a_row_that_one_tree_alone_skips_is_broken(base: str, tmp_path: Path) -> None:
    ended = compare(base, make_tree(tmp_path / "new", row="skipped"))
    assert "broken: skipped in the new tree alone: no PostgreSQL" in ended.stdout
    assert ended.returncode == 1


def test_fewer_than_seven_pairs_are_refused(base: str) -> None:
    assert compare(base, base, "--pairs", "6").returncode == 2


def test_a_place_that_is_no_folder_and_no_revision_is_refused(base: str) -> None:
    ended = compare("no-such-revision", base)
    assert "neither a folder nor a revision" in ended.stderr
    assert ended.returncode == 2
