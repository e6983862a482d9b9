"""Skipped tests fail a run of `.ci/run`, unless the list allows their reason."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skipped import unexpected

ROOT = Path(__file__).resolve().parents[2]
ODD, ALLOWED = "this is too hard", "the golden case bills is not next to the project"


@pytest.mark.parametrize(
    ("reason", "variables", "code"),
    [(ODD, {"CI": "true"}, 1), (ALLOWED, {"CI": "true"}, 0), (ODD, {}, 0)],
    ids=["odd", "allowed", "odd, by hand"],
)
def test_a_skipped_test_fails_the_run_unless_its_reason_is_listed(
    tmp_path: Path, reason: str, variables: dict[str, str], code: int
) -> None:
    file = tmp_path / "test_example.py"
    file.write_text(f"import pytest\n\ndef test_nothing():\n    pytest.skip({reason!r})\n")
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.skipped", "-p", "no:cacheprovider", str(file)]
    ended = subprocess.run(
        [*command, f"--rootdir={tmp_path}", "-c", os.devnull],
        cwd=tmp_path, env=kept | variables | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == code, ended.stdout + ended.stderr


def test_the_list_allows_known_reasons_only() -> None:
    assert unexpected([f"Skipped: {ODD}", f"Skipped: {ALLOWED}"]) == [f"Skipped: {ODD}"]
