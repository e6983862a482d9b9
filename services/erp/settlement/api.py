"""Payments received and made, and receivables by days overdue."""

from uuid import UUID

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.ledger.projections.open_items import aging
from services.erp.settlement.commands import (
    AllocatePayment,
    DeallocatePayment,
    PaymentCommands,
    RecordPayment,
    ReversePayment,
)
from services.erp.settlement.projections.payments import Payments
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.fields import given
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, json_reply, resource_reply

settlement = commands_getter(PaymentCommands)

payments = Resource("payments", Payments)
receivables_agings = Resource("receivables-aging", OpenReceivables)


@payments.post("")
@accepts(RecordPayment)
def record_payment(body: RecordPayment) -> Reply:
    """Record a payment. 201 with the payment; 409 for more than is open, 422 if the amounts do not add up.

    409 if it is dated in a closed period, unless `posted_on` gives the first open day.
    """
    return created_reply(Payments, settlement().record_payment(body))


@payments.post("/<uuid:payment_id>/allocate")
@accepts(AllocatePayment)
def allocate_payment(payment_id: UUID, body: AllocatePayment) -> Reply:
    """Settle invoices from a customer's credit. 200 with the payment; 409 for more than is unallocated or open."""
    return resource_reply(Payments, settlement().allocate_payment(payment_id, body.allocations))


@payments.post("/<uuid:payment_id>/deallocate")
@accepts(DeallocatePayment)
def deallocate_payment(payment_id: UUID, body: DeallocatePayment) -> Reply:
    """Settle an invoice no more: it is open again, its part is credit again. 200 with the payment; 409 if outgoing."""
    return resource_reply(Payments, settlement().deallocate_payment(payment_id, body.document_id))


@payments.post("/<uuid:payment_id>/reverse")
@accepts(ReversePayment)
def reverse_payment(payment_id: UUID, body: ReversePayment) -> Reply:
    """Reverse a payment: its documents are open again. 200 with the payment; 409 if it is already reversed."""
    return resource_reply(Payments, settlement().reverse_payment(payment_id, given(body.reason, None)))


@receivables_agings.get("")
@accepts(AsOfQuery)
def show_receivables_aging(query: AsOfQuery) -> Reply:
    """Return what each customer owes as of a day (none = today), by days overdue, less the customer's credit."""
    return json_reply(
        aging(reader_known_at(OpenReceivables, query), "customer_id", as_of_date(query), currency_of_query(query))
    )
