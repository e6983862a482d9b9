"""Fulfilment: the shipping of one sales order."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.scm.fulfilment.domain.customer_order import Amendment, CustomerOrder
from services.scm.items.domain.goods import GoodsLine, add_by_line, subtract_by_line
from shared.domain import Aggregate, DomainError, allowed_in, event
from shared.money import plain_number


class NotReserved(DomainError):
    """Raised when goods to be shipped are not reserved for the order, or not as many."""


class AmendmentPending(DomainError):
    """Raised when goods are shipped while an amendment of the order is undecided."""


class Status(StrEnum):
    """The state of an order's fulfilment: waiting for order or credit, in progress, shipped, cancelled or rejected."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


OPEN_STATUSES = (Status.WAITING, Status.IN_PROGRESS)


class Fulfilment(Aggregate):
    """A sales order being shipped. waiting → in_progress → shipped; waiting → rejected; both open ones → cancelled.

    An amendment is applied once its credit is approved; until it is decided nothing is shipped.
    """

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Started")
    def __init__(self, order_id: UUID) -> None:
        self.order_id = order_id
        self._order: CustomerOrder | None = None
        self.revision = 1
        self.approved_revisions: frozenset[int] = frozenset()
        self.amendment: Amendment | None = None
        self.cancellation_reason: str | None = None
        self.status = Status.WAITING
        self.warehouse = ""
        self.unshipped: tuple[GoodsLine, ...] = ()
        self.reserved: tuple[GoodsLine, ...] = ()
        self.shipped: tuple[GoodsLine, ...] = ()
        self.dispatch_count = 0

    @property
    def known_as(self) -> str:
        """The sales order, by its number: what people know of its fulfilment."""
        return f"sales order {(self._order and self._order.number) or self.order_id}"

    @property
    def is_ready(self) -> bool:
        """Whether order and credit approval have both arrived and nothing was decided yet."""
        return self.status == Status.WAITING and self._order is not None and self.revision in self.approved_revisions

    @property
    def approved_amendment(self) -> Amendment | None:
        """The requested amendment, once its credit is approved."""
        due = self.amendment is not None and self.amendment.revision in self.approved_revisions
        return self.amendment if due else None

    @property
    def order(self) -> CustomerOrder:
        """The ordered goods; only valid once the order has arrived."""
        assert self._order is not None
        return self._order

    @property
    def dated_on(self) -> date:
        """The day of the order, once it has arrived."""
        return self._order.ordered_on if self._order else date.min

    @property
    def open_lines(self) -> tuple[GoodsLine, ...]:
        """Lines that are reserved or backordered in the warehouse."""
        return self.unshipped if self.status == Status.IN_PROGRESS else ()

    @property
    def missing_lines(self) -> tuple[GoodsLine, ...]:
        """Quantities the order waits for."""
        return subtract_by_line(self.unshipped, self.reserved)

    @property
    def next_shipment_ordinal(self) -> int:
        """Number of the order's next shipment, counted from 1; it contains the reserved goods."""
        return self.dispatch_count + 1

    def order_placed(self, order: CustomerOrder) -> None:
        """Record the order; it is cancelled at once if its cancellation arrived before."""
        if self._order is None:
            self._order_placed(order=order)
            if self.cancellation_reason is not None:
                self.cancel(self.cancellation_reason)

    def credit_approved(self, revision: int = 1) -> None:
        if self.status in OPEN_STATUSES and revision not in self.approved_revisions:
            self._credit_approved(revision=revision)

    def request_amendment(self, amendment: Amendment) -> None:
        """Stop shipments until it is decided. Refused, as an event, if the order has ended or too much was shipped."""
        self._amendment_requested(amendment=amendment)
        if reason := self._amendment_refusal(amendment):
            self.refuse_amendment(reason)

    def _amendment_refusal(self, amendment: Amendment) -> str | None:
        if self.status not in OPEN_STATUSES:
            return f"the order is {self.status}"
        if amendment.only_before_dispatch and self.shipped:
            return "goods were shipped already"
        wanted = {each.line: each.quantity for each in amendment.lines}
        below = (each for each in self.shipped if each.quantity > wanted.get(each.line, 0))
        return next((f"line {each.line}: {plain_number(each.quantity)} were shipped" for each in below), None)

    @allowed_in(*OPEN_STATUSES)
    def amend(self, amendment: Amendment, released: tuple[GoodsLine, ...] = ()) -> None:
        """Apply the amendment; `released` quantities are no longer reserved for the order."""
        self._amended(
            revision=amendment.revision, lines=amendment.lines, required_on=amendment.required_on, released=released
        )

    def refuse_amendment(self, reason: str) -> None:
        """Keep the order as it is."""
        assert self.amendment is not None
        self._amendment_refused(revision=self.amendment.revision, reason=reason)

    @allowed_in(Status.WAITING)
    def refuse(self, reason: str, skus: Iterable[str] = ()) -> None:
        """Reject an order that cannot be fulfilled and must not wait."""
        self._rejected(reason=reason, skus=tuple(skus))

    @allowed_in(Status.WAITING)
    def start(self, warehouse: str, held: tuple[GoodsLine, ...]) -> tuple[GoodsLine, ...]:
        """Start with the reserved quantities and return the missing ones, which wait."""
        missing = subtract_by_line(self.unshipped, held)
        if held:
            self._stock_reserved(warehouse=warehouse, lines=held)
        if missing:
            self._stock_short(warehouse=warehouse, lines=missing)
        return missing

    @allowed_in(Status.IN_PROGRESS, on_any_day=True)
    def add_reserved(self, lines: tuple[GoodsLine, ...]) -> None:
        """Record that goods the order waited for are now reserved."""
        self._stock_reserved(warehouse=self.warehouse, lines=lines)

    @allowed_in(Status.IN_PROGRESS, on_any_day=True)
    def add_missing(self, lines: tuple[GoodsLine, ...]) -> None:
        """Record further quantities the order waits for."""
        self._stock_short(warehouse=self.warehouse, lines=lines)

    @allowed_in(Status.IN_PROGRESS)
    def ship(self, lines: tuple[GoodsLine, ...]) -> None:
        """Ship goods. Raises NotReserved if less is reserved, AmendmentPending before an amendment is decided."""
        if self.amendment is not None:
            raise AmendmentPending(f"{self.known_as} is being amended: dispatch it after the amendment is decided")
        reserved = {each.line: each.quantity for each in self.reserved}
        if any(each.quantity > reserved.get(each.line, 0) for each in lines):
            raise NotReserved(f"{self.known_as} has less reserved: dispatch at most that")
        self._goods_shipped(lines=lines)

    def cancel(self, reason: str) -> None:
        """Cancel what was not shipped; refused, as an event, if everything was. Waits for an order not yet received."""
        if self._order is None:
            self._cancellation_requested(reason=reason)
        elif self.status == Status.SHIPPED:
            self._cancellation_refused(reason="everything has been shipped")
        elif self.status in OPEN_STATUSES:
            self._cancelled(reason=reason, lines=self.unshipped)

    @event("OrderPlaced")
    def _order_placed(self, order: CustomerOrder) -> None:
        self._order = order
        self.unshipped = order.lines

    @event("CreditApproved")
    def _credit_approved(self, revision: int = 1) -> None:
        self.approved_revisions |= {revision}

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
        self.reserved = subtract_by_line(self.reserved, released)
        self.unshipped = subtract_by_line(lines, self.shipped)
        self._complete_if_all_shipped()

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
        self.reserved = add_by_line(self.reserved, lines)

    @event("StockShort")
    def _stock_short(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.IN_PROGRESS
        self.warehouse = warehouse

    @event("GoodsShipped")
    def _goods_shipped(self, lines: tuple[GoodsLine, ...]) -> None:
        self.dispatch_count += 1
        self.reserved = subtract_by_line(self.reserved, lines)
        self.shipped = add_by_line(self.shipped, lines)
        self.unshipped = subtract_by_line(self.unshipped, lines)
        self._complete_if_all_shipped()

    def _complete_if_all_shipped(self) -> None:
        if not self.unshipped:
            self.status = Status.SHIPPED

    @event("CancellationRequested")
    def _cancellation_requested(self, reason: str) -> None:
        self.cancellation_reason = reason

    @event("Cancelled")
    def _cancelled(self, reason: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.CANCELLED
        self.amendment = None
        self.reserved = ()

    @event("CancellationRefused")
    def _cancellation_refused(self, reason: str) -> None:
        pass
