"""What customers owe, by how long it is overdue."""

from datetime import date
from uuid import UUID

from services.erp.domain.account import RECEIVABLES
from services.erp.domain.invoice import Invoice
from services.erp.domain.journal_entry import JournalEntry
from services.erp.domain.payment import Allocation, Direction, Payment
from services.erp.reports.open_days import ByOpenDay
from services.erp.reports.open_items import begin, by_hand, owe, owe_by_hand, still_open
from shared.money import Money
from shared.report import Rows, on


class OpenItems(ByOpenDay):
    """Each invoice with what was paid of it and when, and each payment with what of it is a customer's credit.

    What a person books on a customer by hand is an item too, due at once, until it is taken back.
    """

    version = 3
    history = True
    columns = {"settled_on": date}

    @on(Invoice.Posted)
    def posted(self, posted: Invoice.Posted, rows: Rows) -> None:
        begin(rows, posted.originator_id, posted.customer_id, posted.due_on)
        owe(rows, posted.originator_id, posted.invoiced_on, posted.total)

    @on(Invoice.PaymentApplied)
    def settled(self, settled: Invoice.PaymentApplied, rows: Rows) -> None:
        owe(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(Invoice.WrittenOff)
    def written_off(self, written_off: Invoice.WrittenOff, rows: Rows) -> None:
        owe(rows, written_off.originator_id, written_off.written_off_on, -written_off.amount)

    @on(Invoice.PaymentReversed)
    def reopened(self, reopened: Invoice.PaymentReversed, rows: Rows) -> None:
        owe(rows, reopened.originator_id, reopened.paid_on, reopened.amount)

    @on(Payment.Recorded)
    def received(self, received: Payment.Recorded, rows: Rows) -> None:
        credit = received.amount - _sum(received.allocations, received.amount.currency)
        if received.direction == Direction.IN and credit:
            begin(rows, received.originator_id, received.party_id, received.paid_on)
            owe(rows, received.originator_id, received.paid_on, -credit)

    @on(Payment.Allocated)
    def allocated(self, allocated: Payment.Allocated, rows: Rows) -> None:
        amount = _sum(allocated.allocations, allocated.allocations[0].amount.currency)
        owe(rows, allocated.originator_id, allocated.allocated_on, amount)

    @on(Payment.Reversed)
    def taken_back(self, taken_back: Payment.Reversed, rows: Rows) -> None:
        payment_id: UUID = taken_back.originator_id
        credit = still_open(rows[payment_id]) if payment_id in rows else None
        if credit:
            owe(rows, payment_id, taken_back.reversed_on, -credit)

    @on(JournalEntry.Posted)
    def written(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for party, by in by_hand(posted, RECEIVABLES):
            owe_by_hand(rows, posted, party, by)


def _sum(allocations: tuple[Allocation, ...], currency: str) -> Money:
    return Money.sum((each.amount for each in allocations), currency)
