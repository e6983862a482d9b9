"""A trading firm used through the four real APIs, in one process; the messages between them are delivered at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.testing.services import catch_up
from shared.testing.web import ApiCaller, usd
from tests.flows.firm import Delivery, TradingFirm, deliver_in_order

Row = dict[str, Any]

TODAY = "today"


class Desk:
    """What people do in a trade by requests, and what they then read; a refused request is returned as it is."""

    def __init__(self, folder: Path, delivery: Delivery = deliver_in_order) -> None:
        self.firm = TradingFirm(folder, delivery)
        self.callers = {name: ApiCaller(service, actor="margaret") for name, service in self.firm.services.items()}
        self._numbers = count(1)

    # -- requests

    def send(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """Send a request to `/scm/items` and deliver what follows from it."""
        service, _, rest = path.lstrip("/").partition("/")
        answered = self.callers[service].client.open(f"/{rest}", method=method, json=body, headers=headers)
        self.firm.deliver_all()
        return answered

    def post(self, path: str, body: Any = None, **headers: Any) -> Any:
        """Post and return the answer, whatever it is."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def done(self, path: str, body: Any = None) -> Row:
        """Post what must be accepted, and return the record."""
        answered = self.post(path, body)
        assert answered.status_code in (200, 201), answered.text
        record: Row = answered.json
        return record

    def done_by_two(self, path: str, body: Any = None) -> Row:
        """Post what two persons must request, and return what it is after the second request."""
        service, _, rest = path.lstrip("/").partition("/")
        first = ApiCaller(self.firm.services[service], actor="laura").post(f"/{rest}", body)
        assert first.status_code == 200, first.text
        return self.done(path, body)

    def get(self, path: str) -> Any:
        """Return what a request to read answers."""
        service, _, rest = path.lstrip("/").partition("/")
        catch_up(self.firm.services[service])
        return self.callers[service].client.get(f"/{rest}").json

    def rows(self, path: str) -> list[Row]:
        """Return the rows of a list or of a statement."""
        found = self.get(path)
        rows: list[Row] = found["data"] if "data" in found else found["rows"]
        return rows

    # -- what exists before a case

    def stock_up(self, *skus: str) -> None:
        """Register the warehouse MAIN, and these items."""
        self.done("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        for sku in skus:
            self.done("/scm/items", {"sku": sku, "name": sku.title(), "unit": "piece"})

    def supplier(self, **other: Any) -> str:
        """Register a supplier and return its id."""
        body = {"code": f"S-{next(self._numbers)}", "name": "Mill", "currency": "USD", **other}
        return str(self.done("/srm/suppliers", body)["id"])

    def customer(self, **other: Any) -> str:
        """Register a customer and return its id."""
        body = {"code": f"C-{next(self._numbers)}", "name": "Shop", "currency": "USD", **other}
        return str(self.done("/crm/customers", body)["id"])

    def purchase(self, supplier_id: str, *lines: tuple[str, str, str], **other: Any) -> Row:
        """Send a purchase order of these items, quantities and prices."""
        wanted = [{"sku": sku, "quantity": quantity, "unit_price": usd(price)} for sku, quantity, price in lines]
        body = {"supplier_id": supplier_id, "currency": "USD", "warehouse": "MAIN", "lines": wanted, **other}
        order = self.done("/srm/purchase-orders", body)
        return self.done(f"/srm/purchase-orders/{order['id']}/send")

    def receive(self, order: Row, *lines: tuple[str, str], **other: Any) -> Any:
        """Receive these quantities for a purchase order; the answer."""
        arrived = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        return self.post("/scm/goods-receipts", {"purchase_order_id": order["id"], "lines": arrived, **other})

    def bought(self, *lines: tuple[str, str, str]) -> Row:
        """Buy these items, quantities and prices of a new supplier and receive them; the receipt."""
        order = self.purchase(self.supplier(), *lines)
        receipt = self.receive(order, *((sku, quantity) for sku, quantity, _ in lines))
        assert receipt.status_code == 201, receipt.text
        record: Row = receipt.json
        return record

    def order(self, customer_id: str, *lines: tuple[str, str, str], **other: Any) -> Row:
        """Place a sales order of these items, quantities and prices."""
        wanted = [{"sku": sku, "quantity": quantity, "unit_price": usd(price)} for sku, quantity, price in lines]
        draft = self.done(
            "/crm/sales-orders", {"customer_id": customer_id, "currency": "USD", "lines": wanted, **other}
        )
        return self.done(f"/crm/sales-orders/{draft['id']}/place")

    def amend(self, order: Row, changes: Row) -> Row:
        """Request other terms of a sales order."""
        return self.done(f"/crm/sales-orders/{order['id']}/amend", changes)

    def shipment(self, order: Row) -> Row:
        """Return the open shipment of a sales order."""
        [row] = self.rows(f"/scm/shipments?sales_order_id={order['id']}&status=open")
        return row

    def dispatch(self, order: Row, *lines: tuple[str, str], **other: Any) -> Any:
        """Dispatch the open shipment of an order, or these items and quantities of it; the answer."""
        leaving = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        body = {**({"lines": leaving} if leaving else {}), **other}
        return self.post(f"/scm/shipments/{self.shipment(order)['id']}/dispatch", body)

    # -- what is read

    def sales_order(self, order: Row) -> Row:
        record: Row = self.get(f"/crm/sales-orders/{order['id']}")
        return record

    def on_hand(self, sku: str) -> str:
        """Return how much SCM has of an item."""
        [row] = self.rows(f"/scm/stock?sku={sku}")
        return str(row["on_hand"])

    def value(self, sku: str) -> tuple[str, str]:
        """Return quantity and value of an item in ERP."""
        [row] = [each for each in self.rows("/erp/stock-value") if each["sku"] == sku]
        return row["quantity"], row["value"]["amount"]

    def balance(self, account: str) -> str:
        """Return debit less credit of an account today."""
        [row] = [each for each in self.rows("/erp/trial-balance") if each["account"] == account]
        return f"-{row['credit']['amount']}" if Decimal(row["credit"]["amount"]) else row["debit"]["amount"]


def days_ago(number: int) -> str:
    """Return a date before today (negative: after), as requests write it."""
    return (date.today() - timedelta(days=number)).isoformat()  # noqa: DTZ011 (the firm of these tests is in UTC)


def pointers(answered: Any) -> list[str]:
    """Return what the errors of a refused request point at."""
    assert answered.status_code == 422, answered.text
    return [each["pointer"] for each in answered.json["errors"]]


@contextmanager
def open_desk(delivery: Delivery = deliver_in_order) -> Iterator[Desk]:
    """With files of its own, which end with it."""
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder), delivery)
        try:
            yield desk
        finally:
            desk.firm.close()
