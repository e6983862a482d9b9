"""How far one line of a purchase order is: ordered at a price, received, billed; and how much more may be billed."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain import value
from shared.money import HUNDRED, Money

NOTHING = Decimal(0)


@value
class AgreedLine:
    """One line of the order at its agreed price."""

    line: int
    sku: str
    unit_price: Money


@value
class Tolerances:
    """By how many percent a bill may be dearer, or of more goods, than it should be: exactly so many is allowed."""

    price_percent: Decimal = NOTHING
    quantity_percent: Decimal = NOTHING

    def price(self, agreed: Money) -> Decimal:
        return agreed.amount * (HUNDRED + self.price_percent) / HUNDRED

    def quantity(self, received: Decimal) -> Decimal:
        return received * (HUNDRED + self.quantity_percent) / HUNDRED


@dataclass
class LineMatch:
    """How far one line of the order is."""

    agreed: AgreedLine
    worth: Money
    cleared: Money
    received: Decimal = NOTHING
    billed: Decimal = NOTHING

    @property
    def to_clear(self) -> Money:
        """What the billed quantity was received for; beyond what has arrived, the agreed price."""
        ahead = max(self.billed - self.received, NOTHING)
        if not self.received:
            return self.agreed.unit_price.times(ahead)
        arrived = self.worth.amount * (self.billed - ahead) / self.received
        return Money.rounded(arrived + ahead * self.agreed.unit_price.amount, self.worth.currency)
