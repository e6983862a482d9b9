"""Shipment: goods of one order that leave together."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.scm.domain.goods import Goods, GoodsLine, TooMuch, minus, plus, spread
from shared.domain import Aggregate, Refused, event, value


class MoreThanShipment(TooMuch):
    """More was to be dispatched than the shipment holds."""

    way_out = "only what is held for the order can leave"


class NothingHeld(Refused):
    """A shipment without goods does not leave."""


class Status(StrEnum):
    OPEN = "open"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


@value
class Dispatch:
    """When and how goods leave; carrier by its code."""

    dispatched_on: date
    carrier: str | None = None
    tracking: str | None = None


class Shipment(Aggregate):
    """Goods held for one order. open → dispatched; open → cancelled. What stays goes into the order's next one."""

    @classmethod
    def create_id(cls, order_id: UUID, ordinal: int) -> UUID:
        return cls.derive_id(order_id, ordinal)

    @event("Opened")
    def __init__(
        self, order_id: UUID, ordinal: int, customer_id: UUID, warehouse: str, lines: tuple[GoodsLine, ...]
    ) -> None:
        self.order_id = order_id
        self.ordinal = ordinal
        self.customer_id = customer_id
        self.warehouse = warehouse
        self.lines = lines
        self.status = Status.OPEN
        self.departure: Dispatch | None = None

    def add(self, lines: tuple[GoodsLine, ...]) -> None:
        """More goods of the same order go along."""
        self._require(Status.OPEN)
        self._lines_added(lines=lines)

    def parts(self, asked: Sequence[Goods] | None) -> tuple[GoodsLine, ...]:
        """The lines these goods are of, all of them for none asked. MoreThanShipment if it does not hold that much."""
        self._require(Status.OPEN)
        if not self.lines:
            raise NothingHeld(f"nothing is held for order {self.order_id} now: dispatch it when goods have arrived")
        return self.lines if asked is None else spread(asked, self.lines, MoreThanShipment)

    def dispatch(self, lines: tuple[GoodsLine, ...], departure: Dispatch, complete: bool) -> None:
        """These lines leave; `complete` = nothing of the order is left to ship."""
        self._require(Status.OPEN)
        self._dispatched(lines=lines, dispatch=departure, order_complete=complete)

    def take_out(self, lines: tuple[GoodsLine, ...], whole: bool) -> None:
        """These goods do not go along any more; `whole` = the order wants nothing more to leave."""
        self._require(Status.OPEN)
        if whole:
            self._cancelled()
        elif lines:
            self._lines_reduced(lines=lines)

    def cancel(self) -> None:
        """The order stops: nothing leaves."""
        self._require(Status.OPEN)
        self._cancelled()

    @event("LinesAdded")
    def _lines_added(self, lines: tuple[GoodsLine, ...]) -> None:
        self.lines = plus(self.lines, lines)

    @event("LinesReduced")
    def _lines_reduced(self, lines: tuple[GoodsLine, ...]) -> None:
        self.lines = minus(self.lines, lines)

    @event("Dispatched")
    def _dispatched(self, lines: tuple[GoodsLine, ...], dispatch: Dispatch, order_complete: bool) -> None:
        self.lines = lines
        self.departure = dispatch
        self.status = Status.DISPATCHED

    @event("Cancelled")
    def _cancelled(self) -> None:
        self.status = Status.CANCELLED
