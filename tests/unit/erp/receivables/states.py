"""Customer invoices in each of their states, and calls of their commands."""

from collections.abc import Callable
from uuid import uuid4

from services.erp.receivables.domain.invoice import Invoice, Status
from shared.testing import given
from tests.unit.erp.examples import MARCH_9, an_invoice, usd
from tests.unit.state_examples import StateExamples


def paid(amount: str) -> Callable[[], Invoice]:
    return lambda: given(an_invoice("100.00"), lambda invoice: invoice.apply_payment(uuid4(), usd(amount), MARCH_9))


INVOICES = StateExamples(
    in_state={Status.OPEN: an_invoice, Status.PART_PAID: paid("40.00"), Status.PAID: paid("100.00")},
    commands={"write_off": lambda invoice: invoice.write_off(usd("100.00"), MARCH_9, "small")},
)

EXAMPLES = {Invoice: INVOICES}
