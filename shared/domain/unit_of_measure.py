"""Units of measure: how finely the quantities of an item are counted."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from shared.domain.errors import InvalidInput
from shared.money import plain_number


class NotDivisible(InvalidInput):
    """Raised for a quantity with more decimals than the unit of its item has."""


class UnitOfMeasure(NamedTuple):
    """The unit of an item: its code, and how many decimals its quantities have."""

    code: str
    decimals: int

    def require_divisible(self, quantity: Decimal, key: str, *, field: str) -> None:
        """Require that the quantity has no more decimals than the unit. Raises NotDivisible with the nearest ones."""
        step = Decimal(1).scaleb(-self.decimals)
        below, above = (quantity.quantize(step, rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING))
        if below != above:
            detail = f"{plain_number(quantity)} has too many decimals for {key}: {self.words}"
            raise NotDivisible(f"{detail}. Nearest: {plain_number(below)}, {plain_number(above)}", field=field)

    @property
    def words(self) -> str:
        """How many decimals quantities have, as a sentence."""
        allowed = {0: "no decimals", 1: "one decimal"}.get(self.decimals, f"up to {self.decimals} decimals")
        return f"quantities in {self.code} have {allowed}"
