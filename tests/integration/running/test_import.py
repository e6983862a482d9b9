import re
import subprocess
import sys
from pathlib import Path

from cli.client import Client
from shared.config import SERVICES
from tests.running_suite import ADMIN_KEY, RunningSuite
from tests.small_firm import (
    BACKORDERED,
    BANK,
    COST_OF_GOODS,
    INVOICED_LINES,
    OPEN_GOODS,
    PROFIT,
    RECEIVABLES,
    RESERVED,
    STOCK_VALUE,
    write_tables,
)


def _imported(suite: RunningSuite, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "import", "northwind", str(folder)]
    place = ["--url", suite.url, "--key", ADMIN_KEY]
    return subprocess.run([*command, *place], capture_output=True, text=True, timeout=600, check=False)


def _events(suite: RunningSuite) -> dict[str, list[str]]:
    with Client(suite.url, ADMIN_KEY) as client:
        return {name: [each["id"] for each in client.lines(f"audit/{name}/events", limit="1000")] for name in SERVICES}


def test_a_firm_is_imported_and_a_second_import_changes_nothing(fresh_suite: RunningSuite, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "firm")
    first = _imported(fresh_suite, folder)
    assert first.returncode == 0, first.stdout + first.stderr
    found = dict(re.findall(r"│ (\S.*?\S) +│ +[\d.,-]+ │ +([\d.,-]+) │ equal", first.stdout))
    assert found["invoiced lines"] == INVOICED_LINES
    assert found["receivables"] == found["receivables, account 1200"] == RECEIVABLES
    assert found["cost of goods, account 5000"] == COST_OF_GOODS
    assert found["stock value, valuation"] == found["stock value, account 1400"] == STOCK_VALUE
    assert (found["reserved"], found["backordered"], found["on order"]) == (RESERVED, BACKORDERED, "40")
    assert (found["bank, account 1000"], found["profit"]) == (BANK, PROFIT)
    assert found["goods received not invoiced"] == found["payables, account 2000"] == "0.00"
    assert found["goods of open orders"] == OPEN_GOODS
    before = _events(fresh_suite)
    second = _imported(fresh_suite, folder)
    assert second.returncode == 0, second.stdout + second.stderr
    assert _events(fresh_suite) == before
