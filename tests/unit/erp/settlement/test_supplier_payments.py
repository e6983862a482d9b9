"""Payments to suppliers settle supplier invoices and are posted; a reversal undoes all of it, once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.payables.domain.supplier_account import SupplierBlockedError
from services.erp.payables.domain.supplier_invoice import NotPayable, Status, SupplierInvoice
from services.erp.service import Erp
from services.erp.settlement.domain.payment import Payment
from shared.contracts import erp, srm
from shared.domain import DomainError, InvalidInput, WrongStatus
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    MARCH_9,
    SUPPLIER,
    accounts,
    allocation_of,
    an_erp,
    balances,
    record_payment,
    record_published,
    record_supplier_invoice,
    stored_events,
    usd,
)
from tests.unit.erp.payables.examples import bought, now


def pay(service: Erp, invoice: SupplierInvoice, amount: str | None = None) -> Payment:
    paid = allocation_of(invoice, amount)
    return record_payment(service, "out", invoice.supplier_id, MARCH_9, paid.amount, [paid])


ORDERS = [each for each in permutations(["sent", "received", "billed"]) if each.index("sent") < each.index("billed")]


def test_a_paid_invoice_is_no_longer_in_payables(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    published = record_published(service)
    payment = pay(service, invoice)
    assert now(service, invoice).status == Status.PAID
    assert balances(service) == accounts(a1000="-120.00", a1400="120.00")
    assert published() == [
        erp.SupplierInvoiceSettlementChanged(
            invoice.id, invoice.purchase_order_id, SUPPLIER, payment.id, MARCH_9, usd(0)
        )
    ]


def test_an_outgoing_payment_is_reversed_once(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    before = balances(service)
    payment = pay(service, invoice)
    service.settlement.reverse_payment(payment.id, "typed twice")
    assert (now(service, invoice).status, now(service, invoice).open) == (Status.MATCHED, usd("120.00"))
    assert balances(service) == before
    with pytest.raises(WrongStatus):
        service.settlement.reverse_payment(payment.id, "again")


def test_a_supplier_invoice_is_paid_once(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    pay(service, invoice)
    with pytest.raises(ExceedsOpenAmount):
        pay(service, invoice)
    assert balances(service)["1000"] == -120


def test_two_concurrent_payments_pay_an_invoice_once(tmp_path: Path):
    service = an_erp(tmp_path)
    unpaid = [record_supplier_invoice(service, bought(service), number=str(number)) for number in range(10)]
    together = Barrier(2)

    def clerk(_: int) -> list[bool]:
        paid = []
        for invoice in unpaid:
            together.wait()
            try:
                pay(service, invoice)
            except ExceedsOpenAmount:
                paid.append(False)
            else:
                paid.append(True)
        return paid

    with ThreadPoolExecutor(2) as clerks:
        one, other = clerks.map(clerk, range(2))
    assert [first + second for first, second in zip(one, other, strict=True)] == [1] * 10
    assert balances(service) == accounts(a1000="-1200.00", a1400="1200.00")


def test_a_payment_of_a_blocked_invoice_is_refused_with_a_remedy(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service), ("CHAI", "11", "12.00"))
    with pytest.raises(NotPayable, match="Wait until goods arrive or prices fit, or have another") as refused:
        pay(service, invoice)
    assert refused.value.field == "allocations/0/document_id"


@pytest.mark.parametrize("allocated", [[], ["119.99"], ["60.00", "60.01"]])
def test_an_outgoing_payment_is_allocated_in_full(tmp_path: Path, allocated: list[str]):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    with pytest.raises(DomainError) as refused:
        record_payment(
            service, "out", SUPPLIER, MARCH_9, usd("120.00"), [allocation_of(invoice, each) for each in allocated]
        )
    assert (refused.value.field or "").startswith("allocations")
    assert "1000" not in balances(service)


def test_a_payment_of_another_suppliers_invoice_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    other = uuid4()
    deliver(service, srm.SupplierRegistered(other, "OTHER", "USD", 30))
    with pytest.raises(InvalidInput) as refused:
        record_payment(service, "out", other, MARCH_9, invoice.total, [allocation_of(invoice)])
    assert refused.value.field == "allocations/0/document_id"


@pytest.mark.parametrize(
    ("purposes", "payable"), [(("payments",), False), (("orders", "payments"), False), (("orders",), True)]
)
def test_a_supplier_blocked_for_payments_is_not_paid(tmp_path: Path, purposes: tuple[str, ...], payable: bool):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    deliver(service, srm.SupplierBlocked(SUPPLIER, purposes, "goods were broken"), deliveries=2)
    if not payable:
        with pytest.raises(SupplierBlockedError, match="goods were broken") as refused:
            pay(service, invoice)
        assert refused.value.field == "party_id"
        deliver(service, srm.SupplierUnblocked(SUPPLIER, ("payments",)), deliveries=2)
    pay(service, invoice)
    assert now(service, invoice).status == Status.PAID


def test_a_payment_has_the_correlation_of_its_supplier_invoice(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice = record_supplier_invoice(service, bought(service))
    before = len(stored_events(service))
    pay(service, invoice)
    stories: set[Any] = {event["meta"]["correlation_id"] for _, event in stored_events(service)[before:]}
    assert stories == {str(invoice.correlation_id)}
