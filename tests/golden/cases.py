"""Known numbers, from other projects' test suites and bug reports: data next to the project."""

import json
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"

Case = dict[str, Any]


def load_case(name: str) -> Case:
    """The case, or a skip where the numbers are not at hand."""
    file = GOLDEN / f"{name}.json"
    if not file.is_file():
        pytest.skip(f"the golden case {name} is not next to the project")
    case: Case = json.loads(file.read_text())
    return case
