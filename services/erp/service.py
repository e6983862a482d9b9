"""Commands and queries of the ERP service."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.erp.domain import three_way_matching
from services.erp.domain.accounting_periods import AccountingPeriod, AccountingPeriods
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.invoice import Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.journal_entry import EntryKind, JournalEntry, NotReversible, Posting
from services.erp.domain.manual_entry import ManualEntryLine, OpeningBalanceLine, manual_postings, opening_postings
from services.erp.domain.payment import Allocation, Direction, Payment
from services.erp.domain.postings import post_payment, post_write_off
from services.erp.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.domain.settings import BaseCurrencyFixed, Settings
from services.erp.domain.settlement import reopen, settle
from services.erp.domain.supplier_account import SupplierAccount
from services.erp.domain.supplier_invoice import SupplierInvoice, SupplierInvoiceLine
from services.erp.domain.supplier_invoice_number import SUPPLIER_INVOICE_NUMBER, normalise_number, reserve_number
from services.erp.policies import policies
from services.erp.projections import reports
from services.erp.published import published
from shared.domain import Aggregate, NotFound, NotYetAvailable
from shared.money import Money
from shared.service import Service

Record = dict[str, Any]


class Erp(Service):
    """Credit, stock value, invoices, payments and the general ledger."""

    NAME = "erp"
    policies = policies
    published = published
    projections = reports
    settings_class = Settings

    def change_settings(self, **decided: Any) -> None:
        """Change settings from now on. Raises BaseCurrencyFixed after the first posting."""
        before = self.settings.base_currency
        super().change_settings(**decided)
        if self.settings.base_currency != before and self.get_accounting_periods():
            raise BaseCurrencyFixed(f"base_currency must stay {before} after the first posting", field="base_currency")

    @property
    def write_off_limit(self) -> Money:
        """Largest open amount of an invoice that may be written off."""
        return Money.rounded(self.settings.write_off_limit, self.settings.base_currency)

    def get_credit_account(self, customer_id: UUID) -> CreditAccount:
        """Return the credit account of a customer. Raises NotFound if the customer is unknown."""
        credit = self.get_or_none(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotFound("customer", customer_id)
        return credit

    def release_order(self, customer_id: UUID, sales_order_id: UUID, reason: str) -> CreditAccount:
        """Release a held order. Raises NotHeld, or NotYetAvailable for an order not received yet."""
        invoicing = self.get_or_none(SalesOrderInvoicing, SalesOrderInvoicing.create_id(sales_order_id))
        if invoicing is None:
            raise NotYetAvailable(f"order {sales_order_id} is not known yet: try again later", field="sales_order_id")
        credit = self.get_credit_account(customer_id)
        self.join_correlation(invoicing)
        credit.release(sales_order_id, reason)
        return self.save(credit)

    # -- payments

    def record_payment(
        self,
        direction: str,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: Sequence[Record],
        posted_on: date | None = None,
    ) -> Payment:
        """Record money received for invoices or paid for supplier invoices; money received beyond them is credit.

        Raises InvalidInput if amounts do not add up, ExceedsOpenAmount, SupplierBlocked, or PeriodClosed if it is dated
        in a closed period and `posted_on` is not given.
        """
        self._require_posting_day(paid_on, posted_on)
        way, payment_id, parts = Direction(direction), uuid4(), _allocations(allocations)
        if way == Direction.OUT:
            self._require_payable(party_id)
        self._save_all(settle(way, payment_id, party_id, parts, paid_on, self._uow))
        payment = Payment.record(payment_id, way, party_id, paid_on, amount, parts)
        if way == Direction.IN:
            credit = self._get_referenced_credit_account(party_id)
            credit.apply_payment(amount)
            self.save(credit)
        return self.save(payment, *post_payment(self.get_or_create(AccountingPeriods), payment))

    def allocate_payment(self, payment_id: UUID, allocations: Sequence[Record]) -> Payment:
        """Settle invoices from a customer's credit. Raises ExceedsOpenAmount, InvalidInput or WrongStatus."""
        payment, parts = self.get(Payment, payment_id), _allocations(allocations)
        self.join_correlation(payment)
        self._save_all(settle(payment.direction, payment_id, payment.party_id, parts, self.effective_on, self._uow))
        payment.allocate(parts, self.effective_on)
        return self.save(payment)

    def reverse_payment(self, payment_id: UUID, reason: str | None = None) -> Payment:
        """Reverse a payment, once: its documents are open again. Raises WrongStatus or PeriodClosed."""
        payment = self.get(Payment, payment_id)
        payment.reverse(self.effective_on, reason)
        self._save_all(reopen(payment.direction, payment_id, payment.allocations, self.effective_on, self._uow))
        if payment.direction == Direction.IN:
            credit = self._get_referenced_credit_account(payment.party_id)
            credit.reverse_payment(payment.amount)
            self.save(credit)
        self.get_or_create(AccountingPeriods).require_open(self.effective_on, "effective_on")
        entry = self.get(JournalEntry, JournalEntry.create_id(payment.id, EntryKind.PAYMENT, payment.paid_on))
        return self.save(payment, entry.reversal(self.effective_on))

    def write_off_invoice(self, invoice_id: UUID, reason: str) -> Invoice:
        """Write off the open amount. Raises WriteOffTooLarge above the firm's limit, WrongStatus or PeriodClosed."""
        invoice = self.get(Invoice, invoice_id)
        amount = invoice.write_off(self.write_off_limit, self.effective_on, reason)
        credit = self._get_referenced_credit_account(invoice.customer_id)
        credit.write_off_invoice(amount)
        books = self.get_or_create(AccountingPeriods)
        books.require_open(self.effective_on, "effective_on")
        return self.save(invoice, credit, *post_write_off(books, invoice, amount, self.effective_on))

    # -- supplier invoices

    def record_supplier_invoice(
        self, supplier_id: UUID, number: str, purchase_order_id: UUID, billed_on: date, lines: Sequence[Record]
    ) -> SupplierInvoice:
        """Record an invoice: owed if it matches order and receipts, else blocked. Raises AlreadyTaken."""
        matching = self._get_invoice_matching(purchase_order_id)
        billed = tuple(SupplierInvoiceLine(**each) for each in lines)
        matching.require_ordered(supplier_id, billed)
        self.join_correlation(matching)
        account = self.get_or_create(SupplierAccount, supplier_id=supplier_id)
        invoice = SupplierInvoice.record(
            billed_on,
            account.payment_terms_days,
            billed,
            supplier_id=supplier_id,
            number=number,
            purchase_order_id=purchase_order_id,
            recorded_by=self.actor,
        )
        reserve_number(invoice, self._uow)
        return self.save(invoice, account, *three_way_matching.match_invoice(invoice, matching, self._uow))

    def release_supplier_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Accept a blocked invoice as owed. Raises FourEyesRequired for its recorder, or WrongStatus."""
        invoice = self.get(SupplierInvoice, invoice_id)
        matching = self._get_invoice_matching(invoice.purchase_order_id)
        return self.save(invoice, *three_way_matching.release_invoice(invoice, matching, reason, self.actor, self._uow))

    def reject_supplier_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Reject a blocked invoice; its number may be used again. Raises WrongStatus."""
        invoice = self.get(SupplierInvoice, invoice_id)
        invoice.reject(reason)
        self.release_unique(SUPPLIER_INVOICE_NUMBER, normalise_number(invoice.supplier_id, invoice.number))
        matching = self._get_invoice_matching(invoice.purchase_order_id)
        matching.withdraw_invoice(invoice_id)
        return self.save(invoice, matching)

    # -- journal and periods

    def post_manual_entry(self, posted_on: date, text: str, lines: Sequence[dict[str, Any]]) -> JournalEntry:
        """Post a manual entry. Raises InvalidInput, UnknownAccount, Unbalanced or PeriodClosed."""
        postings = manual_postings([ManualEntryLine(**each) for each in lines])
        return self._post_manually(EntryKind.MANUAL, posted_on, postings, text)

    def post_opening_balances(
        self, posted_on: date, lines: Sequence[dict[str, Any]], text: str | None = None
    ) -> JournalEntry:
        """Post opening balances. Raises InvalidInput, UnknownAccount or PeriodClosed."""
        postings = opening_postings([OpeningBalanceLine(**each) for each in lines])
        return self._post_manually(EntryKind.OPENING, posted_on, postings, text)

    def reverse_journal_entry(self, entry_id: UUID, reason: str) -> JournalEntry:
        """Reverse a manual entry, once. Raises NotReversible or PeriodClosed."""
        entry = self.get(JournalEntry, entry_id)
        if not entry.is_manual:
            raise NotReversible(f"entry {entry_id} belongs to a document: reverse the document instead")
        if self.get_or_none(JournalEntry, entry.reversal_id):
            raise NotReversible(f"entry {entry_id} is already reversed")
        self.join_correlation(entry)
        self.get_or_create(AccountingPeriods).require_open(self.effective_on, "effective_on")
        return self.save(entry.reversal(self.effective_on, reason))

    def _post_manually(
        self, kind: EntryKind, posted_on: date, postings: Sequence[Posting], text: str | None
    ) -> JournalEntry:
        entry = JournalEntry.post(kind, uuid4(), posted_on, postings, text=text)
        self.get_or_create(AccountingPeriods).require_open(posted_on, "posted_on")
        return self.save(entry)

    def get_accounting_periods(self) -> AccountingPeriods | None:
        """Return the accounting periods; none before the first posting or close."""
        return self.get_or_none(AccountingPeriods, AccountingPeriods.create_id())

    def close_period(self, code: str) -> AccountingPeriods:
        """Close a period and those before it. Raises PeriodNotOver, or WrongStatus if it is closed."""
        self.new_correlation()
        books = self.get_or_create(AccountingPeriods)
        books.close(AccountingPeriod.from_code(code), self.current_date)
        return self.save(books)

    def reopen_period(self, code: str, reason: str) -> AccountingPeriods:
        """Request a reopening; a second person's request reopens it. Raises FourEyesRequired or WrongStatus."""
        self.new_correlation()
        books = self.get_or_create(AccountingPeriods)
        books.reopen(AccountingPeriod.from_code(code), reason, self.actor)
        return self.save(books)

    def _get_invoice_matching(self, purchase_order_id: UUID) -> InvoiceMatching:
        matching = self.get_or_none(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
        if matching is None:
            detail = f"purchase order {purchase_order_id} is not sent or not known yet: try again later"
            raise NotYetAvailable(detail, field="purchase_order_id")
        return matching

    def _require_payable(self, supplier_id: UUID) -> None:
        account = self.get_or_none(SupplierAccount, SupplierAccount.create_id(supplier_id))
        if account is not None:
            account.require_payable()
            self.require_unchanged(account)

    def _save_all(self, changed: Iterable[Aggregate]) -> None:
        for each in changed:
            self.save(each)

    def _require_posting_day(self, paid_on: date, posted_on: date | None) -> None:
        books = self.get_accounting_periods()
        if books:
            books.require_open(paid_on, "paid_on", posted_on)

    def _get_referenced_credit_account(self, customer_id: UUID) -> CreditAccount:
        credit = self.get_or_none(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotYetAvailable(f"customer {customer_id} is not known yet: try again later", field="party_id")
        return credit


def _allocations(given: Sequence[Record]) -> tuple[Allocation, ...]:
    return tuple(Allocation(**each) for each in given)
