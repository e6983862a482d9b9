"""Comparison of the figures in the suite after the import with the figures of the CSV files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from cli.client import Client
from cli.northwind.tables import NorthwindTables, Order

INVOICED = frozenset({"invoiced", "paid"})
BANK, RECEIVABLES, STOCK, PAYABLES, NOT_INVOICED, COST_OF_GOODS = "1000", "1200", "1400", "2000", "2100", "5000"
PROFIT_AND_LOSS = ("4", "5", "6")
"""First digits of the profit and loss accounts."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure: expected from the CSV files, actual from the suite."""

    name: str
    expected: Decimal
    actual: Decimal

    @property
    def is_equal(self) -> bool:
        return self.expected == self.actual


class SuiteFigures:
    """Figures of the suite, read through its API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def count(self, path: str) -> int:
        return sum(1 for _ in self._client.rows(path))

    @cached_property
    def orders(self) -> list[Row]:
        return list(self._client.rows("crm/sales-orders"))

    @cached_property
    def invoices(self) -> list[Row]:
        return list(self._client.rows("erp/invoices"))

    @cached_property
    def stock(self) -> list[Row]:
        return list(self._client.rows("scm/stock"))

    @cached_property
    def accounts(self) -> Mapping[str, Decimal]:
        """Balance of each account: debit less credit."""
        rows = self._client.get("erp/trial-balance")["rows"]
        return {row["account"]: _amount(row["debit"]) - _amount(row["credit"]) for row in rows}

    @property
    def profit(self) -> Decimal:
        balances = (balance for account, balance in self.accounts.items() if account.startswith(PROFIT_AND_LOSS))
        return -sum(balances, Decimal(0))

    @cached_property
    def stock_value(self) -> Decimal:
        return _amount(self._client.get("erp/stock-value")["totals"]["value"])

    def events(self) -> Mapping[str, int]:
        """Return the number of events stored by each service."""
        sources = self._client.get(f"views/orders/{self.orders[0]['id']}")["sources"]
        return {service: source["position"] for service, source in sources.items()}


def figures(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    """Yield every figure; expected values come only from the tables, actual values only from the suite."""
    yield from _master_data(tables, suite)
    yield from _sales(tables, suite)
    yield from _books(tables, suite)
    yield from _stock(tables, suite)


def _master_data(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    yield _figure("customers", len(tables.customers), suite.count("crm/customers"))
    yield _figure("suppliers", len(tables.suppliers), suite.count("srm/suppliers"))
    yield _figure("items", len(tables.products), suite.count("scm/items"))
    yield _figure("orders", len(tables.orders), len(suite.orders))


def _sales(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    numbers = {row["number"] for row in suite.invoices}
    gapless = sum(str(number) in numbers for number in range(1, len(suite.invoices) + 1))
    opened = [row for row in suite.orders if row["status"] not in INVOICED]
    yield _figure("shipped and invoiced orders", len(tables.shipped_orders), len(suite.orders) - len(opened))
    yield _figure("invoice numbers from 1 without a gap", len(tables.shipped_orders), gapless)
    yield _figure("open orders", len(tables.open_orders), len(opened))
    yield _figure("goods of open orders", _goods(tables.open_orders), _sum_amounts(opened, "net"))


def _books(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    unpaid = [order for order in tables.shipped_orders if not order.paid_on]
    freight = sum(order.freight for order in tables.shipped_orders)
    still_open = [row for row in suite.invoices if _amount(row["open"])]
    receivables = sum((_total(order) for order in unpaid), Decimal(0))
    yield _figure("invoiced lines", _goods(tables.shipped_orders), _sum_amounts(suite.invoices, "net"))
    yield _figure("invoiced freight", freight, _sum_amounts(suite.invoices, "freight"))
    yield _figure("invoiced total", _goods(tables.shipped_orders) + freight, _sum_amounts(suite.invoices, "total"))
    yield _figure("paid invoices", len(tables.shipped_orders) - len(unpaid), len(suite.invoices) - len(still_open))
    yield _figure("unpaid invoices", len(unpaid), len(still_open))
    yield _figure("receivables", receivables, _sum_amounts(still_open, "open"))
    yield _figure("receivables, account 1200", receivables, suite.accounts[RECEIVABLES])
    yield _figure("cost of goods, account 5000", _cost_of_goods(tables), suite.accounts[COST_OF_GOODS])
    yield from _money(tables, suite)
    yield _figure("trial balance", 0, sum(suite.accounts.values()))


def _money(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    """Expected: due customer invoices are paid, the opening stock is paid in full, cost of goods is the price paid."""
    received = sum((_total(order) for order in tables.shipped_orders if order.paid_on), Decimal(0))
    paid = sum(product.cost * tables.received_units(product) for product in tables.products)
    yield _figure("bank, account 1000", received - paid, suite.accounts[BANK])
    yield _figure("goods received not invoiced", 0, suite.accounts[NOT_INVOICED])
    yield _figure("payables, account 2000", 0, suite.accounts[PAYABLES])
    sold = sum((_total(order) for order in tables.shipped_orders), Decimal(0))
    yield _figure("profit", sold - _cost_of_goods(tables), suite.profit)


def _cost_of_goods(tables: NorthwindTables) -> Decimal:
    return sum((product.cost * tables.shipped_units[product.sku] for product in tables.products), Decimal(0))


def _stock(tables: NorthwindTables, suite: SuiteFigures) -> Iterator[Figure]:
    value = sum(product.cost * product.in_stock for product in tables.products)
    expected_stock = {product.sku: product.in_stock for product in tables.products}
    equal = sum(expected_stock.get(row["sku"]) == Decimal(row["on_hand"]) for row in suite.stock)
    ordered = _ordered_units(tables.open_orders)
    reserved = sum(min(quantity, expected_stock[sku]) for sku, quantity in ordered.items())
    yield _figure("stock value, valuation", value, suite.stock_value)
    yield _figure("stock value, account 1400", value, suite.accounts[STOCK])
    yield _figure("on hand", sum(expected_stock.values()), _sum_units(suite.stock, "on_hand"))
    yield _figure("items with correct stock on hand", len(expected_stock), equal)
    yield _figure("reserved", reserved, _sum_units(suite.stock, "reserved"))
    yield _figure("backordered", sum(ordered.values()) - reserved, _sum_units(suite.stock, "backordered"))
    on_order = sum(product.on_order for product in tables.products)
    yield _figure("on order", on_order, _sum_units(suite.stock, "on_order"))


def _figure(name: str, expected: Decimal | int, actual: Decimal | int) -> Figure:
    return Figure(name, Decimal(expected), Decimal(actual))


def _goods(orders: Iterable[Order]) -> Decimal:
    return sum((line.net for order in orders for line in order.lines), Decimal(0))


def _total(order: Order) -> Decimal:
    return _goods([order]) + order.freight


def _ordered_units(orders: Iterable[Order]) -> Mapping[str, int]:
    units: dict[str, int] = {}
    for order in orders:
        for line in order.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _amount(money: Row | None) -> Decimal:
    return Decimal(money["amount"]) if money else Decimal(0)


def _sum_with(read: Callable[[Any], Decimal]) -> Callable[[Iterable[Row], str], Decimal]:
    return lambda rows, column: sum((read(row[column]) for row in rows), Decimal(0))


_sum_amounts = _sum_with(_amount)
_sum_units = _sum_with(Decimal)
