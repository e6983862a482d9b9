"""What an order promises: goods at frozen prices, to a place, now or later."""

from decimal import Decimal
from enum import StrEnum

from shared.domain import value
from shared.money import Money, line_net


class Backorder(StrEnum):
    """Whether the customer waits for missing goods, or wants all now or nothing."""

    ALLOW = "allow"
    REFUSE = "refuse"


@value
class ShipTo:
    """Where this order goes, if not to the customer's own address."""

    street: str
    city: str
    country: str
    name: str | None = None
    region: str | None = None
    postal_code: str | None = None


@value
class OrderLine:
    """One promised line. `line` counts from 1 and never changes; the price is frozen."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal = Decimal(0)

    @property
    def net(self) -> Money:
        """Quantity x price x (1 - discount), half up to the currency's digits."""
        return line_net(self.quantity, self.unit_price, self.discount_percent)
