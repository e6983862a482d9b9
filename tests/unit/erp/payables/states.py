"""Supplier invoices in each of their states, and calls of their commands."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from services.erp.payables.domain.deviation import Tolerances
from services.erp.payables.domain.supplier_invoice import InvoicedOrderLine, Status, SupplierInvoice
from shared.testing import given
from tests.unit.erp.examples import MARCH_5, MARCH_9, a_supplier_invoice, usd
from tests.unit.state_examples import StateExamples

PARTS = (InvoicedOrderLine(1, uuid4(), 1, "CHAI", Decimal(10), usd("118.00")),)


def an_invoice(*steps: Callable[[SupplierInvoice], None]) -> Callable[[], SupplierInvoice]:
    return lambda: given(a_supplier_invoice(), *steps)


def match(invoice: SupplierInvoice) -> None:
    invoice.match(PARTS, Tolerances(), MARCH_5)


def release(invoice: SupplierInvoice) -> None:
    invoice.release("agreed by phone", "laura", PARTS, MARCH_5)


def reject(invoice: SupplierInvoice) -> None:
    invoice.reject("not ordered")


def write_off(invoice: SupplierInvoice) -> None:
    invoice.write_off(Decimal(1000), MARCH_9, "small")


def reverse_write_off(invoice: SupplierInvoice) -> None:
    invoice.reverse_write_off(MARCH_9, "they insist")


def pay_and_write_off(invoice: SupplierInvoice) -> None:
    invoice.settle(uuid4(), usd("117.00"), MARCH_9)
    invoice.write_off(Decimal(5), MARCH_9, "small")


def reopen(invoice: SupplierInvoice) -> None:
    invoice.reopen(uuid4(), usd("117.00"), MARCH_9)


SUPPLIER_INVOICES = StateExamples(
    in_state={
        Status.BLOCKED: an_invoice(),
        Status.MATCHED: an_invoice(match, pay_and_write_off, reopen),
        Status.RELEASED: an_invoice(release, pay_and_write_off, reopen),
        Status.PAID: an_invoice(match, pay_and_write_off),
        Status.REJECTED: an_invoice(reject),
    },
    commands={"release": release, "reject": reject, "write_off": write_off, "reverse_write_off": reverse_write_off},
)

EXAMPLES = {SupplierInvoice: SUPPLIER_INVOICES}
