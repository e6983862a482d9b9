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

    @classmethod
    def receive(
        cls, party_id: UUID, paid_on: date, amount: Money, allocations: Sequence[Allocation], **known: UUID
    ) -> Self:
        """Take it in. Refused with InvalidInput unless the allocations, in its currency, add up to the amount."""
        for index, each in enumerate(allocations):
            if each.amount.currency != amount.currency:
                raise InvalidInput(f"the payment is in {amount.currency}", field=f"allocations/{index}/amount")
        allocated = Money.sum((each.amount for each in allocations), amount.currency)
        if allocated != amount:
            raise InvalidInput(f"{allocated} of {amount} is allocated", field="allocations")
        return cls(
            direction=Direction.IN,
            party_id=party_id,
            paid_on=paid_on,
            amount=amount,
            allocations=tuple(allocations),
            **known,
        )

    @event("Received")
    def __init__(
        self, direction: Direction, party_id: UUID, paid_on: date, amount: Money, allocations: tuple[Allocation, ...]
    ) -> None:
        self.direction = direction
        self.party_id = party_id
        self.paid_on = paid_on
        self.amount = amount
        self.allocations = allocations
        self.status = Status.POSTED
        self.reversed_on: date | None = None

    def reverse(self, on: date, reason: str | None) -> None:
        """It was mistyped: take it back, once. Refused with WrongStatus the second time."""
        self._require(Status.POSTED)
        self._reversed(reversed_on=on, reason=reason)

    @event("Reversed")
    def _reversed(self, reversed_on: date, reason: str | None) -> None:
        self.status = Status.REVERSED
        self.reversed_on = reversed_on
