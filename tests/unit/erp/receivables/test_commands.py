"""Write-offs of invoices and releases of held orders."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.ledger.domain.write_off import WriteOffTooLarge
from shared.command_context import Caller
from shared.contracts import erp
from shared.domain import NotFound, NotYetAvailable
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_5,
    accounts,
    allocation_of,
    an_erp,
    an_order,
    balances,
    record_payment,
    record_published,
    stored_events,
    usd,
)
from tests.unit.erp.receivables.examples import invoiced


def test_a_write_off_is_an_expense_and_reduces_the_exposure(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    record_payment(service, "in", CUSTOMER, MARCH_5, usd("97.00"), [allocation_of(invoice, "97.00")])
    published = record_published(service)
    service.receivables.write_off_invoice(invoice.id, "bank charges")
    (written_off,) = published()
    assert isinstance(written_off, erp.InvoiceWrittenOff)
    assert (written_off.order_id, written_off.amount, written_off.open) == (invoice.sales_order_id, usd("3.00"), usd(0))
    assert balances(service) == accounts(a1000="97.00", a4000="-100.00", a6000="3.00")
    assert service.receivables.get_credit_account(CUSTOMER).exposure == usd(0)


def test_an_invoice_may_be_written_off_again_after_a_payment_was_reversed(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("97.00"), [allocation_of(invoice, "97.00")])
    service.receivables.write_off_invoice(invoice.id, "bank charges")
    service.settlement.reverse_payment(payment.id, "mistyped")
    record_payment(service, "in", CUSTOMER, MARCH_5, usd("96.00"), [allocation_of(invoice, "96.00")])
    service.receivables.write_off_invoice(invoice.id, "bank charges again")
    assert balances(service) == accounts(a1000="96.00", a4000="-100.00", a6000="4.00")


def test_more_than_the_limit_is_not_written_off(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "5.01")
    before = len(stored_events(service))
    with pytest.raises(WriteOffTooLarge):
        service.receivables.write_off_invoice(invoice.id, "too generous")
    assert len(stored_events(service)) == before


def test_a_release_of_a_held_order_records_the_person(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    published = record_published(service)
    cause = service.runner._context_of(Caller("margaret"))
    service.runner.run(lambda: service.receivables.release_order(CUSTOMER, order.order_id, "an old friend"), cause)
    assert published() == [erp.CreditApproved(order.order_id, CUSTOMER, released_by="margaret")]


def test_a_release_has_the_correlation_of_its_order_not_of_its_customer(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    service.receivables.release_order(CUSTOMER, order.order_id, "an old friend")
    stories = {name: entry["meta"]["correlation_id"] for name, entry in stored_events(service)}
    assert (
        stories["CreditAccount.OrderReleased"]
        == stories["SalesOrderInvoicing.Opened"]
        != stories["CreditAccount.Opened"]
    )


def test_an_unknown_order_cannot_be_released_yet(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    with pytest.raises(NotYetAvailable):
        service.receivables.release_order(CUSTOMER, uuid4(), "soon")


def test_credit_of_an_unknown_customer_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound):
        an_erp(tmp_path).receivables.get_credit_account(uuid4())
