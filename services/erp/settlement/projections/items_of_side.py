"""Open items of a side by due date: the common part of receivables and payables by days overdue."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.erp.ledger.projections.items_by_due_date import ItemsByDueDate, add_amount, add_open_item
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from services.erp.settlement.domain.payment import total_allocated
from shared.money import Money
from shared.projections import Rows, on


class ItemsOfSide(ItemsByDueDate):
    """Base class: what people booked on the customers, or on the suppliers; credit is a negative amount."""

    side: ClassVar[OpenItemSide]

    @on(OpenItem.Opened)
    def item_opened(self, opened: OpenItem.Opened, rows: Rows) -> None:
        if opened.side == self.side:
            add_open_item(rows, opened.originator_id, opened.party_id, opened.due_on, entity=opened.entity)
            add_amount(rows, opened.originator_id, opened.dated_on, opened.amount)

    @on(OpenItem.Settled)
    def item_settled(self, settled: OpenItem.Settled, rows: Rows) -> None:
        _add_change(rows, settled.originator_id, settled.settled_on, -settled.amount)

    @on(OpenItem.Reopened)
    def item_reopened(self, reopened: OpenItem.Reopened, rows: Rows) -> None:
        _add_change(rows, reopened.originator_id, reopened.reopened_on, reopened.amount)

    @on(OpenItem.WrittenOff)
    def item_written_off(self, written_off: OpenItem.WrittenOff, rows: Rows) -> None:
        _add_change(rows, written_off.originator_id, written_off.written_off_on, -written_off.amount)

    @on(OpenItem.WriteOffsReversed)
    def item_write_offs_reversed(self, reversed_: OpenItem.WriteOffsReversed, rows: Rows) -> None:
        _add_change(rows, reversed_.originator_id, reversed_.reversed_on, reversed_.amount)

    @on(OpenItem.Allocated)
    def item_allocated(self, allocated: OpenItem.Allocated, rows: Rows) -> None:
        amount = total_allocated(allocated.allocations, allocated.allocations[0].amount.currency)
        _add_change(rows, allocated.originator_id, allocated.allocated_on, amount)

    @on(OpenItem.Deallocated)
    def item_deallocated(self, deallocated: OpenItem.Deallocated, rows: Rows) -> None:
        _add_change(rows, deallocated.originator_id, deallocated.deallocated_on, -deallocated.amount)

    @on(OpenItem.Reversed)
    def item_reversed(self, reversed_: OpenItem.Reversed, rows: Rows) -> None:
        _add_change(rows, reversed_.originator_id, reversed_.reversed_on, -reversed_.amount)


def _add_change(rows: Rows, item_id: UUID, day: date, by: Money) -> None:
    """Add a change of an item of this side; those of the other side have no row."""
    if item_id in rows:
        add_amount(rows, item_id, day, by)
