"""Goods leave after they came: stock is negative at no moment of the past, however late a movement is recorded."""

from typing import Any

import pytest

from tests.cases.desk import Desk, Row, days_ago

START = days_ago(20)


@pytest.fixture
def shop(desk: Desk) -> str:
    """Return a customer of a firm that trades with lamps, and has none yet."""
    desk.stock_up("LAMP")
    return desk.customer()


def receive(desk: Desk, quantity: str, **when: str) -> Row:
    """Buy lamps of 5.00 and receive them."""
    bought = desk.purchase(desk.supplier(), ("LAMP", quantity, "5.00"), ordered_on=START)
    received: Row = desk.receive(bought, ("LAMP", quantity), **when).json
    return received


def order(desk: Desk, shop: str, quantity: str) -> Row:
    return desk.order(shop, ("LAMP", quantity, "9.00"), ordered_on=START)


def dispatch(desk: Desk, shop: str, quantity: str, **when: str) -> Any:
    """Sell lamps and dispatch them; the answer."""
    return desk.dispatch(order(desk, shop, quantity), **when)


def count(desk: Desk, quantity: str, **when: str) -> Any:
    return desk.post(
        "/scm/stock-counts", {"warehouse": "MAIN", "lines": [{"sku": "LAMP", "quantity": quantity}], **when}
    )


def reverse(desk: Desk, receipt: Row) -> Any:
    return desk.post(f"/scm/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"})


def refusal(answered: Any, pointer: str | None) -> str:
    """Return the sentence of a refusal for want of stock, which points at this field."""
    assert (answered.status_code, answered.json["code"]) == (409, "stock_not_available"), answered.text
    assert [each["pointer"] for each in answered.json.get("errors", ())] == ([pointer] if pointer else [])
    return str(answered.json["detail"])


def stock_by_day(desk: Desk, *days: int) -> list[str]:
    """Return how many lamps there were at the end of each of these days, after SCM and ERP were found to agree."""
    found = []
    for each in days:
        [of_scm] = desk.rows(f"/scm/stock?as_of={days_ago(each)}") or [{"on_hand": "0"}]
        [of_erp] = desk.rows(f"/erp/stock-value?as_of={days_ago(each)}") or [{"quantity": "0"}]
        assert of_scm["on_hand"] == of_erp["quantity"]
        found.append(of_scm["on_hand"])
    desk.firm.check_invariants()
    return found


# -- a dispatch


@pytest.mark.case("B01")
def test_goods_received_today_did_not_leave_three_days_ago(desk: Desk, shop: str) -> None:
    receive(desk, "10", received_on=days_ago(0))
    sold = order(desk, shop, "4")
    refused = refusal(desk.dispatch(sold, dispatched_on=days_ago(3)), "/dispatched_on")
    assert f"the stock of LAMP in MAIN would be -4 on {days_ago(3)}, when 0 were there" in refused
    assert f"date the dispatch on or after {days_ago(0)}" in refused
    assert stock_by_day(desk, 3, 0) == ["0", "10"]
    assert desk.dispatch(sold, dispatched_on=days_ago(0)).status_code == 200
    assert stock_by_day(desk, 3, 0) == ["0", "6"]


@pytest.mark.case("B01")
def test_goods_leave_on_the_day_that_the_refusal_names(desk: Desk, shop: str) -> None:
    receive(desk, "2", received_on=days_ago(9))
    receive(desk, "3", received_on=days_ago(6))
    assert dispatch(desk, shop, "2", dispatched_on=days_ago(5)).status_code == 200
    receive(desk, "5", received_on=days_ago(2))
    sold = order(desk, shop, "4")
    refused = refusal(desk.dispatch(sold, dispatched_on=days_ago(6)), "/dispatched_on")
    assert f"would be -1 on {days_ago(5)}, when 3 were there: date the dispatch on or after {days_ago(2)}" in refused
    assert refusal(desk.dispatch(sold, dispatched_on=days_ago(3)), "/dispatched_on")
    assert desk.dispatch(sold, dispatched_on=days_ago(2)).status_code == 200
    assert stock_by_day(desk, 10, 9, 6, 5, 2, 0) == ["0", "2", "5", "3", "4", "4"]


@pytest.mark.case("B01")
def test_a_receipt_that_is_entered_late_lets_its_goods_leave_after_it(desk: Desk, shop: str) -> None:
    receive(desk, "10", received_on=days_ago(0))
    sold = order(desk, shop, "4")
    refusal(desk.dispatch(sold, dispatched_on=days_ago(3)), "/dispatched_on")
    receive(desk, "5", received_on=days_ago(8))
    assert desk.dispatch(sold, dispatched_on=days_ago(3)).status_code == 200
    assert stock_by_day(desk, 9, 8, 3, 0) == ["0", "5", "1", "11"]


