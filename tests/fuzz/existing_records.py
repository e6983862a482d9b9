"""Existing records of the suite, to which made-up requests refer."""

import os
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx2

CURRENCY = "USD"
PAGE: Mapping[str, Mapping[str, str]] = {"access/keys": {}}
USES = 40
"""The number of uses after which records are requested again."""
KEY_NAME_PREFIX = "fuzzing as"
"""Prefix of the names of the keys that run the fuzzing, which are never revoked."""

Body = dict[str, Any]

COLLECTION_OF_FIELD = {
    "customer_id": f"crm/customers?currency={CURRENCY}",
    "sales_order_id": "crm/sales-orders",
    "supplier_id": f"srm/suppliers?active=true&currency={CURRENCY}",
    "purchase_order_id": "srm/purchase-orders?status=sent",
    "party_id": f"crm/customers?currency={CURRENCY}",
    "document_id": "erp/invoices?status=open,part_paid",
}
REFERENCES = {
    **{name: (where, "id") for name, where in COLLECTION_OF_FIELD.items()},
    "sku": ("scm/items?active=true", "sku"),
    "warehouse": ("scm/warehouses?active=true", "code"),
    "default_warehouse": ("scm/warehouses?active=true", "code"),
    "carrier": ("scm/carriers?active=true", "code"),
}
COLUMN_OF_VARIABLE = {"entity": "code"}
"""Columns of path variables that are named otherwise."""
READY_ROWS = {
    "crm/sales-orders/{}/place": "crm/sales-orders?status=draft",
    "crm/sales-orders/{}/cancel": "crm/sales-orders?status=draft,reserved,backordered,approved,placed",
    "srm/purchase-orders/{}/send": "srm/purchase-orders?status=draft",
    "srm/purchase-orders/{}/cancel": "srm/purchase-orders?status=draft,sent",
    "scm/shipments/{}/dispatch": "scm/shipments?status=open",
    "erp/invoices/{}/write-off": "erp/invoices?status=open,part_paid",
    "erp/invoices/{}/reverse-write-off": "erp/invoices?status=paid",
    "erp/bills/{}/release": "erp/bills?status=blocked",
    "erp/bills/{}/write-off": "erp/bills?status=matched,released",
    "erp/bills/{}/reverse-write-off": "erp/bills?status=paid",
    "erp/bills/{}/reject": "erp/bills?status=blocked",
    "erp/payments/{}/allocate": "erp/payments?direction=in&status=posted",
    "erp/payments/{}/deallocate": "erp/payments?direction=in&status=posted",
    "erp/payments/{}/reverse": "erp/payments?status=posted",
    "views/orders/{}": "crm/sales-orders",
}
"""The records that still accept a command, and those of a composed view."""


def collection_of(where: str) -> str:
    return where.partition("?")[0]


class ExistingRecords:
    """Existing records of the suite, requested again after some uses."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx2.Client(base_url=f"{url}/api/v1/", headers=headers, timeout=35, trust_env=False)
        self._rows: dict[str, tuple[int, list[Body]]] = {}
        self.addressed: Body | None = None
        """The record in the path of the request that is being completed."""
        self._random = random.Random(os.environ.get("SIHE_FUZZ_SEED", "1"))

    def rows(self, where: str) -> list[Body]:
        """Return the newest records of a collection, as they were a short while ago."""
        path, _, query = where.partition("?")
        left, rows = self._rows.get(where, (0, []))
        if not left:
            answer = self._client.get(path, params={**dict(parse_qsl(query)), **PAGE.get(path, {"limit": "100"})})
            rows = answer.json()["data"] if answer.status_code == 200 else []
            left, rows = USES, [row for row in rows if not str(row.get("name", "")).startswith(KEY_NAME_PREFIX)]
        self._rows[where] = (left - 1, rows)
        return rows

    def random_row(self, *collections: str) -> Body | None:
        """Return a record of the first of these collections that has any."""
        rows = next(filter(None, map(self.rows, collections)), [])
        return self._random.choice(rows) if rows else None

    def forget(self, collection: str) -> None:
        """Request the records of a collection again at their next use."""
        self._rows = {where: kept for where, kept in self._rows.items() if collection_of(where) != collection}

    def version(self, path: str) -> str | None:
        """Return the current ETag of a resource."""
        return self._client.get(path).headers.get("ETag")
