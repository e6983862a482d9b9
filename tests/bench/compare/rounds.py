"""Rounds of a row, each in a fresh process whose folder and import path are one tree."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.compare.verdict import Comparison
from tests.tree_python import python_of

DRIVER = Path(__file__).with_name("driver.py")
ROUND_SECONDS, END_SECONDS = 600.0, 20.0

Figures = Sequence[Mapping[str, Any]]


class RowBroken(Exception):
    """Raised when a row fails in one of the trees, or its figures do not match."""


class RowSkipped(Exception):
    """Raised when this machine cannot take the row in either tree."""


@dataclass(frozen=True)
class Trees:
    """The two sides of a comparison."""

    base: Path
    new: Path

    def compare(self, row: str, share: float, pairs: int) -> list[Comparison]:
        """Return each figure with its values of all pairs. Raises RowBroken, RowSkipped."""
        taken = [self._take_pair(row, share, is_base_first=turn % 2 == 0) for turn in range(pairs)]
        base, new = zip(*taken, strict=True)
        return compare_figures(row, base, new)

    def _take_pair(self, row: str, share: float, is_base_first: bool) -> tuple[Figures, Figures]:
        """Take one round in each tree. The order alternates, so that both trees take second rounds."""
        sides = [("base", self.base), ("new", self.new)]
        order = sides if is_base_first else sides[::-1]
        answers = {side: run_driver(tree, side, row, str(share)) for side, tree in order}
        _refuse_skipped(answers)
        return answers["base"]["figures"], answers["new"]["figures"]


def _refuse_skipped(answers: Mapping[str, Any]) -> None:
    reasons = {side: answer["skipped"] for side, answer in answers.items() if "skipped" in answer}
    if len(reasons) == len(answers):
        raise RowSkipped(reasons["base"])
    for side, reason in reasons.items():
        raise RowBroken(f"skipped in the {side} tree alone: {reason}")


def compare_figures(row: str, base: Sequence[Figures], new: Sequence[Figures]) -> list[Comparison]:
    """Match the figures of all rounds by their index: names may change. Raises RowBroken if the numbers differ."""
    numbers = sorted({len(figures) for figures in (*base, *new)})
    if len(numbers) > 1:
        raise RowBroken(f"the numbers of figures differ: {numbers}")
    return [_compare_figure(row, *each) for each in zip(zip(*base, strict=True), zip(*new, strict=True), strict=True)]


def _compare_figure(row: str, base: Sequence[Any], new: Sequence[Any]) -> Comparison:
    last = new[-1]
    values = [[each["value"] for each in side] for side in (base, new)]
    return Comparison(row, last["name"], last["unit"], last["is_cost"], *values)


def row_names(tree: Path) -> list[str]:
    """Return the default rows of the base tree. Raises RowBroken if its bench cannot be imported."""
    names: list[str] = run_driver(tree, "base")
    return names


def run_driver(tree: Path, side: str, *arguments: str) -> Any:
    """Return the last line that the driver prints, decoded. Raises RowBroken with the last line of its errors."""
    process = subprocess.Popen(
        [python_of(tree), "-P", str(DRIVER), *arguments],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with _ended_if_interrupted(process):
        output, errors = process.communicate(timeout=ROUND_SECONDS)
    if process.returncode:
        raise RowBroken(f"the {side} tree: {_last_line(errors) or f'exit code {process.returncode}'}")
    return json.loads(_last_line(output))


@contextmanager
def _ended_if_interrupted(process: "subprocess.Popen[str]") -> Iterator[None]:
    """End the driver and all that it started if it takes too long or the user interrupts the comparison."""
    try:
        yield
    except BaseException as reason:
        _end(process)
        if isinstance(reason, subprocess.TimeoutExpired):
            raise RowBroken(f"not done within {ROUND_SECONDS:.0f} s") from None
        raise


def _end(process: "subprocess.Popen[str]") -> None:
    """End the process group: by an interrupt, which cleans up, else at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=END_SECONDS)
            return
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
