"""Payments received and made."""

from uuid import UUID

from services.erp.settlement.commands.payments import (
    AllocateCredit,
    DeallocateCredit,
    PaymentCommands,
    RecordPayment,
    ReversePayment,
)
from services.erp.settlement.projections.payments import Payments
from shared.fields import given
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply

settlement = commands_getter(PaymentCommands)

payments = Resource("payments", Payments)


@payments.post("")
@accepts(RecordPayment)
def record_payment(body: RecordPayment) -> Reply:
    """Record a payment. 201 with the payment; 409 for more than is open, 422 if the amounts do not add up.

    403 if the caller recorded a supplier invoice above the firm's limit: another person must pay it.

    409 if it is dated in a closed period, unless `posted_on` gives the first open day.
    """
    return created_reply(Payments, settlement().record_payment(body))


@payments.post("/<uuid:payment_id>/allocate", undo="deallocate")
@accepts(AllocateCredit)
def allocate_payment(payment_id: UUID, body: AllocateCredit) -> Reply:
    """Settle invoices from a customer's credit. 200 with the payment; 409 for more than is unallocated or open."""
    return resource_reply(Payments, settlement().allocate_payment(payment_id, body.allocations))


@payments.post("/<uuid:payment_id>/deallocate", undo="allocate")
@accepts(DeallocateCredit)
def deallocate_payment(payment_id: UUID, body: DeallocateCredit) -> Reply:
    """Settle an invoice no more: it is open again, its part is credit again. 200 with the payment; 409 if outgoing."""
    return resource_reply(Payments, settlement().deallocate_payment(payment_id, body.document_id))


@payments.post("/<uuid:payment_id>/reverse", danger=True)
@accepts(ReversePayment)
def reverse_payment(payment_id: UUID, body: ReversePayment) -> Reply:
    """Reverse a payment: its documents are open again. 200 with the payment; 409 if it is already reversed."""
    return resource_reply(Payments, settlement().reverse_payment(payment_id, given(body.reason, None)))
