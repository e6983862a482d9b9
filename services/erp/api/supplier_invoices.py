"""Supplier invoices."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.projections import SupplierInvoices
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields, resource_reply

supplier_invoices = Resource("bills", SupplierInvoices)


class SupplierInvoiceLine(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)


class RecordSupplierInvoice(Schema):
    supplier_id = fields.Id(required=True)
    number = fields.Text(required=True, max=40)
    purchase_order_id = fields.Id(required=True)
    billed_on = fields.EffectiveOn(required=True)
    lines = fields.List(fields.Nested(SupplierInvoiceLine), required=True, min=1)


class DecideSupplierInvoice(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@supplier_invoices.post("")
@accepts(RecordSupplierInvoice)
def record(body: dict[str, Any]) -> Reply:
    """Record a supplier invoice, matched or blocked. 201 with the invoice; 409 if its number is already recorded."""
    return created_reply(SupplierInvoices, service().record_supplier_invoice(**body))


@supplier_invoices.post("/<uuid:bill_id>/release")
@accepts(DecideSupplierInvoice)
def release(bill_id: UUID, body: dict[str, Any]) -> Reply:
    """Accept a blocked invoice as owed. 200 with the invoice; 403 for its recorder, 409 unless it is blocked."""
    return resource_reply(SupplierInvoices, service().release_supplier_invoice(bill_id, body["reason"]))


@supplier_invoices.post("/<uuid:bill_id>/reject")
@accepts(DecideSupplierInvoice)
def reject(bill_id: UUID, body: dict[str, Any]) -> Reply:
    """Reject a blocked invoice. 200 with the invoice; 409 unless it is blocked."""
    return resource_reply(SupplierInvoices, service().reject_supplier_invoice(bill_id, body["reason"]))
