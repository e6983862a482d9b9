"""Order lines as invoice matching sees them: agreed price, received and invoiced goods."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain import value_object
from shared.money import Money, UnitPrice

ZERO = Decimal(0)


@value_object
class AgreedLine:
    """One order line at its agreed price."""

    line: int
    sku: str
    unit_price: UnitPrice


@dataclass
class OrderLineTotals:
    """Totals of one order line: agreed price, received and invoiced quantities, received value, cleared amount."""

    agreed: AgreedLine
    received_value: Money
    cleared_amount: Money
    received: Decimal = ZERO
    billed: Decimal = ZERO

    @property
    def clearing_amount(self) -> Money:
        """Received value of the invoiced quantity; the agreed price for what is invoiced before receipt."""
        ahead = max(self.billed - self.received, ZERO)
        if not self.received:
            return self.agreed.unit_price.multiply(ahead)
        arrived = self.received_value.amount * (self.billed - ahead) / self.received
        return Money.rounded(arrived + ahead * self.agreed.unit_price.amount, self.received_value.currency)
