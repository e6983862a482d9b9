"""Supplier invoices in each of their states, and calls of their commands."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from services.erp.payables.domain.supplier_invoice import InvoicedOrderLine, Status, SupplierInvoice
from shared.testing import given
from tests.unit.erp.examples import MARCH_9, a_supplier_invoice, usd
from tests.unit.state_examples import StateExamples

PARTS = (InvoicedOrderLine(1, "CHAI", Decimal(10), usd("118.00")),)


def an_invoice(*steps: Callable[[SupplierInvoice], None]) -> Callable[[], SupplierInvoice]:
    return lambda: given(a_supplier_invoice(), *steps)


def match(invoice: SupplierInvoice) -> None:
    invoice.match(PARTS)


def release(invoice: SupplierInvoice) -> None:
    invoice.release("agreed by phone", "laura", PARTS)


def reject(invoice: SupplierInvoice) -> None:
    invoice.reject("not ordered")


def pay(invoice: SupplierInvoice) -> None:
    invoice.apply_payment(uuid4(), invoice.total, MARCH_9)


SUPPLIER_INVOICES = StateExamples(
    in_state={
        Status.BLOCKED: an_invoice(),
        Status.MATCHED: an_invoice(match),
        Status.RELEASED: an_invoice(release),
        Status.PAID: an_invoice(match, pay),
        Status.REJECTED: an_invoice(reject),
    },
    commands={"release": release, "reject": reject},
)

EXAMPLES = {SupplierInvoice: SUPPLIER_INVOICES}
