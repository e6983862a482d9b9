"""Customer invoices and credit accounts."""

from typing import Any
from uuid import UUID

from services.erp.receivables.commands import Receivables
from services.erp.receivables.projections.credit_accounts import CreditAccounts
from services.erp.receivables.projections.invoices import Invoices
from shared.web import Reply, Resource, Schema, accepts, commands_getter, fields, resource_reply

receivables = commands_getter(Receivables)

credit_accounts = Resource("credit", CreditAccounts)
invoices = Resource("invoices", Invoices, read="read_invoices")


class WriteOffInvoice(Schema):
    """Request to write off the open amount of an invoice, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@invoices.post("/<uuid:invoice_id>/write-off")
@accepts(WriteOffInvoice)
def write_off_invoice(invoice_id: UUID, body: dict[str, Any]) -> Reply:
    """Write off the open amount. 200 with the invoice; 409 above the write-off limit, or if the invoice is paid."""
    return resource_reply(Invoices, receivables().write_off_invoice(invoice_id, body["reason"]))


class ReleaseOrder(Schema):
    """Request to release an order held for credit, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@credit_accounts.get("/<uuid:customer_id>", reads=())
def show_credit_account(customer_id: UUID) -> Reply:
    """Return limit, exposure, available credit and held orders of a customer. 404 for an unknown customer."""
    return resource_reply(CreditAccounts, receivables().get_credit_account(customer_id))


@credit_accounts.post("/<uuid:customer_id>/release/<uuid:sales_order_id>")
@accepts(ReleaseOrder)
def release_order(customer_id: UUID, sales_order_id: UUID, body: dict[str, Any]) -> Reply:
    """Release a held order. 200 with the credit account; 409 unless the order is held."""
    return resource_reply(CreditAccounts, receivables().release_order(customer_id, sales_order_id, body["reason"]))
