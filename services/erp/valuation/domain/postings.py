"""Postings of goods movements: accounts, sides and posting day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind, Posting
from services.erp.valuation.domain.costing import CostingResult
from shared.money import Money


def post_goods_receipt(
    books: Books, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post stock against goods received not invoiced, at the order price."""
    costings = tuple(costings)
    postings = _inventory_postings(books, supplier_id, costings)
    yield from books.post(EntryKind.GOODS_RECEIVED, receipt_id, received_on, postings)
    yield from books.post_per_date(EntryKind.COST_ADJUSTMENT, receipt_id, _correction_postings(books, costings))


def post_receipt_reversal(
    books: Books, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the reversal of a receipt on the receipt's day, and the changes of costs already posted."""
    sides = _receipt_postings(books, supplier_id, received_on, tuple(costings))
    yield from books.post_per_date(EntryKind.RECEIPT_REVERSED, receipt_id, sides)


def post_opening_stock(
    books: Books, opening_stock_id: UUID, opened_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post stock against opening balances, and the changes of costs already posted."""
    costings = tuple(costings)
    yield from books.post(EntryKind.OPENING_STOCK, opening_stock_id, opened_on, _opening_postings(books, costings))
    yield from books.post_per_date(EntryKind.COST_ADJUSTMENT, opening_stock_id, _correction_postings(books, costings))


def post_opening_stock_reversal(
    books: Books, opening_stock_id: UUID, opened_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the reversal of an opening stock on its day, and the changes of costs already posted."""
    costings = tuple(costings)
    sides = [(opened_on, side) for side in _opening_postings(books, costings)]
    sides += _correction_postings(books, costings)
    yield from books.post_per_date(EntryKind.OPENING_STOCK_REVERSED, opening_stock_id, sides)


def post_revaluation(
    books: Books,
    kind: EntryKind,
    cause: UUID,
    supplier_id: UUID,
    revalued: Iterable[tuple[date, Iterable[CostingResult]]],
) -> JournalEntries:
    """Post the change in value of received goods on their receipt days: to stock, and to cost of goods sold."""
    sides = (side for on, costings in revalued for side in _receipt_postings(books, supplier_id, on, tuple(costings)))
    yield from books.post_per_date(kind, cause, sides)


def post_cost_of_goods(
    books: Books, shipment_id: UUID, dispatched_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the cost of a shipment's goods against stock, and corrections of costs posted before."""
    role = AccountRole.COST_OF_GOODS_SOLD
    yield from _post_costs(books, EntryKind.COST_OF_GOODS_SOLD, shipment_id, dispatched_on, role, tuple(costings))


def post_stock_count(
    books: Books, count_id: UUID, counted_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post missing goods out of stock and surplus goods into stock, against stock adjustments."""
    role = AccountRole.STOCK_ADJUSTMENTS
    yield from _post_costs(books, EntryKind.STOCK_COUNTED, count_id, counted_on, role, tuple(costings))


def _post_costs(
    books: Books, kind: EntryKind, document: UUID, on: date, role: AccountRole, costings: Sequence[CostingResult]
) -> JournalEntries:
    costs = _sum_by_currency(each.cost for each in costings)
    yield from books.post(kind, document, on, (side for cost in costs for side in _cost_postings(books, role, cost)))
    yield from books.post_per_date(EntryKind.COST_ADJUSTMENT, document, _correction_postings(books, costings))


def _receipt_postings(
    books: Books, supplier_id: UUID, on: date, costings: Sequence[CostingResult]
) -> Iterator[tuple[date, Posting]]:
    yield from ((on, side) for side in _inventory_postings(books, supplier_id, costings))
    yield from _correction_postings(books, costings)


def _correction_postings(books: Books, costings: Iterable[CostingResult]) -> Iterator[tuple[date, Posting]]:
    """Yield the changes of costs already posted, each dated as its movement."""
    by_date = defaultdict(list)
    for each in (correction for costing in costings for correction in costing.corrections):
        role = AccountRole.STOCK_ADJUSTMENTS if each.is_count_difference else AccountRole.COST_OF_GOODS_SOLD
        by_date[each.on, role].append(each.amount)
    for (on, role), amounts in by_date.items():
        yield from ((on, side) for cost in _sum_by_currency(amounts) for side in _cost_postings(books, role, cost))


def _inventory_postings(books: Books, supplier_id: UUID, costings: Iterable[CostingResult]) -> Iterator[Posting]:
    for paid in _sum_by_currency(each.received for each in costings):
        yield books.debit(AccountRole.STOCK, paid)
        yield books.credit(AccountRole.GOODS_RECEIVED_NOT_INVOICED, paid, supplier_id)


def _opening_postings(books: Books, costings: Iterable[CostingResult]) -> Iterator[Posting]:
    for value in _sum_by_currency(each.received for each in costings):
        yield books.debit(AccountRole.STOCK, value)
        yield books.credit(AccountRole.OPENING_BALANCES, value)


def _cost_postings(books: Books, role: AccountRole, cost: Money) -> tuple[Posting, Posting]:
    return books.debit(role, cost), books.credit(AccountRole.STOCK, cost)


def _sum_by_currency(amounts: Iterable[Money | None]) -> list[Money]:
    """Return one sum per currency."""
    sums: dict[str, Money] = {}
    for each in amounts:
        if each is not None:
            sums[each.currency] = each + sums.get(each.currency, Money.zero(each.currency))
    return list(sums.values())
