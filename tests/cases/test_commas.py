"""Kind 17: a value with a comma is one value, in every list that shows it."""

from typing import Any
from urllib.parse import quote

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, days_ago

TODAY = days_ago(0)


@pytest.fixture
def trade(desk: Desk) -> Desk:
    """A trade in which every text that people write has a comma, and its parts alone occur as well."""
    desk.stock_up("LAMP")
    for sku, name, unit in (("B1", "Bolt, M8", "box, 10"), ("B2", "Bolt", "box")):
        desk.done("/scm/items", {"sku": sku, "name": name, "unit": unit})
    for code, name in (("N", "North, East"), ("O", "North")):
        desk.done("/scm/warehouses", {"code": code, "name": name})
        desk.done("/scm/carriers", {"code": code, "name": name})
    supplier, _ = desk.supplier(name="Mill, Ltd."), desk.supplier(name="Mill")
    customer, _ = desk.customer(name="X, Inc."), desk.customer(name="X")
    order = desk.purchase(supplier, ("LAMP", "10", "5.00"))
    assert desk.receive(order, ("LAMP", "10"), delivery_note="17, 18").status_code == 201
    for number, quantity in (("R 1, 2", "4"), ("1", "5")):
        line = {"sku": "LAMP", "quantity": quantity, "unit_price": usd("5.00")}
        bill = {"supplier_id": supplier, "purchase_order_id": order["id"], "billed_on": TODAY, "lines": [line]}
        desk.done("/erp/bills", {**bill, "number": number, "note": f"by post, {number}"})
    paid = {"direction": "in", "party_id": customer, "paid_on": TODAY, "amount": usd("1.00"), "allocations": []}
    desk.done("/erp/payments", {**paid, "reference": "SO-1, SO-2"})
    old = {"account": "1200", "party": customer, "amount": usd("3.00"), "document_number": "A, B"}
    desk.done("/erp/opening-balances", {"posted_on": TODAY, "lines": [old]})
    sold = desk.order(customer, ("LAMP", "1", "9.00"), sales_rep="Ann, Bob")
    assert desk.dispatch(sold, tracking="T1, T2").status_code == 200
    return desk


LISTS = [
    "crm/customers", "crm/sales-orders", "srm/suppliers", "scm/items", "scm/warehouses", "scm/carriers",
    "scm/goods-receipts", "scm/shipments", "erp/bills", "erp/payments", "erp/open-items", "erp/journal",
]  # fmt: skip
OF_NO_FILTER = {"reason", "text"}


def texts_with_a_comma(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    found = {(name, value) for row in rows for name, value in row.items() if isinstance(value, str) and "," in value}
    return {(name, value) for name, value in found if name not in OF_NO_FILTER}


@pytest.mark.case("B50")
def test_every_text_with_a_comma_finds_exactly_the_rows_that_have_it(trade: Desk) -> None:
    for path in LISTS:
        rows = trade.rows(f"/{path}?limit=200")
        texts = texts_with_a_comma(rows)
        assert texts, f"{path} shows no text with a comma"
        for name, value in texts:
            expected = [each["id"] for each in rows if each[name] == value]
            for query in (f"{name}={quote(value)}", f"{name}[in]=%22{quote(value)}%22"):
                assert [each["id"] for each in trade.rows(f"/{path}?limit=200&{query}")] == expected, f"{path} {query}"


@pytest.mark.case("B50", "C15")
def test_the_customer_with_a_comma_is_not_the_one_without(trade: Desk) -> None:
    for name in ("X, Inc.", "X"):
        assert [each["name"] for each in trade.rows(f"/crm/customers?name={quote(name)}")] == [name]
    both = trade.rows(f"/crm/customers?name={quote('X, Inc.')}&name=X&sort=name")
    assert [each["name"] for each in both] == ["X", "X, Inc."]
