"""Every route with every role: allowed exactly by the business rules, stated independently of the table."""

import re
from typing import Any

import pytest

from gateway.access.roles import OWN_KEY, ROLES, patterns_of
from gateway.routes import ROUTES
from gateway.views import OWN_VIEWS
from shared.permissions import is_permitted

WRITES = {
    "sales": ("crm/",),
    "buyer": ("srm/",),
    "warehouse": ("scm/",),
    "accountant": ("erp/",),
}
GOODS = ("scm/items", "scm/units", "scm/warehouses", "scm/stock")
READS = {
    "sales": ("crm/", *GOODS, "erp/invoices", "views/"),
    "representative": GOODS,
    "buyer": ("srm/", "scm/"),
    "warehouse": ("scm/",),
    "accountant": ("crm/", "srm/", "scm/", "erp/", "views/", "ops/lag"),
    "auditor": ("crm/", "srm/", "scm/", "erp/", "views/", "ops/", "audit/", "access/"),
    "hr": (),
    "monitor": ("ops/lag",),
}
OWN_RECORD_ROUTES = {
    *(f"crm/{each}{way}" for each in ("customers", "sales-orders") for way in ("", "/batch", "/{id}")),
    *(f"crm/customers/{way}" for way in ("export", "template", "import")),
    *(f"crm/customers/{{id}}/{way}" for way in ("timeline", "contacts/{contact}/erase")),
    *(f"crm/sales-orders/{{id}}/{way}" for way in ("place", "amend", "cancel")),
    "views/orders/{order_id}",
    "views/customers/{customer_id}",
}
"""Routes on which a representative is limited to own records: every record that they return or change has an owner."""

SAMPLE_ID = "00000000-0000-4000-8000-000000000000"


def address_of(path: str) -> str:
    for name, value in ((r"{\w+_id}", SAMPLE_ID), ("{service}", "crm"), (r"{\w+}", "1")):
        path = re.sub(name, value, path)
    return f"/api/v1/{path}"


def is_allowed(role: str, method: str, path: str) -> bool:
    if path == "me":
        return True
    if re.fullmatch(r"access/keys/{\w+}/(accept|rotate)", path):
        return role != "auditor"  # each role accepts and rotates its own keys; the sample is unknown
    if role == "admin" or (method == "PATCH" and (path.endswith("/settings") or path.startswith("erp/entities"))):
        return role == "admin"
    if role == "representative" and path in OWN_RECORD_ROUTES:
        return True
    allowed_paths = (READS if method == "GET" else WRITES).get(role, ())
    return f"{path}/".startswith(tuple(f"{each.rstrip('/')}/" for each in allowed_paths))


@pytest.fixture(scope="module")
def keys(shared_gateway: Any) -> Any:
    return {role: shared_gateway.create_key(role, name=f"one of {role}") for role in ROLES}


def test_every_route_is_open_to_exactly_the_roles_of_the_business_rules(keys: Any) -> None:
    wrong = []
    for route in ROUTES.values():
        address, body = address_of(route.path), {} if route.method != "GET" else None
        for role, client in keys.items():
            response = client.open(address, method=route.method, json=body)
            forbidden = response.status_code == 403
            if forbidden == is_allowed(role, route.method, route.path):
                wrong.append((role, route.name, response.status_code))
    assert wrong == []


def test_every_own_route_has_a_view_and_every_view_a_route() -> None:
    assert {name for name, route in ROUTES.items() if route.service == "gateway"} == set(OWN_VIEWS)


def test_only_the_public_pages_are_served_without_a_route_in_the_table(shared_gateway: Any) -> None:
    served = {rule.rule for rule in shared_gateway.app.url_map.iter_rules() if rule.endpoint not in ROUTES}
    assert served == {
        "/", "/healthz", "/readyz", "/readyz/self", "/openapi.json", "/asyncapi.json", "/docs", "/docs/start.js",
        "/docs/<asset>",
        "/audit/checkpoint",  # for the services, which authenticate with their own tokens
        "/metrics",  # for keys with a role that may read metrics
    }  # fmt: skip


@pytest.mark.case("F3")
@pytest.mark.parametrize("role", ["sales", "representative"])
@pytest.mark.parametrize("path", ["scm/items", "scm/warehouses", "scm/stock"])
def test_sellers_read_the_goods_that_they_sell_and_change_none(keys: Any, role: str, path: str) -> None:
    assert keys[role].get(f"/api/v1/{path}").status_code != 403
    assert keys[role].post("/api/v1/scm/items", json={}).status_code == 403


def test_only_administrators_may_issue_keys(keys: Any) -> None:
    body = {"name": "myself", "roles": ["admin"]}
    for role, client in keys.items():
        response = client.post("/api/v1/access/keys", json=body)
        assert response.status_code == (201 if role == "admin" else 403)


@pytest.mark.parametrize(
    ("roles", "method", "path", "only_own"),
    [
        (["representative"], "GET", "crm/customers", True),
        (["representative"], "POST", "crm/sales-orders/{id}/place", True),
        (["representative", "warehouse", "hr"], "GET", "crm/customers", True),
        (["representative", "accountant"], "GET", "crm/customers", False),
        (["representative", "accountant"], "POST", "crm/customers", True),
        (["representative", "sales"], "POST", "crm/customers", False),
        (["sales"], "GET", "crm/customers", False),
        (["admin"], "PATCH", "crm/customers/{id}", False),
        (["auditor"], "GET", "views/orders/{order_id}", False),
        (["representative"], "GET", "views/orders/{order_id}", True),
        (["representative"], "GET", "scm/items", False),
        (["representative"], "GET", "scm/warehouses/{id}", False),
        (["representative"], "GET", "scm/stock", False),
        (["representative"], "POST", "scm/items", True),
        ([], "GET", "crm/customers", True),
    ],
)
def test_a_caller_is_limited_to_own_records_unless_another_role_allows_the_route(
    roles: list[str], method: str, path: str, only_own: bool
) -> None:
    assert ROUTES[f"{method} {path}"].is_limited_to_own(roles) is only_own


@pytest.mark.parametrize("roles", [*([each] for each in ROLES), ["representative", "accountant"], ["hr", "sales"], []])
def test_the_patterns_of_roles_give_exactly_the_permissions_of_the_routes_of_a_service(roles: list[str]) -> None:
    for route in ROUTES.values():
        if route.permission == OWN_KEY:
            continue  # the command compares the person of the key, whichever role they have
        granted = patterns_of(frozenset(roles), route.service)
        is_limited = route.is_limited_to_own(roles) and not route.roles.isdisjoint(roles)
        everywhere = is_permitted(route.permission, granted.permissions)
        assert everywhere == (not route.is_limited_to_own(roles)), route.name
        assert is_permitted(route.permission, granted.own_permissions) >= is_limited, route.name


def test_a_key_with_two_roles_has_the_rights_of_both(shared_gateway: Any) -> None:
    both = shared_gateway.create_key("sales", "warehouse")
    assert both.get("/api/v1/crm/customers").status_code == 404
    assert both.post("/api/v1/scm/items", json={}).status_code == 404
    refused = both.get("/api/v1/erp/journal")
    assert (refused.status_code, refused.json["detail"]) == (403, "Permission denied: requires accountant or auditor.")
    assert refused.json["roles"] == ["admin", "accountant", "auditor"]
