"""Checks of commands: idempotency keys, the version that a change is based on, and the status that allows them."""

from itertools import product

from tests.unit.resources.bodies import GROUP, fields_of, full_body
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.checks_records import refused_pointers

KEY = {"Idempotency-Key": "the one key"}
STALE: dict[str, str | None] = {"If-Match": '"99"'}
SWITCHES = frozenset({"deactivate", "reactivate"})
REPEATED_HEADERS = ("Location", "ETag", "Content-Type")


def check_repeated_request_returns_the_first_response(caller: ResourceCaller) -> None:
    """The same key and body: the same status, headers and body, and one record."""
    body, before = caller.body(0), caller.count()
    first = caller.post(caller.declared.path, body, **KEY)
    head = caller.head()
    again = caller.post(caller.declared.path, body, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert all(again.headers.get(name) == first.headers.get(name) for name in REPEATED_HEADERS)
    assert caller.head() == head
    caller.require_added(before, 1)


def check_key_belongs_to_one_request(caller: ResourceCaller) -> None:
    """The same key with another body or at another address: 422; without a key: 400. Nothing is stored."""
    path, first, other = caller.declared.path, caller.body(0), caller.body(1)
    caller.post(path, first, **KEY)
    head = caller.head()
    batch = {"items": [other]}
    for address, body in ((path, other), (f"{path}/batch", batch)):
        assert refused_pointers(caller.post(address, body, **KEY)) == {"/Idempotency-Key"}
        assert caller.post(address, body, **{"Idempotency-Key": None}).status_code == 400
    assert caller.head() == head


def check_change_needs_the_current_version(caller: ResourceCaller) -> None:
    """Without If-Match 428, with another version 412 and the current ETag, with none 400. Nothing is stored."""
    response = caller.created(caller.full_body(GROUP - 1))
    address, version = caller.address_of(response), response.json["version"]
    assert caller.declared.change, f"{caller.declared} cannot be changed"
    body = caller.change(next(iter(fields_of(caller.declared.change.schema))), GROUP + 1)
    before, head = caller.read(address), caller.head()
    assert caller.patch(address, body, None).status_code == 428
    stale = caller.patch(address, body, version + 1)
    assert (stale.status_code, stale.headers.get("ETag")) == (412, f'"{version}"')
    malformed = caller.client.patch(address, json=body, headers={"If-Match": "7"})
    assert malformed.status_code == 400
    assert (caller.read(address), caller.head()) == (before, head)
    assert caller.patch(address, body, version).status_code == 200


def check_stale_version_refuses_every_command(caller: ResourceCaller) -> None:
    """Every command on one record is refused with 412 if it is based on another version."""
    address = caller.address_of(caller.created(caller.body(0)))
    before, head = caller.read(address), caller.head()
    for route in [each for each in caller.declared.record_commands if each.is_about_one_record]:
        path = address + route.rule.partition(">")[2]
        response = caller.client.open(path, method=route.method, json=full_body(route.schema), headers=STALE)
        assert (response.status_code, response.headers.get("ETag")) == (412, f'"{before["version"]}"'), route
    assert (caller.read(address), caller.head()) == (before, head)


def check_allowed_commands_follow_the_status(caller: ResourceCaller) -> None:
    """As created and after each command: a shown command is not refused for the status, any other is refused."""
    routes = caller.declared.record_commands
    for number, (first, route) in enumerate(product([None, *routes], routes)):
        address = caller.add(number)
        if first:
            caller.send(first, address, number)
        shown, response = caller.allowed_commands(address), caller.send(route, address, number)
        is_shown, is_refused = route.command in shown, response.status_code >= 400
        is_sound = response.json.get("code") != "wrong_status" if is_shown else is_refused
        assert is_sound, f"{first and first.rule}, {route.rule}: shown {shown}, answered {response.text}"


def check_allowed_commands_have_an_effect(caller: ResourceCaller) -> None:
    """An active record can be deactivated, a deactivated one reactivated; the other commands are shown for both."""
    address = caller.address_of(caller.created(caller.body(0)))
    active = caller.allowed_commands(address)
    assert active & SWITCHES == {"deactivate"}
    caller.post(f"{address}/deactivate")
    assert caller.allowed_commands(address) == active ^ SWITCHES
    caller.post(f"{address}/reactivate")
    assert caller.allowed_commands(address) == active
