"""Rules for valid requests that JSON Schema cannot express: the customer exists, a line has the order's currency.

A valid request that schemathesis made up gets real references, one currency and new codes; invalid ones stay as they
are. Existing records are requested from the suite with the administrator's key.
"""

import csv
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.fuzz.body_rules import BODY_RULES
from tests.fuzz.existing_records import (
    COLLECTION_OF_FIELD,
    COLUMN_OF_VARIABLE,
    CURRENCY,
    READY_ROWS,
    REFERENCES,
    Body,
    ExistingRecords,
    collection_of,
)

DATES_OF_COMMANDS = frozenset(
    {
        "effective_on", "posted_on", "paid_on", "billed_on", "received_on", "dispatched_on", "ordered_on", "opened_on",
        "counted_on", "required_on", "expected_on",
    }
)  # fmt: skip
"""All of today: nothing is dated before what it continues, nor far ahead."""
UNIQUE_FIELDS = frozenset({"code", "number", "sku"})
VALID_VALUES = {
    "tax_id": ("DE136695976", "ATU13585627", "nl 4495445b01", "FR40303265045"),
    "iban": ("DE89370400440532013000", "gb82 west 1234 5698 7654 32"),
}
"""Values with check digits, in accepted spellings."""
SHEET_VALUES = {
    "name": "Fuzz", "text": "Fuzz", "unit": "piece", "currency": CURRENCY, "unit_price.amount": "1",
    "unit_price.currency": CURRENCY, "lead_time_days": "3",
}  # fmt: skip
"""Values of the columns of a sheet that are required somewhere."""


def today() -> str:
    """Return the date of all documents, as requests write it."""
    return datetime.now(UTC).date().isoformat()


class SuiteData(ExistingRecords):
    """Values of valid requests: existing records, and what suits them."""

    def path(self, template: str, given: Mapping[str, Any]) -> Body:
        """Return path variables of an existing record."""
        known, self.addressed = dict(given), None
        collection, _, rest = template.removeprefix("/api/v1/").partition("/{")
        if not rest:
            return known
        name = rest.partition("}")[0]
        ready = READY_ROWS.get(re.sub(r"{\w+}", "{}", template.removeprefix("/api/v1/")))
        where = ready or _settled_rows(collection, rest) or _find_page_value(collection, name)
        self.addressed = row = self.random_row(where) if where else None
        if row:
            known[name] = row.get(COLUMN_OF_VARIABLE.get(name, name)) or row["id"]
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
        valid |= {name: today() for name in valid.keys() & DATES_OF_COMMANDS if valid[name] is not None}
        return BODY_RULES[target](self, valid) if target in BODY_RULES else valid

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
        if "scm/items" not in path and (item := self.random_row("scm/items?active=true")):
            values["sku"] = item["sku"]
        template = self._client.get(path.removeprefix("/api/v1/").replace("/import", "/template")).text
        header = next(csv.reader([template.strip("\ufeff\r\n")]))
        columns = [each for each in header if each in values]
        return f"{','.join(columns)}\n{','.join(values[each] for each in columns)}\n"


def _settled_rows(collection: str, rest: str) -> str | None:
    """Return the records that a change of `active` leaves as they are: other requests refer to them."""
    active = {"deactivate": "false", "reactivate": "true"}.get(rest.rpartition("/")[2])
    return active and f"{collection}?active={active}"


def _find_page_value(collection: str, name: str) -> str | None:
    if name in COLLECTION_OF_FIELD and collection not in map(collection_of, COLLECTION_OF_FIELD.values()):
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
