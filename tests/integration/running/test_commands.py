"""`sihe show` and `sihe keys` on a running suite: what a person reads, and the sentences for what is refused."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from cli import show
from cli.client import Client
from tests.running_suite import ADMIN_KEY, RunningSuite
from tests.small_firm import write_tables

pytestmark = pytest.mark.xdist_group("commands")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A running suite with a small firm: orders, purchases, invoices, bills and payments."""
    folder = tmp_path_factory.mktemp("commands")
    with RunningSuite(folder / "home") as running:
        done = sihe(running, "import", "northwind", str(write_tables(folder / "firm")))
        assert done.returncode == 0, done.stderr
        running.wait_until_idle()
        yield running


def sihe(suite: RunningSuite, *arguments: str, key: str = ADMIN_KEY) -> subprocess.CompletedProcess[str]:
    """Run a command on the suite."""
    line = [sys.executable, "-m", "cli.main", *arguments, "--url", suite.url, "--key", key]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)


def shown(suite: RunningSuite, *arguments: str) -> list[str]:
    """Return the lines that `sihe show` prints."""
    done = sihe(suite, "show", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def read(suite: RunningSuite, path: str) -> dict:
    with Client(suite.url, ADMIN_KEY) as client:
        return client.get(path)


@pytest.mark.case("E6")
def test_the_trial_balance_is_a_table_with_its_numbers_to_the_right_and_totals(suite: RunningSuite) -> None:
    title, _, head, rule, *rows, second_rule, total, count = shown(suite, "trial-balance")
    figures = read(suite, "erp/trial-balance")
    assert title == f"Trial balance, as of {figures['as_of']}"
    assert head.split() == ["Account", "Name", "Debit", "Credit"]
    assert set(rule) == {"─", " "}
    assert second_rule == rule
    assert [row.split()[0] for row in rows] == [row["account"] for row in figures["rows"]]
    [receivables] = [row for row in rows if row.startswith("1200")]
    assert receivables.split() == ["1200", "Receivables", "38.00", "USD", "0.00", "USD"]
    assert {len(row) for row in rows} == {len(head)}
    assert total.split() == ["Total", "400.70", "USD", "400.70", "USD"]
    assert count == f"{len(figures['rows'])} rows"


def test_a_statement_is_shown_of_a_day_in_the_past(suite: RunningSuite) -> None:
    title, _, _, _, *rows = shown(suite, "trial-balance", "--as-of", "1996-01-01")
    assert title == "Trial balance, as of 1996-01-01"
    assert rows[-2].split() == ["Total", "0.00", "USD", "0.00", "USD"]


def test_a_balance_sheet_ends_with_the_totals_of_its_sides(suite: RunningSuite) -> None:
    assert shown(suite, "balance-sheet")[-3:] == [
        "Assets: 114.75 USD",
        "Liabilities: 0.00 USD",
        "Equity: 114.75 USD",
    ]


def test_parties_are_shown_by_code_and_name_instead_of_their_ids(suite: RunningSuite) -> None:
    head, row = (shown(suite, "receivables-aging")[number] for number in (2, 4))
    assert head.startswith("Customer code  Customer name")
    assert row.startswith("ACORN          Acorn Foods")


def test_stock_is_a_list_with_titles_and_a_filter(suite: RunningSuite) -> None:
    title, _, head, _, row, count = shown(suite, "stock", "--filter", "sku=2")
    assert (title, count) == ("Stock", "1 row")
    assert head == "SKU  Warehouse  On hand  Reserved  Available  Backordered"
    assert row == "2    MAIN             3         1          2            0"


def test_settings_are_shown_by_their_titles(suite: RunningSuite) -> None:
    lines = [each.split("  ") for each in shown(suite, "crm.settings")]
    assert ["Base currency", "USD"] in [[each[0], each[-1].strip()] for each in lines]


def test_the_same_report_as_csv_has_all_columns(suite: RunningSuite) -> None:
    done = sihe(suite, "show", "stock-value", "--csv")
    rows = list(csv.DictReader(StringIO(done.stdout.removeprefix("\ufeff"))))
    assert [row["sku"] for row in rows] == [row["sku"] for row in read(suite, "erp/stock-value")["rows"]]
    assert {row["sku"]: row["value.amount"] for row in rows}["1"] == "35.00"


def test_every_report_and_list_of_the_api_can_be_shown_by_its_name(suite: RunningSuite) -> None:
    names = [line.split()[0] for line in shown(suite)[2:]]
    described = httpx2.get(f"{suite.url}/openapi.json", trust_env=False).json()["paths"]
    paths = {
        path
        for path, methods in described.items()
        if {"x-sihe-report", "x-sihe-resource"} & methods.get("get", {}).keys() and "{" not in path
    }
    assert len(names) == len(paths) > 30
    assert {"trial-balance", "receivables-aging", "payables-aging", "stock", "stock-value", "customers"} <= {*names}
    place = ["--url", suite.url, "--key", ADMIN_KEY]
    done = {name: CliRunner().invoke(show.command, [name, *place]) for name in names}
    assert {name: each.output for name, each in done.items() if each.exit_code != 0} == {}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["aging"], 2, "There is no report aging. Did you mean payables-aging or receivables-aging?"),
        (["trial-balanse"], 2, "There is no report trial-balanse. Did you mean trial-balance?"),
        (["zzz"], 2, "There is no report zzz. `sihe show` lists all names."),
        (["trial-balance", "--filter", "x"], 2, "x must be NAME=VALUE, such as status=posted"),
        (["trial-balance", "--as-of", "tomorrow"], 1, "as_of: must be a day such as 2026-01-31, in the years"),
    ],
    ids=["ambiguous", "misspelt", "unknown", "filter", "day"],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_in_a_sentence(
    suite: RunningSuite, arguments: list[str], code: int, sentence: str
) -> None:
    done = sihe(suite, "show", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr.splitlines()[-1]


def issue(suite: RunningSuite, name: str, *options: str, key: str = ADMIN_KEY) -> str:
    """Issue a key and return its secret, which is alone on standard output."""
    done = sihe(suite, "keys", "issue", name, *options, key=key)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"Key {name} (")
    [secret] = done.stdout.split()
    return secret


