"""Segregation of duties: who may pay a supplier invoice."""

from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.payables.settings import PayablesSettings
from shared.domain import UnitOfWork


def require_payable_by(person: str, invoice: SupplierInvoice, uow: UnitOfWork) -> None:
    """Require another person than its recorder to pay a total above the firm's limit. Raises FourEyesRequired."""
    invoice.require_payable_by(person, uow.get_settings(PayablesSettings).record_and_pay_limit)
