"""S71-S79, S82: requests that business rules forbid."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.bad_input.firm import UNKNOWN_ID, SampleFirm, usd
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused

untouched = pytest.mark.usefixtures("nothing_stored")


def run_concurrently(count: int, ask: Any) -> list[Any]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(count)))


SPELLINGS = (
    "INV-0071", "inv-0071", " INV-71 ", "INV - 071", "INV-OO71", "\uff29NV-71", "INV71", "INV/71", "INV.0071", "INV_71",
    "\u2116INV-71", "#INV71", "INV\u201371", "\u0406NV-71", "INV-7l", "1NV-71",
)  # fmt: skip


@pytest.mark.case("X10")
def test_s71_a_supplier_invoice_number_is_unique_in_any_spelling(desk: GatewayCaller, firm: SampleFirm) -> None:
    first = desk.command("/erp/bills", firm.bill("INV-0071"))
    before = desk.stored_counts()
    for number in SPELLINGS:
        again = assert_refused(desk.post("/erp/bills", firm.bill(number)), 409, code="already_taken")
        assert first["number"] in again["detail"]
    assert_refused(desk.post("/erp/bills", firm.bill("INV-0071", price="1.01")), 409, code="already_taken")
    for number in ("71", "PAID-71", "S71"):
        likely = firm.bill(number) | {"duplicate_reason": None}
        again = assert_refused(desk.post("/erp/bills", likely), 409, code="likely_duplicate")
        assert first["id"] in again["detail"]
    assert desk.stored_counts() == before


def test_s72_one_of_two_concurrent_payments_of_a_bill_is_accepted(desk: GatewayCaller, firm: SampleFirm) -> None:
    for number in range(5):
        bill = desk.command("/erp/bills", firm.bill(f"PAID-{number + 1}00"))
        payment = firm.payment_of("1.00", bill["id"]) | {"direction": "out", "party_id": firm.supplier}
        answers = run_concurrently(2, lambda _, payment=payment: desk.post("/erp/payments", payment).status_code)
        assert sorted(answers) == [201, 409]
    desk.suite.wait_until_idle()


def test_s72_one_of_two_concurrent_receipts_of_a_payment_is_accepted(desk: GatewayCaller, firm: SampleFirm) -> None:
    orders = run_concurrently(50, lambda _: firm.place_order(quantity="1"))
    desk.suite.wait_until_idle()
    run_concurrently(50, lambda each: desk.command(f"/scm/shipments/{firm.shipment(orders[each])['id']}/dispatch"))
    desk.suite.wait_until_idle()
    for order in orders:
        (invoice,) = desk.get_json(f"/erp/invoices?sales_order_id={order}")["data"]
        payment = firm.payment_of(invoice["total"]["amount"], invoice["id"])
        answers = run_concurrently(2, lambda _, payment=payment: desk.post("/erp/payments", payment).status_code)
        assert sorted(answers) == [201, 409]
    desk.suite.wait_until_idle()


@pytest.mark.parametrize(("backorder", "others"), [("refuse", "cancelled"), ("allow", "backordered")])
def test_s73_concurrent_orders_for_the_last_pieces_never_reserve_more_than_the_stock(
    desk: GatewayCaller, firm: SampleFirm, backorder: str, others: str
) -> None:
    sku = f"RARE-{backorder}"
    desk.command("/scm/items", {"sku": sku, "name": "Rare", "unit": "piece"})
    firm.receive_purchase(sku, "10")
    desk.suite.wait_until_idle()
    orders = run_concurrently(100, lambda _: firm.place_order(sku=sku, quantity="1", backorder=backorder))
    desk.suite.wait_until_idle()
    found = [desk.get_json(f"/crm/sales-orders/{order}") for order in orders]
    assert sorted(each["status"] for each in found) == sorted(["reserved"] * 10 + [others] * 90)
    assert {each["reason"] for each in found if each["status"] == "cancelled"} <= {"shortage"}
    (stock,) = desk.get_json(f"/scm/stock?sku={sku}")["data"]
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == ("10", "10", "0")


def test_s74_concurrent_orders_together_stay_within_the_credit_limit(desk: GatewayCaller, firm: SampleFirm) -> None:
    customer = firm.new_customer(credit_limit={"amount": "1000.00", "currency": "USD"})
    orders = run_concurrently(50, lambda _: firm.place_order(quantity="1", price="60.00", customer_id=customer))
    desk.suite.wait_until_idle()
    statuses = [desk.get_json(f"/crm/sales-orders/{order}")["status"] for order in orders]
    assert statuses.count("held") == 50 - 16
    assert Decimal(desk.get_json(f"/erp/credit/{customer}")["exposure"]["amount"]) == 960


def test_s75_invoice_numbers_have_no_gaps_despite_refused_dispatches(desk: GatewayCaller, firm: SampleFirm) -> None:
    orders = run_concurrently(200, lambda _: firm.place_order(quantity="1"))
    desk.suite.wait_until_idle()
    shipments = [firm.shipment(order)["id"] for order in orders]
    wrong = [{"carrier": "UNKNOWN"}, {"lines": [{"sku": "BOLT", "quantity": "2"}]}]

    def dispatched(each: int) -> int:
        if each % 10 == 0:
            assert desk.post(f"/scm/shipments/{shipments[each]}/dispatch", wrong[each % 20 // 10]).status_code in (
                409,
                422,
            )
        return desk.post(f"/scm/shipments/{shipments[each]}/dispatch").status_code

    assert set(run_concurrently(200, dispatched)) == {200}
    desk.suite.wait_until_idle()
    numbers: list[str] = []
    page: dict[str, Any] = {"next_cursor": ""}
    while page["next_cursor"] is not None:
        after = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        page = desk.get_json(f"/erp/invoices?sort=number&limit=200{after}")
        numbers += [each["number"] for each in page["data"]]
    assert numbers == [str(each) for each in range(1, len(numbers) + 1)]
    assert len(numbers) >= 200


@untouched
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("what", ["journal", "invoices/{invoice}", "payments/{payment}", "accounts", "trial-balance"])
def test_s76_posted_records_cannot_be_changed(desk: GatewayCaller, firm: SampleFirm, method: str, what: str) -> None:
    path = what.format(invoice=firm.invoice["id"], payment=firm.payment)
    answer = desk.request(method, f"/erp/{path}", {"total": "0"})
    assert_refused(answer, 405)
    assert answer.headers["allow"]


@untouched
@pytest.mark.parametrize("path", ["/crm/sales-orders", "/crm/customers", "/scm/items", "/srm/suppliers"])
def test_s76_a_number_or_code_is_unique(desk: GatewayCaller, firm: SampleFirm, path: str) -> None:
    taken: dict[str, Any] = {
        "/crm/sales-orders": firm.order(number=desk.get_json(f"/crm/sales-orders/{firm.draft}")["number"]),
        "/crm/customers": {"code": "C1", "name": "Twin", "currency": "USD"},
        "/scm/items": {"sku": "BOLT", "name": "Twin", "unit": "piece"},
        "/srm/suppliers": {"code": "S1", "name": "Twin", "currency": "USD"},
    }
    assert_refused(desk.post(path, taken[path]), 409, code="already_taken")


def test_s77_a_closed_period_cannot_be_changed(desk: GatewayCaller, firm: SampleFirm) -> None:
    order = firm.place_order(quantity="1", ordered_on="1990-05-01")
    desk.command("/erp/periods/1990-12/close")
    before = desk.stored_counts()
    sides = [{"account": account, side: usd("1.00")} for account, side in (("6000", "debit"), ("1000", "credit"))]
    entry = {"posted_on": "1990-06-01", "text": "by hand", "lines": sides}
    assert_refused(desk.post("/erp/journal-entries", entry), 409, code="period_closed")
    assert_refused(
        desk.post("/erp/payments", firm.payment_of("1.00") | {"paid_on": "1990-06-01"}), 409, code="period_closed"
    )
    for period, status in (("1990-12", 409), ("1990-01", 409), ("2199-01", 409), ("1990-13", 404)):
        assert_refused(desk.post(f"/erp/periods/{period}/close"), status)
    assert_refused(desk.post("/erp/periods/1990-12/reopen", {}), 422, "/reason")
    assert desk.stored_counts() == before
    desk.command("/erp/periods/1990-12/reopen", {"reason": "forgot something"})
    asked = desk.stored_counts()
    assert_refused(desk.post("/erp/periods/1990-12/reopen", {"reason": "forgot something"}), 403)
    assert (desk.stored_counts(), desk.get_json("/erp/periods/1990-12")["status"]) == (asked, "closed")
    bolt = {"sku": "BOLT", "quantity": "1", "value": usd("1.00")}
    desk.command("/scm/opening-stock", {"warehouse": "MAIN", "opened_on": "1990-05-01", "lines": [bolt]})
    desk.command(f"/scm/shipments/{firm.shipment(order)['id']}/dispatch", {"dispatched_on": "1990-06-01"})
    desk.suite.wait_until_idle()
    assert desk.get_json("/erp/journal?from=1990-01-01&to=1990-12-31")["data"] == []
    (invoice,) = desk.get_json(f"/erp/invoices?sales_order_id={order}")["data"]
    assert invoice["invoiced_on"] == "1990-06-01"


@untouched
def test_s78_a_payment_cannot_exceed_the_open_amount(desk: GatewayCaller, firm: SampleFirm) -> None:
    assert_refused(desk.post("/erp/payments", firm.payment_of("1000000.00")), 409, "/allocations/0/amount")


def test_s78_a_payment_can_be_reversed_once(desk: GatewayCaller, firm: SampleFirm) -> None:
    payment = desk.command("/erp/payments", firm.payment_of("1.00"))["id"]
    desk.command(f"/erp/payments/{payment}/reverse", {"reason": "mistyped"})
    before = desk.stored_counts()
    assert_refused(desk.post(f"/erp/payments/{payment}/reverse", {"reason": "again"}), 409, "/status")
    assert desk.stored_counts() == before


@untouched
def test_s78_negative_lines_and_price_changes_after_placing_are_refused(desk: GatewayCaller, firm: SampleFirm) -> None:
    order = firm.order()
    discount = {"sku": "BOLT", "quantity": "1", "unit_price": {"amount": "-1.00", "currency": "USD"}}
    assert_refused(
        desk.post("/crm/sales-orders", order | {"lines": [*order["lines"], discount]}),
        422,
        "/lines/1/unit_price/amount",
    )
    order["lines"][0]["discount_percent"] = "100.5"
    assert_refused(desk.post("/crm/sales-orders", order), 422, "/lines/0/discount_percent")
    assert_refused(desk.request("PATCH", f"/crm/sales-orders/{firm.reserved}", {"lines": order["lines"]}), 405)
    assert_refused(
        desk.post(f"/crm/sales-orders/{firm.invoiced}/amend", {"lines": firm.order(price="0.01")["lines"]}),
        409,
        "/status",
    )


@untouched
def test_s79_only_goods_reserved_for_an_order_are_dispatched(desk: GatewayCaller, firm: SampleFirm) -> None:
    assert_refused(desk.post("/scm/shipments", {"lines": [{"sku": "BOLT", "quantity": "1"}]}), 405)
    assert_refused(desk.post(f"/scm/shipments/{UNKNOWN_ID}/dispatch"), 404)
    shipment = firm.shipment(firm.reserved)["id"]
    more = {"lines": [{"sku": "BOLT", "quantity": "5"}]}
    assert_refused(desk.post(f"/scm/shipments/{shipment}/dispatch", more), 409, "/lines/0/quantity")
    assert_refused(desk.post(f"/scm/shipments/{firm.shipment(firm.invoiced)['id']}/dispatch"), 409, "/status")


def test_s79_cancelled_orders_cannot_be_dispatched_or_received(desk: GatewayCaller, firm: SampleFirm) -> None:
    order, purchase = firm.place_order(), desk.command("/srm/purchase-orders", firm.purchase_order())["id"]
    desk.command(f"/srm/purchase-orders/{purchase}/send")
    desk.suite.wait_until_idle()
    shipment = firm.shipment(order)["id"]
    desk.command(f"/crm/sales-orders/{order}/cancel", {"reason": "changed their mind"})
    desk.command(f"/srm/purchase-orders/{purchase}/cancel", {"reason": "too late"})
    before = desk.stored_counts()
    assert_refused(desk.post(f"/scm/shipments/{shipment}/dispatch"), 409, "/status")
    assert_refused(desk.post("/scm/goods-receipts", firm.receipt(purchase)), 409, code="wrong_status")
    assert_refused(desk.post("/scm/goods-receipts", firm.receipt(firm.purchase)), 409)
    assert desk.stored_counts() == before


def test_s79_of_a_concurrent_cancellation_and_dispatch_one_has_effect(desk: GatewayCaller, firm: SampleFirm) -> None:
    customer = firm.new_customer()
    orders = [firm.place_order(quantity="1", price="10.00", customer_id=customer) for _ in range(15)]
    desk.suite.wait_until_idle()
    shipments = {order: firm.shipment(order)["id"] for order in orders}
    turns = [(order, turn) for order in orders for turn in ("cancel", "dispatch")]

    def take(turn: int) -> None:
        order, what = turns[turn]
        if what == "cancel":
            desk.post(f"/crm/sales-orders/{order}/cancel", {"reason": "changed their mind"})
        else:
            desk.post(f"/scm/shipments/{shipments[order]}/dispatch")

    run_concurrently(len(turns), take)
    desk.suite.wait_until_idle()
    left = 0
    for order in orders:
        shown = desk.get_json(f"/crm/sales-orders/{order}")
        (line,), shipped = shown["lines"], desk.get_json(f"/scm/shipments/{shipments[order]}")["status"] == "dispatched"
        assert shown["status"] == ("invoiced" if shipped else "cancelled")
        assert (line["shipped"], line["invoiced"], line["reserved"]) == (
            ("1", "1", "0") if shipped else ("0", "0", "0")
        )
        left += shipped
    assert Decimal(desk.get_json(f"/erp/credit/{customer}")["exposure"]["amount"]) == 10 * left


@untouched
def test_s82_no_step_of_a_process_can_be_skipped_or_repeated(desk: GatewayCaller, firm: SampleFirm) -> None:
    assert_refused(desk.post(f"/crm/sales-orders/{firm.reserved}/place"), 409, "/status")
    assert_refused(desk.post(f"/crm/sales-orders/{firm.invoiced}/cancel", {"reason": "too late"}), 409, "/status")
    assert_refused(desk.post(f"/srm/purchase-orders/{firm.purchase}/send"), 409, "/status")
    assert_refused(desk.post("/scm/goods-receipts", firm.receipt(UNKNOWN_ID)), 422, "/purchase_order_id")
    assert_refused(desk.post("/erp/payments", firm.payment_of("1.00", UNKNOWN_ID)), 422, "/allocations/0/document_id")
    assert_refused(desk.post(f"/erp/credit/{firm.customer}/release/{firm.reserved}", {"reason": "friends"}), 409)
    assert_refused(desk.post("/erp/invoices", {"sales_order_id": firm.reserved}), 405)
