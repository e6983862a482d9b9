"""Quantities of items fit the unit of the item: 1.5 of what is counted in whole pieces is refused at its field."""

from typing import Any

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, pointers


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """Lamps in whole pieces, flour in kilograms with three decimals, and rope in a unit that is not registered."""
    desk.done("/scm/warehouses", {"code": "MAIN", "name": "Main"})
    desk.done("/scm/units", {"code": "piece", "name": "Piece"})
    desk.done("/scm/units", {"code": "kg", "name": "Kilogram", "decimals": 3})
    for sku, unit in (("LAMP", "piece"), ("FLOUR", "kg"), ("ROPE", "coil")):
        desk.done("/scm/items", {"sku": sku, "name": sku.title(), "unit": unit})
    return desk


def priced(sku: str, quantity: str) -> Row:
    return {"sku": sku, "quantity": quantity, "unit_price": usd("2.00")}


def sale(desk: Desk, *lines: Row) -> Row:
    return {"customer_id": desk.customer(), "currency": "USD", "lines": [*lines]}


def purchase(desk: Desk, *lines: Row) -> Row:
    return {"supplier_id": desk.supplier(), "currency": "USD", "warehouse": "MAIN", "lines": [*lines]}


def offer(desk: Desk, **quantities: str) -> Row:
    entry = {"supplier_id": desk.supplier(), "sku": "LAMP", "unit_price": usd("2.00"), "lead_time_days": 2}
    return {**entry, **quantities}


def received(desk: Desk, quantity: str) -> Any:
    order = desk.purchase(desk.supplier(), ("LAMP", "5", "2.00"))
    return desk.receive(order, ("LAMP", quantity))


def dispatched(desk: Desk, quantity: str) -> Any:
    desk.bought(("LAMP", "5", "2.00"))
    return desk.dispatch(desk.order(desk.customer(), ("LAMP", "3", "9.00")), ("LAMP", quantity))


def amended(desk: Desk, quantity: str) -> Any:
    draft = desk.order(desk.customer(), ("LAMP", "3", "9.00"))
    return desk.post(f"/crm/sales-orders/{draft['id']}/amend", {"lines": [priced("LAMP", quantity)]})


def revised(desk: Desk, quantity: str) -> Any:
    draft = desk.done("/srm/purchase-orders", purchase(desk, priced("LAMP", "3")))
    return desk.post(f"/srm/purchase-orders/{draft['id']}/revise", {"lines": [priced("LAMP", quantity)]})


def counted(desk: Desk, quantity: str) -> Any:
    lines = [{"sku": "LAMP", "quantity": quantity}]
    return desk.post("/scm/stock-counts", {"warehouse": "MAIN", "lines": lines})


def opened(desk: Desk, quantity: str) -> Any:
    lines = [{"sku": "LAMP", "quantity": quantity, "value": usd("10.00")}]
    return desk.post("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": days_ago(0), "lines": lines})


def ordered(desk: Desk, quantity: str) -> Any:
    return desk.post("/crm/sales-orders", sale(desk, priced("LAMP", quantity)))


def bought(desk: Desk, quantity: str) -> Any:
    return desk.post("/srm/purchase-orders", purchase(desk, priced("LAMP", quantity)))


def offered_from(desk: Desk, quantity: str) -> Any:
    return desk.post("/srm/supplier-items", offer(desk, minimum_quantity=quantity))


def offered_in(desk: Desk, quantity: str) -> Any:
    return desk.post("/srm/supplier-items", offer(desk, multiple=quantity))


