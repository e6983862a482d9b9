"""What each document means in the books: which accounts, which side, posted on which day."""

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
from services.erp.domain.costing import Costing
from services.erp.domain.invoice import Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.journal_entry import JournalEntry, Kind, Posting, credit, debit
from services.erp.domain.payment import Direction, Payment
from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.domain import derived_id
from shared.money import Money

Entries = Iterator[JournalEntry]


def book_receipt(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[Costing]
) -> Entries:
    """Stock against goods received not invoiced, at the order price."""
    costings = tuple(costings)
    yield from _entry(books, Kind.GOODS_RECEIVED, receipt_id, received_on, _taken_in(supplier_id, costings))
    yield from _by_date(books, Kind.COST_ADJUSTMENT, receipt_id, _corrections(costings))


def book_receipt_reversed(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[Costing]
) -> Entries:
    """The receipt taken back on its own day, and what that changes in costs already booked."""
    yield from _by_date(
        books, Kind.RECEIPT_REVERSED, receipt_id, _as_received(supplier_id, received_on, tuple(costings))
    )


def book_price_revision(
    books: AccountingPeriods, revision_id: UUID, supplier_id: UUID, repriced: Iterable[tuple[date, Iterable[Costing]]]
) -> Entries:
    """What goods already received now cost more, on the day they came: stock, and the cost of those that left."""
    sides = (side for on, costings in repriced for side in _as_received(supplier_id, on, tuple(costings)))
    yield from _by_date(books, Kind.PRICE_REVISED, revision_id, sides)


def book_cost_of_goods(
    books: AccountingPeriods, shipment_id: UUID, dispatched_on: date, costings: Iterable[Costing]
) -> Entries:
    """Cost of goods sold out of stock, one entry for a shipment."""
    yield from _book_costs(
        books, Kind.COST_OF_GOODS_SOLD, shipment_id, dispatched_on, COST_OF_GOODS_SOLD, tuple(costings)
    )


def book_count(books: AccountingPeriods, count_id: UUID, counted_on: date, costings: Iterable[Costing]) -> Entries:
    """What a count missed, out of stock; what it found, into stock."""
    yield from _book_costs(books, Kind.STOCK_COUNTED, count_id, counted_on, STOCK_ADJUSTMENTS, tuple(costings))


def _book_costs(
    books: AccountingPeriods, kind: Kind, document: UUID, on: date, account: str, costings: Sequence[Costing]
) -> Entries:
    costs = _by_currency(each.cost for each in costings)
    yield from _entry(books, kind, document, on, (side for cost in costs for side in _cost(account, cost)))
    yield from _by_date(books, Kind.COST_ADJUSTMENT, document, _corrections(costings))


def _by_date(books: AccountingPeriods, kind: Kind, cause: UUID, sides: Iterable[tuple[date, Posting]]) -> Entries:
    """An entry for each day the cause changes something on, in order of their dates."""
    days = defaultdict(list)
    for on, side in sides:
        days[on].append(side)
    for on, postings in sorted(days.items()):
        yield from _entry(books, kind, cause, on, postings)


def _as_received(supplier_id: UUID, on: date, costings: Sequence[Costing]) -> Iterator[tuple[date, Posting]]:
    yield from ((on, side) for side in _taken_in(supplier_id, costings))
    yield from _corrections(costings)


def _corrections(costings: Iterable[Costing]) -> Iterator[tuple[date, Posting]]:
    """What changes in costs already booked, each dated as the movement it belongs to."""
    by_date = defaultdict(list)
    for each in (correction for costing in costings for correction in costing.corrections):
        by_date[each.on, STOCK_ADJUSTMENTS if each.of_count else COST_OF_GOODS_SOLD].append(each.amount)
    for (on, account), amounts in by_date.items():
        yield from ((on, side) for cost in _by_currency(amounts) for side in _cost(account, cost))


def book_invoice(books: AccountingPeriods, invoice: Invoice) -> Entries:
    """Receivables against sales and freight income."""
    postings = (
        debit(RECEIVABLES, invoice.total, invoice.customer_id),
        credit(SALES, invoice.net),
        credit(FREIGHT_INCOME, invoice.freight),
    )
    yield from _entry(books, Kind.INVOICE, invoice.id, invoice.invoiced_on, postings)


def book_write_off(books: AccountingPeriods, invoice: Invoice, amount: Money, on: date) -> Entries:
    """Operating expense against receivables."""
    postings = debit(OPERATING_EXPENSE, amount), credit(RECEIVABLES, amount, invoice.customer_id)
    yield from _entry(books, Kind.WRITE_OFF, derived_id("write-off", invoice.id, invoice.version), on, postings)


def book_bill(books: AccountingPeriods, bill: SupplierInvoice) -> Entries:
    """Goods received not invoiced at what they were received for, the rest as price variance, against payables."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, bill.cleared, bill.supplier_id),
        debit(PURCHASE_PRICE_VARIANCE, bill.total - bill.cleared),
        credit(PAYABLES, bill.total, bill.supplier_id),
    )
    yield from _entry(books, Kind.SUPPLIER_INVOICE, bill.id, bill.billed_on, postings)


def book_clearing(books: AccountingPeriods, matching: InvoiceMatching, on: date, cleared: Money) -> Entries:
    """What of goods received not invoiced turns out to be billed already, out of price variance."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, cleared, matching.supplier_id),
        credit(PURCHASE_PRICE_VARIANCE, cleared),
    )
    yield from _entry(books, Kind.GRNI_CLEARING, derived_id("clearing", matching.id, matching.version), on, postings)


def book_payment(books: AccountingPeriods, payment: Payment) -> Entries:
    """Money in: bank against receivables. Money out: payables against bank."""
    if payment.direction == Direction.IN:
        postings = debit(BANK, payment.amount), credit(RECEIVABLES, payment.amount, payment.party_id)
    else:
        postings = debit(PAYABLES, payment.amount, payment.party_id), credit(BANK, payment.amount)
    yield from _entry(books, Kind.PAYMENT, payment.id, payment.paid_on, postings)


def _taken_in(supplier_id: UUID, costings: Iterable[Costing]) -> Iterator[Posting]:
    for paid in _by_currency(each.received for each in costings):
        yield from (debit(STOCK, paid), credit(GOODS_RECEIVED_NOT_INVOICED, paid, supplier_id))


def _cost(account: str, cost: Money) -> tuple[Posting, Posting]:
    return debit(account, cost), credit(STOCK, cost)


def _entry(books: AccountingPeriods, kind: Kind, document: UUID, dated: date, postings: Iterable[Posting]) -> Entries:
    """The entry, unless there is nothing to book."""
    worth_booking = [each for each in postings if each.debit or each.credit]
    if worth_booking:
        yield JournalEntry.post(kind, document, dated, worth_booking, books.open_day(dated))


def _by_currency(amounts: Iterable[Money | None]) -> list[Money]:
    """The sums, one for each currency there is."""
    sums: dict[str, Money] = {}
    for each in amounts:
        if each is not None:
            sums[each.currency] = each + sums.get(each.currency, Money.zero(each.currency))
    return list(sums.values())
