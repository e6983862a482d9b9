"""The three-way match: a bill is owed as soon as it agrees with the order and with what has arrived."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.domain.accounting_periods import AccountingPeriods
from services.erp.domain.bookings import book_bill, book_clearing
from services.erp.domain.invoice_matching import InvoiceMatching, ReceivedLine
from services.erp.domain.line_match import AgreedLine, Tolerances
from services.erp.domain.purchase_valuation import Receipt
from services.erp.domain.settings import Settings
from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.domain import Aggregate, Find
from shared.money import Money


def match(bill: SupplierInvoice, matching: InvoiceMatching, find: Find) -> Iterator[Aggregate]:
    """Owe the bill if it matches; else it is blocked, with a reason per line, and looked at again when goods arrive."""
    decided = find.settings(Settings)
    tolerances = Tolerances(decided.price_tolerance_percent, decided.quantity_tolerance_percent)
    deviations = tuple(matching.deviations(bill.lines, tolerances))
    if deviations:
        bill.block(deviations)
        matching.wait(bill.id)
        yield from (bill, matching)
    else:
        bill.match(matching.count(bill.id, bill.billed_on, bill.lines))
        yield from (bill, matching, *book_bill(find(AccountingPeriods), bill))


def count_receipt(
    purchase_order_id: UUID, receipt: Receipt, parts: Sequence[ReceivedLine], find: Find
) -> Iterator[Aggregate]:
    """So much came with a receipt: bills that were before their goods may match now."""
    matching = find(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    cleared = matching.count_receipt(receipt.receipt_id, receipt.received_on, parts)
    yield from _match_again(matching, receipt.received_on, cleared, find)


def agree_anew(purchase_order_id: UUID, lines: tuple[AgreedLine, ...], find: Find) -> Iterator[Aggregate]:
    """The order costs something else: bills that were dearer than agreed may match now."""
    matching = find(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    cleared = matching.agree_anew(lines, find.today)
    yield from _match_again(matching, find.today, cleared, find)


def _match_again(matching: InvoiceMatching, on: date, cleared: Money, find: Find) -> Iterator[Aggregate]:
    yield from (matching, *book_clearing(find(AccountingPeriods), matching, on, cleared))
    for bill_id in matching.waiting:
        yield from match(find(SupplierInvoice, bill_id), matching, find)


def release(bill: SupplierInvoice, matching: InvoiceMatching, reason: str, by: str, find: Find) -> Iterator[Aggregate]:
    """Owe the bill although it does not match: somebody decided so. Refused as `Bill.release` is."""
    bill.require_releasable(by)
    parts = matching.count(bill.id, bill.billed_on, bill.lines)
    bill.release(reason, by, parts)
    yield from (bill, matching, *book_bill(find(AccountingPeriods), bill))
