"""Purchase order lines, and how a revision changes them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from shared.domain import (
    DomainError,
    InvalidInput,
    require_amount_in_currency,
    require_total_of_lines_within_maximum,
    value_object,
)
from shared.fields import Code, Kind, Lookup, Quantity
from shared.money import Money, UnitPrice, line_net_amount, plain_number


class BelowReceivedQuantity(DomainError):
    """Raised when a revision would reduce a line below its received quantity."""


@value_object
class PurchaseLine:
    """One ordered line. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: UnitPrice

    @property
    def net(self) -> Money:
        """Quantity x price, rounded half up to the currency's digits."""
        return self.net_of(self.quantity)

    def net_of(self, quantity: Decimal) -> Money:
        """Return what this quantity of it comes to."""
        return line_net_amount(quantity, self.unit_price)


@value_object
class Line:
    """One line of a purchase order in a request: item, quantity and unit price."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    unit_price: UnitPrice

    def numbered(self, line: int) -> PurchaseLine:
        """Return it as the line of an order with this number."""
        return PurchaseLine(line, self.sku, self.quantity, self.unit_price)


@value_object
class RevisedLine(Line):
    """One line of a revised purchase order in a request; `line` is the number it has.

    Without a number it is the existing line of its item, or a new one.
    """

    line: Annotated[int, Kind("whole_number", {"min": 1})] | None = None


def require_prices_and_total(lines: Sequence[PurchaseLine], currency: str) -> None:
    """Require prices in the order's currency (ForeignCurrency) and a total that is not too large (AmountTooLarge)."""
    for index, line in enumerate(lines):
        require_amount_in_currency(currency, line.unit_price, field=f"lines/{index}/unit_price")
    require_total_of_lines_within_maximum(Money.sum((line.net for line in lines), currency))


def number_lines(
    requested: Sequence[RevisedLine], lines: Iterable[PurchaseLine], last: int
) -> tuple[PurchaseLine, ...]:
    """Return the requested lines, each with its number in the order; new lines count on from `last`.

    Raises InvalidInput for a number that is unknown, given twice, or of another item.
    """
    free = {each.line: each for each in lines}
    numbers = [_matching_line_number(each, free, index) for index, each in enumerate(requested)]
    revised = []
    for each, number in zip(requested, numbers, strict=True):
        same = number or next((line.line for line in free.values() if line.sku == each.sku), None)
        free.pop(same or 0, None)
        last += same is None
        revised.append(each.numbered(same or last))
    return tuple(revised)


def _matching_line_number(requested: RevisedLine, free: dict[int, PurchaseLine], index: int) -> int | None:
    if requested.line is None:
        return None
    known = free.pop(requested.line, None)
    if known is None:
        raise InvalidInput(f"line {requested.line} is unknown or given twice", field=f"lines/{index}/line")
    if known.sku != requested.sku:
        raise InvalidInput(
            f"line {known.line} is for {known.sku}: remove it and add a new line", field=f"lines/{index}/sku"
        )
    return known.line


def require_not_below_received(
    revised: Sequence[PurchaseLine], before: Iterable[PurchaseLine], received: Mapping[int, Decimal]
) -> None:
    """Raise BelowReceivedQuantity where a line is missing or smaller than its received quantity."""
    place = {each.line: (index, each.quantity) for index, each in enumerate(revised)}
    for line in before:
        index, quantity = place.get(line.line, (None, Decimal(0)))
        least = min(received[line.line], line.quantity)
        if quantity < least:
            arrived = f"{plain_number(received[line.line])} of {line.sku} have arrived on line {line.line}"
            field = "lines" if index is None else f"lines/{index}/quantity"
            raise BelowReceivedQuantity(f"{arrived}: keep at least {plain_number(least)}", field=field)
