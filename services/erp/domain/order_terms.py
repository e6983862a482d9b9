"""What a customer was promised at which price, what of it has left, and what was invoiced."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import value
from shared.money import Money, line_net


@value
class OrderedLine:
    """One line of the order; its price is frozen."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal

    @property
    def net(self) -> Money:
        return self.net_of(self.quantity)

    def net_of(self, quantity: Decimal) -> Money:
        return line_net(quantity, self.unit_price, self.discount_percent)


@value
class OrderTerms:
    """An order as the customer accepted it."""

    customer_id: UUID
    payment_terms_days: int
    lines: tuple[OrderedLine, ...]
    freight: Money

    def amended(self, lines: tuple[OrderedLine, ...], freight: Money) -> "OrderTerms":
        return replace(self, lines=lines, freight=freight)


@value
class DispatchedLine:
    """Goods of one line that have left."""

    line: int
    quantity: Decimal


@value
class DispatchedShipment:
    """Goods of the order that left together."""

    shipment_id: UUID
    dispatched_on: date
    lines: tuple[DispatchedLine, ...]


@value
class InvoicedLine:
    """How much of a line was invoiced."""

    line: int
    quantity: Decimal
    net: Money

    def plus(self, more: "InvoicedLine") -> "InvoicedLine":
        return InvoicedLine(self.line, self.quantity + more.quantity, self.net + more.net)
