"""Checks of rights: permissions at the gateway, and records that belong to an owner."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from gateway.access.roles import ROLES, roles_with
from gateway.routes import OWN_SERVICE, PREFIX, ROUTES
from gateway.routes import Route as PublicRoute
from shared.web import Resource
from tests.unit.resources.bodies import full_body
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.checks_sheets import cells_of, exported
from tests.unit.resources.declared import DeclaredResource, Route

FORBIDDEN, NOT_FOUND = 403, 404


def check_every_route_needs_its_permission(declared: DeclaredResource, gateway: Mapping[str, Any]) -> None:
    """Every route is public under the permission that it declares; a role without the permission gets 403.

    `gateway` has a client of the gateway for each role.
    """
    for route in declared.routes.values():
        public = public_route(declared, route)
        verb, _ = Resource.access_of(route.view)
        assert public.permission == f"{declared.service_class.NAME}.{declared.module}:{verb}", public.name
        allowed = roles_with(public.permission)
        assert allowed, f"no role has {public.permission}"
        address = f"{PREFIX}/{declared.service_class.NAME}{declared.path}{route.path_of(uuid4)}"
        for role in set(ROLES) - allowed:
            status = gateway[role].open(address, method=route.method).status_code
            assert status == FORBIDDEN, f"{role}: {public.name}: {status}"


def public_route(declared: DeclaredResource, route: Route) -> PublicRoute:
    """Return the row of the gateway's table for a route of a resource."""
    name = _shape(f"{route.method} {declared.service_class.NAME}{declared.path}{route.rule}")
    found = [each for each in ROUTES.values() if _shape(each.name) == name and each.service != OWN_SERVICE]
    assert len(found) == 1, f"{name} has {len(found)} rows in the gateway's table"
    return found[0]


def _shape(name: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "{}", name)


# -- ownership


def check_records_of_another_owner_are_hidden(anna: ResourceCaller, bob: ResourceCaller) -> None:
    """A caller limited to own records does not read, count, search or export the records of another."""
    rows, own = anna.fill(3), bob.fill(2, first=3)
    assert {row["id"] for row in own}.isdisjoint(row["id"] for row in rows)
    assert len(own) == 2, "the list shows records of another owner"
    assert [row["id"] for row in bob.rows(sort="id")] == sorted(row["id"] for row in own)
    for row in rows:
        assert bob.get(str(bob.declared.address_of_row(row))).status_code == NOT_FOUND
        assert bob.rows(id=row["id"]) == []
        assert not bob.declared.projection.search or row["id"] not in {each["id"] for each in _found(bob, row)}
    assert len(cells_of(exported(bob, ""))) == 1 + len(own)
    if bob.declared.is_exchanged_as_sheets:
        assert len(cells_of(exported(bob))) == 1 + len(own)


def _found(caller: ResourceCaller, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that a search for the words of a row finds."""
    return caller.rows(q=row[caller.declared.projection.search[0]])


def check_records_of_another_owner_cannot_be_changed(anna: ResourceCaller, bob: ResourceCaller) -> None:
    """Every command on a record of another owner is refused as if there were none, and stores nothing."""
    address = anna.address_of(anna.created(anna.body(0)))
    before, head = anna.read(address), anna.head()
    headers: dict[str, str | None] = {"If-Match": f'"{before["version"]}"'}
    for route in _routes_of_a_record(bob):
        for path in (address, f"{bob.declared.path}/{uuid4()}"):
            response = bob.client.open(
                f"{path}{route.rule.partition('>')[2]}", method=route.method, json=_body(route), headers=headers
            )
            assert response.status_code == NOT_FOUND, f"{route.method} {route.rule}: {response.status_code}"
    assert (anna.read(address), anna.head()) == (before, head)


def _routes_of_a_record(caller: ResourceCaller) -> Iterator[Route]:
    for route in caller.declared.routes.values():
        if route.is_about_one_record and route.rule.startswith("/<"):
            yield route


def _body(route: Route) -> Any:
    return full_body(route.schema) if route.is_command else None


def check_records_of_another_owner_cannot_be_named(anna: ResourceCaller, bob: ResourceCaller) -> None:
    """A new record that refers to a record of another owner is refused, known or not, and nothing is stored."""
    body, head = anna.body(0), anna.head()
    column = bob.declared.owner_column
    for known in (body[column], str(uuid4())):
        response = bob.post(bob.declared.path, {**body, column: known})
        assert response.status_code == FORBIDDEN
        assert [each["pointer"] for each in response.json["errors"]] == [f"/{column}"]
    assert anna.head() == head


def check_limited_callers_need_an_owner(caller: ResourceCaller) -> None:
    """Routes whose records have no owner are closed to callers limited to own records."""
    limited = caller.as_owner("anna")
    for route in limited.declared.routes.values():
        if not route.is_open_to_owners:
            path = limited.declared.path + route.path_of(uuid4)
            response = limited.client.open(path, method=route.method, json=_body(route))
            assert response.status_code == FORBIDDEN, f"{route.method} {path}: {response.status_code}"
