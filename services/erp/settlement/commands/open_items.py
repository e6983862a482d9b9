"""Commands on open items."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.books import open_books
from services.erp.ledger.domain.write_off import reverse_write_off_entries, total_written_off
from services.erp.receivables.commands import Receivables
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from services.erp.settlement.domain.payment import Allocation
from services.erp.settlement.domain.postings import post_item_write_off
from services.erp.settlement.domain.settlement import (
    DIRECTIONS,
    apply_allocations,
    days_of_documents,
    reverse_allocations,
)
from shared.commands import Commands
from shared.domain import Aggregate


class OpenItemCommands(Commands):
    """Commands on open items: allocate and deallocate credit, write off what is owed and reverse that."""

    ledger: Ledger
    receivables: Receivables

    def allocate_open_item(self, item_id: UUID, allocations: Sequence[Allocation]) -> OpenItem:
        """Settle documents from credit.

        Raises NotCredit, ExceedsOpenAmount, InvalidInput, WrongStatus, or FourEyesRequired for the recorder of a large
        supplier invoice.
        """
        item = self.uow.get(OpenItem, item_id)
        direction = DIRECTIONS[item.side]
        on = self.ledger.day_of_change(item.dated_on, *days_of_documents(direction, allocations, self.uow))
        item.allocate(allocations, on)
        self._save_changed(
            apply_allocations(
                direction, item_id, item.party_id, allocations, on, self.uow, by=self.actor, date_field="effective_on"
            )
        )
        return self.uow.save(item)

    def deallocate_open_item(self, item_id: UUID, document_id: UUID) -> OpenItem:
        """Settle a document no more: it is open again, its part is credit again. Raises NotAllocated, WrongStatus."""
        item = self.uow.get(OpenItem, item_id)
        on = self.ledger.day_of_change(item.dated_on)
        part = item.deallocate(document_id, on)
        self._save_changed(reverse_allocations(DIRECTIONS[item.side], item_id, [part], on, self.uow))
        return self.uow.save(item)

    def write_off_open_item(self, item_id: UUID, reason: str) -> OpenItem:
        """Write off what is open. Raises NotOwed, WrongStatus, PeriodClosedError, WriteOffTooLarge above the limit."""
        item = self.uow.get(OpenItem, item_id)
        on = self.ledger.day_of_change(item.dated_on)
        write_off = item.write_off(self.ledger.write_off_limit, on, reason)
        if item.side == OpenItemSide.RECEIVABLE:
            self.receivables.write_off(item.party_id, write_off.amount)
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(item, *post_item_write_off(open_books(self.uow), item, write_off))

    def reverse_open_item_write_off(self, item_id: UUID, reason: str) -> OpenItem:
        """Reverse what was written off. Raises NothingWrittenOff, WrongStatus or PeriodClosedError."""
        item = self.uow.get(OpenItem, item_id)
        on = self.ledger.day_of_change(item.dated_on, *(each.written_off_on for each in item.write_offs))
        reversed_ = item.reverse_write_off(on, reason)
        if item.side == OpenItemSide.RECEIVABLE:
            self.receivables.restore_written_off(item.party_id, total_written_off(reversed_, item.amount.currency))
        self.ledger.require_open(on, "effective_on")
        return self.uow.save(item, *reverse_write_off_entries(item.id, reversed_, on, self.uow))

    def _save_changed(self, changed: Iterable[Aggregate]) -> None:
        for each in changed:
            self.uow.save(each)
