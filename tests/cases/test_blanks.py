"""Blanks in codes and names: how many there are in a row is not seen, so it makes no difference."""

import pytest

from tests.cases.desk import Desk

SHOP = {"name": "Shop", "currency": "USD"}
REGISTERED = {
    "item": ("/scm/items", "sku", {"name": "Lamp", "unit": "piece"}),
    "warehouse": ("/scm/warehouses", "code", {"name": "Hall"}),
    "customer": ("/crm/customers", "code", SHOP),
    "supplier": ("/srm/suppliers", "code", SHOP),
    "unit": ("/scm/units", "code", {"name": "Piece"}),
}


@pytest.mark.case("B30", "B32")
@pytest.mark.parametrize("kind", REGISTERED)
@pytest.mark.parametrize("blanks", ["  ", "   ", " \u00a0", "\u3000 "])
def test_a_code_with_several_blanks_in_a_row_is_the_code_with_one(desk: Desk, kind: str, blanks: str) -> None:
    path, key, other = REGISTERED[kind]
    made = desk.done(path, {**other, key: f"A{blanks}B"})
    assert made[key] == "A B"
    for again in ("A B", f"a{blanks}b", " A  B "):
        taken = desk.post(path, {**other, key: again})
        assert (taken.status_code, taken.json["code"]) == (409, "already_taken"), again


@pytest.mark.case("B30")
def test_an_order_names_an_item_by_its_code_with_two_blanks(desk: Desk) -> None:
    desk.done("/scm/items", {"sku": "A B", "name": "Lamp", "unit": "piece"})
    line = {"sku": "A  B", "quantity": "1", "unit_price": {"amount": "1.00", "currency": "USD"}}
    body = {"customer_id": desk.customer(), "currency": "USD", "lines": [line]}
    assert desk.done("/crm/sales-orders", body)["lines"][0]["sku"] == "A B"


@pytest.mark.parametrize(("name", "kept"), [("Acme  Corp", "Acme Corp"), (" Acme \u00a0 Corp ", "Acme Corp")])
def test_a_name_has_single_blanks(desk: Desk, name: str, kept: str) -> None:
    assert desk.done("/crm/customers", {**SHOP, "code": "C-1", "name": name})["name"] == kept


def test_a_text_of_several_lines_keeps_its_blanks(desk: Desk) -> None:
    reason = {"code": "R-1", "text": "first\n  indented  twice"}
    assert desk.done("/crm/reasons", reason)["text"] == reason["text"]
