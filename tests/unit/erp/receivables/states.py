"""Customer invoices in each of their states, and calls of their commands."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from services.erp.receivables.domain.invoice import Invoice, Status
from shared.testing import given
from tests.unit.erp.examples import MARCH_9, an_invoice, usd
from tests.unit.state_examples import StateExamples


def pay_and_write_off(invoice: Invoice) -> None:
    invoice.settle(uuid4(), usd("97.00"), MARCH_9)
    invoice.write_off(Decimal(5), MARCH_9, "small")


def reopen(invoice: Invoice) -> None:
    invoice.reopen(uuid4(), usd("57.00"), MARCH_9)


def an_invoice_after(*steps: Callable[[Invoice], None]) -> Callable[[], Invoice]:
    return lambda: given(an_invoice("100.00"), *steps)


INVOICES = StateExamples(
    in_state={
        Status.OPEN: an_invoice,
        Status.PART_PAID: an_invoice_after(pay_and_write_off, reopen),
        Status.PAID: an_invoice_after(pay_and_write_off),
    },
    commands={
        "write_off": lambda invoice: invoice.write_off(Decimal(100), MARCH_9, "small"),
        "reverse_write_off": lambda invoice: invoice.reverse_write_off(MARCH_9, "they paid"),
    },
)

EXAMPLES = {Invoice: INVOICES}
