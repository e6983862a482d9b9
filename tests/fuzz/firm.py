"""A small firm in a running suite: records of every kind in every status."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.running_suite import RunningSuite

USD = "USD"
Body = dict[str, Any]


class ApiClient:
    """A user who enters records, one batch at a time."""

    def __init__(self, suite: RunningSuite) -> None:
        self._suite = suite
        self._client = suite.client

    def post(self, path: str, body: Body | None = None) -> Any:
        answer = self._client.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        assert answer.is_success, answer.text
        return answer.json()

    def post_batch(self, path: str, *bodies: Body) -> list[Any]:
        answer = self.post(f"{path}/batch", {"items": list(bodies), "atomic": True})
        return [each["resource"] for each in answer["data"]]

    def get(self, path: str) -> Any:
        return self._client.get(path).json()["data"]

    def get_all(self, path: str) -> Iterator[Any]:
        page = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            after = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = self._client.get(path, params={"limit": 200, **after}).json()
            yield from page["data"]

    def wait_until_idle(self) -> None:
        self._suite.wait_until_idle()


def create_firm(suite: RunningSuite) -> None:
    """Create ten records of every kind; orders are drafts, short of stock, or delivered and invoiced."""
    clerk = ApiClient(suite)
    _register_master_data(clerk)
    clerk.wait_until_idle()
    (supplier, *_), (customer,) = clerk.get("/srm/suppliers"), clerk.get("/crm/customers?code=C0")
    bought = clerk.post_batch("/srm/purchase-orders", *(_purchase(supplier["id"]) for _ in range(60)))
    for each in bought[:30]:
        clerk.post(f"/srm/purchase-orders/{each['id']}/send")
    clerk.wait_until_idle()
    receipts = [{"purchase_order_id": each["id"], "lines": [_goods("500")]} for each in bought[:10]]
    clerk.post_batch("/scm/goods-receipts", *receipts)
    sold = clerk.post_batch("/crm/sales-orders", *(_sale(customer["id"]) for _ in range(150)))
    short = clerk.post_batch("/crm/sales-orders", *(_sale(customer["id"], "ITEM-1") for _ in range(20)))
    for each in (*sold[:60], *short):
        clerk.post(f"/crm/sales-orders/{each['id']}/place")
    clerk.wait_until_idle()
    for each in clerk.get("/scm/shipments?status=open&limit=20"):
        clerk.post(f"/scm/shipments/{each['id']}/dispatch")
    clerk.wait_until_idle()
    assert clerk.get("/erp/invoices?status=open"), "nothing was invoiced"
    assert clerk.get("/srm/purchase-requests"), "nothing was requested"


def assign_customers(suite: RunningSuite, owner: str) -> None:
    """Assign all customers, and with them their orders, to this owner."""
    clerk = ApiClient(suite)
    for each in list(clerk.get_all("/crm/customers")):
        clerk.post(f"/crm/customers/{each['id']}/assign", {"owner": owner})


def _register_master_data(clerk: ApiClient) -> None:
    clerk.post_batch("/scm/warehouses", {"code": "MAIN", "name": "Main"})
    clerk.post_batch("/scm/carriers", {"code": "POST", "name": "Post"})
    clerk.post_batch(
        "/scm/items", *({"sku": f"ITEM-{each}", "name": f"Item {each}", "unit": "piece"} for each in range(5))
    )
    person = {"name": "Anna", "email": "anna@example.com"}
    party = {"currency": USD, "contacts": [person]}
    clerk.post_batch("/srm/suppliers", *({**party, "code": f"S{each}", "name": f"Smith {each}"} for each in range(5)))
    clerk.post_batch("/crm/customers", *({**party, "code": f"C{each}", "name": f"Cooper {each}"} for each in range(10)))
    limited = {**party, "code": "LIMITED", "name": "Limited", "credit_limit": _price("1.00")}
    clerk.post_batch("/crm/customers", limited)
    clerk.wait_until_idle()
    supplier = clerk.get("/srm/suppliers")[0]
    offer = {"supplier_id": supplier["id"], "sku": "ITEM-0", "unit_price": _price("1.00"), "lead_time_days": 2}
    clerk.post_batch("/srm/supplier-items", offer)


def _price(amount: str) -> Body:
    return {"amount": amount, "currency": USD}


def _goods(quantity: str, sku: str = "ITEM-0") -> Body:
    return {"sku": sku, "quantity": quantity}


def _purchase(supplier_id: str) -> Body:
    line = {**_goods("1000"), "unit_price": _price("1.00")}
    return {"supplier_id": supplier_id, "currency": USD, "warehouse": "MAIN", "lines": [line]}


def _sale(customer_id: str, sku: str = "ITEM-0") -> Body:
    line = {**_goods("2", sku), "unit_price": _price("2.50")}
    return {"customer_id": customer_id, "currency": USD, "lines": [line]}
