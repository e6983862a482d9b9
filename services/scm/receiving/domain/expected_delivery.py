"""Expected delivery: goods of a sent purchase order, expected and received."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.scm.items.domain.goods import (
    GoodsLine,
    NotAmongLines,
    QuantityTooLarge,
    RequestedGoods,
    add_by_line,
    allocate_to_lines,
    excess_by_line,
    group_lines_by_sku,
    require_among_lines,
    require_lines_of_order,
    subtract_by_line,
    total,
)
from shared.domain import Aggregate, WrongStatus, allowed_in, event

HUNDRED = Decimal(100)


class NotOnOrder(NotAmongLines):
    """Raised when the purchase order does not contain the item."""

    reason = "was not ordered"


class ExceedsOrderedQuantity(QuantityTooLarge):
    """Raised when a receipt exceeds the ordered quantity and its tolerance."""

    remedy = "revise the purchase order to receive more"


class Status(StrEnum):
    """The state of an expected delivery: expected, complete, cancelled, or closed with less than was ordered."""

    EXPECTED = "expected"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    CLOSED = "closed"


def _refusal(delivery: "ExpectedDelivery") -> WrongStatus:
    """Return the refusal of a receipt, which names the purchase order."""
    detail = f"{delivery.known_as} is {delivery.status}: use another purchase order"
    return WrongStatus(detail, field="purchase_order_id")


class ExpectedDelivery(Aggregate):
    """Expected delivery of a purchase order. expected ⇄ complete; either → closed; expected → cancelled."""

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("ReceiptExpected")
    def __init__(
        self,
        purchase_order_id: UUID,
        warehouse: str,
        lines: tuple[GoodsLine, ...],
        ordered_on: date = date.min,
        currency: str | None = None,
        number: str | None = None,
    ) -> None:
        self.purchase_order_id = purchase_order_id
        self.number = number
        self.ordered_on = ordered_on
        self.currency = currency
        self.warehouse = warehouse
        self.ordered = lines
        self.received: tuple[GoodsLine, ...] = ()
        self.over_percent: Decimal | None = None
        self.ended: Status | None = None
        self.skus = {each.sku for each in lines}

    @property
    def known_as(self) -> str:
        """The purchase order, by its number: what people know of an expected delivery."""
        return f"purchase order {self.number or self.purchase_order_id}"

    @property
    def dated_on(self) -> date:
        """The day of the purchase order."""
        return self.ordered_on

    @property
    def status(self) -> Status:
        return self.ended or (Status.EXPECTED if self.open_lines else Status.COMPLETE)

    @property
    def open_lines(self) -> tuple[GoodsLine, ...]:
        """Quantities still to arrive: none once it has ended, never negative."""
        return () if self.ended else excess_by_line(self.ordered, self.received)

    @property
    def open_quantities(self) -> dict[str, Decimal]:
        """Quantity still to arrive of each item that was ever ordered, sorted by SKU."""
        still_open = group_lines_by_sku(self.open_lines)
        return {sku: total(still_open.get(sku, ())) for sku in sorted(self.skus)}

    def agree_tolerance(self, over_percent: Decimal | None) -> None:
        """Set by how many percent a receipt may exceed each line; None uses the firm's tolerance."""
        if over_percent != self.over_percent:
            self._tolerance_agreed(over_receipt_percent=over_percent)

    @allowed_in(Status.EXPECTED, Status.COMPLETE, refusal=_refusal)
    def receive(self, arrived: Sequence[RequestedGoods], firm_percent: Decimal = Decimal(0)) -> tuple[GoodsLine, ...]:
        """Record a receipt and return its lines. `firm_percent` is the tolerance of an order without its own.

        Raises WrongStatus once it has ended; naming the line: InvalidInput for a line number that the order does not
        have, NotOnOrder or ExceedsOrderedQuantity.
        """
        require_lines_of_order(self.known_as, arrived, self.ordered)
        require_among_lines(arrived, self.ordered, NotOnOrder)
        open_ = self.open_lines
        lines = allocate_to_lines(arrived, (*open_, *self._tolerated_excess(firm_percent)), ExceedsOrderedQuantity)
        self._received(lines=lines)
        if surplus := excess_by_line(lines, open_):
            self._over_received(warehouse=self.warehouse, lines=surplus)
        return lines

    def reverse_receipt(self, lines: tuple[GoodsLine, ...]) -> None:
        """Reverse a receipt: its quantities are open again, unless the delivery has ended."""
        after = () if self.ended else excess_by_line(self.ordered, subtract_by_line(self.received, lines))
        self._receipt_reversed(
            warehouse=self.warehouse, lines=lines, open_change=_line_differences(self.open_lines, after)
        )

    def revise(self, lines: tuple[GoodsLine, ...], over_percent: Decimal | None) -> None:
        """Replace the expected lines; receipts stay."""
        if not self.ended:
            opened = _line_differences(self.open_lines, excess_by_line(lines, self.received))
            self._revised(warehouse=self.warehouse, lines=lines, open_change=opened)
            self.agree_tolerance(over_percent)

    def cancel(self) -> None:
        """Expect nothing more; changes nothing once everything has arrived."""
        if self.status == Status.EXPECTED:
            self._cancelled(warehouse=self.warehouse, lines=self.open_lines)

    def close(self) -> None:
        """Expect nothing more, even if everything has arrived."""
        if not self.ended:
            self._closed(warehouse=self.warehouse, lines=self.open_lines)

    def _tolerated_excess(self, firm_percent: Decimal) -> Iterator[GoodsLine]:
        """Yield by how much each line may still be exceeded."""
        percent = firm_percent if self.over_percent is None else self.over_percent
        received = {each.line: each.quantity for each in self.received}
        for each in self.ordered:
            limit = each.quantity * (HUNDRED + percent) / HUNDRED
            taken = max(each.quantity, received.get(each.line, Decimal(0)))
            if limit > taken:
                yield GoodsLine(each.line, each.sku, limit - taken)

    @event("ToleranceAgreed")
    def _tolerance_agreed(self, over_receipt_percent: Decimal | None) -> None:
        self.over_percent = over_receipt_percent

    @event("Received")
    def _received(self, lines: tuple[GoodsLine, ...]) -> None:
        self.received = add_by_line(self.received, lines)

    @event("OverReceived")
    def _over_received(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        """Record by how much the last receipt exceeded the open quantity; the state includes it already."""

    @event("ReceiptReversed")
    def _receipt_reversed(
        self, warehouse: str, lines: tuple[GoodsLine, ...], open_change: tuple[GoodsLine, ...]
    ) -> None:
        self.received = subtract_by_line(self.received, lines)

    @event("Revised")
    def _revised(self, warehouse: str, lines: tuple[GoodsLine, ...], open_change: tuple[GoodsLine, ...]) -> None:
        self.ordered = lines
        self.skus |= {each.sku for each in lines}

    @event("Cancelled")
    def _cancelled(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.ended = Status.CANCELLED

    @event("Closed")
    def _closed(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.ended = Status.CLOSED


def _line_differences(before: Iterable[GoodsLine], after: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Return by how much each line has grown (or shrunk)."""
    less = (GoodsLine(each.line, each.sku, -each.quantity) for each in before)
    return tuple(each for each in add_by_line(less, after) if each.quantity)
