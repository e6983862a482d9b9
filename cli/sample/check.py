"""The closing check of the demo: the same questions an auditor would ask."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.audit import rebuild_all
from cli.client import Client

STOCK = "1400"
PAYABLES, TO_BE_BILLED = "2000", "2100"


@dataclass(frozen=True)
class Check:
    """One question and its answer; `amounts` go into its words."""

    name: str
    holds: bool
    amounts: dict[str, Any] = field(default_factory=dict)


def checks(client: Client, order_id: str, home: Path) -> list[Check]:
    """All of them, on a suite that is quiet."""
    return [*_order(client, order_id), *_books(client), *_stock(client), *_suite(client, home)]


def _order(client: Client, order_id: str) -> Iterator[Check]:
    order = client.get(f"crm/sales-orders/{order_id}")
    still_open = [row for row in client.all("erp/invoices") if Decimal(row["open"]["amount"])]
    yield Check("check_status", order["status"] == "paid" and not still_open)


def _books(client: Client) -> Iterator[Check]:
    rows = client.get("erp/trial-balance")["rows"]
    balances = {row["account"]: Decimal(row["debit"]["amount"]) - Decimal(row["credit"]["amount"]) for row in rows}
    value = Decimal(client.get("erp/stock-value")["totals"]["value"]["amount"])
    yield Check("check_balance", bool(balances) and sum(balances.values()) == 0)
    yield Check("check_owed", not (balances[PAYABLES] or balances[TO_BE_BILLED]))
    yield Check("check_value", value == balances[STOCK] != 0, {"value": f"{value:,} USD"})


def _stock(client: Client) -> Iterator[Check]:
    came = _units(client, "scm/goods-receipts")
    left = _units(client, "scm/shipments")
    there = sum(Decimal(row["on_hand"]) for row in client.all("scm/stock"))
    yield Check("check_units", there == came - left, {"units": f"{there} = {came} - {left}"})


def _units(client: Client, path: str) -> Decimal:
    return sum((Decimal(line["quantity"]) for row in client.all(path) for line in row["lines"]), Decimal(0))


def _suite(client: Client, home: Path) -> Iterator[Check]:
    lag = client.get("ops/lag")
    parked = sum(service["parked"] for service in lag["services"].values())
    yield Check("check_quiet", lag["quiet"] and not parked)
    found = list(rebuild_all(home))
    yield Check("check_rebuilt", bool(found) and all(each.same for each in found), {"models": len(found)})
