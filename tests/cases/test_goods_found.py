"""Goods that a count finds before a price of them is known are worth the first price that becomes known."""

from typing import Any

import pytest

from shared.testing.services import catch_up
from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago

pytestmark = pytest.mark.case("A2")
START = days_ago(20)
UNKNOWN = ("0.00", True)


@pytest.fixture
def shop(desk: Desk) -> str:
    """Return a customer of a firm where lamps are registered, and none were ever bought."""
    desk.stock_up("LAMP")
    return desk.customer()


def count(desk: Desk, quantity: str, day: str) -> Row:
    line = {"sku": "LAMP", "quantity": quantity}
    return desk.done("/scm/stock-counts", {"warehouse": "MAIN", "counted_on": day, "lines": [line]})


def buy(desk: Desk, quantity: str, price: str, day: str) -> Row:
    """Receive lamps on the day on which they were ordered; the receipt."""
    order = desk.purchase(desk.supplier(), ("LAMP", quantity, price), ordered_on=day)
    receipt: Row = desk.receive(order, ("LAMP", quantity), received_on=day).json
    return receipt | {"order": order}


def sell(desk: Desk, shop: str, quantity: str, day: str) -> None:
    order = desk.order(shop, ("LAMP", quantity, "9.00"), ordered_on=START)
    sent = desk.dispatch(order, dispatched_on=day)
    assert sent.status_code == 200, sent.text


def open_stock(desk: Desk, quantity: str, value: str, day: str) -> Row:
    line = {"sku": "LAMP", "quantity": quantity, "value": usd(value)}
    return desk.done("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": day, "lines": [line]})


def shown(desk: Desk, day: str = days_ago(0)) -> tuple[str, str, bool]:
    """Return quantity, value and whether it is unvalued, at the end of a day; stock and books agree on it."""
    [row] = desk.rows(f"/erp/stock-value?as_of={day}")
    assert row["value"]["amount"] == accounts(desk, day).get("1400", "0.00")
    return row["quantity"], row["value"]["amount"], row["unvalued"]


def accounts(desk: Desk, day: str = days_ago(0)) -> dict[str, str]:
    """Return debit less credit of the accounts that goods are posted to and have a balance."""
    found = {}
    for row in desk.rows(f"/erp/trial-balance?as_of={day}"):
        debit, credit = row["debit"]["amount"], row["credit"]["amount"]
        if row["account"] in ("1400", "2100", "3000", "5000", "5200") and debit != credit:
            found[row["account"]] = debit if credit == "0.00" else f"-{credit}"
    desk.firm.check_invariants()
    return found