@pytest.mark.case("B01")
def test_goods_leave_at_an_instant_only_after_they_came_on_the_same_day(desk: Desk, shop: str) -> None:
    receive(desk, "10", at=f"{days_ago(3)}T12:00:00Z")
    sold = order(desk, shop, "4")
    refused = refusal(desk.dispatch(sold, at=f"{days_ago(3)}T11:59:00Z"), "/at")
    assert f"on or after {days_ago(3)}" in refused
    assert desk.dispatch(sold, at=f"{days_ago(3)}T12:01:00Z").status_code == 200
    assert stock_by_day(desk, 4, 3) == ["0", "6"]


@pytest.mark.case("B01")
def test_opening_stock_may_leave_on_its_own_day_and_not_before(desk: Desk, shop: str) -> None:
    line = {"sku": "LAMP", "quantity": "6", "value": {"amount": "30.00", "currency": "USD"}}
    desk.done("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": days_ago(4), "lines": [line]})
    sold = order(desk, shop, "4")
    refusal(desk.dispatch(sold, dispatched_on=days_ago(5)), "/dispatched_on")
    assert desk.dispatch(sold, at=f"{days_ago(4)}T00:00:00Z").status_code == 200
    assert stock_by_day(desk, 5, 4) == ["0", "2"]


@pytest.mark.case("B01")
def test_goods_that_only_a_count_found_did_not_leave_before_it(desk: Desk, shop: str) -> None:
    receive(desk, "2", received_on=days_ago(9))
    assert count(desk, "7", counted_on=days_ago(5)).status_code == 201
    sold = order(desk, shop, "4")
    refused = refusal(desk.dispatch(sold, dispatched_on=days_ago(6)), "/dispatched_on")
    assert f"when 2 were there: date the dispatch on or after {days_ago(5)}" in refused
    assert desk.dispatch(sold, ("LAMP", "2"), dispatched_on=days_ago(6)).status_code == 200
    assert stock_by_day(desk, 9, 6, 5, 0) == ["2", "0", "7", "7"]


@pytest.mark.case("B01")
def test_a_dispatch_of_several_items_is_refused_as_a_whole(desk: Desk, shop: str) -> None:
    desk.done("/scm/items", {"sku": "BULB", "name": "Bulb", "unit": "piece"})
    receive(desk, "10", received_on=days_ago(9))
    bulbs = desk.purchase(desk.supplier(), ("BULB", "10", "1.00"), ordered_on=START)
    assert desk.receive(bulbs, ("BULB", "10"), received_on=days_ago(2)).status_code == 201
    sold = desk.order(shop, ("LAMP", "4", "9.00"), ("BULB", "4", "2.00"), ordered_on=START)
    assert "BULB" in refusal(desk.dispatch(sold, dispatched_on=days_ago(3)), "/dispatched_on")
    assert (desk.on_hand("LAMP"), desk.on_hand("BULB")) == ("10", "10")
    assert desk.dispatch(sold, ("LAMP", "4"), dispatched_on=days_ago(3)).status_code == 200
    assert desk.dispatch(sold, dispatched_on=days_ago(2)).status_code == 200
    assert (desk.on_hand("LAMP"), desk.on_hand("BULB")) == ("6", "6")


@pytest.mark.case("B01")
def test_two_lines_of_one_item_leave_together_only_if_both_were_there(desk: Desk, shop: str) -> None:
    receive(desk, "5", received_on=days_ago(6))
    receive(desk, "5", received_on=days_ago(2))
    sold = desk.order(shop, ("LAMP", "3", "9.00"), ("LAMP", "3", "8.00"), ordered_on=START)
    refused = refusal(desk.dispatch(sold, dispatched_on=days_ago(4)), "/dispatched_on")
    assert f"date the dispatch on or after {days_ago(2)}" in refused
    assert desk.on_hand("LAMP") == "10"
    assert desk.dispatch(sold, dispatched_on=days_ago(2)).status_code == 200
    assert stock_by_day(desk, 6, 4, 2) == ["5", "5", "4"]


