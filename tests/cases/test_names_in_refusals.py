"""Refusals name what people know: the number of the order, not an id or a record that only the suite knows."""

import re

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago

AN_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}")


def bought(desk: Desk) -> Row:
    desk.stock_up("LAMP")
    return desk.purchase(desk.supplier(), ("LAMP", "5", "2.00"))


def refusal(answered: object) -> str:
    detail = str(answered.json["errors"][0]["detail"] if answered.json.get("errors") else answered.json["detail"])  # type: ignore[attr-defined]
    assert not AN_ID.search(detail), detail
    return detail


def test_a_receipt_of_a_cancelled_order_is_refused_by_its_number(desk: Desk) -> None:
    order = bought(desk)
    desk.done(f"/srm/purchase-orders/{order['id']}/cancel", {"reason": "too dear"})
    assert refusal(desk.receive(order, ("LAMP", "1"))).startswith(f"purchase order {order['number']} is cancelled")


def test_a_receipt_before_the_day_of_its_order_is_refused_by_its_number(desk: Desk) -> None:
    order = bought(desk)
    early = desk.receive(order, ("LAMP", "5"), received_on=days_ago(400))
    assert f"purchase order {order['number']}" in refusal(early)


def test_a_receipt_for_a_line_that_the_order_does_not_have_names_the_order(desk: Desk) -> None:
    order = bought(desk)
    lines = [{"sku": "LAMP", "quantity": "1", "line": 7}]
    wrong = desk.post("/scm/goods-receipts", {"purchase_order_id": order["id"], "lines": lines})
    assert refusal(wrong) == f"purchase order {order['number']} has no line 7: give one of its lines, or none"


def test_a_second_dispatch_is_refused_by_the_number_of_the_sales_order(desk: Desk) -> None:
    desk.receive(bought(desk), ("LAMP", "5"))
    order = desk.order(desk.customer(), ("LAMP", "1", "9.00"))
    shipment = desk.shipment(order)
    assert desk.dispatch(order).status_code == 200
    again = desk.post(f"/scm/shipments/{shipment['id']}/dispatch", {})
    assert refusal(again).startswith(f"The shipment of sales order {order['number']} is dispatched")


def test_an_entry_is_refused_by_its_text_and_day(desk: Desk) -> None:
    lines = [{"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]
    entry = desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Rent May", "lines": lines})
    path = f"/erp/journal-entries/{entry['id']}/reverse"
    desk.done(path, {"reason": "mistyped"})
    again = desk.post(path, {"reason": "mistyped"})
    assert refusal(again) == f"the entry 'Rent May' of {days_ago(0)} is already reversed"
