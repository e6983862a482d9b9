"""Rules for valid requests that JSON Schema cannot express: the customer exists, a line has the order's currency.

A valid request that schemathesis made up gets real references, one currency and new codes; invalid ones stay as they
are. Existing records are requested from the suite with the administrator's key.
"""

import os
import random
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx2

CURRENCY = "USD"
PAGE: Mapping[str, Mapping[str, str]] = {"access/keys": {}}
CACHE_SECONDS = 40
KEY_NAME_PREFIX = "fuzzing as"
"""Prefix of the names of the keys that run the fuzzing, which are never revoked."""

Body = dict[str, Any]

COLLECTION_OF_FIELD = {
    "customer_id": "crm/customers",
    "sales_order_id": "crm/sales-orders",
    "supplier_id": "srm/suppliers",
    "purchase_order_id": "srm/purchase-orders?status=sent",
    "party_id": "crm/customers",
    "document_id": "erp/invoices?status=open,part_paid",
}
REFERENCES = {
    **{name: (where, "id") for name, where in COLLECTION_OF_FIELD.items()},
    "sku": ("scm/items?active=true", "sku"),
    "warehouse": ("scm/warehouses?active=true", "code"),
    "carrier": ("scm/carriers?active=true", "code"),
}
UNIQUE_FIELDS = frozenset({"code", "number", "sku"})
VALID_VALUES = {
    "tax_id": ("DE136695976", "ATU13585627", "nl 4495445b01", "FR40303265045"),
    "iban": ("DE89370400440532013000", "gb82 west 1234 5698 7654 32"),
}
"""Values with check digits, in accepted spellings."""
READY_ROWS = {
    "crm/sales-orders/{}/place": "crm/sales-orders?status=draft",
    "crm/sales-orders/{}/cancel": "crm/sales-orders?status=draft,reserved,backordered,approved,placed",
    "srm/purchase-orders/{}/send": "srm/purchase-orders?status=draft",
    "srm/purchase-orders/{}/cancel": "srm/purchase-orders?status=draft,sent",
    "scm/shipments/{}/dispatch": "scm/shipments?status=open",
    "erp/invoices/{}/write-off": "erp/invoices?status=open,part_paid",
    "erp/bills/{}/release": "erp/bills?status=blocked",
    "erp/bills/{}/reject": "erp/bills?status=blocked",
    "erp/payments/{}/reverse": "erp/payments?status=recorded",
}
"""The records of a collection that still accept a command."""


SHEET_VALUES = {
    "name": "Fuzz", "text": "Fuzz", "unit": "piece", "currency": CURRENCY, "unit_price.amount": "1",
    "unit_price.currency": CURRENCY, "lead_time_days": "3",
}  # fmt: skip
"""Values of the columns of a sheet that are required somewhere."""


