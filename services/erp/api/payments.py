"""Payments received and made."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.projections import Payments
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields, resource_reply

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
    """Record a payment. 201 with the payment; 409 for more than is open, 422 if the amounts do not add up.

    409 if it is dated in a closed period, unless `posted_on` gives the first open day.
    """
    return created_reply(Payments, service().record_payment(**body))


@payments.post("/<uuid:payment_id>/allocate")
@accepts(AllocatePayment)
def allocate(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Settle invoices from a customer's credit. 200 with the payment; 409 for more than is unallocated or open."""
    return resource_reply(Payments, service().allocate_payment(payment_id, body["allocations"]))


@payments.post("/<uuid:payment_id>/reverse")
@accepts(ReversePayment)
def reverse(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Reverse a payment: its documents are open again. 200 with the payment; 409 if it is already reversed."""
    return resource_reply(Payments, service().reverse_payment(payment_id, body.get("reason")))
