"""Payments received and made, and receivables by days overdue."""

from typing import Any
from uuid import UUID

from services.erp.ledger.api.queries import AsOfQuery, QueryValues, as_of_date, currency_of_query, reader_known_at
from services.erp.ledger.projections.open_items import aging
from services.erp.settlement.commands import PaymentCommands
from services.erp.settlement.projections.payments import Payments
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.web import (
    Reply,
    Resource,
    Schema,
    accepts,
    commands_getter,
    created_reply,
    fields,
    json_reply,
    resource_reply,
)

settlement = commands_getter(PaymentCommands)

payments = Resource("payments", Payments)
receivables_agings = Resource("receivables-aging", OpenReceivables)


class Allocation(Schema):
    """The part of a payment that pays one document, in a request."""

    document_id = fields.Id(required=True)
    amount = fields.Money(required=True, zero=False)


class RecordPayment(Schema):
    """Request to record a payment received or made, allocated to documents."""

    direction = fields.OneOf("in", "out", required=True)
    party_id = fields.Id(required=True)
    paid_on = fields.EffectiveOn(required=True)
    amount = fields.Money(required=True, zero=False)
    allocations = fields.List(fields.Nested(Allocation), required=True)
    posted_on = fields.Date(allow_none=True)


class AllocatePayment(Schema):
    """Request to allocate the rest of a payment to documents."""

    allocations = fields.List(fields.Nested(Allocation), required=True, min=1)
    effective_on = fields.EffectiveOn(allow_none=True)


class ReversePayment(Schema):
    """Request to reverse a payment, with an optional reason."""

    reason = fields.Text(max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@payments.post("")
@accepts(RecordPayment)
def record_payment(body: dict[str, Any]) -> Reply:
    """Record a payment. 201 with the payment; 409 for more than is open, 422 if the amounts do not add up.

    409 if it is dated in a closed period, unless `posted_on` gives the first open day.
    """
    return created_reply(Payments, settlement().record_payment(**body))


@payments.post("/<uuid:payment_id>/allocate")
@accepts(AllocatePayment)
def allocate_payment(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Settle invoices from a customer's credit. 200 with the payment; 409 for more than is unallocated or open."""
    return resource_reply(Payments, settlement().allocate_payment(payment_id, body["allocations"]))


@payments.post("/<uuid:payment_id>/reverse")
@accepts(ReversePayment)
def reverse_payment(payment_id: UUID, body: dict[str, Any]) -> Reply:
    """Reverse a payment: its documents are open again. 200 with the payment; 409 if it is already reversed."""
    return resource_reply(Payments, settlement().reverse_payment(payment_id, body.get("reason")))


@receivables_agings.get("")
@accepts(AsOfQuery)
def show_receivables_aging(query: QueryValues) -> Reply:
    """Return what each customer owes as of a day (none = today), by days overdue, less the customer's credit."""
    return json_reply(
        aging(reader_known_at(OpenReceivables, query), "customer_id", as_of_date(query), currency_of_query(query))
    )
