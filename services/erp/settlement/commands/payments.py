"""Commands on payments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from services.erp.entities.domain.chart_of_accounts import PartyKind
from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.books import open_books
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from services.erp.parties.commands import Parties
from services.erp.payables.commands import Payables
from services.erp.receivables.commands import Receivables
from services.erp.settlement.domain.payment import Allocation, Direction, PaidAmount, Payment, PaymentDetails
from services.erp.settlement.domain.postings import post_payment
from services.erp.settlement.domain.settlement import apply_allocations, days_of_documents, reverse_allocations
from shared.commands import Commands
from shared.domain import Aggregate
from shared.fields import UNSET, Date, EffectiveDate, Id, LongText, UnsetType, limits, part_of

NO_REFUND_BY_SUPPLIER = (
    "refunds by suppliers are not possible yet, so give the customer who paid, or post a journal entry"
)
NO_REFUND_TO_CUSTOMER = (
    "refunds to customers are not possible yet, so give the supplier to be paid, or allocate the customer's credit"
)
PARTY_OF = {
    Direction.IN: (PartyKind.CUSTOMER, "a payment received", NO_REFUND_BY_SUPPLIER),
    Direction.OUT: (PartyKind.SUPPLIER, "a payment made", NO_REFUND_TO_CUSTOMER),
}
"""The kind of party of each direction, what the direction is called, and what to do about the other kind."""


@dataclass(frozen=True, kw_only=True)
class PaymentHeader:
    """Header of a payment in a request: direction, party, date, amount and the documents it settles."""

    direction: Direction
    party_id: Id
    paid_on: EffectiveDate
    amount: PaidAmount
    allocations: tuple[Allocation, ...]
    posted_on: Date | None = None


@dataclass(frozen=True, kw_only=True)
class RecordPayment(PaymentDetails, PaymentHeader):
    """Request to record a payment received or made. The header is the last base, so that its fields are the first."""


@dataclass(frozen=True, kw_only=True)
class AllocateCredit:
    """Request to allocate the rest of a payment, or the credit of an open item, to documents of its party."""

    allocations: Annotated[tuple[Allocation, ...], limits(min=1)]
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class DeallocateCredit:
    """Request to settle a document no more from a payment, or from the credit of an open item."""

    document_id: Id
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class ReversePayment:
    """Request to reverse a payment, with an optional reason."""

    reason: LongText | UnsetType = UNSET
    effective_on: EffectiveDate | None = None


class PaymentCommands(Commands):
    """Commands on payments: record, allocate, deallocate and reverse them."""

    parties: Parties
    ledger: Ledger
    payables: Payables
    receivables: Receivables

    def record_payment(self, request: RecordPayment) -> Payment:
        """Record money received for invoices or paid for supplier invoices; money received beyond them is credit.

        Raises InvalidInput if amounts do not add up or the party is of the wrong kind, UnknownReference,
        ExceedsOpenAmount, SupplierBlockedError, FourEyesRequired for the recorder of a large supplier invoice, or
        PeriodClosedError if it is dated in a closed period and `posted_on` is not given.
        """
        payment_id, direction, party_id = uuid4(), request.direction, request.party_id
        paid_on, parts = request.paid_on, request.allocations
        self._require_party(direction, party_id)
        if self.ledger.get_periods():
            self.ledger.require_open(paid_on, "paid_on", request.posted_on)
        books = open_books(self.uow)
        settled = apply_allocations(
            direction, payment_id, party_id, parts, paid_on, self.uow, by=self.actor, date_field="paid_on"
        )
        self._save_all(settled)
        details = part_of(PaymentDetails, request)
        posted_on = books.posting_day(paid_on)
        payment = Payment.record(payment_id, direction, party_id, paid_on, posted_on, request.amount, parts, details)
        if direction == Direction.IN:
            credit = self.receivables.get_referenced_credit_account(party_id)
            credit.apply_payment(request.amount)
            self.uow.save(credit)
        return self.uow.save(payment, *post_payment(books, payment))

    def allocate_payment(self, payment_id: UUID, allocations: Sequence[Allocation]) -> Payment:
        """Settle invoices from a customer's credit. Raises ExceedsOpenAmount, InvalidInput or WrongStatus."""
        payment = self.uow.get(Payment, payment_id)
        direction, party_id = payment.direction, payment.party_id
        on = self.ledger.day_of_change(payment.dated_on, *days_of_documents(direction, allocations, self.uow))
        self.uow.join_correlation(payment)
        payment.allocate(allocations, on)
        self._save_all(
            apply_allocations(
                direction, payment_id, party_id, allocations, on, self.uow, by=self.actor, date_field="effective_on"
            )
        )
        return self.uow.save(payment)

    def deallocate_payment(self, payment_id: UUID, document_id: UUID) -> Payment:
        """Settle an invoice no more: it is open again, its part is the customer's credit again.

        Raises NotDeallocatable for an outgoing payment, NotAllocated for a document it does not settle, WrongStatus.
        """
        payment = self.uow.get(Payment, payment_id)
        on = self.ledger.day_of_change(payment.dated_on)
        part = payment.deallocate(document_id, on)
        self._save_all(reverse_allocations(payment.direction, payment_id, [part], on, self.uow))
        return self.uow.save(payment)

    def reverse_payment(self, payment_id: UUID, reason: str | None = None) -> Payment:
        """Reverse a payment, once: its documents are open again. Raises WrongStatus or PeriodClosedError.

        It is reversed as of the day on which it last settled something, if that is open and no other day is given.
        """
        payment = self.uow.get(Payment, payment_id)
        entry = self.uow.get(JournalEntry, JournalEntry.create_id(payment.id, EntryKind.PAYMENT, payment.paid_on))
        on = self.ledger.reversal_day(max(entry.posted_on, payment.dated_on))
        payment.reverse(on, reason)
        self._save_all(reverse_allocations(payment.direction, payment_id, payment.allocations, on, self.uow))
        if payment.direction == Direction.IN:
            credit = self.receivables.get_referenced_credit_account(payment.party_id)
            credit.reverse_payment(payment.amount)
            self.uow.save(credit)
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(payment, entry.reversal(on))

    def _require_party(self, direction: Direction, party_id: UUID) -> None:
        """Require a customer for money received, and for money paid a supplier that is not blocked.

        Raises UnknownReference, InvalidInput for the other kind of party, SupplierBlockedError.
        """
        kind, purpose, remedy = PARTY_OF[direction]
        self.parties.require_party(kind, purpose, party_id, field="party_id", remedy=remedy)
        if direction == Direction.OUT:
            self.payables.require_payable(party_id)

    def _save_all(self, changed: Iterable[Aggregate]) -> None:
        for each in changed:
            self.uow.save(each)