@pytest.mark.case("H6")
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_goods_leave_after_they_came_in_the_days_of_their_warehouse(desk: Desk, shop: str, zone: str) -> None:
    [main] = desk.rows("/scm/warehouses")
    changed = desk.send(
        "PATCH", f"/scm/warehouses/{main['id']}", {"time_zone": zone}, **{"If-Match": f'"{main["version"]}"'}
    )
    assert changed.status_code == 200, changed.text
    day_there = receive(desk, "10", at=f"{days_ago(3)}T11:30:00Z")["received_on"]
    assert day_there == days_ago(2 if zone == "Pacific/Kiritimati" else 3)
    sold = order(desk, shop, "4")
    before = days_ago(3 if zone == "Pacific/Kiritimati" else 4)
    assert f"on or after {day_there}" in refusal(desk.dispatch(sold, dispatched_on=before), "/dispatched_on")
    assert desk.dispatch(sold, dispatched_on=day_there).status_code == 200


# -- a reversal


@pytest.mark.case("B01")
def test_a_receipt_whose_goods_left_before_later_ones_came_is_not_reversed(desk: Desk, shop: str) -> None:
    mistyped = receive(desk, "10", received_on=days_ago(9))
    assert dispatch(desk, shop, "8", dispatched_on=days_ago(6)).status_code == 200
    receive(desk, "10", received_on=days_ago(2))
    refused = refusal(reverse(desk, mistyped), None)
    assert f"the stock of LAMP in MAIN would be -8 on {days_ago(6)}, when 2 were there" in refused
    assert stock_by_day(desk, 9, 6, 2) == ["10", "2", "12"]
    receive(desk, "8", received_on=days_ago(8))
    assert reverse(desk, mistyped).status_code == 200
    assert stock_by_day(desk, 9, 8, 6, 2) == ["0", "8", "0", "10"]


@pytest.mark.case("B01")
def test_a_receipt_is_reversed_once_a_count_states_the_goods_that_left(desk: Desk, shop: str) -> None:
    mistyped = receive(desk, "10", received_on=days_ago(9))
    assert dispatch(desk, shop, "8", dispatched_on=days_ago(6)).status_code == 200
    assert count(desk, "2", counted_on=days_ago(3)).status_code == 201
    refusal(reverse(desk, mistyped), None)
    assert count(desk, "8", counted_on=days_ago(7)).status_code == 201
    assert reverse(desk, mistyped).status_code == 200
    assert stock_by_day(desk, 9, 7, 6, 3) == ["0", "8", "0", "2"]


@pytest.mark.case("B01")
def test_opening_stock_whose_goods_left_before_others_came_is_not_reversed(desk: Desk, shop: str) -> None:
    line = {"sku": "LAMP", "quantity": "6", "value": {"amount": "30.00", "currency": "USD"}}
    opening = desk.done("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": days_ago(9), "lines": [line]})
    assert dispatch(desk, shop, "4", dispatched_on=days_ago(9)).status_code == 200
    receive(desk, "10", received_on=days_ago(8))
    undone = desk.post(f"/scm/opening-stock/{opening['id']}/reverse", {"reason": "mistyped"})
    assert f"would be -4 on {days_ago(9)}, when 2 were there" in refusal(undone, None)
    assert stock_by_day(desk, 9, 8) == ["2", "12"]


# -- a count


@pytest.mark.case("B01")
def test_a_count_of_an_earlier_day_leaves_what_went_out_after_it(desk: Desk, shop: str) -> None:
    receive(desk, "10", received_on=days_ago(9))
    assert dispatch(desk, shop, "6", dispatched_on=days_ago(5)).status_code == 200
    receive(desk, "10", received_on=days_ago(2))
    refused = refusal(count(desk, "5", counted_on=days_ago(7)), "/lines/0/quantity")
    assert f"the stock of LAMP in MAIN would be -1 on {days_ago(5)}, when 4 were there" in refused
    assert stock_by_day(desk, 7, 5, 2) == ["10", "4", "14"]
    assert count(desk, "6", counted_on=days_ago(7)).status_code == 201
    assert stock_by_day(desk, 7, 5, 2) == ["6", "0", "10"]


@pytest.mark.case("B01")
def test_a_count_answers_only_for_what_left_before_the_next_count(desk: Desk, shop: str) -> None:
    receive(desk, "10", received_on=days_ago(9))
    assert count(desk, "9", counted_on=days_ago(6)).status_code == 201
    assert dispatch(desk, shop, "8", dispatched_on=days_ago(5)).status_code == 200
    assert count(desk, "0", counted_on=days_ago(7)).status_code == 201
    assert stock_by_day(desk, 9, 7, 6, 5) == ["10", "0", "9", "1"]
