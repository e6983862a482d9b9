"""Commands and queries of receivables."""

from dataclasses import dataclass
from uuid import UUID

from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.books import open_books
from services.erp.ledger.domain.write_off import reverse_write_off_entries, total_written_off
from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.receivables.domain.invoice import Invoice
from services.erp.receivables.domain.postings import post_invoice_write_off
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from shared.commands import Commands
from shared.domain import NotFound, RecordKind
from shared.fields import EffectiveDate, LongText
from shared.money import Money

CUSTOMER, SALES_ORDER = RecordKind("customer", source="crm"), RecordKind("sales order", source="crm")


@dataclass(frozen=True, kw_only=True)
class ReleaseOrder:
    """Request to release an order held for credit, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class Receivables(Commands):
    """Commands on receivables: release orders held for credit, write off invoices and reverse write-offs."""

    ledger: Ledger

    def get_credit_account(self, customer_id: UUID) -> CreditAccount:
        """Return the credit account of a customer. Raises NotFound if the customer is unknown."""
        credit = self.uow.get_or_none(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotFound("customer", customer_id)
        return credit

    def get_referenced_credit_account(self, customer_id: UUID) -> CreditAccount:
        """Return the credit account of the `party_id` of a command. Raises UnknownReference."""
        credit = self.uow.get_or_none(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise CUSTOMER.unknown(customer_id, field="party_id")
        return credit

    def add_open_item(self, customer_id: UUID, item_id: UUID, amount: Money) -> None:
        """Count an amount that was booked by hand as exposure of the customer; a negative one is credit."""
        credit = self.uow.get_or_create(CreditAccount, customer_id=customer_id)
        credit.add_open_item(item_id, amount)
        self.uow.save(credit)

    def remove_open_item(self, customer_id: UUID, item_id: UUID, amount: Money) -> None:
        """Count an amount no more whose entry is reversed."""
        credit = self.get_credit_account(customer_id)
        credit.remove_open_item(item_id, amount)
        self.uow.save(credit)

    def write_off(self, customer_id: UUID, amount: Money) -> None:
        """Reduce the exposure of a customer by a written-off amount."""
        credit = self.get_credit_account(customer_id)
        credit.write_off(amount)
        self.uow.save(credit)

    def restore_written_off(self, customer_id: UUID, amount: Money) -> None:
        """Count an amount again whose write-off was reversed."""
        credit = self.get_credit_account(customer_id)
        credit.reverse_write_off(amount)
        self.uow.save(credit)

    def release_order(self, customer_id: UUID, sales_order_id: UUID, reason: str) -> CreditAccount:
        """Release a held order. Raises NotHeld, DatedBefore, or UnknownReference for an unknown order."""
        invoicing = self.uow.get_or_none(SalesOrderInvoicing, SalesOrderInvoicing.create_id(sales_order_id))
        if invoicing is None:
            raise SALES_ORDER.unknown(sales_order_id, field="sales_order_id", remedy="place it first")
        credit = self.get_credit_account(customer_id)
        self.uow.check_date(invoicing, "the credit check of the order")
        self.uow.join_correlation(invoicing)
        credit.release(sales_order_id, reason)
        return self.uow.save(credit)

    def write_off_invoice(self, invoice_id: UUID, reason: str) -> Invoice:
        """Write off the open amount. Raises WriteOffTooLarge above the firm's limit, WrongStatus, PeriodClosedError."""
        invoice = self.uow.get(Invoice, invoice_id)
        on = self.ledger.day_of_change(invoice.dated_on)
        write_off = invoice.write_off(self.ledger.write_off_limit, on, reason)
        credit = self.get_referenced_credit_account(invoice.customer_id)
        credit.write_off(write_off.amount)
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(invoice, credit, *post_invoice_write_off(open_books(self.uow), invoice, write_off))

    def reverse_write_off(self, invoice_id: UUID, reason: str) -> Invoice:
        """Reverse what was written off: it is open again. Raises NothingWrittenOff or PeriodClosedError."""
        invoice = self.uow.get(Invoice, invoice_id)
        on = self.ledger.day_of_change(invoice.dated_on, *(each.written_off_on for each in invoice.write_offs))
        reversed_ = invoice.reverse_write_off(on, reason)
        credit = self.get_referenced_credit_account(invoice.customer_id)
        credit.reverse_write_off(total_written_off(reversed_, invoice.total.currency))
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(invoice, credit, *reverse_write_off_entries(invoice.id, reversed_, on, self.uow))