def test_a_hundred_lamps_found_and_a_hundred_bought_at_4_are_worth_800(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    assert shown(desk) == ("100", *UNKNOWN)
    buy(desk, "100", "4.00", days_ago(5))
    assert shown(desk) == ("200", "800.00", False)
    assert shown(desk, days_ago(9)) == ("100", "400.00", False)
    assert accounts(desk, days_ago(9)) == {"1400": "400.00", "5200": "-400.00"}
    assert accounts(desk) == {"1400": "800.00", "2100": "-400.00", "5200": "-400.00"}


def test_goods_sold_before_their_price_was_known_cost_it_on_the_day_of_their_sale(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    sell(desk, shop, "30", days_ago(8))
    assert (shown(desk), accounts(desk)) == (("70", *UNKNOWN), {})
    buy(desk, "100", "4.00", days_ago(5))
    assert shown(desk) == ("170", "680.00", False)
    assert accounts(desk, days_ago(8)) == {"1400": "280.00", "5000": "120.00", "5200": "-400.00"}


def test_goods_counted_again_and_counted_down_before_their_price_was_known(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    count(desk, "120", days_ago(8))
    count(desk, "90", days_ago(7))
    buy(desk, "10", "4.00", days_ago(5))
    assert shown(desk) == ("100", "400.00", False)
    days = [accounts(desk, days_ago(each)).get("5200") for each in (9, 8, 7, 0)]
    assert days == ["-400.00", "-480.00", "-360.00", "-360.00"]


def test_a_count_that_is_entered_after_the_first_receipt_and_dated_before_it_has_its_price(
    desk: Desk, shop: str
) -> None:
    buy(desk, "100", "4.00", days_ago(5))
    count(desk, "100", days_ago(9))
    assert shown(desk) == ("200", "800.00", False)
    assert accounts(desk, days_ago(9)) == {"1400": "400.00", "5200": "-400.00"}


def test_goods_found_and_lost_again_before_their_price_was_known_leave_no_value(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    count(desk, "0", days_ago(8))
    buy(desk, "10", "4.00", days_ago(5))
    assert shown(desk) == ("10", "40.00", False)
    assert accounts(desk, days_ago(9)) == {"1400": "400.00", "5200": "-400.00"}
    assert accounts(desk) == {"1400": "40.00", "2100": "-40.00"}


def test_goods_found_follow_the_first_price_when_it_is_revised(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    order = buy(desk, "100", "4.00", days_ago(5))["order"]
    line = {"line": 1, "sku": "LAMP", "quantity": "100", "unit_price": usd("5.00")}
    desk.done(f"/srm/purchase-orders/{order['id']}/revise", {"lines": [line]})
    assert shown(desk) == ("200", "1000.00", False)
    assert accounts(desk) == {"1400": "1000.00", "2100": "-500.00", "5200": "-500.00"}


def test_goods_found_are_unvalued_again_once_the_only_price_is_reversed(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    receipt = buy(desk, "50", "4.00", days_ago(5))
    assert shown(desk) == ("150", "600.00", False)
    desk.done(f"/scm/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"})
    assert (shown(desk), shown(desk, days_ago(9))) == (("100", *UNKNOWN), ("100", *UNKNOWN))
    assert accounts(desk) == {}
    buy(desk, "50", "2.00", days_ago(2))
    assert shown(desk) == ("150", "300.00", False)


def test_the_first_price_is_that_of_the_first_receipt_not_of_the_first_to_be_recorded(desk: Desk, shop: str) -> None:
    count(desk, "100", days_ago(9))
    buy(desk, "100", "6.00", days_ago(3))
    assert shown(desk) == ("200", "1200.00", False)
    buy(desk, "100", "4.00", days_ago(5))
    assert shown(desk) == ("300", "1400.00", False)
    assert shown(desk, days_ago(9)) == ("100", "400.00", False)


def test_opening_stock_recorded_after_a_count_states_the_price_of_what_was_found(desk: Desk, shop: str) -> None:
    count(desk, "10", days_ago(9))
    opening = open_stock(desk, "4", "12.00", days_ago(6))
    assert shown(desk) == ("14", "42.00", False)
    desk.done_by_two(f"/scm/opening-stock/{opening['id']}/reverse", {"reason": "mistyped"})
    assert shown(desk) == ("10", *UNKNOWN)
    open_stock(desk, "8", "40.00", days_ago(9))
    assert shown(desk) == ("10", "50.00", False)
    assert accounts(desk) == {"1400": "50.00", "3000": "-40.00", "5200": "-10.00"}


def close_period(desk: Desk, code: str) -> None:
    catch_up(desk.firm.services["erp"])
    closed = desk.post(f"/erp/periods/{code}/close")
    assert closed.status_code == 200, closed.text


def test_a_price_known_after_the_period_was_closed_values_what_was_found_on_the_first_open_day(
    desk: Desk, shop: str
) -> None:
    count(desk, "100", "2026-03-10")
    order = desk.order(shop, ("LAMP", "30", "9.00"), ordered_on="2026-03-11")
    assert desk.dispatch(order, dispatched_on="2026-03-11").status_code == 200
    close_period(desk, "2026-03")
    buy(desk, "100", "4.00", "2026-04-20")
    assert shown(desk, "2026-03-31") == ("70", *UNKNOWN)
    assert shown(desk, "2026-04-01") == ("70", "280.00", False)
    assert accounts(desk, "2026-04-01") == {"1400": "280.00", "5000": "120.00", "5200": "-400.00"}
    assert shown(desk, "2026-04-20") == ("170", "680.00", False)


def test_goods_of_another_warehouse_have_a_price_of_their_own(desk: Desk, shop: str) -> None:
    desk.done("/scm/warehouses", {"code": "PORT", "name": "Port"})
    count(desk, "100", days_ago(9))
    order = desk.purchase(desk.supplier(), ("LAMP", "100", "4.00"), ordered_on=days_ago(9), warehouse="PORT")
    assert desk.receive(order, ("LAMP", "100"), received_on=days_ago(5)).status_code == 201
    rows: list[Any] = desk.rows("/erp/stock-value")
    assert [(each["warehouse"], each["value"]["amount"], each["unvalued"]) for each in rows] == [
        ("MAIN", *UNKNOWN), ("PORT", "400.00", False),
    ]  # fmt: skip


@pytest.mark.case("B20")
def test_goods_worth_a_fraction_of_a_cent_are_found_at_their_last_cost(desk: Desk, shop: str) -> None:
    buy(desk, "100000", "0.00004", START)
    assert shown(desk, START) == ("100000", "4.00", False)
    sell(desk, shop, "100000", days_ago(10))
    assert desk.rows("/erp/stock-value")[0]["unit_cost"]["amount"] == "0.00004000"
    count(desk, "50000", days_ago(5))
    assert shown(desk) == ("50000", "2.00", False)
    assert accounts(desk) == {"1400": "2.00", "2100": "-4.00", "5000": "4.00", "5200": "-2.00"}
