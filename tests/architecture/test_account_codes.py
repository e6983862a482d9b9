"""No code names an account by its code: posting rules and reports name roles, the charts of accounts name codes."""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture.how_to import ROOT

CHARTS = sorted((ROOT / "services/erp/entities/domain/charts").glob("*.toml"))
ACCOUNTS = [row for each in CHARTS for row in tomllib.loads(each.read_text(encoding="utf-8"))["accounts"]]
CODES = sorted({each["code"] for each in ACCOUNTS})
CODE = re.compile(rf"(?<![\w.,-])({'|'.join(map(re.escape, CODES))})(?![\w,-]|\.\d)")


def codes_in(source: str) -> Iterator[str]:
    """Yield each account code in a text, a docstring or a key of Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from CODE.findall(node.value)


def test_the_charts_of_accounts_are_found():
    assert {"1000", "1200", "6000"} <= set(CODES)


@pytest.mark.parametrize("planted", ['STOCK = "1400"', '"""The balance of 2100."""', 'f"{lines} on account 1200"'])
def test_a_planted_code_is_found(planted: str):
    assert len(list(codes_in(planted))) == 1


@pytest.mark.parametrize("other", ['"2100-01-01"', '"14001"', '"1,000 rows"', "LIMIT = 5000"])
def test_other_numbers_are_no_codes(other: str):
    assert list(codes_in(other)) == []


def test_no_file_of_a_service_names_an_account_code():
    files = sorted((ROOT / "services").rglob("*.py"))
    found = {each.relative_to(ROOT).as_posix(): list(codes_in(each.read_text(encoding="utf-8"))) for each in files}
    assert {file: codes for file, codes in found.items() if codes} == {}
