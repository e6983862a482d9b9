"""Table of all public routes: path, methods, roles that may read, roles that may change, maximum body size.

Rows of resources that declare their roles come from `surface.json`, written by `make docs`.
A path that is not in the table is not public (404). `{…}` matches one segment. `admin` may use every route;
`accountant` and `auditor` may read all routes of the four services. A role that may POST to a collection of
a service may also post to its `/batch`. A `representative` reads and changes only the caller's own records.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from werkzeug.routing import BaseConverter

from gateway.access.roles import ACCOUNTANT, ADMIN, AUDITOR, BUYER, OWN_RECORDS_ONLY, REPRESENTATIVE, SALES, WAREHOUSE

PREFIX = "/api/v1"
OWN_SERVICE = "gateway"
KIB = 1024
COMMAND_BODY = 16 * KIB
DOCUMENT_BODY = 1024 * KIB

Row = tuple[str, str, str, str, int]

AUDITED_PATHS = ("crm/customers", "srm/suppliers", "erp/", "views/", "audit/", "access/")
STOCK_READERS = f"{WAREHOUSE} {BUYER}"
SELLERS = f"{SALES} {REPRESENTATIVE}"
SALES_READERS = f"{SELLERS} {ACCOUNTANT} {AUDITOR}"
NONE = ""
COLLECTION_PATTERN = re.compile(r"\w+/[\w-]+")

# fmt: off
_SERVICE_ROWS: tuple[Row, ...] = (
    # path                                     methods      who may read             who may change  body at most
    ("crm/customers",                          "GET POST",  SELLERS,                 SELLERS,        DOCUMENT_BODY),
    ("crm/customers/{id}",                     "GET PATCH", SELLERS,                 SELLERS,        DOCUMENT_BODY),
    ("crm/customers/{id}/timeline",            "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/{id}/assign",              "POST",      NONE,                    SALES,          COMMAND_BODY),
    ("crm/customers/{id}/contacts/{contact}/erase","POST",      NONE,                    SELLERS,        COMMAND_BODY),
    ("crm/customers/export",                   "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/template",                 "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/import",                   "POST",      NONE,                    SELLERS,        DOCUMENT_BODY),
    ("crm/sales-orders",                       "GET POST",  SELLERS,                 SELLERS,        DOCUMENT_BODY),
    ("crm/sales-orders/{id}",                  "GET",       SELLERS,                 NONE,           0),
    ("crm/sales-orders/{id}/place",            "POST",      NONE,                    SELLERS,        COMMAND_BODY),
    ("crm/sales-orders/{id}/amend",            "POST",      NONE,                    SELLERS,        DOCUMENT_BODY),
    ("crm/sales-orders/{id}/cancel",           "POST",      NONE,                    SELLERS,        COMMAND_BODY),
    ("crm/settings",                           "GET PATCH", SALES,                   NONE,           COMMAND_BODY),

    ("srm/suppliers",                          "GET POST",  BUYER,                   BUYER,          DOCUMENT_BODY),
    ("srm/suppliers/{id}",                     "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/{id}/block",               "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/suppliers/{id}/unblock",             "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/suppliers/{id}/contacts/{contact}/erase", "POST", NONE,                    BUYER,          COMMAND_BODY),
    ("srm/suppliers/export",                   "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/template",                 "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/import",                   "POST",      NONE,                    BUYER,          DOCUMENT_BODY),
    ("srm/supplier-items",                     "GET POST",  BUYER,                   BUYER,          DOCUMENT_BODY),
    ("srm/supplier-items/{id}",                "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders",                    "GET POST",  BUYER,                   BUYER,          DOCUMENT_BODY),
    ("srm/purchase-orders/{id}",               "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders/{id}/send",          "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/purchase-orders/{id}/revise",        "POST",      NONE,                    BUYER,          DOCUMENT_BODY),
    ("srm/purchase-orders/{id}/close",         "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/purchase-orders/{id}/cancel",        "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/purchase-requests",                  "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-requests/{id}",             "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-requests/{id}/source",      "POST",      NONE,                    BUYER,          COMMAND_BODY),
    ("srm/settings",                           "GET PATCH", BUYER,                   NONE,           COMMAND_BODY),

    ("scm/items",                              "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/items/{sku}",                        "GET PATCH", STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/items/export",                       "GET",       STOCK_READERS,           NONE,           0),
    ("scm/items/template",                     "GET",       STOCK_READERS,           NONE,           0),
    ("scm/items/import",                       "POST",      NONE,                    WAREHOUSE,      DOCUMENT_BODY),
    ("scm/warehouses",                         "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/warehouses/{id}",                    "GET",       STOCK_READERS,           NONE,           0),
    ("scm/carriers",                           "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/carriers/{id}",                      "GET",       STOCK_READERS,           NONE,           0),
    ("scm/stock",                              "GET",       f"{STOCK_READERS} {SALES}", NONE,        0),
    ("scm/goods-receipts",                     "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/goods-receipts/{id}",                "GET",       STOCK_READERS,           NONE,           0),
    ("scm/goods-receipts/{id}/reverse",        "POST",      NONE,                    WAREHOUSE,      COMMAND_BODY),
    ("scm/stock-counts",                       "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT_BODY),
    ("scm/stock-counts/{id}",                  "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments",                          "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}",                     "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}/dispatch",            "POST",      NONE,                    WAREHOUSE,      DOCUMENT_BODY),
    ("scm/settings",                           "GET PATCH", STOCK_READERS,           NONE,           COMMAND_BODY),

    ("erp/accounts",                           "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal",                            "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal-entries",                    "POST",      NONE,                    ACCOUNTANT,     DOCUMENT_BODY),
    ("erp/journal-entries/{id}",               "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal-entries/{id}/reverse",       "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/opening-balances",                   "POST",      NONE,                    ACCOUNTANT,     DOCUMENT_BODY),
    ("erp/invoices",                           "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/invoices/{id}",                      "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/invoices/{id}/write-off",            "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/bills",                              "GET POST",  ACCOUNTANT,              ACCOUNTANT,     DOCUMENT_BODY),
    ("erp/bills/{id}",                         "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/bills/{id}/release",                 "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/bills/{id}/reject",                  "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/payments",                           "GET POST",  ACCOUNTANT,              ACCOUNTANT,     DOCUMENT_BODY),
    ("erp/payments/{id}",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/payments/{id}/allocate",             "POST",      NONE,                    ACCOUNTANT,     DOCUMENT_BODY),
    ("erp/payments/{id}/reverse",              "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/credit",                             "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/credit/{id}",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/credit/{id}/release/{order}",        "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/trial-balance",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods",                            "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods/{id}",                       "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods/{id}/close",                 "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/periods/{id}/reopen",                "POST",      NONE,                    ACCOUNTANT,     COMMAND_BODY),
    ("erp/balance-sheet",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/profit-and-loss",                    "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/general-ledger",                     "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/stock-value",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/receivables-aging",                  "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/payables-aging",                     "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/goods-received-not-invoiced",        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/settings",                           "GET PATCH", ACCOUNTANT,              NONE,           COMMAND_BODY),
)
_GATEWAY_ROWS: tuple[Row, ...] = (
    ("access/keys",                            "GET POST",  AUDITOR,                 NONE,           COMMAND_BODY),
    ("access/keys/{key_id}",                   "GET",       AUDITOR,                 NONE,           0),
    ("access/keys/{key_id}/rotate",            "POST",      NONE,                    NONE,           COMMAND_BODY),
    ("access/keys/{key_id}/revoke",            "POST",      NONE,                    NONE,           COMMAND_BODY),
    ("views/orders/{order_id}",                "GET",       SALES_READERS,        NONE,           0),
    ("views/customers/{customer_id}",          "GET",       SALES_READERS,        NONE,           0),
    ("audit/{service}/events",                 "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/aggregates/{aggregate_id}", "GET",    AUDITOR,                 NONE,           0),
    ("audit/{service}/checkpoint",             "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/checkpoints",            "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/stored",                 "GET",       AUDITOR,                 NONE,           0),
    ("audit/access-log",                       "GET",       AUDITOR,                 NONE,           0),
    ("audit/readings",                         "GET",       AUDITOR,                 NONE,           0),
    ("ops/lag",                                "GET",       f"{ACCOUNTANT} {AUDITOR}", NONE,         0),
    ("ops/parked",                             "GET",       AUDITOR,                 NONE,           0),
    ("ops/parked/{service}/{source}/retry",    "POST",      NONE,                    NONE,           COMMAND_BODY),
    ("ops/parked/{service}/{source}/{sequence}/discard", "POST", NONE,               NONE,           COMMAND_BODY),
)
# fmt: on


# Public without a key: /healthz, /readyz, /openapi.json, /asyncapi.json, /docs (`gateway.pages`).


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path: the service that answers it and the roles that may use it."""

    method: str
    path: str
    service: str
    roles: frozenset[str]
    body_limit: int

    @property
    def is_audited(self) -> bool:
        """Whether reads are recorded in the access log: they return personal data, accounting data or audit records."""
        return self.method == "GET" and self.path.startswith(AUDITED_PATHS)

    def is_limited_to_own(self, roles: Iterable[str]) -> bool:
        """Return whether a caller with these roles is limited to their own records on this route."""
        return OWN_RECORDS_ONLY.issuperset(self.roles.intersection(roles))

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def rule(self) -> str:
        """The public path in the syntax of Flask; a variable named `…_id` is a UUID."""
        return PREFIX + "/" + re.sub(r"{(\w+)}", _variable, self.path)

    @property
    def variables(self) -> list[str]:
        """The names of the variable segments of the path."""
        return re.findall(r"{(\w+)}", self.path)