class SuiteData:
    """Existing records of the suite, requested again after some uses."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx2.Client(base_url=f"{url}/api/v1/", headers=headers, timeout=35, trust_env=False)
        self._rows: dict[str, tuple[int, list[Body]]] = {}
        self._random = random.Random(os.environ.get("SIHE_FUZZ_SEED", "1"))

    def rows(self, where: str) -> list[Body]:
        """Return the newest records of a collection, as they were a short while ago."""
        path, _, query = where.partition("?")
        left, rows = self._rows.get(where, (0, []))
        if not left:
            answer = self._client.get(path, params={**dict(parse_qsl(query)), **PAGE.get(path, {"limit": "100"})})
            rows = answer.json()["data"] if answer.status_code == 200 else []
            left, rows = (
                CACHE_SECONDS,
                [row for row in rows if not str(row.get("name", "")).startswith(KEY_NAME_PREFIX)],
            )
        self._rows[where] = (left - 1, rows)
        return rows

    def random_row(self, where: str) -> Body | None:
        rows = self.rows(where)
        return self._random.choice(rows) if rows else None

    def version(self, path: str) -> str | None:
        """Return the current ETag of a resource."""
        return self._client.get(path).headers.get("ETag")

    # -- completing a request

    def path(self, template: str, given: Mapping[str, Any]) -> Body:
        """Return path variables of an existing record."""
        known = dict(given)
        collection, _, rest = template.removeprefix("/api/v1/").partition("/{")
        if not rest:
            return known
        name = rest.partition("}")[0]
        ready = READY_ROWS.get(re.sub(r"{\w+}", "{}", template.removeprefix("/api/v1/")))
        where = ready or _settled_rows(collection, rest) or _find_page_value(collection, name)
        row = self.random_row(where) if where else None
        if row:
            known[name] = row.get(name) or row["id"]
            self._set_second_variable(template, known, row)
        return known

    def _set_second_variable(self, template: str, known: Body, row: Body) -> None:
        if "{contact_id}" in template and row.get("contacts"):
            known["contact_id"] = self._random.choice(row["contacts"])["id"]
        if "{sales_order_id}" in template and row.get("held"):
            known["sales_order_id"] = self._random.choice(row["held"])["sales_order_id"]

    def body(self, path: str, body: Any) -> Any:
        """Return a body with existing references, one currency, and new names for new records."""
        target, batch, _ = re.sub(r"{\w+}", "{}", path).removeprefix("/api/v1/").partition("/batch")
        if batch and isinstance(body.get("items"), list):
            return body | {"items": [self._document(each, target) for each in body["items"]]}
        return self._document(body, target)

    def _document(self, document: Any, target: str) -> Any:
        valid = self._make_valid(document)
        for name in valid.keys() & UNIQUE_FIELDS:
            if valid[name] is not None and (name != "sku" or target == "scm/items"):
                valid[name] = f"F-{uuid4().hex[:12]}"
        return BODY_RULES.get(target, _unchanged)(self, valid)

    def _make_valid(self, value: Any) -> Any:
        """Return the value with whole floats as integers, one currency, small quantities, existing references."""
        if isinstance(value, list):
            return [self._make_valid(each) for each in value]
        if not isinstance(value, dict):
            return int(value) if isinstance(value, float) and value.is_integer() else value
        valid = {name: self._make_valid(each) for name, each in value.items()}
        if "currency" in valid:
            valid |= {"currency": CURRENCY} | ({"amount": _cents(valid["amount"])} if "amount" in valid else {})
        if isinstance(valid.get("quantity"), str):
            valid["quantity"] = _small_quantity(valid["quantity"])
        valid |= {name: known[0] for name, known in VALID_VALUES.items() if valid.get(name) not in (None, *known)}
        return valid | {name: self._reference(name, valid[name]) for name in valid.keys() & REFERENCES.keys()}

    def _reference(self, name: str, given: Any) -> Any:
        where, column = REFERENCES[name]
        row = self.random_row(where) if given is not None else None
        return row[column] if row else given

    def sheet(self, path: str) -> str:
        """Return a small sheet that can be imported at this path."""
        new = f"F-{uuid4().hex[:12]}"
        values = {"code": new, "sku": new, **SHEET_VALUES}
        if supplier := self.random_row("srm/suppliers?active=true"):
            values["supplier_id"] = supplier["id"]
        template = self._client.get(path.removeprefix("/api/v1/").replace("/import", "/template")).text
        columns = [each for each in template.strip("\ufeff\r\n").split(",") if each in values]
        return f"{','.join(columns)}\n{','.join(values[each] for each in columns)}\n"


def _settled_rows(collection: str, rest: str) -> str | None:
    """Return the records that a change of `active` leaves as they are: other requests refer to them."""
    active = {"deactivate": "false", "reactivate": "true"}.get(rest.rpartition("/")[2])
    return active and f"{collection}?active={active}"


def _find_page_value(collection: str, name: str) -> str | None:
    if name in COLLECTION_OF_FIELD and collection not in COLLECTION_OF_FIELD.values():
        return COLLECTION_OF_FIELD[name]
    return collection if collection.partition("/")[0] in ("crm", "srm", "scm", "erp", "access") else None


def _cents(amount: Any) -> str:
    """Return the amount with the decimals of the currency, and small enough for every credit limit."""
    whole, _, fraction = str(amount).partition(".")
    return f"{whole[-4:].lstrip('0') or '1'}.{(fraction + '00')[:2]}"


def _small_quantity(quantity: str) -> str:
    """Return the quantity with at most six digits before the point: the total of an order has a limit."""
    whole, point, fraction = quantity.partition(".")
    return f"{whole[-6:].lstrip('0') or ('0' if fraction.strip('0') else '1')}{point}{fraction}"


# -- rules of single commands


def _unchanged(_: SuiteData, body: Body) -> Body:
    return body


def _receipt(suite_data: SuiteData, body: Body) -> Body:
    """Return a receipt of a small quantity of an ordered line."""
    order = suite_data.random_row(COLLECTION_OF_FIELD["purchase_order_id"])
    if order is None:
        return body
    line = order["lines"][0]
    return body | {"purchase_order_id": order["id"], "lines": [{"sku": line["sku"], "quantity": "0.001"}]}


def _payment(suite_data: SuiteData, body: Body) -> Body:
    """Return an incoming payment of one cent for an open invoice."""
    invoice = suite_data.random_row(COLLECTION_OF_FIELD["document_id"])
    if invoice is None:
        return body
    cent = {"amount": "0.01", "currency": CURRENCY}
    return body | {
        "direction": "in", "posted_on": None, "party_id": invoice["customer_id"], "amount": cent,
        "allocations": [{"document_id": invoice["id"], "amount": cent}],
    }  # fmt: skip


def _bill(suite_data: SuiteData, body: Body) -> Body:
    """Return a bill of one ordered piece at the price of the order."""
    order = suite_data.random_row(COLLECTION_OF_FIELD["purchase_order_id"]) or suite_data.random_row(
        "srm/purchase-orders"
    )
    if order is None:
        return body
    line = order["lines"][0]
    billed = {"sku": line["sku"], "quantity": "1", "unit_price": line["unit_price"]}
    return body | {"purchase_order_id": order["id"], "supplier_id": order["supplier_id"], "lines": [billed]}


def _allocation(suite_data: SuiteData, body: Body) -> Body:
    """Return an allocation of one cent to an open invoice."""
    invoice = suite_data.random_row(COLLECTION_OF_FIELD["document_id"])
    cent = {"amount": "0.01", "currency": CURRENCY}
    return body | ({"allocations": [{"document_id": invoice["id"], "amount": cent}]} if invoice else {})


def _supplier_item(_: SuiteData, body: Body) -> Body:
    return with_days_in_order(body, "valid_from", "valid_to")


def with_days_in_order(fields: Body, first: str, last: str) -> Body:
    """Return the fields with the two days in order, if both are given: a range that begins after its end is refused."""
    days = sorted(fields[name] for name in (first, last) if fields.get(name))
    return fields | (dict(zip((first, last), days, strict=True)) if len(days) == 2 else {})


def with_order_of_groups(query: Body) -> Body:
    """Return the query of a list with an order that its groups or else its rows have; groups have no commands."""
    grouped, left = query.get("group_by"), {**query}
    if grouped:
        left.pop("show", None)
    if "sort" in query:
        names = [*_names(grouped), *_names(query.get("sum")), "count"]
        order = [each for each in _names(query["sort"]) if _sorts(each.removeprefix("-"), names if grouped else None)]
        left = {**left, "sort": ",".join(order)} if order else {name: left[name] for name in left if name != "sort"}
    return left


def _names(value: Any) -> list[str]:
    """Return the names in a parameter, as a list or separated by commas."""
    return value.split(",") if isinstance(value, str) else list(value or ())


def _sorts(name: str, of_groups: list[str] | None) -> bool:
    return name != "count" and "." not in name if of_groups is None else name in of_groups


def _warehouse(_: SuiteData, body: Body) -> Body:
    """Return a warehouse without negative stock, in an existing time zone."""
    return body | {"negative_stock": False, "time_zone": "Europe/Berlin"}


def _stock_count(_: SuiteData, body: Body) -> Body:
    """Return a stock count with each item once."""
    return body | {"lines": list({line["sku"]: line for line in body["lines"]}.values())}


def _revision(_: SuiteData, body: Body) -> Body:
    """Return a revision with new lines only, since a kept line must keep its item."""
    return body | {"lines": [{**line, "line": None} for line in body["lines"]]} if body.get("lines") else body


def _customer_change(_: SuiteData, body: Body) -> Body:
    """Return contacts with new identifiers."""
    people = [{name: each for name, each in person.items() if name != "id"} for person in body.get("contacts", [])]
    return body | ({"contacts": people} if people else {})


def _journal_entry(_: SuiteData, body: Body) -> Body:
    """Return a journal entry of two balanced lines."""
    price = {"amount": "1.00", "currency": CURRENCY}
    return body | {"lines": [{"account": "6000", "debit": price}, {"account": "1000", "credit": price}]}


def _opening_balance(_: SuiteData, body: Body) -> Body:
    """Return an opening balance of an account without parties."""
    return body | {"lines": [{"account": "1000", "amount": {"amount": "1.00", "currency": CURRENCY}}]}


def _access_key(_: SuiteData, body: Body) -> Body:
    """Return an access key without expiry."""
    return body | {"expires_at": None}


BODY_RULES: Mapping[str, Callable[[SuiteData, Body], Body]] = {
    "scm/goods-receipts": _receipt,
    "erp/payments": _payment,
    "erp/payments/{}/allocate": _allocation,
    "erp/bills": _bill,
    "srm/supplier-items": _supplier_item,
    "scm/warehouses": _warehouse,
    "access/keys": _access_key,
    "erp/journal-entries": _journal_entry,
    "erp/opening-balances": _opening_balance,
    "scm/stock-counts": _stock_count,
    "srm/purchase-orders/{}/revise": _revision,
    "crm/customers/{}": _customer_change,
}
