"""Rules for the bodies of single commands: a bill is of an ordered piece, a journal entry balances."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.fuzz.existing_records import COLLECTION_OF_FIELD, CURRENCY, Body, ExistingRecords
from tests.fuzz.query_rules import with_ends_in_order

Rule = Callable[[ExistingRecords, Body], Body]
RECEIVED_ORDERS = "srm/purchase-orders?status=partly_received,received"
CLOSED_ORDERS = "srm/purchase-orders?status=closed"
"""Used once no order awaits goods any more, since other requests have received, closed or cancelled all of them."""


def _receipt(records: ExistingRecords, body: Body) -> Body:
    """Return a receipt of a small quantity of an ordered line; of a closed one, once none awaits goods."""
    order = records.random_row(COLLECTION_OF_FIELD["purchase_order_id"], CLOSED_ORDERS)
    if order is None:
        return body
    line = order["lines"][0]
    lines = [{"sku": line["sku"], "quantity": "0.001"}]
    return _moment(records, body) | {"purchase_order_id": order["id"], "lines": lines}


def _payment(records: ExistingRecords, body: Body) -> Body:
    """Return an incoming payment of one cent for an open invoice."""
    invoice = records.random_row(COLLECTION_OF_FIELD["document_id"])
    if invoice is None:
        return body
    cent = {"amount": "0.01", "currency": CURRENCY}
    return body | {
        "direction": "in", "posted_on": None, "party_id": invoice["customer_id"], "amount": cent,
        "allocations": [{"document_id": invoice["id"], "amount": cent}],
    }  # fmt: skip


def _bill(records: ExistingRecords, body: Body) -> Body:
    """Return a bill of one ordered piece at the price of the order."""
    order = records.random_row(COLLECTION_OF_FIELD["purchase_order_id"], RECEIVED_ORDERS)
    if order is None:
        return body
    line = order["lines"][0]
    billed = {"sku": line["sku"], "quantity": "1", "unit_price": line["unit_price"]}
    about = {"purchase_order_id": order["id"], "supplier_id": order["supplier_id"], "duplicate_reason": "another piece"}
    return body | about | {"lines": [billed]}


def _allocation(records: ExistingRecords, body: Body) -> Body:
    """Return an allocation of one cent to an open invoice of the customer who paid."""
    customer, cent = (records.addressed or {}).get("party_id"), {"amount": "0.01", "currency": CURRENCY}
    invoices = [each for each in records.rows(COLLECTION_OF_FIELD["document_id"]) if each["customer_id"] == customer]
    return body | ({"allocations": [{"document_id": invoices[0]["id"], "amount": cent}]} if invoices else {})


def _deallocation(records: ExistingRecords, body: Body) -> Body:
    """Return a document that the payment settles."""
    settled = (records.addressed or {}).get("allocations") or []
    return body | ({"document_id": settled[0]["document_id"]} if settled else {})


def _range(first: str, last: str, key: Callable[[Any], Any] = str) -> Rule:
    """Return the rule of a range: its ends are in order, and an end that is not given is open."""

    def rule(_: ExistingRecords, body: Body) -> Body:
        ends = dict.fromkeys((first, last)) if body.keys() & {first, last} else {}
        return with_ends_in_order(ends | body, first, last, key)

    return rule


def _moment(_: ExistingRecords, body: Body) -> Body:
    """Return a movement of a day, without an instant."""
    return {name: each for name, each in body.items() if name != "at"}


def _items_once(body: Body) -> Body:
    return {"lines": list({line["sku"]: line for line in body["lines"]}.values())}


def _opening_stock(_: ExistingRecords, body: Body) -> Body:
    """Return an opening stock with each item once, in the currency of the firm."""
    lines = _items_once(body)["lines"]
    return body | {"lines": [line | {"value": line["value"] | {"currency": CURRENCY}} for line in lines]}


def _stock_count(records: ExistingRecords, body: Body) -> Body:
    """Return a stock count of now, which is not tomorrow in any time zone, with each item once."""
    return _moment(records, {name: each for name, each in body.items() if name != "counted_on"} | _items_once(body))


def _dispatch(existing: ExistingRecords, body: Body) -> Body:
    """Return a dispatch of a day, of goods of any order line."""
    body = _moment(existing, body)
    return body | {"lines": [{**line, "line": None} for line in body["lines"]]} if body.get("lines") else body


def _revision(_: ExistingRecords, body: Body) -> Body:
    """Return a revision with new lines only, since a kept line must keep its item."""
    return body | {"lines": [{**line, "line": None} for line in body["lines"]]} if body.get("lines") else body


def _party_change(_: ExistingRecords, body: Body) -> Body:
    """Return contacts with new identifiers."""
    people = [{name: each for name, each in person.items() if name != "id"} for person in body.get("contacts", [])]
    return body | ({"contacts": people} if people else {})


def _journal_entry(_: ExistingRecords, body: Body) -> Body:
    """Return a journal entry of two balanced lines."""
    price = {"amount": "1.00", "currency": CURRENCY}
    return body | {"lines": [{"account": "6000", "debit": price}, {"account": "1000", "credit": price}]}


def _opening_balance(_: ExistingRecords, body: Body) -> Body:
    """Return an opening balance of an account without parties."""
    return body | {"lines": [{"account": "1000", "amount": {"amount": "1.00", "currency": CURRENCY}}]}


OF_TODAY = ("time_zone", "time_zone_from", "days_ahead")
"""Fields that decide what today is: all documents are of today in UTC."""


def _without_zone(_: ExistingRecords, body: Body) -> Body:
    return {name: each for name, each in body.items() if name not in OF_TODAY}


def _entity_change(records: ExistingRecords, body: Body) -> Body:
    """Return a change that keeps the currency and what today is."""
    kept = _without_zone(records, body)
    return kept | ({"base_currency": CURRENCY} if "base_currency" in kept else {})


def _access_key(_: ExistingRecords, body: Body) -> Body:
    """Return an access key without expiry."""
    return body | {"expires_at": None}


BODY_RULES: Mapping[str, Rule] = {
    "scm/goods-receipts": _receipt,
    "scm/shipments/{}/dispatch": _dispatch,
    "erp/payments": _payment,
    "erp/payments/{}/allocate": _allocation,
    "erp/payments/{}/deallocate": _deallocation,
    "erp/bills": _bill,
    **dict.fromkeys(("srm/supplier-items", "srm/supplier-items/{}"), _range("valid_from", "valid_to")),
    **dict.fromkeys(("scm/items", "scm/items/{}"), _range("reorder_point", "reorder_to", Decimal)),
    "access/keys": _access_key,
    "erp/journal-entries": _journal_entry,
    "erp/entities/{}": _entity_change,
    **dict.fromkeys(("scm/warehouses", "scm/warehouses/{}"), _without_zone),
    "erp/opening-balances": _opening_balance,
    "scm/stock-counts": _stock_count,
    "scm/opening-stock": _opening_stock,
    "srm/purchase-orders/{}/revise": _revision,
    "crm/customers/{}": _party_change,
    "srm/suppliers/{}": _party_change,
}
