"""Deviation: why a supplier invoice does not match, and the tolerances within which it does."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.domain import value_object
from shared.money import HUNDRED, UnitPrice, plain_number

ZERO = Decimal(0)


class DeviationReason(StrEnum):
    """Reason why a line does not match."""

    PRICE = "price_above_order"
    QUANTITY = "more_than_received"


@value_object
class Deviation:
    """Deviation of an invoice line: the allowed and the invoiced price or quantity of one order line.

    `position` is the place of the line on the invoice, counted from 1; `currency` is none for a quantity.
    """

    position: int
    purchase_order_id: UUID
    purchase_order: str
    line: int
    sku: str
    reason: DeviationReason
    allowed: Decimal
    billed: Decimal
    currency: str | None = None

    def is_covered_by(self, accepted: "Deviation") -> bool:
        """Return whether a person who accepted the other deviation accepted at least as much."""
        return self.place == accepted.place and self.allowed >= accepted.allowed

    @property
    def place(self) -> tuple[int, UUID, int, DeviationReason]:
        """The line of the invoice, the line of the order and the reason."""
        return self.position, self.purchase_order_id, self.line, self.reason

    @property
    def detail(self) -> str:
        """The deviation as a sentence."""
        what = f"line {self.position}: {self.sku}, line {self.line} of {self.purchase_order}"
        allowed, billed = plain_number(self.allowed), plain_number(self.billed)
        if self.reason == DeviationReason.PRICE:
            return f"{what}, is invoiced at {billed} {self.currency}, above the agreed {allowed} {self.currency}"
        return f"{what}, is invoiced with {billed}, above the {allowed} received and not invoiced"


@value_object
class ReleaseGround:
    """What a person knew of an order line on releasing an invoice of it: the received quantity and the agreed price."""

    purchase_order_id: UUID
    line: int
    received: Decimal
    agreed_price: UnitPrice

    def is_worse_than(self, known: "ReleaseGround") -> bool:
        """Return whether less is received, or a lower price agreed, than was known."""
        return self.received < known.received or self.agreed_price.amount < known.agreed_price.amount


@value_object
class Tolerances:
    """Percentages by which an invoice may exceed the agreed price and the received quantity, limits included."""

    price_percent: Decimal = ZERO
    quantity_percent: Decimal = ZERO

    def max_price(self, agreed: UnitPrice) -> Decimal:
        return agreed.amount * (HUNDRED + self.price_percent) / HUNDRED

    def max_quantity(self, received: Decimal) -> Decimal:
        return received * (HUNDRED + self.quantity_percent) / HUNDRED
