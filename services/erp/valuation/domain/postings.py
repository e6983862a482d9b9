"""Postings of goods movements: accounts, sides and posting day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.ledger.domain.account import (
    COST_OF_GOODS_SOLD,
    GOODS_RECEIVED_NOT_INVOICED,
    STOCK,
    STOCK_ADJUSTMENTS,
)
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, Posting, credit, debit
from services.erp.ledger.domain.postings import JournalEntries, entry_unless_zero, one_entry_per_date, sum_by_currency
from services.erp.valuation.domain.costing import CostingResult
from shared.money import Money


def post_goods_receipt(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post stock against goods received not invoiced, at the order price."""
    costings = tuple(costings)
    yield from entry_unless_zero(
        books, EntryKind.GOODS_RECEIVED, receipt_id, received_on, _inventory_postings(supplier_id, costings)
    )
    yield from one_entry_per_date(books, EntryKind.COST_ADJUSTMENT, receipt_id, _correction_postings(costings))


def post_receipt_reversal(
    books: AccountingPeriods, receipt_id: UUID, supplier_id: UUID, received_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the reversal of a receipt on the receipt's day, and the changes of costs already posted."""
    yield from one_entry_per_date(
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
    yield from one_entry_per_date(books, EntryKind.PRICE_REVISED, revision_id, sides)


def post_cost_of_goods(
    books: AccountingPeriods, shipment_id: UUID, dispatched_on: date, costings: Iterable[CostingResult]
) -> JournalEntries:
    """Post the cost of a shipment's goods against stock, and corrections of costs posted before."""
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
    costs = sum_by_currency(each.cost for each in costings)
    yield from entry_unless_zero(
        books, kind, document, on, (side for cost in costs for side in _cost_postings(account, cost))
    )
    yield from one_entry_per_date(books, EntryKind.COST_ADJUSTMENT, document, _correction_postings(costings))


def _receipt_postings(supplier_id: UUID, on: date, costings: Sequence[CostingResult]) -> Iterator[tuple[date, Posting]]:
    yield from ((on, side) for side in _inventory_postings(supplier_id, costings))
    yield from _correction_postings(costings)


def _correction_postings(costings: Iterable[CostingResult]) -> Iterator[tuple[date, Posting]]:
    """Yield the changes of costs already posted, each dated as its movement."""
    by_date = defaultdict(list)
    for each in (correction for costing in costings for correction in costing.corrections):
        by_date[each.on, STOCK_ADJUSTMENTS if each.is_count_difference else COST_OF_GOODS_SOLD].append(each.amount)
    for (on, account), amounts in by_date.items():
        yield from ((on, side) for cost in sum_by_currency(amounts) for side in _cost_postings(account, cost))


def _inventory_postings(supplier_id: UUID, costings: Iterable[CostingResult]) -> Iterator[Posting]:
    for paid in sum_by_currency(each.received for each in costings):
        yield from (debit(STOCK, paid), credit(GOODS_RECEIVED_NOT_INVOICED, paid, supplier_id))


def _cost_postings(account: str, cost: Money) -> tuple[Posting, Posting]:
    return debit(account, cost), credit(STOCK, cost)
