"""Terms of a sales order: details that no rule transforms, lines at fixed prices, and freight."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from shared.domain import value_object
from shared.fields import (
    Code,
    Country,
    Date,
    Kind,
    Lookup,
    Percent,
    PersonalData,
    Quantity,
    ShortText,
    limits,
    part_of,
)
from shared.money import Money, UnitPrice, line_net_amount

ItemAndPrice = tuple[str, UnitPrice, Decimal]


class BackorderPolicy(StrEnum):
    """Whether the order waits for missing goods, or is rejected if not all are in stock."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class ShipTo:
    """The address to which an order is shipped, encrypted with the customer's key except for its country."""

    name: PersonalData | None = None
    street: PersonalData
    city: PersonalData
    region: PersonalData | None = None
    postal_code: PersonalData | None = None
    country: Country


@dataclass(frozen=True, kw_only=True)
class OrderDetails:
    """Plain details of an order that are fixed when it is drafted."""

    warehouse: Annotated[Code, Lookup("scm.warehouses", "code")] | None = None
    backorder: BackorderPolicy = BackorderPolicy.ALLOW
    sales_rep: ShortText | None = None


@dataclass(frozen=True, kw_only=True)
class AmendableDetails:
    """Plain details of an order that can be amended."""

    required_on: Date | None = None


@value_object
class OrderLine:
    """One ordered line. `line` counts from 1 and never changes, nor do item and price; the quantity may."""

    line: Annotated[int, Kind("whole_number"), limits(min=1)]
    sku: Code
    quantity: Quantity
    unit_price: UnitPrice
    discount_percent: Percent = Decimal(0)

    @property
    def net(self) -> Money:
        """Quantity x price x (1 - discount), rounded half up to the currency's digits."""
        return self.net_of(self.quantity)

    def net_of(self, quantity: Decimal) -> Money:
        """Return what this quantity of it comes to."""
        return line_net_amount(quantity, self.unit_price, self.discount_percent)

    @property
    def item_and_price(self) -> ItemAndPrice:
        """What identifies the line in an amendment: its item, price and discount."""
        return self.sku, self.unit_price, self.discount_percent


@dataclass(frozen=True, kw_only=True)
class AmendableTerms(AmendableDetails):
    """Terms of a sales order that can be amended: lines, freight and details."""

    lines: tuple[OrderLine, ...]
    freight: Money
    ship_to: ShipTo | None = None

    @classmethod
    def of(
        cls, details: AmendableDetails, *, lines: tuple[OrderLine, ...], freight: Money, ship_to: ShipTo | None = None
    ) -> Self:
        """Return the terms with these details, lines, freight and address."""
        return cls(lines=lines, freight=freight, ship_to=ship_to, **vars(part_of(AmendableDetails, details)))

    @property
    def net(self) -> Money:
        """Sum of the lines, each rounded separately."""
        return Money.sum((line.net for line in self.lines), self.freight.currency)

    @property
    def total(self) -> Money:
        return self.net + self.freight


def number_lines(requested: Iterable[OrderLine], existing: Iterable[OrderLine]) -> Iterator[OrderLine]:
    """Yield the lines, numbered: one with a known item, price and discount keeps its number, others count on."""
    numbers: dict[ItemAndPrice, list[int]] = {}
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
