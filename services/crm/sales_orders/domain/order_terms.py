"""Terms of a sales order: lines at fixed prices, freight, required date and ship-to address."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.domain import value_object
from shared.money import Money, line_net_amount


class BackorderPolicy(StrEnum):
    """Whether the order waits for missing goods, or is rejected if not all are in stock."""

    ALLOW = "allow"
    REFUSE = "refuse"


@value_object
class ShipToAddress:
    """Address this order is shipped to, if it is not the customer's own."""

    street: str
    city: str
    country: str
    name: str | None = None
    region: str | None = None
    postal_code: str | None = None


@value_object
class OrderLine:
    """One ordered line. `line` counts from 1 and never changes, nor do item and price; the quantity may."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal = Decimal(0)

    @property
    def net(self) -> Money:
        """Quantity x price x (1 - discount), rounded half up to the currency's digits."""
        return line_net_amount(self.quantity, self.unit_price, self.discount_percent)

    @property
    def item_and_price(self) -> tuple[str, Money, Decimal]:
        """What identifies the line in an amendment: its item, price and discount."""
        return self.sku, self.unit_price, self.discount_percent


@value_object
class AmendableTerms:
    """Terms of a sales order that can be amended: lines, freight, required date and ship-to address."""

    lines: tuple[OrderLine, ...]
    freight: Money
    required_on: date | None = None
    ship_to: ShipToAddress | None = None

    @property
    def net(self) -> Money:
        """Sum of the lines, each rounded separately."""
        return Money.sum((line.net for line in self.lines), self.freight.currency)

    @property
    def total(self) -> Money:
        return self.net + self.freight


def number_lines(requested: Iterable[OrderLine], existing: Iterable[OrderLine]) -> Iterator[OrderLine]:
    """Yield the lines, numbered: one with a known item, price and discount keeps its number, others count on."""
    numbers: dict[Any, list[int]] = {}
    fresh = 0
    for line in existing:
        numbers.setdefault(line.item_and_price, []).append(line.line)
        fresh = max(fresh, line.line)
    for each in requested:
        own = numbers.get(each.item_and_price)
        fresh += not own
        number = _take_number(own, each.line) if own else fresh
        yield replace(each, line=number)


def _take_number(numbers: list[int], preferred: int) -> int:
    return numbers.pop(numbers.index(preferred) if preferred in numbers else 0)
