"""Purchases and supplier invoices for tests."""

from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.service import Erp
from shared.contracts import srm
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    a_purchase,
    a_receipt,
)

CHAI = ("CHAI", "10", "12.00")


def bought(service: Erp, *lines: tuple[str, str, str]) -> srm.PurchaseOrderSent:
    purchase = a_purchase(*lines or [CHAI])
    deliver(service, purchase, a_receipt(purchase))
    return purchase


def now(service: Erp, invoice: SupplierInvoice) -> SupplierInvoice:
    return service.runner.run(lambda: service.runner.uow.get(SupplierInvoice, invoice.id))
