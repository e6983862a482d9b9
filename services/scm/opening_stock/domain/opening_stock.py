"""Opening stock: goods that were there before the first movement in the suite."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from shared.domain import Aggregate, TwoPersonRequest, allowed_in, event, value_object
from shared.fields import Code, Lookup, Quantity
from shared.money import Money


class Status(StrEnum):
    """The state of an opening stock: recorded or reversed."""

    RECORDED = "recorded"
    REVERSED = "reversed"


@value_object
class OpeningStockLine:
    """The quantity of an item that was there, and the value of all of it; 0 only if it is given."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    value: Money


class OpeningStock(Aggregate):
    """Goods in a warehouse before all movements of a day, with their value. recorded → reversed, by two persons."""

    @event("Recorded")
    def __init__(self, warehouse: str, opened_on: date, lines: tuple[OpeningStockLine, ...]) -> None:
        self.warehouse = warehouse
        self.opened_on = opened_on
        self.lines = lines
        self.status = Status.RECORDED
        self.reason: str | None = None
        self.reversal_request: TwoPersonRequest | None = None

    @property
    def value(self) -> Money:
        """The value of all lines."""
        return Money.sum(each.value for each in self.lines)

    @allowed_in(Status.RECORDED)
    def reverse(self, reason: str, by: str) -> None:
        """Reverse a mistaken opening stock when a second person requests it; the first request is only recorded.

        Raises WrongStatus once it is reversed, FourEyesRequired if the same person requests it twice.
        """
        if self.reversal_request is None:
            self._reversal_requested(request=TwoPersonRequest(reason, by))
        else:
            self.reversal_request.require_other_person(by, "the reversal of opening stock")
            self._reversed(reason=reason)

    @event("ReversalRequested")
    def _reversal_requested(self, request: TwoPersonRequest) -> None:
        self.reversal_request = request

    @event("Reversed")
    def _reversed(self, reason: str) -> None:
        self.status = Status.REVERSED
        self.reason = reason
