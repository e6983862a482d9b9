"""Shipment: goods of one order that leave together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from services.scm.items.domain.goods import (
    GoodsLine,
    NotAmongLines,
    QuantityTooLarge,
    RequestedGoods,
    add_by_line,
    allocate_to_lines,
    require_among_lines,
    subtract_by_line,
)
from shared.domain import Aggregate, DomainError, allowed_in, event
from shared.fields import Code, Lookup, ShortText


class ExceedsShipment(QuantityTooLarge):
    """Raised when more is dispatched than the shipment contains."""

    remedy = "dispatch at most what is reserved"


class NotInShipment(NotAmongLines):
    """Raised when an item is dispatched that the shipment does not contain."""

    reason = "is not in this shipment"


class EmptyShipment(DomainError):
    """Raised when a shipment without goods is dispatched."""


class Status(StrEnum):
    """The state of a shipment: open, dispatched or cancelled."""

    OPEN = "open"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class DispatchDetails:
    """Plain details of a dispatch: how the goods leave; carrier by its code."""

    carrier: Annotated[Code, Lookup("scm.carriers", "code")] | None = None
    tracking: ShortText | None = None


class Shipment(Aggregate):
    """Goods reserved for one order. open → dispatched; open → cancelled. The rest goes into the order's next one."""

    @classmethod
    def create_id(cls, order_id: UUID, ordinal: int) -> UUID:
        return cls.derive_id(order_id, ordinal)

    @event("Opened")
    def __init__(
        self,
        order_id: UUID,
        ordinal: int,
        customer_id: UUID,
        warehouse: str,
        lines: tuple[GoodsLine, ...],
        ordered_on: date = date.min,
        order_number: str | None = None,
    ) -> None:
        self.order_id = order_id
        self.order_number = order_number
        self.ordinal = ordinal
        self.customer_id = customer_id
        self.warehouse = warehouse
        self.lines = lines
        self.ordered_on = ordered_on
        self.status = Status.OPEN
        self.dispatched_on: date | None = None
        self.at: datetime | None = None
        self.details = DispatchDetails()

    @property
    def known_as(self) -> str:
        """The shipment by the number of its sales order."""
        return f"the shipment of sales order {self.order_number or self.order_id}"

    @property
    def dated_on(self) -> date:
        """The day of the sales order."""
        return self.ordered_on

    @allowed_in(Status.OPEN, on_any_day=True)
    def add(self, lines: tuple[GoodsLine, ...]) -> None:
        """Add goods of the same order."""
        self._lines_added(lines=lines)

    def resolve_lines(self, requested: Sequence[RequestedGoods] | None) -> tuple[GoodsLine, ...]:
        """Return the lines of these goods, all lines for None.

        Raises NotInShipment, ExceedsShipment, EmptyShipment, WrongStatus.
        """
        self._require_allowed("dispatch")
        if not self.lines:
            order = f"sales order {self.order_number or self.order_id}"
            raise EmptyShipment(f"nothing is reserved for {order}: dispatch it when goods have arrived")
        if requested is None:
            return self.lines
        require_among_lines(requested, self.lines, NotInShipment)
        return allocate_to_lines(requested, self.lines, ExceedsShipment)

    @allowed_in(Status.OPEN)
    def dispatch(
        self, lines: tuple[GoodsLine, ...], on: date, at: datetime, details: DispatchDetails, complete: bool
    ) -> None:
        """Dispatch these lines; `complete` = nothing of the order is left to ship."""
        self._dispatched(lines=lines, dispatched_on=on, at=at, details=details, order_complete=complete)

    @allowed_in(Status.OPEN, on_any_day=True)
    def remove(self, lines: tuple[GoodsLine, ...], whole: bool) -> None:
        """Remove these goods; `whole` = nothing of the order is left to ship."""
        if whole:
            self._cancelled()
        elif lines:
            self._lines_reduced(lines=lines)

    @allowed_in(Status.OPEN, on_any_day=True)
    def cancel(self) -> None:
        """Cancel the shipment: the order was cancelled."""
        self._cancelled()

    @event("LinesAdded")
    def _lines_added(self, lines: tuple[GoodsLine, ...]) -> None:
        self.lines = add_by_line(self.lines, lines)

    @event("LinesReduced")
    def _lines_reduced(self, lines: tuple[GoodsLine, ...]) -> None:
        self.lines = subtract_by_line(self.lines, lines)

    @event("Dispatched")
    def _dispatched(
        self,
        lines: tuple[GoodsLine, ...],
        dispatched_on: date,
        at: datetime,
        details: DispatchDetails,
        order_complete: bool,
    ) -> None:
        self.lines = lines
        self.dispatched_on, self.at, self.details = dispatched_on, at, details
        self.status = Status.DISPATCHED

    @event("Cancelled")
    def _cancelled(self) -> None:
        self.status = Status.CANCELLED
