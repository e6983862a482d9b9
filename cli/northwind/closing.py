"""The closing table: what the suite says at the end, beside what the firm's tables say."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from cli.client import Client
from cli.northwind.tables import Order, Tables

INVOICED = frozenset({"invoiced", "paid"})
BANK, RECEIVABLES, STOCK, PAYABLES, NOT_INVOICED, COST_OF_GOODS = "1000", "1200", "1400", "2000", "2100", "5000"
PROFIT_AND_LOSS = ("4", "5", "6")
"""How the numbers of the accounts begin that make the profit."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    expected: Decimal
    found: Decimal

    @property
    def holds(self) -> bool:
        return self.expected == self.found


class Said:
    """What the suite says, read through its API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def count(self, path: str) -> int:
        return sum(1 for _ in self._client.all(path))

    @cached_property
    def orders(self) -> list[Row]:
        return list(self._client.all("crm/sales-orders"))

    @cached_property
    def invoices(self) -> list[Row]:
        return list(self._client.all("erp/invoices"))

    @cached_property
    def stock(self) -> list[Row]:
        return list(self._client.all("scm/stock"))

    @cached_property
    def accounts(self) -> Mapping[str, Decimal]:
        """Balance of each account, debit less credit."""
        rows = self._client.get("erp/trial-balance")["rows"]
        return {row["account"]: _amount(row["debit"]) - _amount(row["credit"]) for row in rows}

    @property
    def profit(self) -> Decimal:
        made = (balance for account, balance in self.accounts.items() if account.startswith(PROFIT_AND_LOSS))
        return -sum(made, Decimal(0))

    @cached_property
    def stock_value(self) -> Decimal:
        return _amount(self._client.get("erp/stock-value")["totals"]["value"])

    def events(self) -> Mapping[str, int]:
        """How many events each service has stored."""
        sources = self._client.get(f"views/orders/{self.orders[0]['id']}")["sources"]
        return {service: source["position"] for service, source in sources.items()}


def figures(tables: Tables, said: Said) -> Iterator[Figure]:
    """Every figure of the table; expected ones from the tables alone, found ones from the suite alone."""
    yield from _masters(tables, said)
    yield from _sales(tables, said)
    yield from _books(tables, said)
    yield from _stock(tables, said)


def _masters(tables: Tables, said: Said) -> Iterator[Figure]:
    yield _figure("customers", len(tables.customers), said.count("crm/customers"))
    yield _figure("suppliers", len(tables.suppliers), said.count("srm/suppliers"))
    yield _figure("items", len(tables.products), said.count("scm/items"))
    yield _figure("orders", len(tables.orders), len(said.orders))


def _sales(tables: Tables, said: Said) -> Iterator[Figure]:
    numbers = {row["number"] for row in said.invoices}
    gapless = sum(number in numbers for number in range(1, len(said.invoices) + 1))
    opened = [row for row in said.orders if row["status"] not in INVOICED]
    yield _figure("shipped and invoiced orders", len(tables.shipped), len(said.orders) - len(opened))
    yield _figure("invoice numbers from 1 without a gap", len(tables.shipped), gapless)
    yield _figure("open orders", len(tables.open), len(opened))
    yield _figure("goods of open orders", _goods(tables.open), _sum(opened, "net"))


def _books(tables: Tables, said: Said) -> Iterator[Figure]:
    unpaid = [order for order in tables.shipped if not order.paid_on]
    freight = sum(order.freight for order in tables.shipped)
    still_open = [row for row in said.invoices if _amount(row["open"])]
    receivables = sum((_total(order) for order in unpaid), Decimal(0))
    yield _figure("invoiced lines", _goods(tables.shipped), _sum(said.invoices, "net"))
    yield _figure("invoiced freight", freight, _sum(said.invoices, "freight"))
    yield _figure("invoiced together", _goods(tables.shipped) + freight, _sum(said.invoices, "total"))
    yield _figure("paid invoices", len(tables.shipped) - len(unpaid), len(said.invoices) - len(still_open))
    yield _figure("unpaid invoices", len(unpaid), len(still_open))
    yield _figure("receivables", receivables, _sum(still_open, "open"))
    yield _figure("receivables, account 1200", receivables, said.accounts[RECEIVABLES])
    yield _figure("cost of goods, account 5000", _cost_of_goods(tables), said.accounts[COST_OF_GOODS])
    yield from _money(tables, said)
    yield _figure("trial balance", 0, sum(said.accounts.values()))


def _money(tables: Tables, said: Said) -> Iterator[Figure]:
    """Customers have paid what fell due, suppliers all of the opening stock; the goods sold cost what was paid."""
    came_in = sum((_total(order) for order in tables.shipped if order.paid_on), Decimal(0))
    went_out = sum(product.cost * tables.bought(product) for product in tables.products)
    yield _figure("bank, account 1000", came_in - went_out, said.accounts[BANK])
    yield _figure("goods received not invoiced", 0, said.accounts[NOT_INVOICED])
    yield _figure("payables, account 2000", 0, said.accounts[PAYABLES])
    sold = sum((_total(order) for order in tables.shipped), Decimal(0))
    yield _figure("profit", sold - _cost_of_goods(tables), said.profit)


def _cost_of_goods(tables: Tables) -> Decimal:
    return sum((product.cost * tables.shipped_units[product.sku] for product in tables.products), Decimal(0))


def _stock(tables: Tables, said: Said) -> Iterator[Figure]:
    value = sum(product.cost * product.in_stock for product in tables.products)
    there = {product.sku: product.in_stock for product in tables.products}
    equal = sum(there.get(row["sku"]) == Decimal(row["on_hand"]) for row in said.stock)
    wanted = _wanted(tables.open)
    reserved = sum(min(quantity, there[sku]) for sku, quantity in wanted.items())
    yield _figure("stock value, valuation", value, said.stock_value)
    yield _figure("stock value, account 1400", value, said.accounts[STOCK])
    yield _figure("on hand", sum(there.values()), _units(said.stock, "on_hand"))
    yield _figure("items with the stock they should have", len(there), equal)
    yield _figure("reserved", reserved, _units(said.stock, "reserved"))
    yield _figure("backordered", sum(wanted.values()) - reserved, _units(said.stock, "backordered"))
    on_order = sum(product.on_order for product in tables.products)
    yield _figure("on order", on_order, _units(said.stock, "on_order"))


def _figure(name: str, expected: Decimal | int, found: Decimal | int) -> Figure:
    return Figure(name, Decimal(expected), Decimal(found))


def _goods(orders: Iterable[Order]) -> Decimal:
    return sum((line.net for order in orders for line in order.lines), Decimal(0))


def _total(order: Order) -> Decimal:
    return _goods([order]) + order.freight


def _wanted(orders: Iterable[Order]) -> Mapping[str, int]:
    wanted: dict[str, int] = {}
    for order in orders:
        for line in order.lines:
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def _amount(money: Row | None) -> Decimal:
    return Decimal(money["amount"]) if money else Decimal(0)


def _adding(read: Callable[[Any], Decimal]) -> Callable[[Iterable[Row], str], Decimal]:
    return lambda rows, column: sum((read(row[column]) for row in rows), Decimal(0))


_sum = _adding(_amount)
_units = _adding(Decimal)
