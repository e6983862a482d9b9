"""Checks of invalid requests: every declared field of every command and query."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

from shared.fields import Lookup
from shared.web import fields
from tests.unit.resources.bodies import declared_lookups, example_of_field, fields_of, with_reference
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.checks_records import UNKNOWN, refused_pointers
from tests.unit.resources.comparing import content_of
from tests.unit.resources.declared import Route
from tests.unit.resources.invalid_values import NO_SUCH_VALUE, invalid_bodies

SUGGESTED = (Lookup("scm.units", "code"),)
"""Records that a field suggests; another value is allowed."""
NO_SUCH_RECORD = "NONE-1"
REFUSED = (409, 422)
_WITHOUT_INDEX = re.compile(r"/\d+(?=/|$)")

ANY_VERSION: dict[str, str | None] = {"If-Match": '"1"'}


def check_every_invalid_value_is_refused(caller: ResourceCaller) -> None:
    """Each command with one invalid value: 422 that names its place, before any record is looked up."""
    head = caller.head()
    for route in commands(caller):
        path = caller.declared.path + route.path_of(uuid4)
        for pointer, body in invalid_bodies(route.schema):
            response = caller.client.open(path, method=route.method, json=body, headers=ANY_VERSION)
            refused = refused_pointers(response)
            assert refused == {pointer}, f"{route.method} {path}: {pointer} of {body}: {response.status_code} {refused}"
    assert caller.head() == head, "a refused request was stored"


def commands(caller: ResourceCaller) -> Iterator[Route]:
    """Yield the commands of the resource that have fields."""
    for route in caller.declared.routes.values():
        if route.is_command and fields_of(route.schema):
            yield route


def check_refused_requests_leave_no_trace(caller: ResourceCaller) -> None:
    """After all invalid requests, a record is created as in a service without any: no number or code is taken."""
    body = caller.required_body(0)
    other = caller.twin()
    for _, invalid in invalid_bodies(caller.declared.create_schema):
        caller.post(caller.declared.path, invalid)
    row, expected = (content_of(each.created(body).json) for each in (caller, other))
    assert row == expected, f"without refused requests it is {expected}, not {row}"


def check_unknown_references_are_refused(caller: ResourceCaller) -> None:
    """A new record whose field names a record that does not exist is refused at that field; nothing is stored."""
    schema, body = caller.declared.create_schema, caller.full_body(0)
    head = caller.head()
    for place, declared in declared_lookups(schema):
        if declared.lookup is not None and declared.lookup not in SUGGESTED:
            unknown = str(uuid4()) if declared.lookup.by == "id" else NO_SUCH_RECORD
            response = caller.post(caller.declared.path, with_reference(schema, body, place, unknown))
            assert response.status_code in REFUSED, f"{caller.declared}: {place}: {response.text}"
            pointers = {_WITHOUT_INDEX.sub("", each["pointer"]) for each in response.json["errors"]}
            assert pointers == {"/" + "/".join(place)}, f"{caller.declared}: {place}: {response.text}"
    assert caller.head() == head, "a refused request was stored"


def check_every_invalid_parameter_is_refused(caller: ResourceCaller) -> None:
    """Each query with an unknown parameter, one given twice, or an invalid value: 422 that names it."""
    for route in caller.declared.routes.values():
        if route.method == "GET" and not route.is_list:
            path = caller.declared.path + route.path_of(uuid4)
            for name, question in _invalid_questions(route):
                response = caller.client.get(f"{path}?{question}")
                assert refused_pointers(response) == {f"/{name}"}, f"{path}?{question}: {response.status_code}"


def _invalid_questions(route: Route) -> Iterator[tuple[str, str]]:
    """Yield queries of which one parameter is invalid, with its name."""
    declared = fields_of(route.schema)
    valid = {name: example_of_field(field, 0) for name, field in declared.items() if field.required}
    yield UNKNOWN, urlencode({**valid, UNKNOWN: "1"})
    for name, field in declared.items():
        yield name, urlencode([*valid.items(), (name, example_of_field(field, 0)), (name, "1")])
        if type(field) is not fields.Text:
            yield name, urlencode({**valid, name: NO_SUCH_VALUE})
        if field.required:
            yield name, urlencode({each: valid[each] for each in valid if each != name})
