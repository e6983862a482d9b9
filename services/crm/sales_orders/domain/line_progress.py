"""Progress of the lines of a sales order."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass
class LineProgress:
    """Progress of one order line: its quantities, summed from events, which may arrive in any order."""

    ordered: Decimal
    allocated: Decimal = ZERO
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    cancelled: Decimal = ZERO

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

    def cancel(self, quantity: Decimal) -> None:
        """Cancel this quantity and release everything reserved for the line."""
        self.cancelled += quantity
        self.allocated = self.shipped
