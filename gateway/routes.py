"""Table of all public routes: method, path, the permission it needs, the kind of its body.

Routes of the services come from `surface.json`, which `make docs` writes from what their resources declare.
A path that is not in the table is not public (404). `{…}` matches one segment. A role that may POST to a collection of
a service may also post to its `/batch`. A `representative` reads and changes only the caller's own records.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from werkzeug.routing import BaseConverter, Map, MapAdapter

from gateway.access.roles import OWN_KEY, READ_ME, roles_with, unlimited_roles_with
from shared.web.body_limits import MAX_BODY_BYTES, BodyKind
from shared.web.route import Route as MatchedRoute

PREFIX = "/api/v1"
OWN_SERVICE = "gateway"
AUDITED_PATHS = ("crm/customers", "srm/suppliers", "erp/", "views/", "audit/", "access/")
COLLECTION_PATTERN = re.compile(r"\w+/[\w-]+")

Row = tuple[str, str, str]

# fmt: off
_GATEWAY_ROWS: tuple[Row, ...] = (
    ("GET",  "me",                                            READ_ME),
    ("GET",  "access/keys",                                   "gateway.access:read"),
    ("POST", "access/keys",                                   "gateway.access:write"),
    ("GET",  "access/keys/{key_id}",                          "gateway.access:read"),
    ("POST", "access/keys/{key_id}/accept",                   OWN_KEY),
    ("POST", "access/keys/{key_id}/rotate",                   OWN_KEY),
    ("POST", "access/keys/{key_id}/revoke",                   "gateway.access:write"),
    ("GET",  "views/orders/{order_id}",                       "gateway.views:read"),
    ("GET",  "views/customers/{customer_id}",                 "gateway.views:read"),
    ("GET",  "audit/{service}/events",                        "gateway.audit:read"),
    ("GET",  "audit/{service}/aggregates/{aggregate_id}",     "gateway.audit:read"),
    ("GET",  "audit/{service}/checkpoint",                    "gateway.audit:read"),
    ("GET",  "audit/{service}/checkpoints",                   "gateway.audit:read"),
    ("GET",  "audit/{service}/stored",                        "gateway.audit:read"),
    ("GET",  "audit/access-log",                              "gateway.audit:read"),
    ("GET",  "audit/readings",                                "gateway.audit:read"),
    ("GET",  "ops/lag",                                       "gateway.operations:read_lag"),
    ("GET",  "ops/parked",                                    "gateway.operations:read"),
    ("POST", "ops/parked/{service}/{source}/retry",           "gateway.operations:write"),
    ("POST", "ops/parked/{service}/{source}/{sequence}/discard", "gateway.operations:write"),
)
# fmt: on


# Public without a key: /healthz, /readyz, /openapi.json, /asyncapi.json, /docs (`gateway.pages`).
# With a key: /metrics (`gateway.suite_metrics`).


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path: the service that answers it, and the permission that it needs."""

    method: str
    path: str
    service: str
    permission: str
    body: BodyKind

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may use it."""
        return roles_with(self.permission)

    @property
    def is_audited(self) -> bool:
        """Whether reads are recorded in the access log: they return personal data, accounting data or audit records."""
        return self.method == "GET" and self.path.startswith(AUDITED_PATHS)

    @property
    def body_limit(self) -> int:
        """The largest body, in bytes."""
        return MAX_BODY_BYTES[self.body]

    def is_limited_to_own(self, roles: Iterable[str]) -> bool:
        """Return whether a caller with these roles is limited to their own records on this route."""
        return unlimited_roles_with(self.permission).isdisjoint(roles)

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


def _service_routes() -> Iterator[Route]:
    rows = json.loads(Path(__file__).with_name("surface.json").read_text(encoding="utf-8"))
    for method, path, permission, body in rows:
        yield Route(method, path, path.partition("/")[0], permission, BodyKind(body))


def _routes() -> Iterator[Route]:
    for route in _service_routes():
        yield route
        if route.method == "POST" and COLLECTION_PATTERN.fullmatch(route.path):
            yield replace(route, path=f"{route.path}/batch", body=BodyKind.LIST)
    for method, path, permission in _GATEWAY_ROWS:
        yield Route(method, path, OWN_SERVICE, permission, BodyKind.SHORT)


ROUTES: Mapping[str, Route] = {route.name: route for route in _routes()}


def get_route(service: str, path: str) -> Route:
    """Return the public route that reads a path of a service."""
    name, _ = _READ_PATHS.match(f"{PREFIX}/{service}{path}", "GET")
    return ROUTES[name]


def _read_paths() -> MapAdapter:
    read = [each for each in ROUTES.values() if each.method == "GET"]
    rules = [MatchedRoute(each.rule, endpoint=each.name, methods=["GET"]) for each in read]
    return Map(rules, converters={"identifier": IdentifierConverter}).bind(OWN_SERVICE)


_READ_PATHS = _read_paths()
"""Compiled with the module: the threads of requests only match."""
