"""Commands of payables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import PartyKind
from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.books import open_books
from services.erp.ledger.domain.write_off import reverse_write_off_entries
from services.erp.parties.commands import Parties
from services.erp.payables.domain import three_way_matching
from services.erp.payables.domain.duplicates import release_number, require_no_duplicate, withdraw_from_comparison
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.postings import post_supplier_invoice_write_off
from services.erp.payables.domain.segregation_of_duties import note_recorder
from services.erp.payables.domain.supplier_account import SupplierAccount
from services.erp.payables.domain.supplier_invoice import SupplierInvoice, SupplierInvoiceDetails, SupplierInvoiceLine
from shared.commands import Commands
from shared.domain import InvalidInput, RecordKind, require_not_before
from shared.fields import EffectiveDate, Id, LongText, Lookup, Text, limits, part_of

PURCHASE_ORDER = RecordKind("purchase order", source="srm")


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceHeader:
    """Header of a supplier invoice in a request: supplier, number, purchase order and date."""

    supplier_id: Annotated[Id, Lookup("srm.suppliers")]
    number: Annotated[Text, limits(max=40)]
    purchase_order_id: Annotated[Id, Lookup("srm.purchase-orders")] | None = None
    billed_on: EffectiveDate


@dataclass(frozen=True, kw_only=True)
class RecordSupplierInvoice(SupplierInvoiceDetails, SupplierInvoiceHeader):
    """Request to record an invoice of a supplier. The header is the last base, so that its fields are the first."""

    lines: Annotated[tuple[SupplierInvoiceLine, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class DecideSupplierInvoice:
    """Request to release or reject a blocked supplier invoice, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class Payables(Commands):
    """Commands on supplier invoices: record, release, reject and write them off."""

    ledger: Ledger
    parties: Parties

    def record_invoice(self, received: RecordSupplierInvoice) -> SupplierInvoice:
        """Record an invoice: owed if it matches orders and receipts, else blocked.

        Raises AlreadyTaken, LikelyDuplicate unless `duplicate_reason` is given, DatedBefore the day of an order,
        InvalidInput or UnknownReference.
        """
        matchings = self._get_ordered(received)
        self.uow.join_correlation(matchings[0])
        account = self.uow.get_or_create(SupplierAccount, supplier_id=received.supplier_id)
        invoice = SupplierInvoice.record(
            received.billed_on,
            account.payment_terms_days,
            received.lines,
            supplier_id=received.supplier_id,
            number=received.number,
            purchase_order_id=_default_order(received) or matchings[0].purchase_order_id,
            recorded_by=self.actor,
            details=part_of(SupplierInvoiceDetails, received),
        )
        self.uow.save(invoice, account, *note_recorder(invoice, self.uow), *require_no_duplicate(invoice, self.uow))
        return self.uow.save(invoice, *three_way_matching.match_new_invoice(invoice, matchings, self.uow))

    def release_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Accept a blocked invoice as owed. Raises FourEyesRequired for its recorder, or WrongStatus."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        return self.uow.save(invoice, *three_way_matching.release_invoice(invoice, reason, self.actor, self.uow))

    def reject_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Reject a blocked invoice; its number may be used again. Raises WrongStatus, AlreadyPosted."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        invoice.reject(reason)
        release_number(invoice.supplier_id, invoice.number, self.uow)
        matchings = three_way_matching.matchings_of(invoice, self.uow)
        for each in matchings:
            each.withdraw_invoice(invoice_id)
        return self.uow.save(invoice, *matchings, *withdraw_from_comparison(invoice, self.uow))

    def write_off_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Write off the open amount. Raises WriteOffTooLarge above the firm's limit, WrongStatus, PeriodClosedError."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        on = self.ledger.day_of_change(invoice.dated_on)
        write_off = invoice.write_off(self.ledger.write_off_limit, on, reason)
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(invoice, *post_supplier_invoice_write_off(open_books(self.uow), invoice, write_off))

    def reverse_write_off(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Reverse what was written off: it is open again. Raises NothingWrittenOff or PeriodClosedError."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        on = self.ledger.day_of_change(invoice.dated_on, *(each.written_off_on for each in invoice.write_offs))
        reversed_ = invoice.reverse_write_off(on, reason)
        self.ledger.require_open(on, "effective_on")
        self.uow.save(invoice, *reverse_write_off_entries(invoice.id, reversed_, on, self.uow))
        return self.uow.save(invoice, *three_way_matching.match_reopened_invoice(invoice, self.uow))

    def require_payable(self, supplier_id: UUID) -> None:
        """Require that the supplier is not blocked for payments. Raises SupplierBlockedError."""
        account = self.uow.get_or_none(SupplierAccount, SupplierAccount.create_id(supplier_id))
        if account is not None:
            account.require_payable()
            self.uow.require_unchanged(account)

    def _require_supplier(self, supplier_id: UUID) -> None:
        remedy = "name the supplier that sent the invoice"
        self.parties.require_party(
            PartyKind.SUPPLIER, "a supplier invoice", supplier_id, field="supplier_id", remedy=remedy
        )

    def _get_ordered(self, received: RecordSupplierInvoice) -> list[InvoiceMatching]:
        """Return the matching of each order of the lines. Raises InvalidInput or UnknownReference."""
        lines: dict[UUID, list[tuple[int, SupplierInvoiceLine]]] = defaultdict(list)
        for position, each in enumerate(received.lines, 1):
            lines[_order_of_line(received, position)].append((position, each))
        if received.purchase_order_id is not None:
            self._get_matching(received.purchase_order_id, "purchase_order_id")
        matchings = []
        for order, placed in lines.items():
            field = _order_field(received, placed[0][0])
            matching = self._get_matching(order, field)
            if matching.supplier_id != received.supplier_id:
                self._require_supplier(received.supplier_id)
            is_of_line = field != "purchase_order_id"
            matching.require_ordered(received.supplier_id, placed, field=field if is_of_line else "supplier_id")
            what = f"purchase order {matching.number}"
            require_not_before(received.billed_on, matching.ordered_on, what, field="billed_on")
            matchings.append(matching)
        _require_one_currency(received.lines)
        return matchings

    def _get_matching(self, purchase_order_id: UUID, field: str) -> InvoiceMatching:
        matching = self.uow.get_or_none(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
        if matching is None:
            raise PURCHASE_ORDER.unknown(purchase_order_id, field=field, remedy="send it first")
        return matching


def _order_of_line(received: RecordSupplierInvoice, position: int) -> UUID:
    """Return the order of a line: its own, else that of the invoice. Raises InvalidInput."""
    order = received.lines[position - 1].purchase_order_id or received.purchase_order_id
    if order is None:
        detail = "supplier invoices without an order are not possible yet: give the purchase order"
        named = any(each.purchase_order_id for each in received.lines)
        field = f"lines/{position - 1}/purchase_order_id" if named else "purchase_order_id"
        raise InvalidInput(detail, field=field)
    return order


def _order_field(received: RecordSupplierInvoice, position: int) -> str:
    """Return the field that names the order of a line."""
    is_own = received.lines[position - 1].purchase_order_id is not None
    return f"lines/{position - 1}/purchase_order_id" if is_own else "purchase_order_id"


def _default_order(received: RecordSupplierInvoice) -> UUID | None:
    """Return the order of the lines that name none; none if every line names its own."""
    return None if all(each.purchase_order_id for each in received.lines) else received.purchase_order_id


def _require_one_currency(lines: Sequence[SupplierInvoiceLine]) -> None:
    currency = lines[0].unit_price.currency
    for index, each in enumerate(lines):
        if each.unit_price.currency != currency:
            detail = f"unit_price must be in {currency}, as the first line: record an invoice for each currency"
            raise InvalidInput(detail, field=f"lines/{index}/unit_price")