def status_with(suite: RunningSuite, key: str, path: str) -> int:
    with suite.client_with(key) as client:
        return client.get(path).status_code


def test_a_key_is_issued_listed_rotated_and_revoked(suite: RunningSuite) -> None:
    secret = issue(suite, "clerk", "--role", "buyer", "--role", "warehouse", "--expires", "2199-01-01")
    assert status_with(suite, secret, "/scm/stock") == 200
    assert status_with(suite, secret, "/erp/trial-balance") == 403
    listed = sihe(suite, "keys", "list").stdout.splitlines()
    [row] = [each for each in listed if each.startswith("clerk")]
    assert listed[0].split() == ["Name", "Person", "Roles", "Status", "Expires", "Issued", "by", "Id"]
    assert row.split()[1:6] == ["buyer,", "warehouse", "active", "2199-01-01T00:00:00Z", "admin"]
    assert secret not in "\n".join(listed)

    rotated = sihe(suite, "keys", "rotate", row.split()[-1], key=secret)
    assert rotated.returncode == 0
    assert status_with(suite, secret, "/scm/stock") == 401
    assert status_with(suite, rotated.stdout.strip(), "/scm/stock") == 200

    assert sihe(suite, "keys", "revoke", "clerk", "--yes").stdout == "Key clerk is revoked.\n"
    assert status_with(suite, rotated.stdout.strip(), "/scm/stock") == 401
    again = sihe(suite, "keys", "revoke", "clerk", "--yes")
    assert again.returncode == 1
    assert "to revoke it, it must be pending or active" in again.stderr


def test_no_administrator_issues_a_key_for_themselves(suite: RunningSuite) -> None:
    own = issue(suite, "anna-desk", "--role", "admin", "--person", "Anna")
    refused = sihe(suite, "keys", "issue", "anna-phone", "--role", "sales", "--person", "Anna", key=own)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: person: another administrator must issue a key for Anna\n"


def test_a_second_key_is_received_by_its_person_alone(suite: RunningSuite) -> None:
    own = issue(suite, "ben-desk", "--role", "sales", "--person", "Ben")
    pending = sihe(suite, "keys", "issue", "ben-phone", "--role", "sales", "--person", "Ben")
    assert (pending.returncode, pending.stdout) == (0, "")
    assert "Key ben-phone is pending: Ben has a key already" in pending.stderr
    refused = sihe(suite, "keys", "accept", "ben-phone")
    assert refused.stderr == "Error: only Ben may receive a secret of this key; revoke it and issue another one\n"
    [key_id] = [each["id"] for each in read(suite, "access/keys")["data"] if each["name"] == "ben-phone"]
    received = sihe(suite, "keys", "accept", key_id, key=own)
    assert status_with(suite, received.stdout.strip(), "/crm/customers") == 200


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["issue", "x", "--role", "king"], 2, "'king' is not one of 'admin', 'sales', 'representative', 'buyer'"),
        (["issue", "x"], 2, "Missing option '--role'"),
        (["issue", "admin", "--role", "sales"], 1, "name: this name is reserved; choose another name"),
        (["rotate", "unknown"], 1, "There is no key unknown. All keys: sihe keys list"),
    ],
    ids=["role", "no role", "reserved", "unknown"],
)  # fmt: skip
def test_a_refused_command_on_keys_states_the_reason(
    suite: RunningSuite, arguments: list[str], code: int, sentence: str
) -> None:
    done = sihe(suite, "keys", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr


def test_a_command_without_a_suite_names_the_address(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "cli.main", "show", "stock", "--url", "http://127.0.0.1:9", "--key", "x"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: No suite answers at http://127.0.0.1:9.\n")
