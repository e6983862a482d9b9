"""The lines of a purchase order, and how a revision changes them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from services.srm.domain.supplier import require_currency
from shared.domain import InvalidInput, Refused, value
from shared.money import Money, line_net, plain

LARGEST = Decimal(10) ** 15


class TooLarge(InvalidInput):
    """Nobody trades in amounts of more than 15 digits."""


class BelowReceived(Refused):
    """A line is not revised below what has arrived of it."""


@value
class PurchaseLine:
    """One ordered line. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money

    @property
    def net(self) -> Money:
        """Quantity x price, half up to the currency's digits."""
        return line_net(self.quantity, self.unit_price)


@value
class Wanted:
    """A line as it is to be: one the order has, by its number or else by its item, or a new one."""

    sku: str
    quantity: Decimal
    unit_price: Money
    line: int | None = None


@value
class LineQuantity:
    """A quantity of one line."""

    line: int
    quantity: Decimal


def require_sound(lines: Sequence[PurchaseLine], currency: str) -> None:
    """Refused with ForeignCurrency for a price in another currency, with TooLarge beyond 15 digits."""
    for index, line in enumerate(lines):
        require_currency(currency, line.unit_price, field=f"lines/{index}/unit_price")
    if not accountable(lines, currency):
        raise TooLarge("the lines add up to more than can be accounted for", field="lines")


def accountable(lines: Iterable[PurchaseLine], currency: str) -> bool:
    """Whether they add up to at most 15 digits."""
    return Money.sum((line.net for line in lines), currency) < Money(LARGEST, currency)


def numbered(wanted: Sequence[Wanted], lines: Iterable[PurchaseLine], last: int) -> tuple[PurchaseLine, ...]:
    """The wanted lines, each with the number it has in the order; new ones count on from the last ever given.

    Refused with InvalidInput for a number the order does not have, has for another item, or that is given twice.
    """
    free = {each.line: each for each in lines}
    numbers = [_named(each, free, index) for index, each in enumerate(wanted)]
    revised = []
    for each, number in zip(wanted, numbers, strict=True):
        same = number or next((line.line for line in free.values() if line.sku == each.sku), None)
        free.pop(same or 0, None)
        last += same is None
        revised.append(PurchaseLine(same or last, each.sku, each.quantity, each.unit_price))
    return tuple(revised)


def _named(wanted: Wanted, free: dict[int, PurchaseLine], index: int) -> int | None:
    if wanted.line is None:
        return None
    known = free.pop(wanted.line, None)
    if known is None:
        raise InvalidInput(f"the order has no other line {wanted.line}", field=f"lines/{index}/line")
    if known.sku != wanted.sku:
        raise InvalidInput(
            f"line {known.line} is of {known.sku}: leave it out, add a new one", field=f"lines/{index}/sku"
        )
    return known.line


def require_received(
    revised: Sequence[PurchaseLine], before: Iterable[PurchaseLine], received: Mapping[int, Decimal]
) -> None:
    """Refused with BelowReceived where a line would get smaller than what has arrived of it, or go."""
    place = {each.line: (index, each.quantity) for index, each in enumerate(revised)}
    for line in before:
        index, quantity = place.get(line.line, (None, Decimal(0)))
        least = min(received[line.line], line.quantity)
        if quantity < least:
            there = f"{plain(received[line.line])} of {line.sku} have arrived on line {line.line}"
            field = "lines" if index is None else f"lines/{index}/quantity"
            raise BelowReceived(f"{there}: keep at least {plain(least)}", field=field)