def _variable(name: re.Match[str]) -> str:
    return f"<uuid:{name[1]}>" if name[1].endswith("_id") else f"<identifier:{name[1]}>"


class IdentifierConverter(BaseConverter):
    """URL converter of identifiers; excludes the reserved segments `batch`, `export`, `import` and `template`."""

    regex = r"(?!(?:batch|export|import|template)(?:/|\Z))[^/]+"


def _declared_rows() -> Iterator[Row]:
    rows = json.loads(Path(__file__).with_name("surface.json").read_text(encoding="utf-8"))
    yield from ((path, methods, readers, changers, DOCUMENT_BODY) for path, methods, readers, changers in rows)


def _routes() -> Iterator[Route]:
    for row in (*_SERVICE_ROWS, *_declared_rows()):
        for route in _methods(row, row[0].partition("/")[0], {ADMIN, ACCOUNTANT, AUDITOR}):
            yield route
            if route.method == "POST" and COLLECTION_PATTERN.fullmatch(route.path):
                yield replace(route, path=f"{route.path}/batch")
    for row in _GATEWAY_ROWS:
        yield from _methods(row, OWN_SERVICE, {ADMIN})


def _methods(row: Row, service: str, extra_readers: Iterable[str]) -> Iterator[Route]:
    path, methods, readers, changers, body_limit = row
    for method in methods.split():
        roles = {*readers.split(), *extra_readers} if method == "GET" else {*changers.split(), ADMIN}
        yield Route(method, path, service, frozenset(roles), body_limit)


ROUTES: Mapping[str, Route] = {route.name: route for route in _routes()}
