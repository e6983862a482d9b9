"""Fulfilment: one customer's order on its way out of the warehouse."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.scm.domain.goods import GoodsLine, minus, plus
from services.scm.domain.order import Amendment, Order
from shared.domain import Aggregate, Refused, event
from shared.money import plain


class NotReserved(Refused):
    """Only what is held for the order can leave."""


class BeingAmended(Refused):
    """Nothing leaves while the order may still become another one."""


class Status(StrEnum):
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


UNFINISHED = (Status.WAITING, Status.IN_PROGRESS)


class Fulfilment(Aggregate):
    """An order being filled. awaited → filling → shipped; awaited → refused; awaited or filling → cancelled.

    It is amended once credit stands for the amendment; until that is decided nothing leaves.
    """

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Started")
    def __init__(self, order_id: UUID) -> None:
        self.order_id = order_id
        self._order: Order | None = None
        self.revision = 1
        self.approved: frozenset[int] = frozenset()
        self.amendment: Amendment | None = None
        self.stop_reason: str | None = None
        self.status = Status.WAITING
        self.warehouse = ""
        self.unshipped: tuple[GoodsLine, ...] = ()
        self.held: tuple[GoodsLine, ...] = ()
        self.shipped: tuple[GoodsLine, ...] = ()
        self.dispatches = 0

    @property
    def ready(self) -> bool:
        """Order and credit are both known and nothing was decided yet."""
        return self.status == Status.WAITING and self._order is not None and self.revision in self.approved

    @property
    def due_amendment(self) -> Amendment | None:
        """What was asked for, once credit stands for it."""
        due = self.amendment is not None and self.amendment.revision in self.approved
        return self.amendment if due else None

    @property
    def order(self) -> Order:
        """What was promised, once that is known."""
        assert self._order is not None
        return self._order

    @property
    def unfinished(self) -> tuple[GoodsLine, ...]:
        """What is held in the warehouse or waited for there."""
        return self.unshipped if self.status == Status.IN_PROGRESS else ()

    @property
    def lacking(self) -> tuple[GoodsLine, ...]:
        """What it waits for."""
        return minus(self.unshipped, self.held)

    @property
    def next_shipment(self) -> int:
        """Which shipment of the order the held goods are in, counted from 1."""
        return self.dispatches + 1

    def order_placed(self, order: Order) -> None:
        """The promise is known; it ends at once if it was to be stopped before."""
        if self._order is None:
            self._order_placed(order=order)
            if self.stop_reason is not None:
                self.cancel(self.stop_reason)

    def credit_approved(self, revision: int = 1) -> None:
        if self.status in UNFINISHED and revision not in self.approved:
            self._credit_approved(revision=revision)

    def ask_for(self, amendment: Amendment) -> None:
        """Nothing leaves until it is decided. Refused, as an event, where it ended or too much has left for it."""
        self._amendment_requested(amendment=amendment)
        if reason := self._hindrance(amendment):
            self.refuse_amendment(reason)

    def _hindrance(self, amendment: Amendment) -> str | None:
        if self.status not in UNFINISHED:
            return f"the order is {self.status}"
        if amendment.only_before_dispatch and self.shipped:
            return "something has left already"
        wanted = {each.line: each.quantity for each in amendment.lines}
        below = (each for each in self.shipped if each.quantity > wanted.get(each.line, 0))
        return next((f"line {each.line}: {plain(each.quantity)} have left" for each in below), None)

    def amend(self, amendment: Amendment, released: tuple[GoodsLine, ...] = ()) -> None:
        """The order is another one from now on; what was released is not held for it any more."""
        self._require(*UNFINISHED)
        self._amended(
            revision=amendment.revision, lines=amendment.lines, required_on=amendment.required_on, released=released
        )

    def refuse_amendment(self, reason: str) -> None:
        """The order stays what it is."""
        assert self.amendment is not None
        self._amendment_refused(revision=self.amendment.revision, reason=reason)

    def refuse(self, reason: str, skus: Iterable[str] = ()) -> None:
        """End an order that cannot be filled and may not wait."""
        self._require(Status.WAITING)
        self._rejected(reason=reason, skus=tuple(skus))

    def fill(self, warehouse: str, held: tuple[GoodsLine, ...]) -> tuple[GoodsLine, ...]:
        """Start with what is held; what is missing waits. Gives what is missing."""
        self._require(Status.WAITING)
        missing = minus(self.unshipped, held)
        if held:
            self._stock_reserved(warehouse=warehouse, lines=held)
        if missing:
            self._stock_short(warehouse=warehouse, lines=missing)
        return missing

    def hold_more(self, lines: tuple[GoodsLine, ...]) -> None:
        """Goods it waited for are now held."""
        self._require(Status.IN_PROGRESS)
        self._stock_reserved(warehouse=self.warehouse, lines=lines)

    def lack(self, lines: tuple[GoodsLine, ...]) -> None:
        """So much more is missing and waited for."""
        self._require(Status.IN_PROGRESS)
        self._stock_short(warehouse=self.warehouse, lines=lines)

    def ship(self, lines: tuple[GoodsLine, ...]) -> None:
        """Goods leave. Refused with NotReserved if more than what is held, BeingAmended until that is decided."""
        self._require(Status.IN_PROGRESS)
        if self.amendment is not None:
            raise BeingAmended(f"order {self.order_id} is being amended: dispatch it when credit for that is decided")
        held = {each.line: each.quantity for each in self.held}
        if any(each.quantity > held.get(each.line, 0) for each in lines):
            raise NotReserved(f"not all of it is held for order {self.order_id}")
        self._goods_shipped(lines=lines)

    def cancel(self, reason: str) -> None:
        """Stop what has not left; refused, as an event, once everything has. Waits for an order not heard of yet."""
        if self._order is None:
            self._cancellation_requested(reason=reason)
        elif self.status == Status.SHIPPED:
            self._cancellation_refused(reason="everything has been shipped")
        elif self.status in UNFINISHED:
            self._cancelled(reason=reason, lines=self.unshipped)

    @event("OrderPlaced")
    def _order_placed(self, order: Order) -> None:
        self._order = order
        self.unshipped = order.lines

    @event("CreditApproved")
    def _credit_approved(self, revision: int = 1) -> None:
        self.approved |= {revision}

    @event("AmendmentRequested")
    def _amendment_requested(self, amendment: Amendment) -> None:
        self.amendment = amendment

    @event("Amended")
    def _amended(
        self, revision: int, lines: tuple[GoodsLine, ...], required_on: date | None, released: tuple[GoodsLine, ...]
    ) -> None:
        self.amendment = None
        self.revision = revision
        self._order = replace(self.order, lines=lines, required_on=required_on)
        self.held = minus(self.held, released)
        self.unshipped = minus(lines, self.shipped)
        self._finish()

    @event("AmendmentRefused")
    def _amendment_refused(self, revision: int, reason: str) -> None:
        self.amendment = None

    @event("Rejected")
    def _rejected(self, reason: str, skus: tuple[str, ...]) -> None:
        self.status = Status.REJECTED

    @event("StockReserved")
    def _stock_reserved(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.IN_PROGRESS
        self.warehouse = warehouse
        self.held = plus(self.held, lines)

    @event("StockShort")
    def _stock_short(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.IN_PROGRESS
        self.warehouse = warehouse

    @event("GoodsShipped")
    def _goods_shipped(self, lines: tuple[GoodsLine, ...]) -> None:
        self.dispatches += 1
        self.held = minus(self.held, lines)
        self.shipped = plus(self.shipped, lines)
        self.unshipped = minus(self.unshipped, lines)
        self._finish()

    def _finish(self) -> None:
        if not self.unshipped:
            self.status = Status.SHIPPED

    @event("CancellationRequested")
    def _cancellation_requested(self, reason: str) -> None:
        self.stop_reason = reason

    @event("Cancelled")
    def _cancelled(self, reason: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.CANCELLED
        self.amendment = None
        self.held = ()

    @event("CancellationRefused")
    def _cancellation_refused(self, reason: str) -> None:
        pass
