"""Progress of the lines of a sales order."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain import LineQuantity, value_object
from shared.money import Money

ZERO = Decimal(0)


@value_object
class InvoicedQuantity(LineQuantity):
    """A quantity of one order line on an invoice, and what it comes to there."""

    net: Money | None = None


@dataclass
class LineProgress:
    """Progress of one order line: its quantities, summed from events, which may arrive in any order."""

    ordered: Decimal
    allocated: Decimal = ZERO
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    cancelled: Decimal = ZERO
    invoiced_net: Money | None = None

    @property
    def net_ordered(self) -> Decimal:
        """Quantity to deliver, including what was shipped: ordered less cancelled."""
        return self.ordered - self.cancelled

    @property
    def dispatched(self) -> Decimal:
        """Quantity that has left: only shipped goods are invoiced, so an invoice may arrive before its shipment."""
        return max(self.shipped, self.invoiced)

    @property
    def reserved(self) -> Decimal:
        """Quantity reserved now: allocated less shipped."""
        return max(self.allocated - self.shipped, ZERO)

    @property
    def final_net(self) -> Money | None:
        """What the line comes to for good: what was invoiced, once that is all that was not cancelled."""
        return self.invoiced_net if self.cancelled and self.invoiced == self.net_ordered else None

    def invoice(self, part: InvoicedQuantity) -> None:
        """Add an invoiced quantity."""
        self.invoiced += part.quantity
        if part.net is not None:
            self.invoiced_net = part.net if self.invoiced_net is None else self.invoiced_net + part.net

    def cancel(self, quantity: Decimal) -> None:
        """Cancel this quantity and release everything reserved for the line."""
        self.cancelled += quantity
        self.allocated = self.shipped
