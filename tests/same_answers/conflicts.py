"""Requests without a mistake in form that a rule refuses, sent to records of the filled suite."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from tests.same_answers.answers import Row
from tests.same_answers.document import Operation
from tests.same_answers.order import in_order
from tests.same_answers.questions import KEY_OF
from tests.same_answers.refusals import OLD_VERSION, UNKNOWN_ID, Mistake

Body = dict[str, Any]
USD, EUR = {"amount": "1.00", "currency": "USD"}, {"amount": "1.00", "currency": "EUR"}
REASON = {"reason": "an example"}
LINE = {"sku": "1", "quantity": "1", "unit_price": USD}

AGAIN: tuple[tuple[str, str, Body], ...] = (
    ("/crm/sales-orders", "place", {}),
    ("/crm/sales-orders", "amend", {"lines": [LINE]}),
    ("/srm/purchase-orders", "send", {}),
    ("/srm/purchase-orders", "cancel", REASON),
    ("/srm/purchase-orders", "revise", {"lines": [LINE | {"quantity": "0.001"}]}),
    ("/scm/shipments", "dispatch", {"carrier": "WREN"}),
    ("/scm/shipments", "dispatch", {"carrier": "UNKNOWN"}),
    ("/erp/bills", "release", REASON),
    ("/erp/bills", "reject", REASON),
    ("/erp/bills", "write-off", REASON),
    ("/erp/bills", "reverse-write-off", REASON),
    ("/erp/invoices", "write-off", REASON),
    ("/erp/invoices", "reverse-write-off", REASON),
    ("/erp/periods", "close", {}),
)
"""Commands that were done before, or that the record's state does not allow: list, command, body."""


def new_records(lists: Mapping[str, list[Row]]) -> Iterator[tuple[str, Body]]:
    """Return registrations of what exists, and of what names an unknown record."""
    customer, supplier, order = (
        in_order(lists[path])[0]["id"] for path in ("/crm/customers", "/srm/suppliers", "/srm/purchase-orders")
    )
    yield "/crm/customers", {"code": "WILLOW", "name": "Again", "currency": "USD"}
    yield "/srm/suppliers", {"code": "KILN", "name": "Again", "currency": "USD"}
    yield "/scm/items", {"sku": "CUP", "name": "Again", "unit": "piece"}
    yield "/scm/warehouses", {"code": "EAST", "name": "Again"}
    yield "/scm/carriers", {"code": "WREN", "name": "Again"}
    yield "/crm/sales-orders", {"customer_id": UNKNOWN_ID, "currency": "USD", "lines": [LINE]}
    yield "/crm/sales-orders", {"number": "SO-1", "customer_id": customer, "currency": "USD", "lines": [LINE]}
    yield "/crm/sales-orders", {"customer_id": customer, "currency": "EUR", "lines": [LINE]}
    yield "/crm/sales-orders", {"customer_id": customer, "currency": "USD", "lines": []}
    bought = {"supplier_id": supplier, "currency": "USD", "warehouse": "EAST"}
    yield "/srm/purchase-orders", bought | {"supplier_id": UNKNOWN_ID, "lines": [LINE]}
    yield "/srm/purchase-orders", bought | {"lines": [LINE | {"unit_price": EUR}]}
    yield "/scm/goods-receipts", {"purchase_order_id": UNKNOWN_ID, "lines": [{"sku": "1", "quantity": "1"}]}
    yield "/scm/goods-receipts", {"purchase_order_id": order, "lines": [{"sku": "UNKNOWN", "quantity": "1"}]}
    yield "/scm/goods-receipts", {"purchase_order_id": order, "lines": [{"sku": "CUP", "quantity": "1000000"}]}
    counted = {"warehouse": "EAST", "lines": [{"sku": "CUP", "quantity": "1"}]}
    yield "/scm/stock-counts", counted | {"warehouse": "UNKNOWN", "counted_on": "1998-01-02"}
    yield "/scm/stock-counts", counted | {"counted_on": "2098-01-02"}
    yield "/erp/bills", {**_bill(supplier, order), "number": "KL-1"}
    yield "/erp/bills", {**_bill(supplier, UNKNOWN_ID), "number": "unknown order"}
    (demo,) = (each["id"] for each in lists["/crm/sales-orders"] if each["number"] == "SO-1")
    yield f"/crm/sales-orders/{demo}/cancel", REASON
    yield from _entries(customer)


def _bill(supplier: str, order: str) -> Body:
    return {"supplier_id": supplier, "purchase_order_id": order, "billed_on": "1998-01-02", "lines": [LINE]}


def _entries(customer: str) -> Iterator[tuple[str, Body]]:
    """Return journal entries and payments that break a rule of the books."""
    debit, credit = {"account": "1000", "debit": USD}, {"account": "1200", "credit": USD}
    entry = {"posted_on": "1998-02-01", "text": "an example", "lines": [debit, credit]}
    yield "/erp/journal-entries", entry | {"lines": [debit]}
    yield "/erp/journal-entries", entry | {"lines": [debit, {"account": "9999", "credit": USD}]}
    yield "/erp/journal-entries", entry | {"lines": [debit | {"credit": USD}, credit]}
    yield "/erp/journal-entries", entry | {"lines": [debit, {"account": "1200", "credit": EUR}]}
    yield "/erp/journal-entries", entry | {"posted_on": "1997-02-01"}
    paid = {"direction": "in", "party_id": customer, "paid_on": "1998-02-01", "amount": USD}
    yield "/erp/payments", paid | {"allocations": [{"document_id": UNKNOWN_ID, "amount": USD}]}
    yield "/erp/payments", paid | {"allocations": [{"document_id": UNKNOWN_ID, "amount": EUR}]}
    yield "/erp/payments", paid | {"amount": {"amount": "-1.00", "currency": "USD"}, "allocations": []}


def conflicts(operations: list[Operation], lists: Mapping[str, list[Row]]) -> Iterator[Mistake]:
    """Return the requests that the rules refuse; labels do not depend on random ids."""
    for number, (path, body) in enumerate(new_records(lists), 1):
        yield _request("POST", path, f"POST {path}: rule {number}", body)
    for path, command, body in AGAIN:
        for place, row in zip(("first", "last"), _ends(lists[path]), strict=True):
            address = f"{path}/{row[KEY_OF.get(path, 'id')]}/{command}"
            yield _request("POST", address, f"POST {path}/{command}: {place}, {sorted(body)}", body)
    for operation in operations:
        yield from _stale(operation, lists)


def _ends(rows: list[Row]) -> tuple[Row, Row]:
    ordered = in_order(rows)
    return ordered[0], ordered[-1]


def _stale(operation: Operation, lists: Mapping[str, list[Row]]) -> Iterator[Mistake]:
    """Return a valid change of a real record whose version is another one."""
    path, _, tail = operation.path.partition("/{")
    if "If-Match" in operation.headers and len(operation.segments) == 1 and lists.get(path):
        row = in_order(lists[path])[0]
        address = f"{path}/{row[KEY_OF.get(path, 'id')]}{tail.partition('}')[2]}"
        label = f"{operation.method} {operation.path}: stale version of a record"
        yield _request(operation.method, address, label, operation.example or {}, {"If-Match": OLD_VERSION})


def _request(method: str, path: str, label: str, body: Body, headers: Mapping[str, str] | None = None) -> Mistake:
    key = {"Idempotency-Key": sha256(label.encode()).hexdigest()}
    return Mistake(label, method, path, headers={**key, **(headers or {})}, content=body)
