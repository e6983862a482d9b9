"""Kind 7: no goods are required or expected before the day of their order."""

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, days_ago, pointers


@pytest.mark.case("H4")
def test_goods_are_neither_required_nor_expected_before_they_are_ordered(desk: Desk) -> None:
    desk.stock_up("LAMP")
    supplier, customer = desk.supplier(), desk.customer()
    line = [{"sku": "LAMP", "quantity": "1", "unit_price": usd("9.00")}]
    sale = {"customer_id": customer, "currency": "USD", "lines": line, "ordered_on": days_ago(3)}
    assert pointers(desk.post("/crm/sales-orders", {**sale, "required_on": days_ago(4)})) == ["/required_on"]
    order = desk.done("/crm/sales-orders", {**sale, "required_on": days_ago(3)})
    amended = desk.post(f"/crm/sales-orders/{order['id']}/amend", {"required_on": days_ago(5)})
    assert pointers(amended) == ["/required_on"]
    bought = {"supplier_id": supplier, "currency": "USD", "warehouse": "MAIN", "lines": line, "ordered_on": days_ago(3)}
    assert pointers(desk.post("/srm/purchase-orders", {**bought, "expected_on": days_ago(4)})) == ["/expected_on"]
    purchase = desk.done("/srm/purchase-orders", {**bought, "expected_on": days_ago(3)})
    assert pointers(desk.post(f"/srm/purchase-orders/{purchase['id']}/revise", {"expected_on": days_ago(9)})) == [
        "/expected_on"
    ]
