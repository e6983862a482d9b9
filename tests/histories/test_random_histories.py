"""Random histories of a firm come to the figures of an independent oracle, whatever people do and in which order."""

import ast
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.histories.history import Disagreement, History
from tests.histories.run import run_history

SEEDS, STEPS = 100, 40
ORACLE = Path(__file__).parent / "oracle"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_random_history_comes_to_the_figures_of_the_oracle(seed: int) -> None:
    history = _history_of_one_day(seed)
    print(f"{history.figures} figures compared")
    assert history.figures > 200


def _history_of_one_day(seed: int) -> History:
    """Run a history; one that began before midnight and disagrees after it is run again on the new day."""
    began_on = datetime.now(UTC).date()
    try:
        return run_history(seed, STEPS)
    except Disagreement:
        if datetime.now(UTC).date() == began_on:
            raise
        return run_history(seed, STEPS)


def test_the_oracle_imports_no_code_of_the_suite() -> None:
    allowed = {*sys.stdlib_module_names, "tests.histories.oracle"}
    for file in ORACLE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            found = [each for each in names if not any(each == name or each.startswith(f"{name}.") for name in allowed)]
            assert found == [], f"{file.name} imports {found}"
