"""Supplier invoices are matched, posted against received goods, and released by a second person."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.payables.domain.supplier_invoice import Status, SupplierInvoice
from shared.contracts import erp, srm
from shared.domain import (
    AlreadyTaken,
    FourEyesRequired,
    InvalidInput,
    NotYetAvailable,
    UnknownReference,
    WrongStatus,
)
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
    an_erp,
    as_person,
    balances,
    record_published,
    record_supplier_invoice,
    stored_events,
    supplier_invoices,
    usd,
)
from tests.unit.erp.payables.examples import CHAI, bought, now


def reasons(invoice: SupplierInvoice) -> list[tuple[int, str]]:
    return [(each.position, each.reason.value) for each in invoice.deviations]


def test_a_matching_invoice_is_owed_in_place_of_the_goods_received(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    published = record_published(service)
    invoice = record_supplier_invoice(service, purchase)
    assert invoice.status == Status.MATCHED
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")
    assert published() == [
        erp.SupplierInvoicePosted(
            invoice.id, purchase.purchase_order_id, SUPPLIER, "RE-1", MARCH_5, invoice.due_on,
            (erp.SupplierInvoiceLine(1, "CHAI", invoice.lines[0].quantity, purchase.purchase_order_id),), usd("120.00"),
        )
    ]  # fmt: skip


def test_an_invoice_below_the_agreed_price_has_a_price_variance(tmp_path: Path):
    service = an_erp(tmp_path)
    record_supplier_invoice(service, bought(service), ("CHAI", "10", "11.50"))
    assert balances(service) == accounts(a1400="120.00", a2000="-115.00", a5100="-5.00")


def test_parts_are_invoiced_one_after_the_other(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    assert balances(service) == accounts(a1400="120.00", a2000="-48.00", a2100="-72.00")
    record_supplier_invoice(service, purchase, ("CHAI", "6", "12.00"), number="2")
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")


def test_invoices_are_due_by_the_payment_terms_of_srm(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, srm.SupplierRegistered(SUPPLIER, "LUMEN", "USD", 4))
    assert record_supplier_invoice(service, bought(service)).due_on == MARCH_9


def test_changed_payment_terms_apply_to_invoices_recorded_from_then_on(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    deliver(service, srm.SupplierRegistered(SUPPLIER, "LUMEN", "USD", 4))
    before = record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    deliver(service, srm.SupplierRevised(SUPPLIER, "LUMEN", "USD", 5))
    after = record_supplier_invoice(service, purchase, ("CHAI", "6", "12.00"), number="2")
    assert (before.due_on, after.due_on) == (MARCH_9, MARCH_9 + timedelta(days=1))


def test_an_invoice_has_the_correlation_of_its_purchase_order(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase)
    stories = {name: entry["meta"]["correlation_id"] for name, entry in stored_events(service)}
    assert stories["SupplierInvoice.Matched"] == stories["InvoiceMatching.Opened"]


def test_an_invoice_that_does_not_match_is_blocked_and_not_owed(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    before, published = balances(service), record_published(service)
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "11", "12.01"))
    assert (invoice.status, reasons(invoice)) == (
        Status.BLOCKED, [(1, "price_above_order"), (1, "more_than_received")],
    )  # fmt: skip
    assert balances(service) == before
    assert published() == []


ORDERS = [each for each in permutations(["sent", "received", "billed"]) if each.index("sent") < each.index("billed")]


@pytest.mark.parametrize("order", ORDERS)
def test_order_receipt_and_invoice_arrive_in_any_order(tmp_path: Path, order: tuple[str, ...]):
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


def test_invoices_pending_for_goods_match_in_order_of_recording(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    for number, quantity in (("1", "6"), ("2", "5"), ("3", "4")):
        record_supplier_invoice(service, purchase, ("CHAI", quantity, "12.00"), number=number)
    deliver(service, a_receipt(purchase))
    assert [each.status.value for each in supplier_invoices(service)] == ["matched", "blocked", "matched"]
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")


def test_a_receipt_does_not_match_an_invoice_above_the_price(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "10", "12.50"))
    deliver(service, a_receipt(purchase))
    assert (now(service, invoice).status, reasons(now(service, invoice))) == (
        Status.BLOCKED,
        [(1, "price_above_order")],
    )


def test_another_person_releases_it(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service), ("CHAI", "10", "12.50"), by="margaret")
    before = len(stored_events(service))
    with pytest.raises(FourEyesRequired):
        as_person(service, "margaret", lambda: service.payables.release_invoice(invoice.id, "fine"))
    assert len(stored_events(service)) == before
    released = as_person(service, "laura", lambda: service.payables.release_invoice(invoice.id, "agreed by phone"))
    assert (released.status, released.open) == (Status.RELEASED, usd("125.00"))
    assert balances(service) == accounts(a1400="120.00", a2000="-125.00", a5100="5.00")
    with pytest.raises(WrongStatus):
        as_person(service, "laura", lambda: service.payables.release_invoice(invoice.id, "again"))


def test_goods_received_after_a_released_invoice_are_not_invoiced_twice(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    invoice = record_supplier_invoice(service, purchase)
    as_person(service, "laura", lambda: service.payables.release_invoice(invoice.id, "they are on the way"))
    assert balances(service) == accounts(a2000="-120.00", a2100="120.00")
    deliver(service, a_receipt(purchase), deliveries=2)
    assert balances(service) == accounts(a1400="120.00", a2000="-120.00")
    assert reasons(record_supplier_invoice(service, purchase, number="2")) == [(1, "more_than_received")]


def test_a_revised_price_matches_a_blocked_invoice_and_adjusts_earlier_clearing(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = bought(service)
    record_supplier_invoice(service, purchase, ("CHAI", "4", "12.00"), number="1")
    dearer = record_supplier_invoice(service, purchase, ("CHAI", "6", "13.00"), number="2")
    assert reasons(dearer) == [(1, "price_above_order")]
    deliver(service, a_revision(purchase, "13.00"), deliveries=2)
    assert now(service, dearer).status == Status.MATCHED
    assert balances(service) == accounts(a1400="130.00", a2000="-126.00", a5100="-4.00")


def test_a_line_added_by_a_revision_is_received_and_invoiced(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(CHAI, ("TOFU", "2", "5.00"))
    deliver(service, replace(purchase, lines=purchase.lines[:1]), a_revision(purchase, "12.00", "5.00"))
    deliver(service, a_receipt(purchase))
    assert record_supplier_invoice(service, purchase).status == Status.MATCHED
    assert balances(service) == accounts(a1400="130.00", a2000="-130.00")


def test_a_reversed_receipt_leaves_its_invoice_ahead_of_the_goods(tmp_path: Path):
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


def test_a_rejected_invoice_is_not_matched_again_and_its_number_is_free(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(CHAI)
    deliver(service, purchase)
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "10", "12.00"))
    service.payables.reject_invoice(invoice.id, "not ours")
    deliver(service, a_receipt(purchase))
    assert now(service, invoice).status == Status.REJECTED
    assert record_supplier_invoice(service, purchase, number=invoice.number).status == Status.MATCHED


@pytest.mark.parametrize("again", ["RE-1", " re-1", "RE-01", "rE - 1", "RE-1 ", "RÉ-1", "\uff32\uff25-1"])
def test_an_invoice_number_is_recorded_once_however_it_is_spelled(tmp_path: Path, again: str):
    service = an_erp(tmp_path)
    purchase = bought(service)
    first = record_supplier_invoice(service, purchase, ("CHAI", "5", "12.00"), number="RE-1")
    before = len(stored_events(service))
    with pytest.raises(AlreadyTaken, match=str(first.id)) as refused:
        record_supplier_invoice(service, purchase, ("CHAI", "5", "12.01"), number=again, on=MARCH_9)
    assert refused.value.field == "number"
    assert len(stored_events(service)) == before


def test_an_invoice_of_an_unknown_order_may_be_tried_again(tmp_path: Path):
    with pytest.raises(NotYetAvailable) as refused:
        record_supplier_invoice(an_erp(tmp_path), a_purchase(CHAI))
    assert refused.value.field == "purchase_order_id"


def test_an_invoice_of_another_supplier_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, other = bought(service), uuid4()
    with pytest.raises(UnknownReference, match="unknown supplier") as unknown:
        record_supplier_invoice(service, replace(purchase, supplier_id=other))
    deliver(service, srm.SupplierRegistered(other, "OTHER", "USD", 30))
    with pytest.raises(InvalidInput) as refused:
        record_supplier_invoice(service, replace(purchase, supplier_id=other))
    assert (unknown.value.field, refused.value.field) == ("supplier_id", "supplier_id")
