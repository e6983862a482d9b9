"""Customer invoices and credit accounts."""

from uuid import UUID

from services.erp.ledger.commands import WriteOffReason
from services.erp.receivables.commands import Receivables, ReleaseOrder
from services.erp.receivables.projections.credit_accounts import CreditAccounts
from services.erp.receivables.projections.invoices import Invoices
from shared.web import Reply, Resource, accepts, commands_getter, resource_reply

receivables = commands_getter(Receivables)

credit_accounts = Resource("credit", CreditAccounts)
invoices = Resource("invoices", Invoices, read="read_invoices")


@invoices.post("/<uuid:invoice_id>/write-off", undo="reverse-write-off")
@accepts(WriteOffReason)
def write_off_invoice(invoice_id: UUID, body: WriteOffReason) -> Reply:
    """Write off the open amount. 200 with the invoice; 409 above the write-off limit, or if the invoice is paid."""
    return resource_reply(Invoices, receivables().write_off_invoice(invoice_id, body.reason))


@invoices.post("/<uuid:invoice_id>/reverse-write-off")
@accepts(WriteOffReason)
def reverse_write_off(invoice_id: UUID, body: WriteOffReason) -> Reply:
    """Reverse what was written off: it is open again. 200 with the invoice; 409 if nothing is written off."""
    return resource_reply(Invoices, receivables().reverse_write_off(invoice_id, body.reason))


@credit_accounts.get("/<uuid:customer_id>", reads=())
def show_credit_account(customer_id: UUID) -> Reply:
    """Return limit, exposure, available credit and held orders of a customer. 404 for an unknown customer."""
    return resource_reply(CreditAccounts, receivables().get_credit_account(customer_id))


@credit_accounts.post("/<uuid:customer_id>/release/<uuid:sales_order_id>")
@accepts(ReleaseOrder)
def release_order(customer_id: UUID, sales_order_id: UUID, body: ReleaseOrder) -> Reply:
    """Release a held order. 200 with the credit account; 409 unless the order is held."""
    return resource_reply(CreditAccounts, receivables().release_order(customer_id, sales_order_id, body.reason))
