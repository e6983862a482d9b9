"""How far each line of an order is."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain import value

ZERO = Decimal(0)


@value
class LineQuantity:
    """A quantity of one line of an order."""

    line: int
    quantity: Decimal


@dataclass
class Progress:
    """One line: sums of what was told, the same in whatever order the news came."""

    ordered: Decimal
    taken: Decimal = ZERO
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    stopped: Decimal = ZERO

    @property
    def due(self) -> Decimal:
        """What the customer still gets or already got: ordered, less what was cancelled."""
        return self.ordered - self.stopped

    @property
    def left(self) -> Decimal:
        """What has left the house: only what was shipped is invoiced, whichever is heard first."""
        return max(self.shipped, self.invoiced)

    @property
    def reserved(self) -> Decimal:
        """Held now: what was taken from stock for the line, less what was shipped."""
        return max(self.taken - self.shipped, ZERO)

    def stop(self, quantity: Decimal) -> None:
        """This much will not be shipped any more, and nothing stays held for it."""
        self.stopped += quantity
        self.taken = self.shipped
