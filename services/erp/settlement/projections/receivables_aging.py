"""Receivables by days overdue."""

from uuid import UUID

from services.erp.ledger.projections.items_by_due_date import add_amount, add_open_item, open_amount
from services.erp.receivables.domain.invoice import Invoice
from services.erp.settlement.domain.open_item import OpenItemSide
from services.erp.settlement.domain.payment import Direction, Payment, total_allocated
from services.erp.settlement.projections.items_of_side import ItemsOfSide
from shared.projections import Rows, on


class OpenReceivables(ItemsOfSide):
    """Open amounts of customers: invoices, payments with the part that is credit, and open items."""

    version = 7
    side = OpenItemSide.RECEIVABLE

    @on(Invoice.Posted)
    def posted(self, posted: Invoice.Posted, rows: Rows) -> None:
        add_open_item(rows, posted.originator_id, posted.customer_id, posted.due_on)
        add_amount(rows, posted.originator_id, posted.invoiced_on, posted.total)

    @on(Invoice.Settled)
    def settled(self, settled: Invoice.Settled, rows: Rows) -> None:
        add_amount(rows, settled.originator_id, settled.settled_on, -settled.amount)

    @on(Invoice.WrittenOff)
    def written_off(self, written_off: Invoice.WrittenOff, rows: Rows) -> None:
        add_amount(rows, written_off.originator_id, written_off.written_off_on, -written_off.amount)

    @on(Invoice.WriteOffsReversed)
    def write_offs_reversed(self, reversed_: Invoice.WriteOffsReversed, rows: Rows) -> None:
        add_amount(rows, reversed_.originator_id, reversed_.reversed_on, reversed_.amount)

    @on(Invoice.Reopened)
    def reopened(self, reopened: Invoice.Reopened, rows: Rows) -> None:
        add_amount(rows, reopened.originator_id, reopened.reopened_on, reopened.amount)

    @on(Payment.Recorded)
    def received(self, received: Payment.Recorded, rows: Rows) -> None:
        credit = received.amount - total_allocated(received.allocations, received.amount.currency)
        if received.direction == Direction.IN:
            add_open_item(rows, received.originator_id, received.party_id, received.paid_on)
            if credit:
                add_amount(rows, received.originator_id, received.paid_on, -credit)

    @on(Payment.Allocated)
    def allocated(self, allocated: Payment.Allocated, rows: Rows) -> None:
        amount = total_allocated(allocated.allocations, allocated.allocations[0].amount.currency)
        add_amount(rows, allocated.originator_id, allocated.allocated_on, amount)

    @on(Payment.Deallocated)
    def deallocated(self, deallocated: Payment.Deallocated, rows: Rows) -> None:
        add_amount(rows, deallocated.originator_id, deallocated.deallocated_on, -deallocated.amount)

    @on(Payment.Reversed)
    def payment_reversed(self, taken_back: Payment.Reversed, rows: Rows) -> None:
        payment_id: UUID = taken_back.originator_id
        is_credit = payment_id in rows and rows[payment_id]["open"] is not None
        credit = open_amount(rows[payment_id]) if is_credit else None
        if credit:
            add_amount(rows, payment_id, taken_back.reversed_on, -credit)
