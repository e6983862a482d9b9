"""The firm's tables as they are: read once, typed, with their quirks mended."""

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
SHARE_OF_LIST_PRICE = Decimal("0.70")
CENT = Decimal("0.01")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """Where somebody is, or where goods go."""

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
    """Who brings the goods."""

    code: str
    name: str
    phone: str


@dataclass(frozen=True)
class Product:
    """What is traded; quantities as they are at the end of the data."""

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
        """70 % of the list price, half up to the cent."""
        return (self.list_price * SHARE_OF_LIST_PRICE).quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """So much of a product, at this price, less a share of a hundred."""

    sku: str
    quantity: int
    unit_price: Decimal
    discount_percent: Decimal

    @property
    def net(self) -> Decimal:
        """Half up to the cent, on the line."""
        exact = self.quantity * self.unit_price * (100 - self.discount_percent) / 100
        return exact.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Order:
    """What a customer ordered; `shipped_on` is None while it is open."""

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


class Tables:
    """Everything in the folder. Raises FileNotFoundError, KeyError or ValueError if it is not what it should be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.customers = self._all("customers", lambda row: _partner(row, "customer_id"))
        self.suppliers = self._all("suppliers", lambda row: _partner(row, "supplier_id"))
        self.carriers = self._all("shippers", lambda row: Carrier(row["shipper_id"], row["company_name"], row["phone"]))
        self.products = self._all("products", _product)
        lines = self._lines()
        self.orders = self._all("orders", lambda row: _order(row, tuple(lines[row["order_id"]])))

    @cached_property
    def shipped(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.shipped_on)

    @cached_property
    def open(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if not order.shipped_on)

    @cached_property
    def shipped_units(self) -> Mapping[str, int]:
        """By SKU, over all shipped orders."""
        units: dict[str, int] = defaultdict(int)
        for order in self.shipped:
            for line in order.lines:
                units[line.sku] += line.quantity
        return units

    def bought(self, product: Product) -> int:
        """What must have been received to ship what was shipped and still have what is there."""
        return self.shipped_units[product.sku] + product.in_stock

    def of_supplier(self, code: str) -> tuple[Product, ...]:
        return tuple(product for product in self.products if product.supplier == code)

    def _rows(self, name: str) -> Iterator[Row]:
        with (self._folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {column: _mended(text) for column, text in row.items()}

    def _all(self, name: str, made: Callable[[Row], T]) -> tuple[T, ...]:
        return tuple(made(row) for row in self._rows(name))

    def _lines(self) -> Mapping[str, list[Line]]:
        lines: dict[str, list[Line]] = defaultdict(list)
        for row in self._rows("order_details"):
            percent = (Decimal(row["discount"]) * 100).normalize()
            line = Line(row["product_id"], int(row["quantity"]), Decimal(row["unit_price"]), percent)
            lines[row["order_id"]].append(line)
        return lines


def _mended(text: str) -> str:
    """Line breaks are written as backslash and n in the files; an address has one line here."""
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
