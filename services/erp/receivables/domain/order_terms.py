"""Terms of a sales order, and its dispatched and invoiced lines."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import value_object
from shared.money import Money, UnitPrice, line_net_amount


@value_object
class OrderedLine:
    """One order line at its fixed price."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: UnitPrice
    discount_percent: Decimal

    @property
    def net(self) -> Money:
        return self.net_of(self.quantity)

    def net_of(self, quantity: Decimal) -> Money:
        return line_net_amount(quantity, self.unit_price, self.discount_percent)


@value_object
class OrderTerms:
    """Terms of a sales order that count for credit and invoicing: customer, payment days, lines and freight."""

    customer_id: UUID
    payment_terms_days: int
    lines: tuple[OrderedLine, ...]
    freight: Money

    def amend(self, lines: tuple[OrderedLine, ...], freight: Money) -> "OrderTerms":
        return replace(self, lines=lines, freight=freight)


@value_object
class DispatchedLine:
    """Dispatched goods of one order line."""

    line: int
    quantity: Decimal


@value_object
class DispatchedShipment:
    """A dispatched shipment of the order: its day and its lines."""

    shipment_id: UUID
    dispatched_on: date
    lines: tuple[DispatchedLine, ...]


@value_object
class InvoicedLine:
    """How much of one order line is invoiced, by one shipment or in all: quantity and net amount."""

    line: int
    quantity: Decimal
    net: Money

    def add(self, other: "InvoicedLine") -> "InvoicedLine":
        return InvoicedLine(self.line, self.quantity + other.quantity, self.net + other.net)
