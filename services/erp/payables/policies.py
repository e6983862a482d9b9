"""Policies of payables: reactions to suppliers and purchase orders of SRM."""

from collections.abc import Iterable, Iterator

from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.line_match import AgreedLine
from services.erp.payables.domain.supplier_account import SupplierAccount
from services.erp.payables.domain.three_way_matching import revise_prices
from shared.contracts import srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()

PAYMENTS_PURPOSE = "payments"
"""The purpose for which SRM blocks payments to a supplier."""


@policies.when(srm.SupplierRegistered)
def open_supplier_account(registered: srm.SupplierRegistered, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Open the account of a newly registered supplier, with its payment terms."""
    account = uow.get_or_create(SupplierAccount, supplier_id=registered.supplier_id)
    account.agree_terms(registered.payment_terms_days)
    yield account


@policies.when(srm.SupplierRevised)
def revise_supplier_terms(revised: srm.SupplierRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Apply the payment terms of a changed supplier to invoices recorded from now on."""
    account = uow.get_or_create(SupplierAccount, supplier_id=revised.supplier_id)
    if revised.payment_terms_days != account.payment_terms_days:
        account.agree_terms(revised.payment_terms_days)
    yield account


@policies.when(srm.SupplierBlocked)
def block_supplier_payments(blocked: srm.SupplierBlocked, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Block payments to the supplier if SRM blocks it for payments."""
    if PAYMENTS_PURPOSE in blocked.purposes:
        account = uow.get_or_create(SupplierAccount, supplier_id=blocked.supplier_id)
        account.block_payments(blocked.reason)
        yield account


@policies.when(srm.SupplierUnblocked)
def unblock_supplier_payments(unblocked: srm.SupplierUnblocked, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Allow payments to the supplier again if SRM lifts its block for payments."""
    if PAYMENTS_PURPOSE in unblocked.purposes:
        account = uow.get_or_create(SupplierAccount, supplier_id=unblocked.supplier_id)
        account.unblock_payments()
        yield account


@policies.when(srm.PurchaseOrderSent)
def open_invoice_matching(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Open the invoice matching of a purchase order once it is sent, at its agreed prices."""
    yield uow.get_or_create(
        InvoiceMatching,
        purchase_order_id=sent.purchase_order_id,
        number=sent.number,
        ordered_on=sent.ordered_on,
        supplier_id=sent.supplier_id,
        currency=sent.currency,
        lines=_agreed_lines(sent.lines),
    )


@policies.when(srm.PurchaseOrderRevised)
def match_at_revised_prices(revised: srm.PurchaseOrderRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Match blocked supplier invoices of the order again at the revised prices."""
    yield from revise_prices(revised.purchase_order_id, _agreed_lines(revised.lines), uow)


def _agreed_lines(lines: Iterable[srm.PurchaseLine]) -> tuple[AgreedLine, ...]:
    return tuple(AgreedLine(each.line, each.sku, each.unit_price) for each in lines)
