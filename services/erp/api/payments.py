"""Money that comes in and goes out."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.reports import Payments
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

payments = Resource("payments", Payments)


class Allocation(Schema):
    document_id = fields.Id(required=True)
    amount = fields.Money(required=True, zero=False)


class RecordPayment(Schema):
    direction = fields.OneOf("in", "out", required=True)
    party_id = fields.Id(required=True)
    paid_on = fields.EffectiveOn(required=True)
    amount = fields.Money(required=True, zero=False)
    allocations = fields.List(fields.Nested(Allocation), required=True)
    posted_on = fields.Date(allow_none=True)


class AllocatePayment(Schema):
    allocations = fields.List(fields.Nested(Allocation), required=True, min=1)
    effective_on = fields.EffectiveOn(allow_none=True)


class ReversePayment(Schema):
    reason = fields.Text(max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@payments.post("")
@accepts(RecordPayment)
def record(body: dict[str, Any]) -> Reply:
    """Money has come in or gone out. 201 with the payment; 409 for more than is open, 422 if it does not add up.

    Dated in a closed period: 409, unless `posted_on` gives the first open day.
    """
    return created(Payments, service().record_payment(**body))


@payments.post("/<uuid:payment_id>/allocate")
@accepts(AllocatePayment)
def allocate(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Settle invoices with a customer's credit. 200 with the payment; 409 for more than is left of it or open."""
    return shown(Payments, service().allocate_payment(payment_id, body["allocations"]))


@payments.post("/<uuid:payment_id>/reverse")
@accepts(ReversePayment)
def reverse(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Take back a mistyped payment: what it settled is open again. 200 with the payment; 409 the second time."""
    return shown(Payments, service().reverse_payment(payment_id, body.get("reason")))
