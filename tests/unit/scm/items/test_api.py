"""Items over HTTP."""

import pytest

from tests.unit.scm.caller import CHAI, problem_fields


def test_an_item_is_registered_read_and_changed_by_its_sku(warehouse):
    new = warehouse.post("/items", {**CHAI, "reorder_point": "10"}, 201)
    known = warehouse.get("/items/CHAI")
    shown = {name: known[name] for name in ("sku", "name", "unit", "reorder_point", "reorder_to", "discontinued")}
    assert shown == {**CHAI, "reorder_point": "10", "reorder_to": None, "discontinued": False}
    assert (known["id"], known["version"]) == (new["id"], new["version"])
    changed = warehouse.patch("/items/CHAI", {"discontinued": True, "reorder_to": "40.5"}, known["version"])
    assert (changed["discontinued"], changed["reorder_to"], changed["reorder_point"]) == (True, "40.5", "10")
    assert warehouse.get("/items?discontinued=true")["data"][0]["sku"] == "CHAI"


def test_a_new_item_returns_its_location(warehouse):
    reply = warehouse.client.post("/items", json=CHAI)
    assert reply.headers["Location"] == "/api/v1/scm/items/CHAI"
    assert reply.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reorder_point": "-1"}, "/reorder_point"),
        ({"reorder_point": "10", "reorder_to": "9"}, "/reorder_to"),
        ({"discontinued": "yes"}, "/discontinued"),
        ({"colour": "green"}, "/colour"),
        ({"sku": "a/b"}, "/sku"),
    ],
)
def test_a_malformed_item_is_refused_naming_the_field(warehouse, body, field):
    assert problem_fields(warehouse.post("/items", CHAI | body, 422)) == {field}
