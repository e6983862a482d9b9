"""Each row of the list of bad input has its test, or says here why there is none."""

import re
from pathlib import Path

ROWS = {
    *range(1, 31), 33, 35, 36, *range(41, 47), *range(55, 63), *range(71, 80), *range(82, 86), 102,
}  # fmt: skip

NOT_HERE = {
    56: "there are no units and owners yet: a role sees all objects of its kind (S55)",
    57: "as S56",
    58: "as S56",
    60: "as S56: a nested object is part of its document",
}


def test_every_row_is_tested_or_says_why_not() -> None:
    tested = {
        int(row)
        for module in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"^def (test_s\d\w+)", module.read_text(), re.MULTILINE)
        for row in re.findall(r"_s(\d+)_", name)
    }
    assert tested | NOT_HERE.keys() == ROWS
    assert not tested & NOT_HERE.keys()
