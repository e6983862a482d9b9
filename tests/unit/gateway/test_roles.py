"""Every row of the table with every role: open exactly as the business says, which is told here once more by rule."""

import re
from typing import Any

import pytest

from gateway.access.roles import ROLES
from gateway.routes import ROUTES
from gateway.views import OWN_VIEWS

WRITES = {
    "sales": ("crm/",),
    "buyer": ("srm/",),
    "warehouse": ("scm/",),
    "accountant": ("erp/",),
}
READS = {
    "sales": ("crm/", "scm/stock", "erp/invoices", "views/"),
    "buyer": ("srm/", "scm/"),
    "warehouse": ("scm/",),
    "accountant": ("crm/", "srm/", "scm/", "erp/", "views/", "ops/lag"),
    "auditor": ("crm/", "srm/", "scm/", "erp/", "views/", "ops/", "audit/", "access/"),
    "hr": (),
}
OF_ONES_OWN = {
    *(f"crm/{each}{way}" for each in ("customers", "sales-orders") for way in ("", "/batch", "/{id}")),
    *(f"crm/customers/{way}" for way in ("export", "template", "import")),
    *(f"crm/customers/{{id}}/{way}" for way in ("timeline", "contacts/{contact}/erase")),
    *(f"crm/sales-orders/{{id}}/{way}" for way in ("place", "amend", "cancel")),
    "views/orders/{order_id}",
    "views/customers/{customer_id}",
}
"""What is open to a representative: where all that is shown or changed has an owner."""

SOMEBODY = "00000000-0000-4000-8000-000000000000"


def an_address(path: str) -> str:
    for name, value in ((r"{\w+_id}", SOMEBODY), ("{service}", "crm"), (r"{\w+}", "1")):
        path = re.sub(name, value, path)
    return f"/api/v1/{path}"


def may(role: str, method: str, path: str) -> bool:
    if role == "admin" or (method == "PATCH" and path.endswith("/settings")):
        return role == "admin"
    if role == "representative":
        return path in OF_ONES_OWN
    open_to_it = (READS if method == "GET" else WRITES).get(role, ())
    return f"{path}/".startswith(tuple(f"{each.rstrip('/')}/" for each in open_to_it))


@pytest.fixture(scope="module")
def keys(same_house: Any) -> Any:
    return {role: same_house.create_key(role, name=f"one of {role}") for role in ROLES}


def test_every_row_is_open_to_the_roles_the_business_names_and_to_nobody_else(keys: Any) -> None:
    wrong = []
    for route in ROUTES.values():
        address, body = an_address(route.path), {} if route.method != "GET" else None
        for role, browser in keys.items():
            answer = browser.open(address, method=route.method, json=body)
            forbidden = answer.status_code == 403
            if forbidden == may(role, route.method, route.path):
                wrong.append((role, route.name, answer.status_code))
    assert wrong == []


def test_every_own_row_has_a_view_and_every_view_a_row() -> None:
    assert {name for name, route in ROUTES.items() if route.service == "gateway"} == set(OWN_VIEWS)


def test_nothing_is_served_beside_the_table_but_the_pages_for_everybody(same_house: Any) -> None:
    served = {rule.rule for rule in same_house.app.url_map.iter_rules() if rule.endpoint not in ROUTES}
    assert served == {
        "/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/docs", "/docs/start.js", "/docs/<asset>"
    }  # fmt: skip


def test_nobody_but_an_admin_gives_out_roles(keys: Any) -> None:
    asked = {"name": "myself", "roles": ["admin"]}
    for role, browser in keys.items():
        answer = browser.post("/api/v1/access/keys", json=asked)
        assert answer.status_code == (201 if role == "admin" else 403)


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
        ([], "GET", "crm/customers", True),
    ],
)
def test_who_comes_in_by_a_role_for_ones_own_alone_sees_only_that(
    roles: list[str], method: str, path: str, only_own: bool
) -> None:
    assert ROUTES[f"{method} {path}"].is_limited_to_own(roles) is only_own


def test_a_key_of_two_roles_may_do_what_either_may(same_house: Any) -> None:
    both = same_house.create_key("sales", "warehouse")
    assert both.get("/api/v1/crm/customers").status_code == 404
    assert both.post("/api/v1/scm/items", json={}).status_code == 404
    assert both.get("/api/v1/erp/journal").status_code == 403
