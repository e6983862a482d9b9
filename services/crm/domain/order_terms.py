"""What an order promises: goods at frozen prices, to a place, now or later."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

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
    """One promised line. `line` counts from 1 and never changes, nor do item and price; the quantity may."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal = Decimal(0)

    @property
    def net(self) -> Money:
        """Quantity x price x (1 - discount), half up to the currency's digits."""
        return line_net(self.quantity, self.unit_price, self.discount_percent)

    @property
    def kind(self) -> tuple[str, Money, Decimal]:
        """What a line keeps: the item at its price."""
        return self.sku, self.unit_price, self.discount_percent


@value
class OrderTerms:
    """What may still be amended: goods and prices, freight, when and where to."""

    lines: tuple[OrderLine, ...]
    freight: Money
    required_on: date | None = None
    ship_to: ShipTo | None = None

    @property
    def net(self) -> Money:
        """All lines together, each rounded by itself."""
        return Money.sum((line.net for line in self.lines), self.freight.currency)

    @property
    def total(self) -> Money:
        return self.net + self.freight


def numbered(wanted: Iterable[OrderLine], known: Iterable[OrderLine]) -> Iterator[OrderLine]:
    """A line that was there before, in whatever quantity, keeps its number; another one takes the next."""
    numbers: dict[Any, list[int]] = {}
    fresh = 0
    for line in known:
        numbers.setdefault(line.kind, []).append(line.line)
        fresh = max(fresh, line.line)
    for each in wanted:
        own = numbers.get(each.kind)
        fresh += not own
        number = _taken(own, each.line) if own else fresh
        yield replace(each, line=number)


def _taken(numbers: list[int], wished: int) -> int:
    return numbers.pop(numbers.index(wished) if wished in numbers else 0)
