"""Suppliers' bills: matched, booked against what was received, released by a second person, paid, taken back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from services.erp.domain.open_amount import ExceedsOpenAmount
from services.erp.domain.payment import Payment
from services.erp.domain.supplier_account import SupplierBlocked
from services.erp.domain.supplier_invoice import NotPayable, Status, SupplierInvoice
from services.erp.service import Erp
from shared.contracts import erp, srm
from shared.domain import AlreadyTaken, DomainError, FourEyesRequired, InvalidInput, NotYetAvailable, WrongStatus
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    MARCH_5,
    MARCH_9,
    SUPPLIER,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    accounts,
    allocation_of,
    an_erp,
    as_person,
    balances,
    record_published,
    record_supplier_invoice,
    stored_events,
    supplier_invoices,
    usd,
)

CHAI = ("CHAI", "10", "12.00")


def bought(service: Erp, *lines: tuple[str, str, str]) -> srm.PurchaseOrderSent:
    purchase = a_purchase(*lines or [CHAI])
    deliver(service, purchase, a_receipt(purchase))
    return purchase


def now(service: Erp, bill: SupplierInvoice) -> SupplierInvoice:
    return service.run(lambda: service.get(SupplierInvoice, bill.id))


def reasons(bill: SupplierInvoice) -> list[tuple[int, str]]:
    return [(each.line, each.reason.value) for each in bill.deviations]


def pay(service: Erp, bill: SupplierInvoice, amount: str | None = None) -> Payment:
    paid = allocation_of(bill, amount)
    return service.record_payment("out", bill.supplier_id, MARCH_9, paid["amount"], [paid])


# -- matched


def test_a_bill_that_matches_is_owed_in_place_of_the_goods_received(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    published = record_published(service)
    bill = record_supplier_invoice(service, purchase)
    assert bill.status == Status.MATCHED
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")
    assert published() == [
        erp.SupplierInvoicePosted(
            bill.id, purchase.purchase_order_id, SUPPLIER, "RE-1", MARCH_5, bill.due_on,
            (erp.SupplierInvoiceLine(1, "CHAI", bill.lines[0].quantity),), usd("120.00"),
        )
    ]  # fmt: skip


def test_a_bill_below_the_agreed_price_has_a_price_variance(tmp_path: Path):
    service = an_erp(tmp_path)
    record_supplier_invoice(service, bought(service), ("CHAI", "10", "11.50"))
    assert balances(service) == accounts(a1400="120.00", a2000="-115.00", a5100="-5.00")


def test_parts_are_billed_one_after_the_other(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    assert balances(service) == accounts(a1400="120.00", a2000="-48.00", a2100="-72.00")
    record_supplier_invoice(service, purchase, ("CHAI", "6", "12.00"), number="2")
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")


def test_bills_are_due_by_the_terms_of_srm(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, srm.SupplierRegistered(SUPPLIER, "LUMEN", "USD", 4))
    assert record_supplier_invoice(service, bought(service)).due_on == MARCH_9


def test_a_bill_has_the_correlation_of_its_purchase_order(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase)
    stories = {name: entry["meta"]["correlation_id"] for name, entry in stored_events(service)}
    assert stories["SupplierInvoice.Matched"] == stories["InvoiceMatching.Opened"]


# -- blocked


def test_a_bill_that_does_not_match_is_kept_blocked_and_not_owed(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    before, published = balances(service), record_published(service)
    bill = record_supplier_invoice(service, purchase, ("CHAI", "11", "12.01"))
    assert (bill.status, reasons(bill)) == (
        Status.BLOCKED, [(1, "price_above_order"), (1, "more_than_received")],
    )  # fmt: skip
    assert balances(service) == before
    assert published() == []


ORDERS = [each for each in permutations(["sent", "received", "billed"]) if each.index("sent") < each.index("billed")]


@pytest.mark.parametrize("order", ORDERS)
def test_order_receipt_and_bill_come_in_any_order(tmp_path: Path, order: tuple[str, ...]):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    for step in order:
        match step:
            case "sent":
                deliver(service, purchase, deliveries=2)
            case "received":
                deliver(service, a_receipt(purchase), deliveries=2)
            case _:
                record_supplier_invoice(service, purchase)
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")
    assert [each.status for each in supplier_invoices(service)] == [Status.MATCHED]


def test_bills_that_wait_for_goods_match_in_the_order_in_which_they_came(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    for number, quantity in (("1", "6"), ("2", "5"), ("3", "4")):
        record_supplier_invoice(service, purchase, ("CHAI", quantity, "12.00"), number=number)
    deliver(service, a_receipt(purchase))
    assert [each.status.value for each in supplier_invoices(service)] == ["matched", "blocked", "matched"]
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")


def test_goods_do_not_make_a_bill_match_that_is_too_dear(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    bill = record_supplier_invoice(service, purchase, ("CHAI", "10", "12.50"))
    deliver(service, a_receipt(purchase))
    assert (now(service, bill).status, reasons(now(service, bill))) == (Status.BLOCKED, [(1, "price_above_order")])


def test_another_person_releases_it(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service), ("CHAI", "10", "12.50"), by="margaret")
    before = len(stored_events(service))
    with pytest.raises(FourEyesRequired):
        as_person(service, "margaret", lambda: service.release_supplier_invoice(bill.id, "fine"))
    assert len(stored_events(service)) == before
    released = as_person(service, "laura", lambda: service.release_supplier_invoice(bill.id, "agreed by phone"))
    assert (released.status, released.open) == (Status.RELEASED, usd("125.00"))
    assert balances(service) == accounts(a1400="120.00", a2000="-125.00", a5100="5.00")
    with pytest.raises(WrongStatus):
        as_person(service, "laura", lambda: service.release_supplier_invoice(bill.id, "again"))


def test_goods_that_come_after_a_released_bill_are_not_billed_twice(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    bill = record_supplier_invoice(service, purchase)
    as_person(service, "laura", lambda: service.release_supplier_invoice(bill.id, "they are on the way"))
    assert balances(service) == accounts(a2000="-120.00", a2100="120.00")
    deliver(service, a_receipt(purchase), deliveries=2)
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")
    assert reasons(record_supplier_invoice(service, purchase, number="2")) == [(1, "more_than_received")]


def test_a_revised_price_lets_a_dearer_bill_match_and_makes_up_for_what_was_billed_before(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    dearer = record_supplier_invoice(service, purchase, ("CHAI", "6", "13.00"), number="2")
    assert reasons(dearer) == [(1, "price_above_order")]
    deliver(service, a_revision(purchase, "13.00"), deliveries=2)
    assert now(service, dearer).status == Status.MATCHED
    assert balances(service) == accounts(a1400="130.00", a2000="-126.00", a5100="-4.00")


def test_a_line_added_by_a_revision_is_received_and_billed(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(CHAI, ("TOFU", "2", "5.00"))
    deliver(service, replace(purchase, lines=purchase.lines[:1]), a_revision(purchase, "12.00", "5.00"))
    deliver(service, a_receipt(purchase))
    assert record_supplier_invoice(service, purchase).status == Status.MATCHED
    assert balances(service) == accounts(a1400="130.00", a2000="-130.00")


def test_a_receipt_taken_back_leaves_its_bill_waiting_in_the_books(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    receipt = a_receipt(purchase)
    deliver(service, purchase, receipt)
    record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    deliver(service, a_receipt_reversed(receipt), deliveries=2)
    assert balances(service) == accounts(a2000="-48.00", a2100="48.00")
    deliver(service, a_receipt(purchase))
    assert balances(service) == accounts(a1400="120.00", a2000="-48.00", a2100="-72.00")
    assert reasons(record_supplier_invoice(service, purchase, ("CHAI", "7", "12.00"), number="2")) == [
        (1, "more_than_received")
    ]


def test_a_rejected_bill_waits_for_nothing_and_its_number_is_free(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    bill = record_supplier_invoice(service, purchase, ("CHAI", "10", "12.00"))
    service.reject_supplier_invoice(bill.id, "not ours")
    deliver(service, a_receipt(purchase))
    assert now(service, bill).status == Status.REJECTED
    assert record_supplier_invoice(service, purchase, number=bill.number).status == Status.MATCHED


# -- once


@pytest.mark.parametrize("again", ["RE-1", " re-1", "RE-01", "rE - 1", "RE-1 "])
def test_a_bill_comes_once_however_its_number_is_spelled(tmp_path: Path, again: str):
    service = an_erp(tmp_path)
    purchase = bought(service)
    first = record_supplier_invoice(service, purchase, ("CHAI", "5", "12.00"), number="RE-1")
    before = len(stored_events(service))
    with pytest.raises(AlreadyTaken, match=str(first.id)) as refused:
        record_supplier_invoice(service, purchase, ("CHAI", "5", "12.01"), number=again, on=MARCH_9)
    assert refused.value.field == "number"
    assert len(stored_events(service)) == before


def test_a_bill_of_an_unknown_order_may_be_tried_again(tmp_path: Path):
    with pytest.raises(NotYetAvailable) as refused:
        record_supplier_invoice(an_erp(tmp_path), a_purchase(CHAI))
    assert refused.value.field == "purchase_order_id"


def test_a_bill_of_another_supplier_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    with pytest.raises(InvalidInput) as refused:
        service.record_supplier_invoice(uuid4(), "1", purchase.purchase_order_id, MARCH_5, [])
    assert refused.value.field == "supplier_id"


# -- paid


def test_a_paid_bill_is_off_the_books_of_what_is_owed(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    published = record_published(service)
    payment = pay(service, bill)
    assert now(service, bill).status == Status.PAID
    assert balances(service) == accounts(a1000="-120.00", a1400="120.00")
    assert published() == [
        erp.SupplierInvoicePaymentChanged(bill.id, bill.purchase_order_id, SUPPLIER, payment.id, MARCH_9, usd(0))
    ]


def test_a_payment_that_went_out_is_taken_back_once(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    before = balances(service)
    payment = pay(service, bill)
    service.reverse_payment(payment.id, "typed twice")
    assert (now(service, bill).status, now(service, bill).open) == (Status.MATCHED, usd("120.00"))
    assert balances(service) == before
    with pytest.raises(WrongStatus):
        service.reverse_payment(payment.id, "again")


def test_a_bill_is_paid_once(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    pay(service, bill)
    with pytest.raises(ExceedsOpenAmount):
        pay(service, bill)
    assert balances(service)["1000"] == -120


def test_two_clerks_at_once_pay_it_once(tmp_path: Path):
    service = an_erp(tmp_path)
    unpaid = [record_supplier_invoice(service, bought(service), number=str(number)) for number in range(10)]
    together = Barrier(2)

    def clerk(_: int) -> list[bool]:
        paid = []
        for bill in unpaid:
            together.wait()
            try:
                pay(service, bill)
            except ExceedsOpenAmount:
                paid.append(False)
            else:
                paid.append(True)
        return paid

    with ThreadPoolExecutor(2) as clerks:
        one, other = clerks.map(clerk, range(2))
    assert [first + second for first, second in zip(one, other, strict=True)] == [1] * 10
    assert balances(service) == accounts(a1000="-1200.00", a1400="1200.00")


def test_paying_a_blocked_bill_is_refused_with_a_remedy(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service), ("CHAI", "11", "12.00"))
    with pytest.raises(NotPayable, match="wait for the goods or have it released") as refused:
        pay(service, bill)
    assert refused.value.field == "allocations/0/document_id"


@pytest.mark.parametrize("allocated", [[], ["119.99"], ["60.00", "60.01"]])
def test_money_goes_out_for_bills_to_the_last_cent(tmp_path: Path, allocated: list[str]):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    with pytest.raises(DomainError) as refused:
        service.record_payment(
            "out", SUPPLIER, MARCH_9, usd("120.00"), [allocation_of(bill, each) for each in allocated]
        )
    assert (refused.value.field or "").startswith("allocations")
    assert "1000" not in balances(service)


def test_paying_the_bill_of_another_supplier_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("out", uuid4(), MARCH_9, bill.total, [allocation_of(bill)])
    assert refused.value.field == "allocations/0/document_id"


@pytest.mark.parametrize(
    ("purposes", "payable"), [(("payments",), False), (("orders", "payments"), False), (("orders",), True)]
)
def test_nothing_is_paid_to_a_supplier_blocked_for_payments(tmp_path: Path, purposes: tuple[str, ...], payable: bool):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    deliver(service, srm.SupplierBlocked(SUPPLIER, purposes, "goods were broken"), deliveries=2)
    if not payable:
        with pytest.raises(SupplierBlocked, match="goods were broken") as refused:
            pay(service, bill)
        assert refused.value.field == "party_id"
        deliver(service, srm.SupplierUnblocked(SUPPLIER, ("payments",)), deliveries=2)
    pay(service, bill)
    assert now(service, bill).status == Status.PAID


def test_a_payment_has_the_correlation_of_its_bill(tmp_path: Path):
    service = an_erp(tmp_path)
    bill = record_supplier_invoice(service, bought(service))
    before = len(stored_events(service))
    pay(service, bill)
    stories: set[Any] = {event["meta"]["correlation_id"] for _, event in stored_events(service)[before:]}
    assert stories == {str(bill.correlation_id)}
