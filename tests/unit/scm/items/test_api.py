"""Items and units over HTTP."""

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


def test_the_address_of_an_item_has_the_schema_of_its_sku(warehouse):
    document = warehouse.get("/openapi.json")
    (sku,) = document["paths"]["/items/{sku}"]["parameters"]
    declared = document["components"]["schemas"]["items.ItemEntry"]["properties"]["sku"]
    assert sku["schema"] == {name: declared[name] for name in ("title", "type", "maxLength", "pattern")}


def test_a_new_item_returns_its_location(warehouse):
    reply = warehouse.client.post("/items", json=CHAI)
    assert reply.headers["Location"] == "/api/v1/scm/items/CHAI"
    assert reply.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reorder_point": "-2"}, "/reorder_point"),
        ({"reorder_point": "0", "reorder_to": "-2"}, "/reorder_to"),
        ({"reorder_point": "10", "reorder_to": "9"}, "/reorder_to"),
        ({"discontinued": "yes"}, "/discontinued"),
        ({"colour": "green"}, "/colour"),
        ({"sku": "a;b"}, "/sku"),
    ],
)
def test_a_malformed_item_is_refused_naming_the_field(warehouse, body, field):
    assert problem_fields(warehouse.post("/items", CHAI | body, 422)) == {field}


def test_an_item_is_deactivated_and_reactivated_by_its_sku(warehouse):
    assert warehouse.post("/items/TOFU/deactivate")["active"] is False
    assert [each["sku"] for each in warehouse.get("/items?active=false")["data"]] == ["TOFU"]
    assert warehouse.post("/items/TOFU/reactivate")["active"] is True
    assert warehouse.post("/items/TOFU/reactivate")["active"] is True
    for verb in ("deactivate", "reactivate"):
        assert warehouse.post(f"/items/BEER/{verb}", status=404)["code"] == "not_found"


def test_an_item_may_have_a_unit_that_is_not_registered(warehouse):
    warehouse.post("/items", CHAI | {"unit": "box of 20 bags"}, 201)


def test_a_unit_is_registered_with_its_decimals_and_changed(warehouse):
    kilogram = warehouse.post("/units", {"code": "KGM", "name": "Kilogram", "decimals": 3}, 201)
    assert (kilogram["code"], kilogram["decimals"], kilogram["active"]) == ("KGM", 3, True)
    assert warehouse.post("/units", {"code": "PCE", "name": "Piece"}, 201)["decimals"] == 0
    changed = warehouse.patch(f"/units/{kilogram['id']}", {"name": "kg"}, kilogram["version"])
    assert (changed["name"], changed["decimals"]) == ("kg", 3)
    assert warehouse.post(f"/units/{kilogram['id']}/deactivate")["active"] is False
    assert [each["code"] for each in warehouse.get("/units?sort=code")["data"]] == ["KGM", "PCE"]


@pytest.mark.parametrize("decimals", [-1, 7, "2"])
def test_a_unit_has_up_to_six_decimals(warehouse, decimals):
    refused = warehouse.post("/units", {"code": "KGM", "name": "Kilogram", "decimals": decimals}, 422)
    assert problem_fields(refused) == {"/decimals"}
