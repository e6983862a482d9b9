"""A small firm in a running suite: some of everything, in every state a command can find it in."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.running_suite import RunningSuite

USD = "USD"
Body = dict[str, Any]


class Clerk:
    """Somebody who enters things, a batch at a time."""

    def __init__(self, suite: RunningSuite) -> None:
        self._suite = suite
        self._client = suite.client

    def does(self, path: str, body: Body | None = None) -> Any:
        told = self._client.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        assert told.is_success, told.text
        return told.json()

    def enters(self, path: str, *bodies: Body) -> list[Any]:
        told = self.does(f"{path}/batch", {"items": list(bodies), "atomic": True})
        return [each["resource"] for each in told["data"]]

    def reads(self, path: str) -> Any:
        return self._client.get(path).json()["data"]

    def reads_all(self, path: str) -> Iterator[Any]:
        page = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            after = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = self._client.get(path, params={"limit": 200, **after}).json()
            yield from page["data"]

    def waits(self) -> None:
        self._suite.wait_until_quiet()


def founded(suite: RunningSuite) -> None:
    """Ten of everything: some orders drafts, some placed, some delivered and invoiced."""
    clerk = Clerk(suite)
    _registered(clerk)
    clerk.waits()
    (supplier, *_), (customer,) = clerk.reads("/srm/suppliers"), clerk.reads("/crm/customers?code=C0")
    bought = clerk.enters("/srm/purchase-orders", *(_purchase(supplier["id"]) for _ in range(60)))
    for each in bought[:30]:
        clerk.does(f"/srm/purchase-orders/{each['id']}/send")
    clerk.waits()
    receipts = [{"purchase_order_id": each["id"], "lines": [_goods("500")]} for each in bought[:10]]
    clerk.enters("/scm/goods-receipts", *receipts)
    sold = clerk.enters("/crm/sales-orders", *(_sale(customer["id"]) for _ in range(150)))
    for each in sold[:60]:
        clerk.does(f"/crm/sales-orders/{each['id']}/place")
    clerk.waits()
    for each in clerk.reads("/scm/shipments?status=open&limit=20"):
        clerk.does(f"/scm/shipments/{each['id']}/dispatch")
    clerk.waits()
    assert clerk.reads("/erp/invoices?status=open"), "nothing was invoiced"


def given_to(suite: RunningSuite, owner: str) -> None:
    """All customers there are become this one's, and with them their orders."""
    clerk = Clerk(suite)
    for each in list(clerk.reads_all("/crm/customers")):
        clerk.does(f"/crm/customers/{each['id']}/assign", {"owner": owner})


def _registered(clerk: Clerk) -> None:
    clerk.enters("/scm/warehouses", {"code": "MAIN", "name": "Main"})
    clerk.enters("/scm/carriers", {"code": "POST", "name": "Post"})
    clerk.enters("/scm/items", *({"sku": f"ITEM-{each}", "name": f"Item {each}", "unit": "piece"} for each in range(5)))
    person = {"name": "Anna", "email": "anna@example.com"}
    party = {"currency": USD, "contacts": [person]}
    clerk.enters("/srm/suppliers", *({**party, "code": f"S{each}", "name": f"Smith {each}"} for each in range(5)))
    clerk.enters("/crm/customers", *({**party, "code": f"C{each}", "name": f"Cooper {each}"} for each in range(10)))
    limited = {**party, "code": "LIMITED", "name": "Limited", "credit_limit": _price("1.00")}
    clerk.enters("/crm/customers", limited)
    clerk.waits()
    supplier = clerk.reads("/srm/suppliers")[0]
    offer = {"supplier_id": supplier["id"], "sku": "ITEM-0", "unit_price": _price("1.00"), "lead_time_days": 2}
    clerk.enters("/srm/supplier-items", offer)


def _price(amount: str) -> Body:
    return {"amount": amount, "currency": USD}


def _goods(quantity: str) -> Body:
    return {"sku": "ITEM-0", "quantity": quantity}


def _purchase(supplier_id: str) -> Body:
    line = {**_goods("1000"), "unit_price": _price("1.00")}
    return {"supplier_id": supplier_id, "currency": USD, "warehouse": "MAIN", "lines": [line]}


def _sale(customer_id: str) -> Body:
    line = {**_goods("2"), "unit_price": _price("2.50")}
    return {"customer_id": customer_id, "currency": USD, "lines": [line]}
