"""OwedDocument: what is open of a document that payments, credit and write-offs settle."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.ledger.domain.open_amount import require_within_open_amount
from services.erp.ledger.domain.write_off import (
    WriteOff,
    require_within_write_off_limit,
    require_written_off,
    total_written_off,
)
from shared.domain import Aggregate, event
from shared.money import Money


class OwedDocument(Aggregate, is_abstract=True):
    """Base class of documents that a customer or supplier settles: invoices, supplier invoices, open items.

    A payment or credit settles a part of it (`Settled`), and its reversal or removal reopens that part (`Reopened`).
    A small rest is written off (`WrittenOff`), and that is reversed (`WriteOffsReversed`).
    Subclasses declare in which of their states the rest is written off.
    """

    def __init__(self) -> None:
        """Replaced by the event that creates the document; it calls `start_open`."""

    def start_open(self, amount: Money) -> None:
        """Begin with this amount open."""
        self.open = amount
        self.write_offs: tuple[WriteOff, ...] = ()
        self.write_off_count = 0

    @property
    def name(self) -> str:
        """What people call it, in an error."""
        raise NotImplementedError  # every kind of document has its own

    @property
    def written_off(self) -> Money:
        """Amount that was written off, and not reversed."""
        return total_written_off(self.write_offs, self.open.currency)

    def require_payable(self) -> None:
        """Require that it may be settled now; overridden where that depends on its state."""

    def settle(self, settled_by: UUID, amount: Money, on: date) -> None:
        """Settle this much of it by a payment, or by credit of an open item.

        Raises ExceedsOpenAmount, InvalidInput for another currency, and the errors of `require_payable`.
        """
        self.require_payable()
        require_within_open_amount(self.name, self.open, amount)
        self._settled(settled_by=settled_by, amount=amount, settled_on=on)

    def reopen(self, settled_by: UUID, amount: Money, on: date) -> None:
        """Open this much of it again, which a payment or credit had settled."""
        self._reopened(settled_by=settled_by, amount=amount, reopened_on=on)

    def _write_off(self, limit: Decimal, on: date, reason: str) -> WriteOff:
        require_within_write_off_limit(self.name, self.open, limit)
        self._written_off(amount=self.open, written_off_on=on, reason=reason, write_off_number=self.write_off_count + 1)
        return self.write_offs[-1]

    def _reverse_write_off(self, on: date, reason: str) -> tuple[WriteOff, ...]:
        require_written_off(self.name, self.write_offs)
        reversed_ = self.write_offs
        self._write_offs_reversed(amount=self.written_off, reversed_on=on, reason=reason)
        return reversed_

    def _change_open(self, by: Money, on: date) -> None:
        """Apply a change of the open amount on a day."""
        self.open += by

    @event("Settled")
    def _settled(self, settled_by: UUID, amount: Money, settled_on: date) -> None:
        self._change_open(-amount, settled_on)

    @event("Reopened")
    def _reopened(self, settled_by: UUID, amount: Money, reopened_on: date) -> None:
        self._change_open(amount, reopened_on)

    @event("WrittenOff")
    def _written_off(self, amount: Money, written_off_on: date, reason: str, write_off_number: int) -> None:
        self._change_open(-amount, written_off_on)
        self.write_off_count = write_off_number
        self.write_offs = (*self.write_offs, WriteOff(write_off_number, amount, written_off_on))

    @event("WriteOffsReversed")
    def _write_offs_reversed(self, amount: Money, reversed_on: date, reason: str) -> None:
        self._change_open(amount, reversed_on)
        self.write_offs = ()
