"""Customer invoices."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.projections import Invoices
from shared.web import Reply, Resource, Schema, accepts, fields, resource_reply

invoices = Resource("invoices", Invoices)


class WriteOffInvoice(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@invoices.post("/<uuid:invoice_id>/write-off")
@accepts(WriteOffInvoice)
def write_off(invoice_id: UUID, body: dict[str, Any]) -> Reply:
    """Write off the open amount. 200 with the invoice; 409 above the write-off limit, or if the invoice is paid."""
    return resource_reply(Invoices, service().write_off_invoice(invoice_id, body["reason"]))
