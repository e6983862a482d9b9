"""Sales orders with what became of each line, and their invoices."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO, net
from tests.histories.oracle.settling import Document


@dataclass
class Line:
    """A line of an order."""

    number: int
    sku: str
    quantity: Decimal
    price: Decimal
    discount: Decimal = ZERO
    cancelled: Decimal = ZERO
    shipped: Decimal = ZERO
    invoiced_net: Decimal = ZERO

    @property
    def due(self) -> Decimal:
        return self.quantity - self.cancelled

    @property
    def open(self) -> Decimal:
        return self.due - self.shipped

    @property
    def ordered_net(self) -> Decimal:
        return net(self.quantity, self.price, self.discount)

    @property
    def net(self) -> Decimal:
        """What the line comes to: what was invoiced, once the rest is cancelled."""
        return self.invoiced_net if self.cancelled else self.ordered_net

    @property
    def uninvoiced(self) -> Decimal:
        return ZERO if self.shipped == self.quantity else max(self.ordered_net - self.invoiced_net, ZERO)

    def invoice(self, quantity: Decimal) -> Decimal:
        """Ship a part and return its net; the last part takes the rest of the line."""
        left = self.uninvoiced
        is_last = self.shipped + quantity == self.quantity
        part = left if is_last else min(net(quantity, self.price, self.discount), left)
        self.shipped += quantity
        self.invoiced_net += part
        return part


@dataclass
class Order:
    """A sales order that was placed."""

    id: str
    customer: str
    warehouse: str
    ordered_on: date
    required_on: date | None
    may_wait: bool
    freight: Decimal
    terms_days: int
    lines: list[Line]
    removed: list[Line] = field(default_factory=list)
    invoices: list[Document] = field(default_factory=list)
    is_held: bool = False
    is_started: bool = False
    is_closed: bool = False

    @property
    def promised_on(self) -> date:
        return self.required_on or self.ordered_on

    @property
    def total(self) -> Decimal:
        stands = any(each.due for each in self.lines)
        return sum((each.net for each in self.lines), ZERO) + (self.freight if stands else ZERO)

    @property
    def ordered_total(self) -> Decimal:
        return sum((each.ordered_net for each in self.lines), ZERO) + self.freight

    @property
    def exposure(self) -> Decimal:
        """What the customer owes or will owe by the order, before payments."""
        if self.is_held:
            return ZERO
        invoiced = sum((each.amount for each in self.invoices), ZERO)
        if self.is_closed:
            return invoiced
        open_freight = ZERO if self.invoices else self.freight
        return invoiced + sum((each.uninvoiced for each in self.lines), ZERO) + open_freight

    def is_reserved(self, reserved: dict[int, Decimal]) -> bool:
        return all(reserved.get(each.number, ZERO) >= each.open for each in self.lines if each.due)

    def status(self, reserved: dict[int, Decimal]) -> str:
        """Return the furthest step reached; `reserved` by line."""
        due = [each for each in self.lines if each.due]
        if not due:
            return "cancelled"
        if all(each.shipped >= each.due for each in due):
            return "invoiced" if any(each.open for each in self.invoices) else "paid"
        if any(each.shipped for each in due):
            return "partly_shipped"
        if self.is_held:
            return "held"
        return "reserved" if self.is_reserved(reserved) else "backordered"

    def can_change(self, reserved: dict[int, Decimal]) -> bool:
        return self.status(reserved) not in ("cancelled", "invoiced", "paid")

    def due_on(self, invoiced_on: date) -> date:
        return invoiced_on + timedelta(days=self.terms_days)
