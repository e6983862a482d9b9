"""Checks at the end of the demo: order, ledger, stock and read models are consistent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.audit import compare_all
from cli.client import Client

STOCK = "1400"
PAYABLES, GOODS_RECEIVED_NOT_INVOICED = "2000", "2100"


@dataclass(frozen=True)
class Check:
    """One check and its result; `amounts` are inserted into its text."""

    name: str
    passed: bool
    amounts: dict[str, Any] = field(default_factory=dict)


def run_checks(client: Client, order_id: str, home: Path) -> list[Check]:
    """Return the results of all checks; the suite must be idle."""
    return [*_check_order(client, order_id), *_check_ledger(client), *_check_stock(client), *_check_suite(client, home)]


def _check_order(client: Client, order_id: str) -> Iterator[Check]:
    order = client.get(f"crm/sales-orders/{order_id}")
    still_open = [row for row in client.rows("erp/invoices") if Decimal(row["open"]["amount"])]
    yield Check("check_status", order["status"] == "paid" and not still_open)


def _check_ledger(client: Client) -> Iterator[Check]:
    rows = client.get("erp/trial-balance")["rows"]
    balances = {row["account"]: Decimal(row["debit"]["amount"]) - Decimal(row["credit"]["amount"]) for row in rows}
    value = Decimal(client.get("erp/stock-value")["totals"]["value"]["amount"])
    yield Check("check_balance", bool(balances) and sum(balances.values()) == 0)
    yield Check("check_owed", not (balances[PAYABLES] or balances[GOODS_RECEIVED_NOT_INVOICED]))
    yield Check("check_value", value == balances[STOCK] != 0, {"value": f"{value:,} USD"})


def _check_stock(client: Client) -> Iterator[Check]:
    received = _sum_units(client, "scm/goods-receipts")
    shipped = _sum_units(client, "scm/shipments")
    on_hand = sum(Decimal(row["on_hand"]) for row in client.rows("scm/stock"))
    yield Check("check_units", on_hand == received - shipped, {"units": f"{on_hand} = {received} - {shipped}"})


def _sum_units(client: Client, path: str) -> Decimal:
    return sum((Decimal(line["quantity"]) for row in client.rows(path) for line in row["lines"]), Decimal(0))


def _check_suite(client: Client, home: Path) -> Iterator[Check]:
    lag = client.get("ops/lag")
    parked = sum(service["parked"] for service in lag["services"].values())
    yield Check("check_quiet", lag["quiet"] and not parked)
    found = list(compare_all(home))
    yield Check("check_rebuilt", bool(found) and all(each.is_equal for each in found), {"models": len(found)})
