"""Payment: money that came in or went out, and what it settles."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.domain.owed import MoreThanOpen
from shared.domain import Aggregate, InvalidInput, event, value
from shared.money import Money


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Status(StrEnum):
    POSTED = "posted"
    REVERSED = "reversed"


@value
class Allocation:
    """The part of a payment that settles one document."""

    document_id: UUID
    amount: Money


class Payment(Aggregate):
    """Money from a customer or to a supplier. posted → reversed.

    What of a customer's money is not allocated stays his credit until it is; money out is allocated to the last cent.
    """

    @staticmethod
    def create_id(payment_id: UUID) -> UUID:
        """Known beforehand, since the documents are settled first."""
        return payment_id

    @classmethod
    def record(
        cls,
        payment_id: UUID,
        direction: Direction,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: Sequence[Allocation],
    ) -> Self:
        """Take it into the books. Refused with InvalidInput where the allocations do not go with the amount."""
        allocated = _sum(allocations, amount.currency)
        if allocated > amount or (direction == Direction.OUT and allocated != amount):
            raise InvalidInput(f"{allocated} of {amount} is allocated", field="allocations")
        return cls(payment_id, direction, party_id, paid_on, amount, tuple(allocations))

    @event("Recorded")
    def __init__(
        self,
        payment_id: UUID,
        direction: Direction,
        party_id: UUID,
        paid_on: date,
        amount: Money,
        allocations: tuple[Allocation, ...],
    ) -> None:
        self.direction = direction
        self.party_id = party_id
        self.paid_on = paid_on
        self.amount = amount
        self.allocations = allocations
        self.status = Status.POSTED
        self.reversed_on: date | None = None
        self.reason: str | None = None

    @property
    def unallocated(self) -> Money:
        """The customer's credit: what of it settles nothing yet."""
        if self.status == Status.REVERSED:
            return Money.zero(self.amount.currency)
        return self.amount - _sum(self.allocations, self.amount.currency)

    def allocate(self, allocations: Sequence[Allocation], on: date) -> None:
        """Settle documents with what is left of it. Refused with WrongStatus, MoreThanOpen, or InvalidInput."""
        self._require(Status.POSTED)
        wanted = _sum(allocations, self.amount.currency)
        if wanted > self.unallocated:
            raise MoreThanOpen(f"{self.unallocated} of it is left, not {wanted}", field="allocations")
        self._allocated(allocations=tuple(allocations), allocated_on=on)

    def reverse(self, on: date, reason: str | None) -> None:
        """It was mistyped: take it back, once. Refused with WrongStatus the second time."""
        self._require(Status.POSTED)
        self._reversed(reversed_on=on, reason=reason)

    @event("Allocated")
    def _allocated(self, allocations: tuple[Allocation, ...], allocated_on: date) -> None:
        self.allocations = (*self.allocations, *allocations)

    @event("Reversed")
    def _reversed(self, reversed_on: date, reason: str | None) -> None:
        self.status = Status.REVERSED
        self.reversed_on = reversed_on
        self.reason = reason


def _sum(allocations: Sequence[Allocation], currency: str) -> Money:
    """Together. Refused with InvalidInput for a part in another currency."""
    for index, each in enumerate(allocations):
        if each.amount.currency != currency:
            raise InvalidInput(f"the payment is in {currency}", field=f"allocations/{index}/amount")
    return Money.sum((each.amount for each in allocations), currency)
