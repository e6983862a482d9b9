"""What was ordered from a supplier, and how much of it has arrived."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.srm.domain.purchase_line import (
    LineQuantity,
    PurchaseLine,
    Wanted,
    numbered,
    require_received,
    require_sound,
)
from shared.domain import Aggregate, Find, event
from shared.money import Money

NUMBER = "purchase_order.number"
ZERO = Decimal(0)


class Status(StrEnum):
    """Where a purchase order stands."""

    DRAFT = "draft"
    SENT = "sent"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class PurchaseOrder(Aggregate):
    """Goods asked of a supplier at fixed prices. SRM drafts, sends and revises it; SCM tells what has arrived."""

    @classmethod
    def draft(
        cls, currency: str, lines: tuple[PurchaseLine, ...], over_receipt_percent: Decimal | None = None, **agreed: Any
    ) -> Self:
        """Refused with ForeignCurrency for a price in another currency, with TooLarge beyond 15 digits."""
        require_sound(lines, currency)
        order = cls(currency=currency, lines=lines, **agreed)
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
    ) -> None:
        self.number = number
        self.supplier_id = supplier_id
        self.currency = currency
        self.warehouse = warehouse
        self.lines = lines
        self.ordered_on = ordered_on
        self.expected_on = expected_on
        self.request_id = request_id
        self.over_receipt_percent: Decimal | None = None
        self.revision = 0
        self.reason: str | None = None
        self.sent = self.cancelled = self.closed = False
        self.received = {line.line: ZERO for line in lines}
        self.billed: dict[int, Decimal] = {}
        self._gone: dict[int, PurchaseLine] = {}

    @property
    def total(self) -> Money:
        """All lines together, each rounded by itself."""
        return Money.sum((line.net for line in self.lines), self.currency)

    def send(self, today: date) -> None:
        """Ask the supplier to deliver. Refused with WrongStatus unless it is a draft."""
        self._require(Status.DRAFT)
        self._sent(ordered_on=self.ordered_on or today, total=self.total)

    def revise(
        self,
        lines: tuple[Wanted, ...] | None = None,
        expected_on: date | None = None,
        over_receipt_percent: Decimal | None = None,
    ) -> None:
        """From now on it is for these lines, this day and this tolerance; what is not said stays.

        Refused with WrongStatus once cancelled or closed, with BelowReceived where less would be ordered than has
        arrived, and as a draft is.
        """
        self._require(Status.DRAFT, Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
        revised = self.lines if lines is None else numbered(lines, self.lines, max(self.received))
        require_sound(revised, self.currency)
        require_received(revised, self.lines, self.received)
        percent = self.over_receipt_percent if over_receipt_percent is None else over_receipt_percent
        terms = _in_order(revised), expected_on or self.expected_on, percent
        if terms != (self.lines, self.expected_on, self.over_receipt_percent):
            self._revised(self.revision + 1, *terms)

    def close(self, reason: str | None = None) -> None:
        """Expect no more of it, whatever came. Refused with WrongStatus unless it was sent and not ended."""
        self._require(Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
        self._closed(reason=reason)

    def cancel(self, reason: str) -> None:
        """Expect no more of it; what has arrived stays. Refused with WrongStatus once all has, or nothing will."""
        self._require(Status.DRAFT, Status.SENT, Status.PARTLY_RECEIVED)
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
        left_out = {each.line: each for each in self.lines if each.line not in kept}
        self._gone |= left_out
        self.received = dict.fromkeys(kept, ZERO) | self.received
        self.lines = lines
        for line in left_out:
            if self.received[line]:
                self._bring_back(line)
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
            self._bring_back(part.line)

    @event("ReceiptReversed")
    def receipt_reversed(self, receipt_id: UUID, lines: tuple[LineQuantity, ...]) -> None:
        for part in lines:
            self.received[part.line] -= part.quantity

    def _bring_back(self, line: int) -> None:
        """Goods of a line that was revised away had left before: it stands in the order again, for nothing more."""
        gone = self._gone.pop(line, None)
        if gone is not None:
            self.lines = _in_order((*self.lines, replace(gone, quantity=ZERO)))

    @event("Invoiced")
    def invoiced(self, supplier_invoice_id: UUID, lines: tuple[LineQuantity, ...]) -> None:
        for part in lines:
            self.billed[part.line] = self.billed.get(part.line, ZERO) + part.quantity

    def open(self, line: PurchaseLine) -> Decimal:
        """What is still to come: nothing more once cancelled or closed, never less than nothing."""
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


def _in_order(lines: Iterable[PurchaseLine]) -> tuple[PurchaseLine, ...]:
    return tuple(sorted(lines, key=lambda each: each.line))


def next_number(find: Find) -> str:
    """The next of the series that nobody has given to an order by hand."""
    while find.owner(NUMBER, number := f"PO-{find.number('purchase-orders')}"):
        continue
    return number
