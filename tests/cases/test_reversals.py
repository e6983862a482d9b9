"""Reversals of goods that are no longer there are refused with what can be done."""

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago


def reversal(desk: Desk, receipt: Row) -> str:
    """Reverse a receipt, which must be refused; why."""
    refused = desk.post(f"/scm/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"})
    assert (refused.status_code, refused.json["code"]) == (409, "stock_not_available")
    return str(refused.json["detail"])


@pytest.fixture
def receipt(desk: Desk) -> Row:
    desk.stock_up("LAMP")
    return desk.bought(("LAMP", "10", "5.00"))


@pytest.mark.case("C30")
def test_a_receipt_whose_goods_have_left_is_corrected_by_a_count(desk: Desk, receipt: Row) -> None:
    desk.dispatch(desk.order(desk.customer(), ("LAMP", "4", "9.00")))
    why = reversal(desk, receipt)
    assert why == (
        "only 6 of 10 LAMP are available in MAIN: 4 are no longer there, so this cannot be reversed."
        " Correct the stock by a count instead"
    )
    counted = {"warehouse": "MAIN", "lines": [{"sku": "LAMP", "quantity": "0"}]}
    assert desk.post("/scm/stock-counts", counted).status_code == 201
    assert desk.on_hand("LAMP") == "0"


@pytest.mark.case("C30")
def test_a_receipt_of_reserved_goods_is_reversed_once_their_order_is_cancelled(desk: Desk, receipt: Row) -> None:
    order = desk.order(desk.customer(), ("LAMP", "4", "9.00"))
    why = reversal(desk, receipt)
    assert why.endswith("4 are reserved. Cancel or amend the sales orders that reserve them first")
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    desk.done(f"/scm/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"})
    assert desk.on_hand("LAMP") == "0"


@pytest.mark.case("C30")
def test_where_some_have_left_and_others_are_reserved_cancelling_is_not_proposed(desk: Desk, receipt: Row) -> None:
    customer = desk.customer()
    desk.dispatch(desk.order(customer, ("LAMP", "4", "9.00")))
    desk.order(customer, ("LAMP", "6", "9.00"))
    why = reversal(desk, receipt)
    assert "only 0 of 10 LAMP are available in MAIN: 4 are no longer there" in why
    assert "Cancel" not in why


@pytest.mark.case("C30")
def test_an_opening_stock_whose_goods_have_left_is_corrected_by_a_count(desk: Desk) -> None:
    desk.stock_up("LAMP")
    goods = {"sku": "LAMP", "quantity": "3", "value": usd("15.00")}
    opened = desk.done("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": days_ago(0), "lines": [goods]})
    desk.dispatch(desk.order(desk.customer(), ("LAMP", "1", "9.00")))
    refused = desk.post(f"/scm/opening-stock/{opened['id']}/reverse", {"reason": "mistyped"})
    assert refused.status_code == 409
    assert "1 are no longer there, so this cannot be reversed. Correct the stock by a count" in refused.json["detail"]
