"""Posted invoices for tests."""

from services.erp.receivables.domain.invoice import Invoice
from services.erp.service import Erp
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    a_shipment,
    an_order,
    invoices,
)


def invoiced(service: Erp, *totals: str) -> list[Invoice]:
    for total in totals:
        order = an_order(("CHAI", "1", total))
        deliver(service, order, a_shipment(order))
    return invoices(service)
