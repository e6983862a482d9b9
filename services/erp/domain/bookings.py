"""What each document means in the books: which accounts, which side, posted on which day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.erp.domain.account import (
    BANK,
    COST_OF_GOODS_SOLD,
    FREIGHT_INCOME,
    GOODS_RECEIVED_NOT_INVOICED,
    RECEIVABLES,
    SALES,
    STOCK,
)
from services.erp.domain.books import Books
from services.erp.domain.invoice import Invoice
from services.erp.domain.journal_entry import JournalEntry, Kind, Posting, credit, debit
from services.erp.domain.payment import Payment
from services.erp.domain.stock_value import Costing
from shared.money import Money

Entries = Iterator[JournalEntry]


def book_receipt(
    books: Books, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[Costing]
) -> Entries:
    """Stock against goods received not invoiced, at the order price."""
    costings = tuple(costings)
    for paid in _by_currency(each.received for each in costings):
        postings = debit(STOCK, paid), credit(GOODS_RECEIVED_NOT_INVOICED, paid, supplier_id)
        yield from _entry(books, Kind.GOODS_RECEIVED, receipt_id, received_on, postings)
    yield from _book_corrections(books, receipt_id, costings)


def book_cost_of_goods(books: Books, shipment_id: UUID, dispatched_on: date, costings: Iterable[Costing]) -> Entries:
    """Cost of goods sold out of stock, one entry for a shipment."""
    costings = tuple(costings)
    costs = _by_currency(each.cost for each in costings)
    postings = (side for cost in costs for side in _cost_of_goods(cost))
    yield from _entry(books, Kind.COST_OF_GOODS, shipment_id, dispatched_on, postings)
    yield from _book_corrections(books, shipment_id, costings)


def _book_corrections(books: Books, cause: UUID, costings: Iterable[Costing]) -> Entries:
    """What the cause changes in costs already booked, each dated as the movement it belongs to."""
    by_date = defaultdict(list)
    for costing in costings:
        for each in costing.corrections:
            by_date[each.on].append(each.amount)
    for on, amounts in sorted(by_date.items()):
        postings = (side for cost in _by_currency(amounts) for side in _cost_of_goods(cost))
        yield from _entry(books, Kind.RECOSTING, cause, on, postings)


def book_invoice(books: Books, invoice: Invoice) -> Entries:
    """Receivables against sales and freight income."""
    postings = (
        debit(RECEIVABLES, invoice.total, invoice.customer_id),
        credit(SALES, invoice.net),
        credit(FREIGHT_INCOME, invoice.freight),
    )
    yield from _entry(books, Kind.INVOICE, invoice.id, invoice.invoiced_on, postings)


def book_payment(books: Books, payment: Payment) -> Entries:
    """Bank against receivables."""
    postings = debit(BANK, payment.amount), credit(RECEIVABLES, payment.amount, payment.party_id)
    yield from _entry(books, Kind.PAYMENT, payment.id, payment.paid_on, postings)


def _cost_of_goods(cost: Money) -> tuple[Posting, Posting]:
    return debit(COST_OF_GOODS_SOLD, cost), credit(STOCK, cost)


def _entry(books: Books, kind: Kind, document: UUID, dated: date, postings: Iterable[Posting]) -> Entries:
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
