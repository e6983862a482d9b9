"""What suppliers billed."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.reports import Bills
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

bills = Resource("bills", Bills)


class Line(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)


class RecordBill(Schema):
    supplier_id = fields.Id(required=True)
    number = fields.Text(required=True, max=40)
    purchase_order_id = fields.Id(required=True)
    billed_on = fields.EffectiveOn(required=True)
    lines = fields.List(fields.Nested(Line), required=True, min=1)


class Decision(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@bills.post("")
@accepts(RecordBill)
def record(body: dict[str, Any]) -> Reply:
    """Keep a supplier's bill, matched or blocked. 201 with the bill; 409 if it came before."""
    return created(Bills, service().record_bill(**body))


@bills.post("/<uuid:bill_id>/release")
@accepts(Decision)
def release(bill_id: UUID, body: dict[str, Any]) -> Reply:
    """Owe a blocked bill all the same. 200 with the bill; 403 to who recorded it, 409 unless it is blocked."""
    return shown(Bills, service().release_bill(bill_id, body["reason"]))


@bills.post("/<uuid:bill_id>/reject")
@accepts(Decision)
def reject(bill_id: UUID, body: dict[str, Any]) -> Reply:
    """Send a blocked bill back. 200 with the bill; 409 unless it is blocked."""
    return shown(Bills, service().reject_bill(bill_id, body["reason"]))
