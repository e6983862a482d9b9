"""What can be asked of ERP."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.erp.domain import three_way_match
from services.erp.domain.accounting_periods import AccountingPeriods, Period
from services.erp.domain.bookings import book_payment, book_write_off
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.entry_by_hand import OpeningLine, WrittenLine, opening, written
from services.erp.domain.invoice import Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.journal_entry import JournalEntry, Kind, NotReversible, Posting
from services.erp.domain.payment import Allocation, Direction, Payment
from services.erp.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.domain.settings import BaseCurrencyFixed, Settings
from services.erp.domain.settlement import reopen, settle
from services.erp.domain.supplier_account import SupplierAccount
from services.erp.domain.supplier_invoice import SupplierInvoice, SupplierInvoiceLine
from services.erp.domain.supplier_invoice_number import NUMBER, claim_number, one_spelling
from services.erp.policies import policies
from services.erp.published import published
from services.erp.reports import reports
from shared.domain import Aggregate, NotFound, NotYetKnown
from shared.money import Money
from shared.service import Service

Given = dict[str, Any]


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

    @property
    def write_off_limit(self) -> Money:
        """What of an invoice may be written off at most."""
        return Money.rounded(self.settings.write_off_limit, self.settings.base_currency)

    def credit(self, customer_id: UUID) -> CreditAccount:
        """What a customer may owe and owes. NotFound if nobody has told of the customer."""
        credit = self.maybe(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotFound("customer", customer_id)
        return credit

    def release_order(self, customer_id: UUID, sales_order_id: UUID, reason: str) -> CreditAccount:
        """Let a held order go ahead. Refused with NotHeld, or NotYetKnown for an order not heard of."""
        billing = self.maybe(SalesOrderInvoicing, SalesOrderInvoicing.create_id(sales_order_id))
        if billing is None:
            raise NotYetKnown(f"order {sales_order_id} was not heard of yet", field="sales_order_id")
        credit = self.credit(customer_id)
        self.continues(billing)
        credit.release(sales_order_id, reason)
        return self.save(credit)

    # -- money in and out

    def record_payment(
        self,
        direction: str,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: Sequence[Given],
        posted_on: date | None = None,
    ) -> Payment:
        """Money has come in for invoices, or gone out for bills; what comes in beyond them is the customer's credit.

        Refused where it does not add up, settles more than is open, or the supplier is blocked for payments; with
        PeriodClosed where it is dated in a closed period, unless a day to post it on is given.
        """
        self._judge_day(paid_on, posted_on)
        way, payment_id, parts = Direction(direction), uuid4(), _allocations(allocations)
        if way == Direction.OUT:
            self._require_payable(party_id)
        self._save_all(settle(way, payment_id, party_id, parts, paid_on, self._work))
        payment = Payment.record(payment_id, way, party_id, paid_on, amount, parts)
        if way == Direction.IN:
            credit = self._debtor(party_id)
            credit.paid(amount)
            self.save(credit)
        return self.save(payment, *book_payment(self.find(AccountingPeriods), payment))

    def allocate_payment(self, payment_id: UUID, allocations: Sequence[Given]) -> Payment:
        """Settle invoices with a customer's credit. Refused with MoreThanOpen, InvalidInput, or WrongStatus."""
        payment, parts = self.find(Payment, payment_id), _allocations(allocations)
        self.continues(payment)
        self._save_all(settle(payment.direction, payment_id, payment.party_id, parts, self.today, self._work))
        payment.allocate(parts, self.today)
        return self.save(payment)

    def reverse_payment(self, payment_id: UUID, reason: str | None = None) -> Payment:
        """Take back a mistyped payment, once: what it settled is open again. Refused with WrongStatus."""
        payment = self.find(Payment, payment_id)
        payment.reverse(self.today, reason)
        self._save_all(reopen(payment.direction, payment_id, payment.allocations, self.today, self._work))
        if payment.direction == Direction.IN:
            credit = self._debtor(payment.party_id)
            credit.payment_taken_back(payment.amount)
            self.save(credit)
        self.find(AccountingPeriods).require_open(self.today, "effective_on")
        booked = self.find(JournalEntry, JournalEntry.create_id(payment.id, Kind.PAYMENT, payment.paid_on))
        return self.save(payment, booked.reversal(self.today))

    def write_off_invoice(self, invoice_id: UUID, reason: str) -> Invoice:
        """Do not ask for what is still open of it. Refused with TooMuch above the firm's limit, or WrongStatus."""
        invoice = self.find(Invoice, invoice_id)
        amount = invoice.write_off(self.write_off_limit, self.today, reason)
        credit = self._debtor(invoice.customer_id)
        credit.written_off(amount)
        books = self.find(AccountingPeriods)
        books.require_open(self.today, "effective_on")
        return self.save(invoice, credit, *book_write_off(books, invoice, amount, self.today))

    # -- what suppliers bill

    def record_bill(
        self, supplier_id: UUID, number: str, purchase_order_id: UUID, billed_on: date, lines: Sequence[Given]
    ) -> SupplierInvoice:
        """Keep what a supplier sent: owed if it matches order and receipts, else blocked. Refused with AlreadyTaken."""
        matching = self._matching(purchase_order_id)
        billed = tuple(SupplierInvoiceLine(**each) for each in lines)
        matching.require_ordered(supplier_id, billed)
        self.continues(matching)
        account = self.find(SupplierAccount, supplier_id=supplier_id)
        bill = SupplierInvoice.record(
            billed_on,
            account.payment_terms_days,
            billed,
            supplier_id=supplier_id,
            number=number,
            purchase_order_id=purchase_order_id,
            recorded_by=self.actor,
        )
        claim_number(bill, self._work)
        return self.save(bill, account, *three_way_match.match(bill, matching, self._work))

    def release_bill(self, bill_id: UUID, reason: str) -> SupplierInvoice:
        """Owe a blocked bill all the same. Refused with NeedsAnother to who recorded it, or WrongStatus."""
        bill = self.find(SupplierInvoice, bill_id)
        matching = self._matching(bill.purchase_order_id)
        return self.save(bill, *three_way_match.release(bill, matching, reason, self.actor, self._work))

    def reject_bill(self, bill_id: UUID, reason: str) -> SupplierInvoice:
        """Send a blocked bill back; the supplier's next may have its number. Refused with WrongStatus."""
        bill = self.find(SupplierInvoice, bill_id)
        bill.reject(reason)
        self.release(NUMBER, one_spelling(bill.supplier_id, bill.number))
        matching = self._matching(bill.purchase_order_id)
        matching.forget(bill_id)
        return self.save(bill, matching)

    # -- periods

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
        self.find(AccountingPeriods).require_open(self.today, "effective_on")
        return self.save(entry.reversal(self.today, reason))

    def _by_hand(self, kind: Kind, posted_on: date, postings: Sequence[Posting], text: str | None) -> JournalEntry:
        entry = JournalEntry.post(kind, uuid4(), posted_on, postings, text=text)
        self.find(AccountingPeriods).require_open(posted_on, "posted_on")
        return self.save(entry)

    def books(self) -> AccountingPeriods | None:
        """Which periods are closed; none before anything was posted or closed."""
        return self.maybe(AccountingPeriods, AccountingPeriods.create_id())

    def close_period(self, code: str) -> AccountingPeriods:
        """Nothing is posted into it any more, nor before it. Refused with PeriodNotOver, or WrongStatus if closed."""
        self.begins_a_story()
        books = self.find(AccountingPeriods)
        books.close(Period.named(code), self.clock_day)
        return self.save(books)

    def reopen_period(self, code: str, reason: str) -> AccountingPeriods:
        """Ask for it; done when another person asks the same. Refused with NeedsAnother, or WrongStatus if open."""
        self.begins_a_story()
        books = self.find(AccountingPeriods)
        books.reopen(Period.named(code), reason, self.actor)
        return self.save(books)

    def _matching(self, purchase_order_id: UUID) -> InvoiceMatching:
        matching = self.maybe(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
        if matching is None:
            detail = f"purchase order {purchase_order_id} was not sent, or not heard of yet"
            raise NotYetKnown(detail, field="purchase_order_id")
        return matching

    def _require_payable(self, supplier_id: UUID) -> None:
        account = self.maybe(SupplierAccount, SupplierAccount.create_id(supplier_id))
        if account is not None:
            account.require_payable()
            self.unchanged(account)

    def _save_all(self, changed: Iterable[Aggregate]) -> None:
        for each in changed:
            self.save(each)

    def _judge_day(self, paid_on: date, posted_on: date | None) -> None:
        books = self.books()
        if books:
            books.require_open(paid_on, "paid_on", posted_on)

    def _debtor(self, customer_id: UUID) -> CreditAccount:
        credit = self.maybe(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotYetKnown(f"customer {customer_id} was not heard of yet", field="party_id")
        return credit


def _allocations(given: Sequence[Given]) -> tuple[Allocation, ...]:
    return tuple(Allocation(**each) for each in given)
