"""Commands of settlement."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from services.erp.payables.commands import Payables
from services.erp.receivables.commands import Receivables
from services.erp.settlement.domain.payment import Allocation, Direction, Payment
from services.erp.settlement.domain.postings import post_payment
from services.erp.settlement.domain.settlement import apply_allocations, reverse_allocations
from shared.commands import Commands
from shared.domain import Aggregate
from shared.money import Money


class PaymentCommands(Commands):
    """Commands on payments: record, allocate and reverse them."""

    ledger: Ledger
    payables: Payables
    receivables: Receivables

    def record_payment(
        self,
        direction: str,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: Sequence[dict[str, Any]],
        posted_on: date | None = None,
    ) -> Payment:
        """Record money received for invoices or paid for supplier invoices; money received beyond them is credit.

        Raises InvalidInput if amounts do not add up, ExceedsOpenAmount, SupplierBlockedError, or PeriodClosedError if
        it is dated in a closed period and `posted_on` is not given.
        """
        if self.ledger.get_periods():
            self.ledger.require_open(paid_on, "paid_on", posted_on)
        way, payment_id, parts = Direction(direction), uuid4(), _allocations(allocations)
        if way == Direction.OUT:
            self.payables.require_payable(party_id)
        self._save_all(apply_allocations(way, payment_id, party_id, parts, paid_on, self.uow))
        payment = Payment.record(payment_id, way, party_id, paid_on, amount, parts)
        if way == Direction.IN:
            credit = self.receivables.get_referenced_credit_account(party_id)
            credit.apply_payment(amount)
            self.uow.save(credit)
        return self.uow.save(payment, *post_payment(self.uow.get_or_create(AccountingPeriods), payment))

    def allocate_payment(self, payment_id: UUID, allocations: Sequence[dict[str, Any]]) -> Payment:
        """Settle invoices from a customer's credit. Raises ExceedsOpenAmount, InvalidInput or WrongStatus."""
        payment, parts = self.uow.get(Payment, payment_id), _allocations(allocations)
        self.uow.join_correlation(payment)
        self._save_all(
            apply_allocations(payment.direction, payment_id, payment.party_id, parts, self.effective_on, self.uow)
        )
        payment.allocate(parts, self.effective_on)
        return self.uow.save(payment)

    def reverse_payment(self, payment_id: UUID, reason: str | None = None) -> Payment:
        """Reverse a payment, once: its documents are open again. Raises WrongStatus or PeriodClosedError."""
        payment = self.uow.get(Payment, payment_id)
        payment.reverse(self.effective_on, reason)
        self._save_all(
            reverse_allocations(payment.direction, payment_id, payment.allocations, self.effective_on, self.uow)
        )
        if payment.direction == Direction.IN:
            credit = self.receivables.get_referenced_credit_account(payment.party_id)
            credit.reverse_payment(payment.amount)
            self.uow.save(credit)
        self.ledger.require_open(self.effective_on, "effective_on")
        entry = self.uow.get(JournalEntry, JournalEntry.create_id(payment.id, EntryKind.PAYMENT, payment.paid_on))
        return self.uow.save(payment, entry.reversal(self.effective_on))

    def _save_all(self, changed: Iterable[Aggregate]) -> None:
        for each in changed:
            self.uow.save(each)


def _allocations(given: Sequence[dict[str, Any]]) -> tuple[Allocation, ...]:
    return tuple(Allocation(**each) for each in given)
