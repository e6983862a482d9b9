"""One person does not record and pay a large supplier invoice alone."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from shared.testing.web import usd
from tests.cases.desk import days_ago
from tests.cases.gateway_desk import GatewayDesk, open_gateway_desk

Row = dict[str, Any]

_numbers = count(1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayDesk]:
    with open_gateway_desk(tmp_path_factory.mktemp("gateway-desk")) as desk:
        for person in ("ann", "ben"):
            desk.has_key(person, "accountant")
        desk.done("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        desk.done("/scm/items", {"sku": "LATHE", "name": "Lathe", "unit": "piece"})
        yield desk


def an_invoice(desk: GatewayDesk, total: str, *, by: str = "ann", price: str | None = None) -> Row:
    """Return the supplier invoice of one lathe at this price that was ordered and received; `price`: as invoiced."""
    number = next(_numbers)
    supplier = desk.done("/srm/suppliers", {"code": f"S-{number}", "name": "Mill", "currency": "USD"})
    line = {"sku": "LATHE", "quantity": "1", "unit_price": usd(total)}
    body = {"supplier_id": supplier["id"], "currency": "USD", "warehouse": "MAIN", "lines": [line]}
    order = desk.done("/srm/purchase-orders", body)
    desk.done(f"/srm/purchase-orders/{order['id']}/send")
    received = [{"sku": "LATHE", "quantity": "1"}]
    desk.done("/scm/goods-receipts", {"purchase_order_id": order["id"], "lines": received})
    bill = {"supplier_id": supplier["id"], "number": f"R-{number}", "purchase_order_id": order["id"],
            "billed_on": days_ago(0), "lines": [{**line, "unit_price": usd(price or total)}]}  # fmt: skip
    return desk.done("/erp/bills", bill, by=by)


def a_payment(invoice: Row, amount: str) -> Row:
    return {
        "direction": "out", "party_id": invoice["supplier_id"], "paid_on": days_ago(0), "amount": usd(amount),
        "allocations": [{"document_id": invoice["id"], "amount": usd(amount)}],
    }  # fmt: skip


def pay(desk: GatewayDesk, invoice: Row, amount: str, *, by: str) -> Any:
    return desk.send("POST", "/erp/payments", a_payment(invoice, amount), by=by)


def status(desk: GatewayDesk, invoice: Row) -> str:
    return str(desk.send("GET", f"/erp/bills/{invoice['id']}").json["status"])


def is_refused(answered: Any) -> bool:
    return (answered.status_code, answered.json["code"]) == (403, "four_eyes_required")


@pytest.mark.case("X11")
def test_above_the_limit_another_person_than_the_recorder_pays(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "10000.01")
    refused = pay(desk, invoice, "10000.01", by="ann")
    assert is_refused(refused)
    assert refused.json["errors"][0]["pointer"] == "/allocations/0/document_id"
    assert refused.json["detail"] == (
        f"supplier invoice {invoice['number']} of 10,000.01 USD was recorded by ann: above 10000 one person may not "
        "record and pay an invoice, so another accountant must pay it"
    )
    assert status(desk, invoice) == "matched"
    assert pay(desk, invoice, "10000.01", by="ben").status_code == 201
    assert status(desk, invoice) == "paid"


@pytest.mark.case("X11")
def test_up_to_the_limit_one_person_records_and_pays(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "10000.00")
    assert pay(desk, invoice, "10000.00", by="ann").status_code == 201
    assert status(desk, invoice) == "paid"


@pytest.mark.case("X11")
def test_parts_of_a_large_invoice_are_large_too(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "25000.00")
    assert is_refused(pay(desk, invoice, "1.00", by="ann"))
    assert pay(desk, invoice, "24999.00", by="ben").status_code == 201
    assert is_refused(pay(desk, invoice, "1.00", by="ann"))


@pytest.mark.case("X11")
def test_a_second_key_of_the_same_person_is_no_second_person(desk: GatewayDesk) -> None:
    issued = desk.done("/access/keys", {"name": "second key", "person": "ann", "roles": ["accountant"]})
    accepted = desk.done(f"/access/keys/{issued['id']}/accept", by="ann")
    desk.secrets["ann, second key"] = accepted["secret"]
    invoice = an_invoice(desk, "12000.00")
    assert is_refused(pay(desk, invoice, "12000.00", by="ann, second key"))
    batch = {"items": [a_payment(invoice, "12000.00")]}
    assert is_refused(desk.send("POST", "/erp/payments/batch", batch, by="ann, second key"))
    assert status(desk, invoice) == "matched"


@pytest.mark.case("X11")
def test_a_released_invoice_is_paid_by_another_than_its_recorder(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "15000.00", price="16000.00")
    desk.done(f"/erp/bills/{invoice['id']}/release", {"reason": "new price list"}, by="ben")
    assert is_refused(pay(desk, invoice, "16000.00", by="ann"))
    assert pay(desk, invoice, "16000.00", by="ben").status_code == 201


@pytest.mark.case("X11")
def test_after_a_reversed_payment_the_recorder_may_still_not_pay(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "11000.00")
    payment = pay(desk, invoice, "11000.00", by="ben").json
    desk.done(f"/erp/payments/{payment['id']}/reverse", {"reason": "wrong day"}, by="ann")
    assert is_refused(pay(desk, invoice, "11000.00", by="ann"))
    assert pay(desk, invoice, "11000.00", by="ben").status_code == 201


@pytest.mark.case("X11")
def test_the_recorder_does_not_settle_a_large_invoice_from_credit_either(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "13000.00")
    lines = [
        {"account": "2000", "party": invoice["supplier_id"], "debit": usd("13000.00"), "credit": usd("0.00")},
        {"account": "1000", "debit": usd("0.00"), "credit": usd("13000.00")},
    ]
    desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Advance", "lines": lines}, by="ben")
    found = desk.send("GET", f"/erp/open-items?party_id={invoice['supplier_id']}").json["data"]
    path = f"/erp/open-items/{found[0]['id']}/allocate"
    body = {"allocations": [{"document_id": invoice["id"], "amount": usd("13000.00")}]}
    assert is_refused(desk.send("POST", path, body, by="ann"))
    assert desk.send("POST", path, body, by="ben").status_code == 200
    assert status(desk, invoice) == "paid"


def test_only_the_payment_of_a_batch_that_another_person_must_make_is_forbidden(desk: GatewayDesk) -> None:
    small, large, other = an_invoice(desk, "50.00"), an_invoice(desk, "12000.00"), an_invoice(desk, "60.00")
    items = [a_payment(small, "50.00"), a_payment(large, "12000.00"), a_payment(other, "60.00")]
    answered = desk.send("POST", "/erp/payments/batch", {"items": items, "atomic": False}, by="ann")
    assert answered.status_code == 200, answered.text
    assert [each["status"] for each in answered.json["data"]] == [201, 403, 201]
    assert answered.json["data"][1]["problem"]["code"] == "four_eyes_required"
    assert [status(desk, each) for each in (small, large, other)] == ["paid", "matched", "paid"]


def test_an_atomic_batch_with_a_payment_that_another_person_must_make_pays_nothing(desk: GatewayDesk) -> None:
    small, large = an_invoice(desk, "50.00"), an_invoice(desk, "12000.00")
    items = [a_payment(small, "50.00"), a_payment(large, "12000.00")]
    assert is_refused(desk.send("POST", "/erp/payments/batch", {"items": items, "atomic": True}, by="ann"))
    assert [status(desk, each) for each in (small, large)] == ["matched", "matched"]


def by_hand(desk: GatewayDesk, invoice: Row, amount: str, *, by: str, other: str = "1000") -> Any:
    """Lower what is owed to the supplier of an invoice by an entry against another account, by default the bank."""
    lines = [
        {"account": "2000", "party": invoice["supplier_id"], "debit": usd(amount)},
        {"account": other, "credit": usd(amount)},
    ]
    return desk.send("POST", "/erp/journal-entries", {"posted_on": days_ago(0), "text": "x", "lines": lines}, by=by)


@pytest.mark.case("X11")
@pytest.mark.parametrize(("amount", "other"), [("12000.00", "1000"), ("6000.00", "1000"), ("12000.00", "6000")])
def test_the_recorder_does_not_pay_a_large_invoice_by_an_entry_by_hand(
    desk: GatewayDesk, amount: str, other: str
) -> None:
    invoice = an_invoice(desk, "12000.00")
    refused = by_hand(desk, invoice, amount, by="ann", other=other)
    assert is_refused(refused)
    assert refused.json["errors"][0]["pointer"] == "/lines/0/party"
    assert refused.json["detail"].endswith(
        "so another accountant must post entries that lower what is owed to the supplier"
    )
    assert by_hand(desk, invoice, amount, by="ben", other=other).status_code == 201


@pytest.mark.case("X11")
def test_the_recorder_corrects_by_hand_what_is_owed_for_small_and_for_paid_invoices(desk: GatewayDesk) -> None:
    small = an_invoice(desk, "10000.00")
    assert by_hand(desk, small, "1.00", by="ann").status_code == 201
    large = an_invoice(desk, "12000.00")
    assert pay(desk, large, "12000.00", by="ben").status_code == 201
    assert by_hand(desk, large, "1.00", by="ann").status_code == 201


@pytest.mark.case("X11")
def test_the_recorder_does_not_reverse_an_entry_that_raised_what_is_owed_to_the_supplier(desk: GatewayDesk) -> None:
    invoice = an_invoice(desk, "12000.00")
    lines = [
        {"account": "1000", "debit": usd("12000.00")},
        {"account": "2000", "party": invoice["supplier_id"], "credit": usd("12000.00")},
    ]
    refund = desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Refund", "lines": lines}, by="ben")
    path, body = f"/erp/journal-entries/{refund['id']}/reverse", {"reason": "not ours"}
    assert is_refused(desk.send("POST", path, body, by="ann"))
    assert desk.send("POST", path, body, by="ben").status_code == 200


@pytest.mark.case("X11")
def test_one_person_does_not_book_a_large_amount_by_hand_and_pay_it(desk: GatewayDesk) -> None:
    supplier = desk.done("/srm/suppliers", {"code": "S-HAND", "name": "Mill", "currency": "USD"})
    lines = [
        {"account": "6000", "debit": usd("12000.00")},
        {"account": "2000", "party": supplier["id"], "credit": usd("12000.00"), "document_number": "F-1"},
    ]
    desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Fee", "lines": lines}, by="ann")
    [item] = desk.send("GET", f"/erp/open-items?party_id={supplier['id']}").json["data"]
    owed = {"id": item["id"], "supplier_id": supplier["id"]}
    refused = pay(desk, owed, "1.00", by="ann")
    assert is_refused(refused)
    assert refused.json["detail"].startswith("open item F-1 of 12,000.00 USD was recorded by ann")
    assert pay(desk, owed, "12000.00", by="ben").status_code == 201


@pytest.mark.case("X11")
def test_a_firm_sets_its_limit_or_none(desk: GatewayDesk) -> None:
    first, second, third = (an_invoice(desk, total) for total in ("50.00", "50.01", "90000.00"))

    def limit(value: str | None) -> None:
        version = desk.send("GET", "/erp/settings").json["version"]
        body = {"record_and_pay_limit": value}
        changed = desk.send("PATCH", "/erp/settings", body, **{"If-Match": f'"{version}"'})
        assert changed.json["record_and_pay_limit"] == value

    limit("50")
    assert pay(desk, first, "50.00", by="ann").status_code == 201
    assert is_refused(pay(desk, second, "50.01", by="ann"))
    limit(None)
    assert pay(desk, third, "90000.00", by="ann").status_code == 201
    limit("10000")
