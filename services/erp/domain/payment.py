"""Payment: money that came in, and what it settles."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

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
    """Money from a customer, allocated to the last cent. posted → reversed."""

    @staticmethod
    def create_id(payment_id: UUID) -> UUID:
        """Known beforehand, since the documents are settled first."""
        return payment_id

    @classmethod
    def receive(
        cls, payment_id: UUID, party_id: UUID, paid_on: date, amount: Money, allocations: Sequence[Allocation]
    ) -> Self:
        """Take it in. Refused with InvalidInput unless the allocations, in its currency, add up to the amount."""
        for index, each in enumerate(allocations):
            if each.amount.currency != amount.currency:
                raise InvalidInput(f"the payment is in {amount.currency}", field=f"allocations/{index}/amount")
        allocated = Money.sum((each.amount for each in allocations), amount.currency)
        if allocated != amount:
            raise InvalidInput(f"{allocated} of {amount} is allocated", field="allocations")
        return cls(payment_id, Direction.IN, party_id, paid_on, amount, tuple(allocations))

    @event("Received")
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

    def reverse(self, on: date, reason: str | None) -> None:
        """It was mistyped: take it back, once. Refused with WrongStatus the second time."""
        self._require(Status.POSTED)
        self._reversed(reversed_on=on, reason=reason)

    @event("Reversed")
    def _reversed(self, reversed_on: date, reason: str | None) -> None:
        self.status = Status.REVERSED
        self.reversed_on = reversed_on
        self.reason = reason
