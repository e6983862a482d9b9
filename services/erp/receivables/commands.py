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
from shared.domain import NotFound, NotYetAvailable
from shared.fields import EffectiveDate, LongText


@dataclass(frozen=True, kw_only=True)
class WriteOffInvoice:
    """Request to write off the open amount of an invoice, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class ReverseWriteOff:
    """Request to reverse what was written off an invoice, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


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
        """Return the credit account of the `party_id` of a command. Raises NotYetAvailable."""
        credit = self.uow.get_or_none(CreditAccount, CreditAccount.create_id(customer_id))
        if credit is None:
            raise NotYetAvailable(f"customer {customer_id} is not known yet: try again later", field="party_id")
        return credit

    def is_customer(self, party_id: UUID) -> bool:
        """Return whether this is the id of a customer."""
        return self.uow.get_or_none(CreditAccount, CreditAccount.create_id(party_id)) is not None

    def release_order(self, customer_id: UUID, sales_order_id: UUID, reason: str) -> CreditAccount:
        """Release a held order. Raises NotHeld, or NotYetAvailable for an order not received yet."""
        invoicing = self.uow.get_or_none(SalesOrderInvoicing, SalesOrderInvoicing.create_id(sales_order_id))
        if invoicing is None:
            raise NotYetAvailable(f"order {sales_order_id} is not known yet: try again later", field="sales_order_id")
        credit = self.get_credit_account(customer_id)
        self.uow.join_correlation(invoicing)
        credit.release(sales_order_id, reason)
        return self.uow.save(credit)

    def write_off_invoice(self, invoice_id: UUID, reason: str) -> Invoice:
        """Write off the open amount. Raises WriteOffTooLarge above the firm's limit, WrongStatus, PeriodClosedError."""
        invoice, on = self.uow.get(Invoice, invoice_id), self.effective_on
        write_off = invoice.write_off(self.ledger.write_off_limit, on, reason)
        credit = self.get_referenced_credit_account(invoice.customer_id)
        credit.write_off_invoice(write_off.amount)
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(invoice, credit, *post_invoice_write_off(open_books(self.uow), invoice, write_off))

    def reverse_write_off(self, invoice_id: UUID, reason: str) -> Invoice:
        """Reverse what was written off: it is open again. Raises NothingWrittenOff or PeriodClosedError."""
        invoice, on = self.uow.get(Invoice, invoice_id), self.effective_on
        reversed_ = invoice.reverse_write_off(on, reason)
        credit = self.get_referenced_credit_account(invoice.customer_id)
        credit.reverse_write_off(total_written_off(reversed_, invoice.total.currency))
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(invoice, credit, *reverse_write_off_entries(invoice.id, reversed_, on, self.uow))
