"""Each row of the list of bad input that concerns an existing feature has its test."""

import re
from pathlib import Path

ROWS = {
    *range(1, 31), 33, 35, 36, *range(41, 47), *range(55, 63), *range(71, 80), *range(82, 86), 102,
}  # fmt: skip


def test_every_row_has_a_test() -> None:
    tested = {
        int(row)
        for module in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"^def (test_s\d\w+)", module.read_text(), re.MULTILINE)
        for row in re.findall(r"_s(\d+)_", name)
    }
    assert tested == ROWS
