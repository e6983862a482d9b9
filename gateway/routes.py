"""The whole public surface in one table: who answers a path, who may read there, who may change something.

What is not in the table does not exist outside (404). `{…}` stands for one segment. `admin` may do
everything in it; `accountant` and `auditor` read all of the four services' rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.access.roles import ACCOUNTANT, ADMIN, AUDITOR, BUYER, SALES, WAREHOUSE

PREFIX = "/api/v1"
OURSELVES = "gateway"
KIB = 1024
COMMAND = 16 * KIB
DOCUMENT = 1024 * KIB

Row = tuple[str, str, str, str, int]

STOCK_READERS = f"{WAREHOUSE} {BUYER}"
NONE = ""

# fmt: off
_OF_THE_SERVICES: tuple[Row, ...] = (
    # path                                     methods      who may read             who may change  body at most
    ("crm/customers",                          "GET POST",  SALES,                   SALES,          DOCUMENT),
    ("crm/customers/{id}",                     "GET PATCH", SALES,                   SALES,          DOCUMENT),
    ("crm/customers/{id}/timeline",            "GET",       SALES,                   NONE,           0),
    ("crm/customers/{id}/contacts/{id}/erase", "POST",      NONE,                    SALES,          COMMAND),
    ("crm/sales-orders",                       "GET POST",  SALES,                   SALES,          DOCUMENT),
    ("crm/sales-orders/{id}",                  "GET",       SALES,                   NONE,           0),
    ("crm/sales-orders/{id}/place",            "POST",      NONE,                    SALES,          COMMAND),
    ("crm/sales-orders/{id}/cancel",           "POST",      NONE,                    SALES,          COMMAND),

    ("srm/suppliers",                          "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/suppliers/{id}",                     "GET",       BUYER,                   NONE,           0),
    ("srm/suppliers/{id}/block",               "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/suppliers/{id}/unblock",             "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/supplier-items",                     "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/supplier-items/{id}",                "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders",                    "GET POST",  BUYER,                   BUYER,          DOCUMENT),
    ("srm/purchase-orders/{id}",               "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-orders/{id}/send",          "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/purchase-orders/{id}/cancel",        "POST",      NONE,                    BUYER,          COMMAND),
    ("srm/purchase-requests",                  "GET",       BUYER,                   NONE,           0),
    ("srm/purchase-requests/{id}",             "GET",       BUYER,                   NONE,           0),

    ("scm/items",                              "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/items/{sku}",                        "GET PATCH", STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/warehouses",                         "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/warehouses/{id}",                    "GET",       STOCK_READERS,           NONE,           0),
    ("scm/carriers",                           "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/carriers/{id}",                      "GET",       STOCK_READERS,           NONE,           0),
    ("scm/stock",                              "GET",       f"{STOCK_READERS} {SALES}", NONE,        0),
    ("scm/goods-receipts",                     "GET POST",  STOCK_READERS,           WAREHOUSE,      DOCUMENT),
    ("scm/goods-receipts/{id}",                "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments",                          "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}",                     "GET",       STOCK_READERS,           NONE,           0),
    ("scm/shipments/{id}/dispatch",            "POST",      NONE,                    WAREHOUSE,      DOCUMENT),

    ("erp/accounts",                           "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/journal",                            "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/invoices",                           "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/invoices/{id}",                      "GET",       f"{ACCOUNTANT} {SALES}", NONE,           0),
    ("erp/payments",                           "GET POST",  ACCOUNTANT,              ACCOUNTANT,     DOCUMENT),
    ("erp/payments/{id}",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/payments/{id}/reverse",              "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/credit/{id}",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/credit/{id}/release/{id}",           "POST",      NONE,                    ACCOUNTANT,     COMMAND),
    ("erp/trial-balance",                      "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/stock-value",                        "GET",       ACCOUNTANT,              NONE,           0),
    ("erp/receivables-aging",                  "GET",       ACCOUNTANT,              NONE,           0),
)
_OUR_OWN: tuple[Row, ...] = (
    ("access/keys",                            "GET POST",  AUDITOR,                 NONE,           COMMAND),
    ("access/keys/{id}",                       "GET",       AUDITOR,                 NONE,           0),
    ("access/keys/{id}/rotate",                "POST",      NONE,                    NONE,           COMMAND),
    ("access/keys/{id}/revoke",                "POST",      NONE,                    NONE,           COMMAND),
    ("views/orders/{id}",                      "GET",       f"{SALES} {ACCOUNTANT} {AUDITOR}", NONE, 0),
    ("views/customers/{id}",                   "GET",       f"{SALES} {ACCOUNTANT} {AUDITOR}", NONE, 0),
    ("audit/{service}/events",                 "GET",       AUDITOR,                 NONE,           0),
    ("ops/lag",                                "GET",       f"{ACCOUNTANT} {AUDITOR}", NONE,         0),
    ("ops/parked",                             "GET",       AUDITOR,                 NONE,           0),
    ("ops/parked/{service}/{source}/{sequence}/retry",   "POST", NONE,               NONE,           COMMAND),
    ("ops/parked/{service}/{source}/{sequence}/discard", "POST", NONE,               NONE,           COMMAND),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Route:
    """One row: a public path, who answers it, and the roles each of its methods is open to."""

    path: str
    service: str
    allowed: dict[str, frozenset[str]]
    body_limit: int

    @property
    def methods(self) -> str:
        """As the `Allow` header names them."""
        return ", ".join(self.allowed)


def _routes() -> Iterator[Route]:
    for row in _OF_THE_SERVICES:
        yield _route(row, row[0].partition("/")[0], {ADMIN, ACCOUNTANT, AUDITOR})
    for row in _OUR_OWN:
        yield _route(row, OURSELVES, {ADMIN})


def _route(row: Row, service: str, read_anyway: Iterable[str]) -> Route:
    path, methods, readers, changers, body_limit = row
    may_read, may_change = frozenset(readers.split()).union(read_anyway), frozenset(changers.split()) | {ADMIN}
    allowed = {method: may_read if method == "GET" else may_change for method in methods.split()}
    if "GET" in allowed:
        allowed["HEAD"] = may_read
    return Route(f"{PREFIX}/{path}", service, allowed, body_limit)


ROUTES: tuple[Route, ...] = tuple(_routes())


class _Branch(dict[str, "_Branch"]):
    route: Route | None = None


def _grow(routes: Iterable[Route]) -> _Branch:
    root = _Branch()
    for route in routes:
        branch = root
        for segment in route.path.split("/")[1:]:
            branch = branch.setdefault("{}" if segment.startswith("{") else segment, _Branch())
        branch.route = route
    return root


_root = _grow(ROUTES)


def route_for(path: str) -> Route | None:
    """The row a path belongs to, or None: nothing is there."""
    branch = _root
    for segment in path.split("/")[1:]:
        if segment not in branch:
            segment = "{}"
        if segment not in branch:
            return None
        branch = branch[segment]
    return branch.route
