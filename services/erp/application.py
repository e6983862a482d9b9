"""What can be asked of ERP."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.erp.domain.billing import Billing
from services.erp.domain.bookings import book_payment
from services.erp.domain.books import Books, Period
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.entry_by_hand import OpeningLine, WrittenLine, opening, written
from services.erp.domain.invoice import Invoice
from services.erp.domain.journal_entry import JournalEntry, Kind, NotReversible, Posting
from services.erp.domain.payment import Allocation, Direction, Payment
from services.erp.domain.settings import BaseCurrencyFixed, Settings
from services.erp.policies import policies
from services.erp.published import published
from services.erp.reports import reports
from shared.domain import InvalidInput, NotFound, NotYetKnown, Refused
from shared.money import Money
from shared.service import Service


class Erp(Service):
    """Credit, stock value, invoices, payments and the books."""

    NAME = "erp"
    policies = policies
    published = published
    reports = reports
    decides = Settings

    def change_settings(self, **decided: Any) -> None:
        """Decide anew, from now on. Refused with BaseCurrencyFixed once something is in the books."""
        before = self.settings.base_currency
        super().change_settings(**decided)
        if self.settings.base_currency != before and self.books():
            raise BaseCurrencyFixed(f"the books are kept in {before}", field="base_currency")

    def credit(self, customer_id: UUID) -> CreditAccount:
        """What a customer may owe and owes. NotFound if nobody has told of the customer."""
        credit = self.maybe(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotFound("customer", customer_id)
        return credit

    def release_order(self, customer_id: UUID, sales_order_id: UUID, reason: str) -> CreditAccount:
        """Let a held order go ahead. Refused with NotHeld, or NotYetKnown for an order not heard of."""
        billing = self.maybe(Billing, Billing.create_id(sales_order_id))
        if billing is None:
            raise NotYetKnown(f"order {sales_order_id} was not heard of yet", field="sales_order_id")
        credit = self.credit(customer_id)
        self.continues(billing)
        credit.release(sales_order_id, reason)
        return self.save(credit)

    def receive_payment(
        self,
        direction: str,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: Sequence[dict[str, Any]],
        posted_on: date | None = None,
    ) -> Payment:
        """Money has come in for these invoices. Refused where it does not add up, or settles more than is open.

        Refused with PeriodClosed where it is dated in a closed period, unless a day to post it on is given.
        """
        if direction != Direction.IN:
            raise InvalidInput("only incoming payments can be recorded: bills come later", field="direction")
        self._judge_day(paid_on, posted_on)
        payment_id, parts = uuid4(), [Allocation(**each) for each in allocations]
        for index, part in enumerate(parts):
            self._settle(payment_id, party_id, part, paid_on, f"allocations/{index}")
        payment = Payment.receive(payment_id, party_id, paid_on, amount, parts)
        credit = self._debtor(party_id)
        credit.paid(amount)
        return self.save(payment, credit, *book_payment(self.find(Books), payment))

    def reverse_payment(self, payment_id: UUID, reason: str | None = None) -> Payment:
        """Take back a mistyped payment, once: what it settled is open again. Refused with WrongStatus."""
        payment = self.find(Payment, payment_id)
        payment.reverse(self.today, reason)
        for part in payment.allocations:
            invoice = self.find(Invoice, part.document_id)
            invoice.reopen(payment_id, part.amount, self.today)
            self.save(invoice)
        credit = self._debtor(payment.party_id)
        credit.payment_taken_back(payment.amount)
        self.find(Books).require_open(self.today, "effective_on")
        booked = self.find(JournalEntry, JournalEntry.create_id(payment.id, Kind.PAYMENT, payment.paid_on))
        return self.save(payment, credit, booked.reversal(self.today))

    def write_entry(self, posted_on: date, text: str, lines: Sequence[dict[str, Any]]) -> JournalEntry:
        """Book what no document tells. Refused with InvalidInput, UnknownAccount, Unbalanced, or PeriodClosed."""
        postings = written([WrittenLine(**each) for each in lines])
        return self._by_hand(Kind.MANUAL, posted_on, postings, text)

    def open_balances(self, posted_on: date, lines: Sequence[dict[str, Any]], text: str | None = None) -> JournalEntry:
        """What stood on the accounts when the books began. Refused with InvalidInput, UnknownAccount, PeriodClosed."""
        postings = opening([OpeningLine(**each) for each in lines])
        return self._by_hand(Kind.OPENING, posted_on, postings, text)

    def reverse_entry(self, entry_id: UUID, reason: str) -> JournalEntry:
        """Take back what a person wrote, once. Refused with NotReversible, or PeriodClosed."""
        entry = self.find(JournalEntry, entry_id)
        if not entry.by_hand:
            raise NotReversible("an entry that follows from a document is taken back with it")
        if self.maybe(JournalEntry, entry.reversal_id):
            raise NotReversible(f"entry {entry_id} is taken back already")
        self.continues(entry)
        self.find(Books).require_open(self.today, "effective_on")
        return self.save(entry.reversal(self.today, reason))

    def _by_hand(self, kind: Kind, posted_on: date, postings: Sequence[Posting], text: str | None) -> JournalEntry:
        entry = JournalEntry.post(kind, uuid4(), posted_on, postings, text=text)
        self.find(Books).require_open(posted_on, "posted_on")
        return self.save(entry)

    def books(self) -> Books | None:
        """Which periods are closed; none before anything was posted or closed."""
        return self.maybe(Books, Books.create_id())

    def close_period(self, code: str) -> Books:
        """Nothing is posted into it any more, nor before it. Refused with PeriodNotOver, or WrongStatus if closed."""
        self.begins_a_story()
        books = self.find(Books)
        books.close(Period.named(code), self.clock_day)
        return self.save(books)

    def reopen_period(self, code: str, reason: str) -> Books:
        """Ask for it; done when another person asks the same. Refused with NeedsAnother, or WrongStatus if open."""
        self.begins_a_story()
        books = self.find(Books)
        books.reopen(Period.named(code), reason, self.actor)
        return self.save(books)

    def _judge_day(self, paid_on: date, posted_on: date | None) -> None:
        books = self.books()
        if books:
            books.require_open(paid_on, "paid_on", posted_on)

    def _debtor(self, customer_id: UUID) -> CreditAccount:
        credit = self.maybe(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotYetKnown(f"customer {customer_id} was not heard of yet", field="party_id")
        return credit

    def _settle(self, payment_id: UUID, party_id: UUID, part: Allocation, paid_on: date, field: str) -> None:
        invoice = self.maybe(Invoice, part.document_id)
        if invoice is None:
            raise InvalidInput(f"no invoice {part.document_id}", field=f"{field}/document_id")
        if invoice.customer_id != party_id:
            raise InvalidInput(f"invoice {invoice.number} is of another customer", field=f"{field}/document_id")
        try:
            invoice.settle(payment_id, part.amount, paid_on)
        except Refused as refusal:
            raise type(refusal)(str(refusal), field=f"{field}/amount") from None
        self.save(invoice)
