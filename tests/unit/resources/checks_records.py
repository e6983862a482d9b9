"""Checks of single records: created, changed, deactivated and reactivated."""

from typing import Any

from tests.unit.resources.bodies import BODIES, GROUP, Body, fields_of
from tests.unit.resources.caller import ResourceCaller, Row
from tests.unit.resources.comparing import differences, not_shown, shows

UNKNOWN = "no_such_field"
STAMPS = frozenset({"version", "updated_at"})
"""Members of a row that every change changes."""


def check_new_record_is_shown_at_its_address(caller: ResourceCaller) -> None:
    """A record with all fields, with the required ones, with nulls: 201, and GET at its address shows the same."""
    for number in range(len(BODIES)):
        body = caller.body(number)
        response = caller.created(body)
        row = response.json
        shown = caller.get(caller.address_of(response))
        assert shown.status_code == 200, f"GET at Location returns {shown.status_code}"
        assert shown.headers["ETag"] == response.headers.get("ETag") == f'"{row["version"]}"'
        assert not differences(row, shown.json) - {"created_at", "updated_at"}
        assert shown.json["created_at"] == shown.json["updated_at"]
        assert not caller.declared.is_listed or shown.json in caller.rows(), "the list does not show it"
        if caller.declared.has_own_records:
            given = {name: each for name, each in body.items() if each is not None}
            assert not given.keys() - row.keys(), "given fields are missing in the row"
            assert not_shown(row, given) == [], f"given {given}, shown {row}"


def check_change_affects_only_the_given_fields(caller: ResourceCaller) -> None:
    """Each field that may be changed, one by one, to a smaller value and to null: the others stay as they are."""
    address = caller.address_of(caller.created(caller.full_body(GROUP - 1)))
    for place, (name, field) in enumerate(_changeable_fields(caller).items(), 1):
        for change in [caller.change(name, GROUP * place + 1), *([{name: None}] if field.allow_none else [])]:
            before = caller.read(address)
            after = _changed(caller, address, change, before["version"])
            assert shows(after[name], change[name]), f"given {change}, shown {after[name]}"
            others = differences(before, after) - {name, *STAMPS}
            assert not others, f"a change of {name} changed {others}"
            assert after["version"] > before["version"] or before[name] == after[name]


def _changeable_fields(caller: ResourceCaller) -> dict[str, Any]:
    assert caller.declared.change, f"{caller.declared} cannot be changed"
    return fields_of(caller.declared.change.schema)


def _changed(caller: ResourceCaller, address: str, body: Body, version: int) -> Row:
    """Return the record after a change, which its response must show as it is shown at its address."""
    response = caller.patch(address, body, version)
    assert response.status_code == 200, f"{body} was refused: {response.text}"
    assert response.headers.get("ETag") == f'"{response.json["version"]}"'
    row = caller.read(address)
    assert differences(response.json, row) <= {"created_at", "updated_at"}
    return row


def check_fixed_and_unknown_fields_cannot_be_changed(caller: ResourceCaller) -> None:
    """A field of the record that cannot be changed, or none at all: 422 names it, and nothing is stored."""
    address = caller.address_of(caller.created(caller.body(0)))
    fixed = fields_of(caller.declared.create_schema).keys() - _changeable_fields(caller).keys()
    given = {**caller.body(GROUP), UNKNOWN: "free text"}
    before, head = caller.read(address), caller.head()
    for name in [*sorted(fixed), UNKNOWN]:
        response = caller.patch(address, {name: given[name]}, before["version"])
        assert refused_pointers(response) == {f"/{name}"}
        (refused,) = response.json["errors"]
        assert refused["detail"].startswith(f"{name} cannot be changed") == (name in fixed), refused["detail"]
    assert caller.head() == head
    assert caller.read(address) == before


def check_record_is_deactivated_and_reactivated(caller: ResourceCaller) -> None:
    """Both are shown and give a new version; repeated they change nothing. Other records stay as they are."""
    address, other = (caller.address_of(caller.created(caller.body(number))) for number in (0, 1))
    untouched = caller.read(other)
    for verb, is_active in (("deactivate", False), ("reactivate", True)):
        before = caller.read(address)
        first, head = caller.post(f"{address}/{verb}"), caller.head()
        assert first.status_code == 200, first.text
        assert (first.json["active"], first.json["version"]) == (is_active, before["version"] + 1)
        again = caller.post(f"{address}/{verb}")
        assert (again.status_code, again.json["version"], caller.head()) == (200, first.json["version"], head)
        assert differences(before, caller.read(address)) <= {"active", *STAMPS}
        assert caller.read(address)["id"] in {row["id"] for row in caller.rows(active=str(is_active).lower())}
    assert caller.read(other) == untouched


def refused_pointers(response: Any) -> set[str]:
    """Return the pointers that a refusal with 422 names; none for any other response."""
    return {each["pointer"] for each in response.json["errors"]} if response.status_code == 422 else set()
