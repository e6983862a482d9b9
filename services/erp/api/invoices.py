"""Invoices."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.reports import Invoices
from shared.web import Reply, Resource, Schema, accepts, fields, shown

invoices = Resource("invoices", Invoices)


class WriteOff(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@invoices.post("/<uuid:invoice_id>/write-off")
@accepts(WriteOff)
def write_off(invoice_id: UUID, body: dict[str, Any]) -> Reply:
    """Do not ask for the small rest of it. 200 with the invoice; 409 above the firm's limit, or if nothing is open."""
    return shown(Invoices, service().write_off_invoice(invoice_id, body["reason"]))
