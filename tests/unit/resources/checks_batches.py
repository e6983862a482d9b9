"""Checks of batches: many records created in one request."""

from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.checks_records import UNKNOWN, refused_pointers
from tests.unit.resources.comparing import content_of, differences


def check_batch_creates_valid_items_and_refuses_others(caller: ResourceCaller) -> None:
    """Each item has a result, in order; the valid ones are records."""
    items = [caller.body(0), {**caller.body(1), UNKNOWN: 1}, caller.body(2)]
    before = caller.count()
    response = caller.batch(items, atomic=False)
    assert response.status_code == 200, response.text
    results, summary = response.json["data"], (response.json["done"], response.json["refused"])
    assert ([each["status"] for each in results], summary) == ([201, 422, 201], (2, 1))
    assert [each["pointer"] for each in results[1]["problem"]["errors"]] == [f"/{UNKNOWN}"]
    caller.require_added(before, 2)
    for each in (results[0], results[2]):
        shown = caller.read(caller.address_at(each["location"]))
        assert differences(each["resource"], shown) <= {"created_at", "updated_at"}


def check_atomic_batch_creates_all_or_none(caller: ResourceCaller) -> None:
    """One invalid item refuses all, and nothing is stored; without it all are created."""
    items = [caller.body(0), {**caller.body(1), UNKNOWN: 1}, caller.body(2)]
    before, head = caller.count(), caller.head()
    assert refused_pointers(caller.batch(items, atomic=True)) == {f"/items/1/{UNKNOWN}"}
    assert (caller.count(), caller.head()) == (before, head)
    created = caller.batch([items[0], items[2]], atomic=True)
    assert (created.status_code, created.json["done"]) == (200, 2)
    caller.require_added(before, 2)


def check_refused_batch_takes_no_number(caller: ResourceCaller) -> None:
    """After refused batches, a record has the same number as in a service without any."""
    bodies = [caller.body(0), caller.body(1), caller.required_body(2)]
    other = caller.twin()
    for body in bodies:
        caller.batch([body, {UNKNOWN: 1}], atomic=True)
    row, expected = (content_of(each.created(bodies[-1]).json) for each in (caller, other))
    assert row == expected, f"without refused batches it is {expected}, not {row}"
