"""The whole public surface in one table: who answers a path, who may read there, who may change something.

What is not in the table does not exist outside (404). `{…}` stands for one segment. `admin` may do
everything in it; `accountant` and `auditor` read all of the four services' rows. Whoever may POST to a
collection of a service may post a batch to it. A `representative` sees and changes what is his own there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from werkzeug.routing import BaseConverter

from gateway.access.roles import ACCOUNTANT, ADMIN, AUDITOR, BUYER, REPRESENTATIVE, SALES, SEE_ONLY_OWN, WAREHOUSE

PREFIX = "/api/v1"
OURSELVES = "gateway"
KIB = 1024
COMMAND = 16 * KIB
DOCUMENT = 1024 * KIB

Row = tuple[str, str, str, str, int]

PRIVATE = ("crm/customers", "srm/suppliers", "erp/", "views/", "audit/", "access/")
STOCK_READERS = f"{WAREHOUSE} {BUYER}"
SELLERS = f"{SALES} {REPRESENTATIVE}"
READERS_OF_SALES = f"{SELLERS} {ACCOUNTANT} {AUDITOR}"
NONE = ""
COLLECTION = re.compile(r"\w+/[\w-]+")

# fmt: off
_OF_THE_SERVICES: tuple[Row, ...] = (
    # path                                     methods      who may read             who may change  body at most
    ("crm/customers",                          "GET POST",  SELLERS,                 SELLERS,        DOCUMENT),
    ("crm/customers/{id}",                     "GET PATCH", SELLERS,                 SELLERS,        DOCUMENT),
    ("crm/customers/{id}/timeline",            "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/{id}/assign",              "POST",      NONE,                    SALES,          COMMAND),
    ("crm/customers/{id}/contacts/{contact}/erase","POST",      NONE,                    SELLERS,        COMMAND),
    ("crm/customers/export",                   "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/template",                 "GET",       SELLERS,                 NONE,           0),
    ("crm/customers/import",                   "POST",      NONE,                    SELLERS,        DOCUMENT),
    ("crm/sales-orders",                       "GET POST",  SELLERS,                 SELLERS,        DOCUMENT),
    ("crm/sales-orders/{id}",                  "GET",       SELLERS,                 NONE,           0),
    ("crm/sales-orders/{id}/place",            "POST",      NONE,                    SELLERS,        COMMAND),
    ("crm/sales-orders/{id}/amend",            "POST",      NONE,                    SELLERS,        DOCUMENT),
    ("crm/sales-orders/{id}/cancel",           "POST",      NONE,                    SELLERS,        COMMAND),
    ("crm/settings",                           "GET PATCH", SALES,                   NONE,           COMMAND),

    ("srm/suppliers",                          "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/suppliers/{id}",                     "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/{id}/block",               "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/suppliers/{id}/unblock",             "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/suppliers/{id}/contacts/{contact}/erase", "POST", NONE,                    BUYER,          COMMAND),
    ("srm/suppliers/export",                   "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/template",                 "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/import",                   "POST",      NONE,                    BUYER,          DOCUMENT),
    ("srm/supplier-items",                     "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/supplier-items/{id}",                "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders",                    "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/purchase-orders/{id}",               "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders/{id}/send",          "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/purchase-orders/{id}/revise",        "POST",      NONE,                    BUYER,          DOCUMENT),
    ("srm/purchase-orders/{id}/close",         "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/purchase-orders/{id}/cancel",        "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/purchase-requests",                  "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-requests/{id}",             "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-requests/{id}/source",      "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/settings",                           "GET PATCH", BUYER,                   NONE,           COMMAND),

    ("scm/items",                              "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/items/{sku}",                        "GET PATCH", STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/items/export",                       "GET",       STOCK_READERS,           NONE,           0),
    ("scm/items/template",                     "GET",       STOCK_READERS,           NONE,           0),
    ("scm/items/import",                       "POST",      NONE,                    WAREHOUSE,      DOCUMENT),
    ("scm/warehouses",                         "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/warehouses/{id}",                    "GET",       STOCK_READERS,           NONE,           0),
    ("scm/carriers",                           "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/carriers/{id}",                      "GET",       STOCK_READERS,           NONE,           0),
    ("scm/stock",                              "GET",       f"{STOCK_READERS} {SALES}", NONE,        0),
    ("scm/goods-receipts",                     "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/goods-receipts/{id}",                "GET",       STOCK_READERS,           NONE,           0),
    ("scm/goods-receipts/{id}/reverse",        "POST",      NONE,                    WAREHOUSE,      COMMAND),
    ("scm/stock-counts",                       "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/stock-counts/{id}",                  "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments",                          "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}",                     "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}/dispatch",            "POST",      NONE,                    WAREHOUSE,      DOCUMENT),
    ("scm/settings",                           "GET PATCH", STOCK_READERS,           NONE,           COMMAND),

    ("erp/accounts",                           "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal",                            "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal-entries",                    "POST",      NONE,                    ACCOUNTANT,     DOCUMENT),
    ("erp/journal-entries/{id}",               "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal-entries/{id}/reverse",       "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/opening-balances",                   "POST",      NONE,                    ACCOUNTANT,     DOCUMENT),
    ("erp/invoices",                           "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/invoices/{id}",                      "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/invoices/{id}/write-off",            "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/bills",                              "GET POST",  ACCOUNTANT,              ACCOUNTANT,     DOCUMENT),
    ("erp/bills/{id}",                         "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/bills/{id}/release",                 "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/bills/{id}/reject",                  "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/payments",                           "GET POST",  ACCOUNTANT,              ACCOUNTANT,     DOCUMENT),
    ("erp/payments/{id}",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/payments/{id}/allocate",             "POST",      NONE,                    ACCOUNTANT,     DOCUMENT),
    ("erp/payments/{id}/reverse",              "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/credit",                             "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/credit/{id}",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/credit/{id}/release/{order}",        "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/trial-balance",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods",                            "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods/{id}",                       "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/periods/{id}/close",                 "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/periods/{id}/reopen",                "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/balance-sheet",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/profit-and-loss",                    "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/general-ledger",                     "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/stock-value",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/receivables-aging",                  "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/payables-aging",                     "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/goods-received-not-invoiced",        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/settings",                           "GET PATCH", ACCOUNTANT,              NONE,           COMMAND),
)
_OUR_OWN: tuple[Row, ...] = (
    ("access/keys",                            "GET POST",  AUDITOR,                 NONE,           COMMAND),
    ("access/keys/{key_id}",                   "GET",       AUDITOR,                 NONE,           0),
    ("access/keys/{key_id}/rotate",            "POST",      NONE,                    NONE,           COMMAND),
    ("access/keys/{key_id}/revoke",            "POST",      NONE,                    NONE,           COMMAND),
    ("views/orders/{order_id}",                "GET",       READERS_OF_SALES,        NONE,           0),
    ("views/customers/{customer_id}",          "GET",       READERS_OF_SALES,        NONE,           0),
    ("audit/{service}/events",                 "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/aggregates/{aggregate_id}", "GET",    AUDITOR,                 NONE,           0),
    ("audit/{service}/checkpoint",             "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/checkpoints",            "GET",       AUDITOR,                 NONE,           0),
    ("audit/{service}/stored",                 "GET",       AUDITOR,                 NONE,           0),
    ("audit/readings",                         "GET",       AUDITOR,                 NONE,           0),
    ("ops/lag",                                "GET",       f"{ACCOUNTANT} {AUDITOR}", NONE,         0),
    ("ops/parked",                             "GET",       AUDITOR,                 NONE,           0),
    ("ops/parked/{service}/{source}/retry",    "POST",      NONE,                    NONE,           COMMAND),
    ("ops/parked/{service}/{source}/{sequence}/discard", "POST", NONE,               NONE,           COMMAND),
)
# fmt: on


# Without a key: /healthz, /readyz, /openapi.json, /asyncapi.json, /docs (`gateway.pages`).


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one row: who answers it, and the roles it is open to."""

    method: str
    path: str
    service: str
    roles: frozenset[str]
    body_limit: int

    @property
    def private(self) -> bool:
        """It shows persons, books, or what was done by whom: reading it is recorded."""
        return self.method == "GET" and self.path.startswith(PRIVATE)

    def only_own(self, roles: Iterable[str]) -> bool:
        """Whether whoever has these roles comes here for what is his own alone: no other of them opens it."""
        return SEE_ONLY_OWN.issuperset(self.roles.intersection(roles))

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def rule(self) -> str:
        """The public path as Flask writes it; what is called `…_id` is a UUID."""
        return PREFIX + "/" + re.sub(r"{(\w+)}", _variable, self.path)

    @property
    def variables(self) -> list[str]:
        """What stands for the segments that are not fixed."""
        return re.findall(r"{(\w+)}", self.path)


def _variable(name: re.Match[str]) -> str:
    return f"<uuid:{name[1]}>" if name[1].endswith("_id") else f"<thing:{name[1]}>"


class Thing(BaseConverter):
    """What people call a thing, but for the words that lead to something else there."""

    regex = r"(?!(?:batch|export|import|template)(?:/|\Z))[^/]+"


def _routes() -> Iterator[Route]:
    for row in _OF_THE_SERVICES:
        for route in _methods(row, row[0].partition("/")[0], {ADMIN, ACCOUNTANT, AUDITOR}):
            yield route
            if route.method == "POST" and COLLECTION.fullmatch(route.path):
                yield replace(route, path=f"{route.path}/batch")
    for row in _OUR_OWN:
        yield from _methods(row, OURSELVES, {ADMIN})


def _methods(row: Row, service: str, read_anyway: Iterable[str]) -> Iterator[Route]:
    path, methods, readers, changers, body_limit = row
    for method in methods.split():
        roles = {*readers.split(), *read_anyway} if method == "GET" else {*changers.split(), ADMIN}
        yield Route(method, path, service, frozenset(roles), body_limit)


ROUTES: Mapping[str, Route] = {route.name: route for route in _routes()}