OF_LINE = "/lines/0/quantity"
COMMANDS: dict[str, tuple[Any, str]] = {
    "order": (ordered, OF_LINE),
    "amendment": (amended, OF_LINE),
    "purchase": (bought, OF_LINE),
    "revision": (revised, OF_LINE),
    "receipt": (received, OF_LINE),
    "dispatch": (dispatched, OF_LINE),
    "count": (counted, OF_LINE),
    "opening stock": (opened, OF_LINE),
    "minimum of an offer": (offered_from, "/minimum_quantity"),
    "multiple of an offer": (offered_in, "/multiple"),
}
"""Every command with a quantity of an item, and the field of that quantity."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_part_of_a_whole_piece_is_refused_at_its_field(shop: Desk, command: str) -> None:
    send, field = COMMANDS[command]
    refused = send(shop, "1.5")
    assert pointers(refused) == [field]
    [error] = refused.json["errors"]
    assert (error["code"], error["detail"]) == (
        "not_divisible",
        "1.5 has too many decimals for LAMP: quantities in piece have no decimals. Nearest: 1, 2",
    )
    assert send(shop, "2").status_code in (200, 201)


def test_quantities_have_as_many_decimals_as_their_unit(shop: Desk) -> None:
    assert shop.post("/crm/sales-orders", sale(shop, priced("FLOUR", "1.125"))).status_code == 201
    lines = [priced("FLOUR", "1.125"), priced("FLOUR", "0.0005")]
    refused = shop.post("/crm/sales-orders", sale(shop, *lines))
    assert pointers(refused) == ["/lines/1/quantity"]
    assert refused.json["errors"][0]["detail"].endswith("quantities in kg have up to 3 decimals. Nearest: 0, 0.001")


def test_an_item_whose_unit_is_not_registered_has_any_quantity(shop: Desk) -> None:
    assert shop.post("/crm/sales-orders", sale(shop, priced("ROPE", "1.123456"))).status_code == 201
    shop.done("/scm/units", {"code": "coil", "name": "Coil", "decimals": 1})
    assert pointers(shop.post("/crm/sales-orders", sale(shop, priced("ROPE", "1.123456")))) == ["/lines/0/quantity"]


def test_trailing_zeros_are_no_decimals(shop: Desk) -> None:
    assert shop.post("/crm/sales-orders", sale(shop, priced("LAMP", "2.000"))).status_code == 201


def test_a_unit_with_more_decimals_allows_them_from_then_on(shop: Desk) -> None:
    [unit] = shop.rows("/scm/units?code=piece")
    changed = shop.send("PATCH", f"/scm/units/{unit['id']}", {"decimals": 1}, **{"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert shop.post("/srm/purchase-orders", purchase(shop, priced("LAMP", "1.5"))).status_code == 201


def test_the_reorder_quantities_of_an_item_fit_its_unit(shop: Desk) -> None:
    half = {"sku": "CUP", "name": "Cup", "unit": "piece", "reorder_point": "1", "reorder_to": "2.5"}
    assert pointers(shop.post("/scm/items", half)) == ["/reorder_to"]
    changed = shop.send("PATCH", "/scm/items/LAMP", {"reorder_point": "0.5"}, **{"If-Match": '"1"'})
    assert pointers(changed) == ["/reorder_point"]


def test_a_changed_offer_fits_the_unit_of_its_item(shop: Desk) -> None:
    made = shop.done("/srm/supplier-items", offer(shop))
    changed = shop.send("PATCH", f"/srm/supplier-items/{made['id']}", {"multiple": "0.5"}, **{"If-Match": '"1"'})
    assert pointers(changed) == ["/multiple"]


def test_only_the_item_of_a_batch_with_a_part_of_a_piece_is_refused(shop: Desk) -> None:
    items = [sale(shop, priced("LAMP", quantity)) for quantity in ("1", "1.5", "2")]
    answered = shop.post("/crm/sales-orders/batch", {"items": items, "atomic": False})
    assert [each["status"] for each in answered.json["data"]] == [201, 422, 201]
    assert answered.json["data"][1]["problem"]["errors"][0]["pointer"].endswith("/lines/0/quantity")


def test_the_reorder_point_of_an_item_fits_its_own_unit(shop: Desk) -> None:
    bulb = {"sku": "BULB", "name": "Bulb", "unit": "piece", "reorder_point": "1.5", "reorder_to": "3"}
    refused = shop.post("/scm/items", bulb)
    assert (refused.status_code, pointers(refused)) == (422, ["/reorder_point"])
    assert shop.post("/scm/items", {**bulb, "unit": "kg"}).status_code == 201
    assert shop.post("/scm/items", {**bulb, "sku": "BULB2", "unit": "coil"}).status_code == 201
