"""Purchase order: goods ordered from a supplier, and how far they have arrived."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from services.srm.purchase_orders.domain.purchase_line import (
    PurchaseLine,
    RevisedLine,
    number_lines,
    require_not_below_received,
    require_prices_and_total,
)
from shared.domain import Aggregate, LineQuantity, UnitOfWork, allowed_in, event, require_not_before
from shared.fields import Text, limits
from shared.money import Money

PURCHASE_ORDER_NUMBER = "purchase_order.number"
ZERO = Decimal(0)


class Status(StrEnum):
    """Status of a purchase order."""

    DRAFT = "draft"
    SENT = "sent"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderDetails:
    """Plain details of a purchase order that are fixed when it is drafted."""

    supplier_reference: Annotated[Text, limits(max=40)] | None = None


class PurchaseOrder(Aggregate):
    """An order to a supplier at fixed prices. SRM drafts, sends and revises it; SCM reports the receipts."""

    @classmethod
    def draft(
        cls,
        number: str,
        supplier_id: UUID,
        currency: str,
        warehouse: str,
        lines: tuple[PurchaseLine, ...],
        ordered_on: date | None = None,
        expected_on: date | None = None,
        over_receipt_percent: Decimal | None = None,
        request_id: UUID | None = None,
        details: PurchaseOrderDetails = PurchaseOrderDetails(),
    ) -> Self:
        """Draft an order. Raises ForeignCurrency for a price in another currency, AmountTooLarge.

        Raises DatedBefore for goods that are expected before they are ordered.
        """
        require_prices_and_total(lines, currency)
        require_not_before(expected_on, ordered_on, "the order", "expected_on")
        order = cls(number, supplier_id, currency, warehouse, lines, ordered_on, expected_on, request_id, details)
        if over_receipt_percent is not None:
            order._tolerance_agreed(over_receipt_percent=over_receipt_percent)
        return order

    @event("Drafted")
    def __init__(
        self,
        number: str,
        supplier_id: UUID,
        currency: str,
        warehouse: str,
        lines: tuple[PurchaseLine, ...],
        ordered_on: date | None = None,
        expected_on: date | None = None,
        request_id: UUID | None = None,
        details: PurchaseOrderDetails = PurchaseOrderDetails(),
    ) -> None:
        self.number = number
        self.supplier_id = supplier_id
        self.currency = currency
        self.warehouse = warehouse
        self.lines = lines
        self.ordered_on = ordered_on
        self.expected_on = expected_on
        self.request_id = request_id
        self.details = details
        self.over_receipt_percent: Decimal | None = None
        self.revision = 0
        self.reason: str | None = None
        self.sent = self.cancelled = self.closed = False
        self.received = {line.line: ZERO for line in lines}
        self.invoiced_quantities: dict[int, Decimal] = {}
        self._removed_lines: dict[int, PurchaseLine] = {}

    @property
    def dated_on(self) -> date:
        """The day of the order; a draft without one may be dated on any day."""
        return self.ordered_on or date.min

    @property
    def total(self) -> Money:
        """Sum of the lines without cancelled quantities, each rounded separately."""
        return Money.sum((self.net_of(line) for line in self.lines), self.currency)

    def net_of(self, line: PurchaseLine) -> Money:
        """Return what a line comes to without its cancelled quantity."""
        return line.net_of(line.quantity - self.cancelled_quantity(line))

    def cancelled_quantity(self, line: PurchaseLine) -> Decimal:
        """Return the quantity that will not arrive, because the order was cancelled or closed."""
        return max(line.quantity - self.received[line.line], ZERO) if self.cancelled or self.closed else ZERO

    @allowed_in(Status.DRAFT)
    def send(self, today: date) -> None:
        """Send the order to the supplier. Raises WrongStatus unless it is a draft."""
        self._sent(ordered_on=self.ordered_on or today, total=self.total)

    @allowed_in(Status.DRAFT, Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
    def revise(
        self,
        lines: tuple[RevisedLine, ...] | None = None,
        expected_on: date | None = None,
        over_receipt_percent: Decimal | None = None,
    ) -> None:
        """Replace lines, expected day and tolerance; None keeps the present value.

        Raises WrongStatus once cancelled or closed, BelowReceivedQuantity, InvalidInput for an unknown line number,
        ForeignCurrency, AmountTooLarge, DatedBefore.
        """
        require_not_before(expected_on, self.ordered_on, "the order", "expected_on")
        revised = self.lines if lines is None else number_lines(lines, self.lines, max(self.received))
        require_prices_and_total(revised, self.currency)
        require_not_below_received(revised, self.lines, self.received)
        percent = self.over_receipt_percent if over_receipt_percent is None else over_receipt_percent
        terms = _sort_by_number(revised), expected_on or self.expected_on, percent
        if terms != (self.lines, self.expected_on, self.over_receipt_percent):
            self._revised(self.revision + 1, *terms)

    @allowed_in(Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
    def close(self, reason: str | None = None) -> None:
        """Expect nothing more of the order. Raises WrongStatus unless it was sent and has not ended."""
        self._closed(reason=reason)

    @allowed_in(Status.DRAFT, Status.SENT, Status.PARTLY_RECEIVED)
    def cancel(self, reason: str) -> None:
        """Cancel the rest of the order; receipts stay. Raises WrongStatus once it has ended or everything arrived."""
        self._cancelled(reason=reason)

    @event("ToleranceAgreed")
    def _tolerance_agreed(self, over_receipt_percent: Decimal) -> None:
        self.over_receipt_percent = over_receipt_percent

    @event("Sent")
    def _sent(self, ordered_on: date, total: Money) -> None:
        self.sent = True
        self.ordered_on = ordered_on

    @event("Revised")
    def _revised(
        self,
        revision: int,
        lines: tuple[PurchaseLine, ...],
        expected_on: date | None,
        over_receipt_percent: Decimal | None,
    ) -> None:
        kept = {each.line for each in lines}
        removed = {each.line: each for each in self.lines if each.line not in kept}
        self._removed_lines |= removed
        self.received = dict.fromkeys(kept, ZERO) | self.received
        self.lines = lines
        for line in removed:
            if self.received[line]:
                self._restore_line(line)
        self.revision = revision
        self.expected_on = expected_on
        self.over_receipt_percent = over_receipt_percent

    @event("Closed")
    def _closed(self, reason: str | None) -> None:
        self.closed = True
        self.reason = reason

    @event("Cancelled")
    def _cancelled(self, reason: str) -> None:
        self.cancelled = True
        self.reason = reason

    @event("GoodsReceived")
    def goods_received(self, receipt_id: UUID, received_on: date, lines: tuple[LineQuantity, ...]) -> None:
        for part in lines:
            self.received[part.line] += part.quantity
            self._restore_line(part.line)

    @event("ReceiptReversed")
    def receipt_reversed(self, receipt_id: UUID, lines: tuple[LineQuantity, ...]) -> None:
        for part in lines:
            self.received[part.line] -= part.quantity

    def _restore_line(self, line: int) -> None:
        """List a removed line again, with quantity zero, because goods of it have arrived."""
        gone = self._removed_lines.pop(line, None)
        if gone is not None:
            self.lines = _sort_by_number((*self.lines, replace(gone, quantity=ZERO)))

    @event("Invoiced")
    def invoiced(self, supplier_invoice_id: UUID, lines: tuple[LineQuantity, ...]) -> None:
        for part in lines:
            self.invoiced_quantities[part.line] = self.invoiced_quantities.get(part.line, ZERO) + part.quantity

    def open_quantity(self, line: PurchaseLine) -> Decimal:
        """Return the quantity still to arrive: zero once cancelled or closed, never negative."""
        return ZERO if self.cancelled or self.closed else max(line.quantity - self.received[line.line], ZERO)

    @property
    def status(self) -> Status:
        if self.closed:
            return Status.CLOSED
        if all(self.received[line.line] >= line.quantity for line in self.lines):
            return Status.RECEIVED
        if self.cancelled:
            return Status.CANCELLED
        if any(self.received.values()):
            return Status.PARTLY_RECEIVED
        return Status.SENT if self.sent else Status.DRAFT


def _sort_by_number(lines: Iterable[PurchaseLine]) -> tuple[PurchaseLine, ...]:
    return tuple(sorted(lines, key=lambda each: each.line))


def next_order_number(uow: UnitOfWork) -> str:
    """Return the next number of the series that no order has yet."""
    while uow.get_unique_value(PURCHASE_ORDER_NUMBER, number := f"PO-{uow.next_number('purchase-orders')}"):
        continue
    return number
