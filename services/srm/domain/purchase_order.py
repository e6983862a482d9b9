"""What was ordered from a supplier, and how much of it has arrived."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.srm.domain.supplier import require_currency
from shared.domain import Aggregate, Find, InvalidInput, event, value
from shared.money import Money, line_net

NUMBER = "purchase_order.number"
ZERO = Decimal(0)
LARGEST = Decimal(10) ** 15


class TooLarge(InvalidInput):
    """Nobody trades in amounts of more than 15 digits."""


class Status(StrEnum):
    """Where a purchase order stands."""

    DRAFT = "draft"
    SENT = "sent"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@value
class PurchaseLine:
    """One ordered line. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money

    @property
    def net(self) -> Money:
        """Quantity x price, half up to the currency's digits."""
        return line_net(self.quantity, self.unit_price)


@value
class Part:
    """A quantity of one line."""

    line: int
    quantity: Decimal


class PurchaseOrder(Aggregate):
    """Goods asked of a supplier at fixed prices. SRM drafts and sends it; SCM tells what has arrived."""

    @classmethod
    def draft(cls, currency: str, lines: tuple[PurchaseLine, ...], **agreed: Any) -> Self:
        """Refused with ForeignCurrency for a price in another currency, with TooLarge beyond 15 digits."""
        for index, line in enumerate(lines):
            require_currency(currency, line.unit_price, field=f"lines/{index}/unit_price")
        if not accountable(lines, currency):
            raise TooLarge("the lines add up to more than can be accounted for", field="lines")
        return cls(currency=currency, lines=lines, **agreed)

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
        self.reason: str | None = None
        self.sent = self.cancelled = False
        self.received = {line.line: ZERO for line in lines}

    @property
    def total(self) -> Money:
        """All lines together, each rounded by itself."""
        return Money.sum((line.net for line in self.lines), self.currency)

    def send(self, today: date) -> None:
        """Ask the supplier to deliver. Refused with WrongStatus unless it is a draft."""
        self._require(Status.DRAFT)
        self._sent(ordered_on=self.ordered_on or today, total=self.total)

    def cancel(self, reason: str) -> None:
        """Expect no more of it; what has arrived stays. Refused with WrongStatus once all has, or nothing will."""
        self._require(Status.DRAFT, Status.SENT, Status.PARTLY_RECEIVED)
        self._cancelled(reason=reason)

    @event("Sent")
    def _sent(self, ordered_on: date, total: Money) -> None:
        self.sent = True
        self.ordered_on = ordered_on

    @event("Cancelled")
    def _cancelled(self, reason: str) -> None:
        self.cancelled = True
        self.reason = reason

    @event("GoodsReceived")
    def goods_received(self, receipt_id: UUID, received_on: date, parts: tuple[Part, ...]) -> None:
        for part in parts:
            self.received[part.line] += part.quantity

    def open(self, line: PurchaseLine) -> Decimal:
        """What is still to come: nothing more once cancelled, never less than nothing."""
        return ZERO if self.cancelled else max(line.quantity - self.received[line.line], ZERO)

    @property
    def status(self) -> Status:
        if all(self.received[line.line] >= line.quantity for line in self.lines):
            return Status.RECEIVED
        if self.cancelled:
            return Status.CANCELLED
        if any(self.received.values()):
            return Status.PARTLY_RECEIVED
        return Status.SENT if self.sent else Status.DRAFT


def accountable(lines: Iterable[PurchaseLine], currency: str) -> bool:
    """Whether they add up to at most 15 digits."""
    return Money.sum((line.net for line in lines), currency) < Money(LARGEST, currency)


def next_number(find: Find) -> str:
    """The next of the series that nobody has given to an order by hand."""
    while find.owner(NUMBER, number := f"PO-{find.number('purchase-orders')}"):
        continue
    return number
