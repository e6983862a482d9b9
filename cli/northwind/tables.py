"""The CSV tables of the company: read once, typed and normalised."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FIRST_DAY = date(1996, 7, 1)
LAST_DAY = date(1998, 5, 6)
PAYMENT_TERMS_DAYS = 30
COST_SHARE = Decimal("0.70")
CENT = Decimal("0.01")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """A billing or delivery address."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class Partner:
    """A customer or a supplier, with its one contact."""

    code: str
    name: str
    contact: str
    title: str
    phone: str
    address: Address


@dataclass(frozen=True)
class Carrier:
    """A carrier of goods."""

    code: str
    name: str
    phone: str


@dataclass(frozen=True)
class Product:
    """A product; quantities are those at the end of the data."""

    sku: str
    name: str
    unit: str
    supplier: str
    list_price: Decimal
    in_stock: int
    on_order: int
    reorder_level: int
    discontinued: bool

    @property
    def cost(self) -> Decimal:
        """The purchase price: 70 % of the list price, rounded half up to the cent."""
        return (self.list_price * COST_SHARE).quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """An order line; the discount is in percent."""

    sku: str
    quantity: int
    unit_price: Decimal
    discount_percent: Decimal

    @property
    def net(self) -> Decimal:
        """The net amount of the line, rounded half up to the cent."""
        exact = self.quantity * self.unit_price * (100 - self.discount_percent) / 100
        return exact.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Order:
    """A customer's order; `shipped_on` is None while it is open."""

    number: str
    customer: str
    sales_rep: str
    ordered_on: date
    required_on: date
    shipped_on: date | None
    carrier: str
    freight: Decimal
    ship_name: str
    ship_to: Address
    lines: tuple[Line, ...]

    @property
    def paid_on(self) -> date | None:
        """The due date, if that is not after the end of the data."""
        due = self.shipped_on and self.shipped_on + timedelta(days=PAYMENT_TERMS_DAYS)
        return due if due and due <= LAST_DAY else None


class NorthwindTables:
    """All tables in the folder. Raises FileNotFoundError, KeyError or ValueError if a table is missing or invalid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.customers = self._load("customers", lambda row: _partner(row, "customer_id"))
        self.suppliers = self._load("suppliers", lambda row: _partner(row, "supplier_id"))
        self.carriers = self._load(
            "shippers", lambda row: Carrier(row["shipper_id"], row["company_name"], row["phone"])
        )
        self.products = self._load("products", _product)
        lines = self._lines()
        self.orders = self._load("orders", lambda row: _order(row, tuple(lines[row["order_id"]])))

    @cached_property
    def shipped_orders(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.shipped_on)

    @cached_property
    def open_orders(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if not order.shipped_on)

    @cached_property
    def shipped_units(self) -> Mapping[str, int]:
        """Units per SKU in all shipped orders."""
        units: dict[str, int] = defaultdict(int)
        for order in self.shipped_orders:
            for line in order.lines:
                units[line.sku] += line.quantity
        return units

    def received_units(self, product: Product) -> int:
        """Return the units received: units shipped plus units in stock at the end."""
        return self.shipped_units[product.sku] + product.in_stock

    def received_cost(self, code: str) -> Decimal:
        """Return the cost of all units received from a supplier."""
        return sum((each.cost * self.received_units(each) for each in self.products_of(code)), Decimal(0))

    def products_of(self, code: str) -> tuple[Product, ...]:
        return tuple(product for product in self.products if product.supplier == code)

    def _rows(self, name: str) -> Iterator[Row]:
        with (self._folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {column: _unescape(text) for column, text in row.items()}

    def _load(self, name: str, convert: Callable[[Row], T]) -> tuple[T, ...]:
        return tuple(convert(row) for row in self._rows(name))

    def _lines(self) -> Mapping[str, list[Line]]:
        lines: dict[str, list[Line]] = defaultdict(list)
        for row in self._rows("order_details"):
            percent = (Decimal(row["discount"]) * 100).normalize()
            line = Line(row["product_id"], int(row["quantity"]), Decimal(row["unit_price"]), percent)
            lines[row["order_id"]].append(line)
        return lines


def _unescape(text: str) -> str:
    """Return the text with escaped line breaks (`\\n` in the files) replaced by commas."""
    return ", ".join(part.strip() for part in text.split("\\n")).strip()


def _address(row: Row, prefix: str = "") -> Address:
    street, *others = (row[prefix + name] for name in ("address", "city", "region", "postal_code", "country"))
    return Address(street, *others)


def _partner(row: Row, key: str) -> Partner:
    return Partner(
        row[key], row["company_name"], row["contact_name"], row["contact_title"], row["phone"], _address(row)
    )


def _product(row: Row) -> Product:
    return Product(
        sku=row["product_id"],
        name=row["product_name"],
        unit=row["quantity_per_unit"],
        supplier=row["supplier_id"],
        list_price=Decimal(row["unit_price"]),
        in_stock=int(row["units_in_stock"]),
        on_order=int(row["units_on_order"]),
        reorder_level=int(row["reorder_level"]),
        discontinued=row["discontinued"] == "1",
    )


def _order(row: Row, lines: tuple[Line, ...]) -> Order:
    return Order(
        number=row["order_id"],
        customer=row["customer_id"],
        sales_rep=row["employee_id"],
        ordered_on=date.fromisoformat(row["order_date"]),
        required_on=date.fromisoformat(row["required_date"]),
        shipped_on=date.fromisoformat(row["shipped_date"]) if row["shipped_date"] else None,
        carrier=row["ship_via"],
        freight=Decimal(row["freight"]),
        ship_name=row["ship_name"],
        ship_to=_address(row, "ship_"),
        lines=lines,
    )
