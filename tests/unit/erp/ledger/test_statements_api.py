"""Financial statements over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, SUPPLIER, a_shipment, an_order, receive_stock


def amounts(answered: Any, name: str = "amount") -> dict[str, str]:
    return {row["account"] or row["name"]: row[name]["amount"] for row in answered.json["rows"]}


def test_profit_is_income_less_expenses(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/profit-and-loss?from=2026-03-01&to=2026-03-31")
    assert {code: amount for code, amount in amounts(answered).items() if amount != "0.00"} == {
        "4000": "68.00", "4100": "5.00", "5000": "48.00",
    }  # fmt: skip
    totals = answered.json["totals"]
    assert (totals["income"], totals["expenses"], totals["profit"]) == (usd("73.00"), usd("48.00"), usd("25.00"))


def test_profit_before_the_first_day_is_zero(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    assert client.get("/profit-and-loss?to=2026-03-04").json["totals"]["profit"] == usd("0.00")
    assert client.get("/profit-and-loss?from=2026-03-06").json["totals"]["profit"] == usd("0.00")
    assert client.get("/profit-and-loss?from=2026-03-05&to=2026-03-05").json["totals"]["profit"] == usd("25.00")


@pytest.mark.parametrize(
    ("day", "retained", "profit"), [("2026-12-31", "0.00", "25.00"), ("2027-01-01", "25.00", "0.00")]
)
def test_the_balance_sheet_balances(tmp_path: Path, day: str, retained: str, profit: str):
    answered = create_erp_client(sold(tmp_path)).get(f"/balance-sheet?as_of={day}")
    shown = amounts(answered)
    assert (shown["Retained earnings"], shown["Profit of the year"]) == (retained, profit)
    totals = answered.json["totals"]
    assert (totals["assets"], totals["liabilities"], totals["equity"]) == (usd("145.00"), usd("120.00"), usd("25.00"))
    assert totals["debit"] == totals["credit"]


def test_the_general_ledger_starts_with_the_previous_end(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    (row,) = client.get("/general-ledger?account=1400&from=2026-03-05").json["rows"]
    assert (row["start"], row["debit"], row["credit"], row["end"], row["lines"]) == (
        usd("120.00"), usd("0.00"), usd("48.00"), usd("72.00"), 1,
    )  # fmt: skip


def test_the_general_ledger_shows_parties(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    rows = client.get("/general-ledger?by=party").json["rows"]
    assert [(row["account"], row["party"], row["end"]) for row in rows] == [
        ("1200", str(CUSTOMER), usd("73.00")), ("2100", str(SUPPLIER), usd("-120.00")),
    ]  # fmt: skip
    (row,) = client.get(f"/general-ledger?party={SUPPLIER}").json["rows"]
    assert row["account"] == "2100"


def test_a_range_that_ends_before_it_starts_is_refused(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/general-ledger?from=2026-03-05&to=2026-03-04")
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, "/from")


STATEMENTS = ("trial-balance", "balance-sheet", "profit-and-loss", "general-ledger", "stock-value", "receivables-aging")


@pytest.mark.parametrize("statement", [*STATEMENTS, "journal"])
def test_a_statement_is_shown_as_it_was_known_then(tmp_path: Path, statement: str):
    service = sold(tmp_path)
    query = "limit=200" if statement == "journal" else "currency=USD"
    before, position = create_erp_client(service).get(f"/{statement}?{query}").json, service.store.head()
    then = service.store.log(position - 1, 1)[0].recorded_at
    receive_stock(service, ("CHAI", "5", "9.00"))
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order, a_shipment(order))
    client = create_erp_client(service)
    assert client.get(f"/{statement}?{query}").json != before
    assert client.get(f"/{statement}?{query}&known_at={position}").json == before
    assert client.get(f"/{statement}", query_string=f"{query}&known_at={then:%Y-%m-%dT%H:%M:%S.%fZ}").json == before


@pytest.mark.parametrize("known_at", ["yesterday", "-1", "1e3", "2026-03-01", "999999"])
def test_an_invalid_known_at_is_refused(tmp_path: Path, known_at: str):
    answered = create_erp_client(sold(tmp_path)).get(f"/trial-balance?known_at={known_at}")
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, "/known_at")
