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


def opening_of(desk: Desk, amount: str = "20000.00") -> Row:
    """Return the entry of an opening bank balance, a receivable and a payable."""
    lines = [
        {"account": "1000", "amount": usd(amount)},
        {"account": "1200", "party": desk.customer(), "amount": usd("80.00")},
        {"account": "2000", "party": desk.supplier(), "amount": usd("30.00")},
    ]
    return desk.done("/erp/opening-balances", {"posted_on": days_ago(0), "lines": lines})


def opening_stock_of(desk: Desk) -> Row:
    desk.stock_up("LAMP")
    goods = {"sku": "LAMP", "quantity": "3", "value": usd("15.00")}
    return desk.done("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": days_ago(0), "lines": [goods]})


@pytest.mark.case("A13")
def test_one_accountant_alone_does_not_reverse_opening_balances(desk: Desk) -> None:
    entry = opening_of(desk)
    path, why = f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "typed twice"}
    requested = desk.done(path, why)
    assert (requested["id"], requested["kind"]) == (entry["id"], "opening")
    assert requested["reversal_request"] == {"reason": "typed twice", "requested_by": "margaret"}
    again = desk.post(path, why)
    assert (again.status_code, again.json["code"]) == (403, "four_eyes_required")
    assert "must be confirmed by another person than margaret" in again.json["detail"]
    assert (desk.balance("1000"), desk.balance("1200"), desk.balance("2000")) == ("20000.00", "80.00", "-30.00")


@pytest.mark.case("A13")
def test_two_persons_reverse_opening_balances(desk: Desk) -> None:
    entry = opening_of(desk)
    path, why = f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "typed twice"}
    reversal = desk.done_by_two(path, why)
    assert (reversal["kind"], reversal["reverses"]) == ("reversal", entry["id"])
    assert {row["debit"]["amount"] for row in desk.rows("/erp/trial-balance")} <= {"0.00"}
    assert desk.post(path, why).json["code"] == "not_reversible"


@pytest.mark.case("A13")
def test_an_entry_by_hand_is_still_reversed_by_one_person(desk: Desk) -> None:
    lines = [{"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]
    entry = desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Rent", "lines": lines})
    assert desk.done(f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "mistyped"})["kind"] == "reversal"


@pytest.mark.case("A13")
def test_one_person_alone_does_not_reverse_opening_stock(desk: Desk) -> None:
    opened = opening_stock_of(desk)
    path, why = f"/scm/opening-stock/{opened['id']}/reverse", {"reason": "typed twice"}
    requested = desk.done(path, why)
    assert (requested["status"], requested["reversal_request"]["requested_by"]) == ("recorded", "margaret")
    assert (desk.post(path, why).status_code, desk.on_hand("LAMP"), desk.value("LAMP")) == (403, "3", ("3", "15.00"))


@pytest.mark.case("A13")
def test_two_persons_reverse_opening_stock_and_its_value(desk: Desk) -> None:
    opened = opening_stock_of(desk)
    path, why = f"/scm/opening-stock/{opened['id']}/reverse", {"reason": "typed twice"}
    assert desk.done_by_two(path, why)["status"] == "reversed"
    assert (desk.on_hand("LAMP"), desk.balance("1400")) == ("0", "0.00")
