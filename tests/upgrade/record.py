"""Record a log for later versions: `python -m tests.upgrade.record FOLDER` runs a small story and keeps its figures.

The log has the stored events of all services, as `sihe audit export` writes them; `figures.json` has what the API
answered an auditor, by its address. Both are committed under the name of the version, and never changed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.background import wait_for
from cli.client import Client
from tests.running_suite import ADMIN_KEY, RunningSuite

Row = dict[str, Any]

LISTS = (
    "crm/customers", "crm/sales-orders", "srm/suppliers", "srm/purchase-orders", "srm/purchase-requests",
    "scm/items", "scm/stock", "scm/shipments", "scm/goods-receipts", "scm/stock-counts",
    "erp/invoices", "erp/bills", "erp/payments", "erp/journal", "erp/credit",
)  # fmt: skip
REPORTS = (
    "erp/trial-balance", "erp/balance-sheet", "erp/stock-value", "erp/receivables-aging", "erp/payables-aging",
    "erp/goods-received-not-invoiced",
)  # fmt: skip
GOODS = {"TOFU": ("30", "30", "4.00", "4.20"), "RICE": ("40", "35", "2.50", "2.50")}
"""What is ordered and received of each item, and the prices of the order and of the supplier's invoice."""
ORDERS = (
    ("ATLAS", {"TOFU": "10", "RICE": "5"}),
    ("ATLAS", {"RICE": "40"}),
    ("BIRCH", {"TOFU": "20"}),
    ("BIRCH", {"TOFU": "2"}),
)
"""Sent in part; waiting for goods; held for credit and cancelled; sent."""


class Story:
    """A firm that buys, sells, is paid in part, and counts."""

    def __init__(self, client: Client) -> None:
        self._client, self._keys = client, count(1)

    def run(self) -> None:
        """Do everything, step by step, so that each step sees the effects of the one before."""
        for _ in self._steps():
            self._client.wait_until_idle()

    def _steps(self) -> Iterator[None]:
        yield self._register_goods()
        purchase = self._buy()
        yield self._receive_and_bill(purchase)
        customers = self._register_customers()
        yield
        orders = [self._order(customers[code], lines) for code, lines in ORDERS]
        yield
        yield self._send_and_be_paid(orders[0], "50.00")
        yield self._send_and_be_paid(orders[3])
        self._post(f"crm/sales-orders/{orders[2]}/cancel", reason="no credit")
        yield
        counted = [{"sku": "TOFU", "quantity": "17"}]
        self._post("scm/stock-counts", warehouse="MAIN", counted_on=self.today(), lines=counted)
        yield

    def today(self) -> str:
        """Return the day of the first posting."""
        return str(self._client.get("erp/journal", limit="1")["data"][0]["date"])

    def _post(self, path: str, **body: Any) -> Row:
        return self._client.post(path, body, key=f"step {next(self._keys)}")

    def _first(self, path: str, **query: str) -> Row:
        rows: list[Row] = wait_for(lambda: self._client.get(path, **query)["data"], 30)
        return rows[0]

    def _register_goods(self) -> None:
        self._post("scm/warehouses", code="MAIN", name="Main hall")
        for sku in GOODS:
            self._post("scm/items", sku=sku, name=sku.title(), unit="piece", reorder_point="5", reorder_to="20")

    def _buy(self) -> Row:
        person = [{"name": "Liu Wei", "email": "liu@north.example"}]
        supplier = self._post("srm/suppliers", code="NORTH", name="North Mill", currency="USD", contacts=person)["id"]
        for sku, (_, _, price, _) in GOODS.items():
            offer = {"supplier_id": supplier, "sku": sku, "unit_price": _usd(price), "lead_time_days": 3}
            self._post("srm/supplier-items", **offer)
        lines = [_line(sku, ordered, price) for sku, (ordered, _, price, _) in GOODS.items()]
        order = {"supplier_id": supplier, "currency": "USD", "warehouse": "MAIN", "lines": lines}
        purchase = self._post("srm/purchase-orders", **order)
        self._post(f"srm/purchase-orders/{purchase['id']}/send")
        self._client.wait_until_idle()
        return purchase

    def _receive_and_bill(self, purchase: Row) -> None:
        received = [{"sku": sku, "quantity": arrived} for sku, (_, arrived, _, _) in GOODS.items()]
        self._post("scm/goods-receipts", purchase_order_id=purchase["id"], lines=received)
        self._client.wait_until_idle()
        lines = [_line(sku, arrived, price) for sku, (_, arrived, _, price) in GOODS.items()]
        bill = {"supplier_id": purchase["supplier_id"], "purchase_order_id": purchase["id"], "number": "NM-77"}
        self._post("erp/bills", **bill, billed_on=self.today(), lines=lines)

    def _register_customers(self) -> dict[str, str]:
        found = {}
        for code, limit in (("ATLAS", "1000.00"), ("BIRCH", "60.00")):
            person = [{"name": "Anna Li", "email": f"anna@{code.lower()}.example"}]
            customer = {"code": code, "name": code.title(), "currency": "USD", "contacts": person}
            found[code] = str(self._post("crm/customers", **customer, credit_limit=_usd(limit))["id"])
        return found

    def _order(self, customer: str, lines: dict[str, str]) -> str:
        wanted = [_line(sku, quantity, "9.00") for sku, quantity in lines.items()]
        order = {"customer_id": customer, "currency": "USD", "freight": _usd("7.50"), "lines": wanted}
        placed = str(self._post("crm/sales-orders", **order)["id"])
        self._post(f"crm/sales-orders/{placed}/place")
        return placed

    def _send_and_be_paid(self, order: str, paid: str | None = None) -> None:
        self._post(f"scm/shipments/{self._first('scm/shipments', sales_order_id=order)['id']}/dispatch")
        invoice = self._first("erp/invoices", sales_order_id=order)
        if paid:
            payment = {"direction": "in", "party_id": invoice["customer_id"], "paid_on": invoice["invoiced_on"]}
            allocated = [{"document_id": invoice["id"], "amount": _usd(paid)}]
            self._post("erp/payments", **payment, amount=_usd(paid), allocations=allocated)


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def _line(sku: str, quantity: str, price: str) -> Row:
    return {"sku": sku, "quantity": quantity, "unit_price": _usd(price)}


def record(folder: Path) -> None:
    """Write `log.ndjson` and `figures.json` of a new suite that has run the story."""
    folder.mkdir(parents=True)
    with TemporaryDirectory() as home, RunningSuite(Path(home)) as suite:
        client = Client(suite.url, ADMIN_KEY)
        story = Story(client)
        story.run()
        secret = client.post("access/keys", {"name": "auditor", "roles": ["auditor"]}, key="auditor")["secret"]
        addresses = [*(f"{each}?limit=200" for each in LISTS), *(f"{each}?as_of={story.today()}" for each in REPORTS)]
        figures = {each: _answer(Client(suite.url, secret), each) for each in addresses}
        (folder / "figures.json").write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
        export = [sys.executable, "-m", "cli.main", "audit", "export", str(folder / "log.ndjson")]
        subprocess.run([*export, "--url", suite.url, "--key", ADMIN_KEY], check=True)


def _answer(client: Client, address: str) -> Any:
    path, _, query = address.partition("?")
    return client.get(path, **dict([query.split("=")]))


if __name__ == "__main__":
    record(Path(sys.argv[1]))
