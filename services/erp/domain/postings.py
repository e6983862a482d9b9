"""Postings of each document: accounts, sides and posting day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.domain.account import (
    BANK,
    COST_OF_GOODS_SOLD,
    FREIGHT_INCOME,
    GOODS_RECEIVED_NOT_INVOICED,
    OPERATING_EXPENSE,
    PAYABLES,
    PURCHASE_PRICE_VARIANCE,
    RECEIVABLES,
    SALES,
    STOCK,
    STOCK_ADJUSTMENTS,
)
from services.erp.domain.accounting_periods import AccountingPeriods
from services.erp.domain.costing import CostingResult
from services.erp.domain.invoice import Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.journal_entry import EntryKind, JournalEntry, Posting, credit, debit
from services.erp.domain.payment import Direction, Payment
from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.domain import derived_id
from shared.money import Money

JournalEntries = Iterator[JournalEntry]


def post_goods_receipt(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post stock against goods received not invoiced, at the order price."""
    costings = tuple(costings)
    yield from _entry(
        books, EntryKind.GOODS_RECEIVED, receipt_id, received_on, _inventory_postings(supplier_id, costings)
    )
    yield from _entries_by_date(books, EntryKind.COST_ADJUSTMENT, receipt_id, _correction_postings(costings))


def post_receipt_reversal(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the reversal of a receipt on its own day, and the changes of costs already posted."""
    yield from _entries_by_date(
        books, EntryKind.RECEIPT_REVERSED, receipt_id, _receipt_postings(supplier_id, received_on, tuple(costings))
    )


def post_price_revision(
    books: AccountingPeriods,
    revision_id: UUID,
    supplier_id: UUID,
    repriced: Iterable[tuple[date, Iterable[CostingResult]]],
) -> JournalEntries:
    """Post the price difference of received goods on their receipt days: to stock, and to cost of goods sold."""
    sides = (side for on, costings in repriced for side in _receipt_postings(supplier_id, on, tuple(costings)))
    yield from _entries_by_date(books, EntryKind.PRICE_REVISED, revision_id, sides)


def post_cost_of_goods(
    books: AccountingPeriods, shipment_id: UUID, dispatched_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post cost of goods sold against stock, one entry per shipment."""
    yield from _post_costs(
        books, EntryKind.COST_OF_GOODS_SOLD, shipment_id, dispatched_on, COST_OF_GOODS_SOLD, tuple(costings)
    )


def post_stock_count(
    books: AccountingPeriods, count_id: UUID, counted_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post missing goods out of stock and surplus goods into stock, against stock adjustments."""
    yield from _post_costs(books, EntryKind.STOCK_COUNTED, count_id, counted_on, STOCK_ADJUSTMENTS, tuple(costings))


def _post_costs(
    books: AccountingPeriods, kind: EntryKind, document: UUID, on: date, account: str, costings: Sequence[CostingResult]
) -> JournalEntries:
    costs = _sum_by_currency(each.cost for each in costings)
    yield from _entry(books, kind, document, on, (side for cost in costs for side in _cost_postings(account, cost)))
    yield from _entries_by_date(books, EntryKind.COST_ADJUSTMENT, document, _correction_postings(costings))


def _entries_by_date(
    books: AccountingPeriods, kind: EntryKind, cause: UUID, sides: Iterable[tuple[date, Posting]]
) -> JournalEntries:
    """Yield an entry for each day on which the cause changes an amount, in order of their dates."""
    days = defaultdict(list)
    for on, side in sides:
        days[on].append(side)
    for on, postings in sorted(days.items()):
        yield from _entry(books, kind, cause, on, postings)


def _receipt_postings(supplier_id: UUID, on: date, costings: Sequence[CostingResult]) -> Iterator[tuple[date, Posting]]:
    yield from ((on, side) for side in _inventory_postings(supplier_id, costings))
    yield from _correction_postings(costings)


def _correction_postings(costings: Iterable[CostingResult]) -> Iterator[tuple[date, Posting]]:
    """Yield the changes of costs already posted, each dated as its movement."""
    by_date = defaultdict(list)
    for each in (correction for costing in costings for correction in costing.corrections):
        by_date[each.on, STOCK_ADJUSTMENTS if each.is_count_difference else COST_OF_GOODS_SOLD].append(each.amount)
    for (on, account), amounts in by_date.items():
        yield from ((on, side) for cost in _sum_by_currency(amounts) for side in _cost_postings(account, cost))


def post_invoice(books: AccountingPeriods, invoice: Invoice) -> JournalEntries:
    """Post receivables against sales and freight income."""
    postings = (
        debit(RECEIVABLES, invoice.total, invoice.customer_id),
        credit(SALES, invoice.net),
        credit(FREIGHT_INCOME, invoice.freight),
    )
    yield from _entry(books, EntryKind.INVOICE, invoice.id, invoice.invoiced_on, postings)


def post_write_off(books: AccountingPeriods, invoice: Invoice, amount: Money, on: date) -> JournalEntries:
    """Post operating expense against receivables."""
    postings = debit(OPERATING_EXPENSE, amount), credit(RECEIVABLES, amount, invoice.customer_id)
    yield from _entry(books, EntryKind.WRITE_OFF, derived_id("write-off", invoice.id, invoice.version), on, postings)


def post_supplier_invoice(books: AccountingPeriods, invoice: SupplierInvoice) -> JournalEntries:
    """Post goods received not invoiced at received value, the rest as price variance, against payables."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, invoice.cleared_amount, invoice.supplier_id),
        debit(PURCHASE_PRICE_VARIANCE, invoice.total - invoice.cleared_amount),
        credit(PAYABLES, invoice.total, invoice.supplier_id),
    )
    yield from _entry(books, EntryKind.SUPPLIER_INVOICE, invoice.id, invoice.billed_on, postings)


def post_clearing_adjustment(
    books: AccountingPeriods, matching: InvoiceMatching, on: date, cleared: Money
) -> JournalEntries:
    """Post an additional clearing of goods received not invoiced against price variance."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, cleared, matching.supplier_id),
        credit(PURCHASE_PRICE_VARIANCE, cleared),
    )
    yield from _entry(
        books, EntryKind.GRNI_CLEARING, derived_id("clearing", matching.id, matching.version), on, postings
    )


def post_payment(books: AccountingPeriods, payment: Payment) -> JournalEntries:
    """Post bank against receivables for money received, payables against bank for money paid."""
    if payment.direction == Direction.IN:
        postings = debit(BANK, payment.amount), credit(RECEIVABLES, payment.amount, payment.party_id)
    else:
        postings = debit(PAYABLES, payment.amount, payment.party_id), credit(BANK, payment.amount)
    yield from _entry(books, EntryKind.PAYMENT, payment.id, payment.paid_on, postings)


def _inventory_postings(supplier_id: UUID, costings: Iterable[CostingResult]) -> Iterator[Posting]:
    for paid in _sum_by_currency(each.received for each in costings):
        yield from (debit(STOCK, paid), credit(GOODS_RECEIVED_NOT_INVOICED, paid, supplier_id))


def _cost_postings(account: str, cost: Money) -> tuple[Posting, Posting]:
    return debit(account, cost), credit(STOCK, cost)


def _entry(
    books: AccountingPeriods, kind: EntryKind, document: UUID, dated: date, postings: Iterable[Posting]
) -> JournalEntries:
    """Yield the entry, unless all its postings are zero."""
    nonzero = [each for each in postings if each.debit or each.credit]
    if nonzero:
        yield JournalEntry.post(kind, document, dated, nonzero, books.posting_day(dated))


def _sum_by_currency(amounts: Iterable[Money | None]) -> list[Money]:
    """Return one sum per currency."""
    sums: dict[str, Money] = {}
    for each in amounts:
        if each is not None:
            sums[each.currency] = each + sums.get(each.currency, Money.zero(each.currency))
    return list(sums.values())
