"""Lists of orders, purchase orders, stock and invoices, computed row by row from the stored events, and questions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.erp.receivables.domain.invoice import Invoice
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.warehousing.domain.stock_item import StockItem
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from shared.event_codec import replay
from shared.money import Money
from shared.projections.column_types import NaturalText
from shared.service import Service

Row = dict[str, Any]
COUNT = "count"
ORDERED = (int, Decimal, Money, date)


def aggregates(service: Service, aggregate_class: Any, first: type) -> Iterator[Any]:
    """Yield all aggregates of a class, each replayed from its events, of which `first` is the first."""
    for recorded in service.store.log(0, 100_000, [first.TOPIC]):  # type: ignore[attr-defined]
        yield replay(aggregate_class, service.store.events(recorded.aggregate))


def sales_orders(crm: Service) -> list[Row]:
    names = "id", "number", "customer_id", "status", "currency", "ordered_on"
    found = aggregates(crm, SalesOrder, SalesOrder.Drafted)
    return [{**_fields(each, names), "total": each.net + each.freight} for each in found]


def purchase_orders(srm: Service) -> list[Row]:
    names = "id", "number", "supplier_id", "status", "currency", "ordered_on", "warehouse", "total"
    return [_fields(each, names) for each in aggregates(srm, PurchaseOrder, PurchaseOrder.Drafted)]


def invoices(erp: Service) -> list[Row]:
    names = "id", "number", "customer_id", "sales_order_id", "status", "invoiced_on", "due_on", "total", "open"
    return [_fields(each, names) for each in aggregates(erp, Invoice, Invoice.Posted)]


def stock(scm: Service) -> list[Row]:
    """Return the stock of each item in each warehouse that had any, or that expected some."""
    rows: dict[UUID, Row] = {}
    for item in aggregates(scm, StockItem, StockItem.Opened):
        known = _fields(item, ("id", "sku", "warehouse", "on_hand", "reserved", "available"))
        rows[item.id] = {**known, "backordered": item.backorders.total, "on_order": Decimal(0)}
    for delivery in aggregates(scm, ExpectedDelivery, ExpectedDelivery.ReceiptExpected):
        for sku in delivery.skus:
            key = StockItem.create_id(sku, delivery.warehouse)
            nothing = dict.fromkeys(("on_hand", "reserved", "available", "backordered", "on_order"), Decimal(0))
            row = rows.setdefault(key, {"id": key, "sku": sku, "warehouse": delivery.warehouse, **nothing})
            row["on_order"] += delivery.open_quantities.get(sku, Decimal(0))
    return [*rows.values()]


def _fields(aggregate: Any, names: Sequence[str]) -> Row:
    return {name: getattr(aggregate, name) for name in names}


@dataclass(frozen=True)
class ListQuestion:
    """A filter by one column, a sort by two columns, and the columns that are summed."""

    where: dict[str, Any]
    sort: list[tuple[str, bool]]
    sums: tuple[str, ...]

    @classmethod
    def random(cls, chance: Random, types: Mapping[str, type], rows: Sequence[Row]) -> "ListQuestion":
        """Return a question whose filter has values of these rows."""
        columns = [name for name in types if rows and name in rows[0]]
        where = {}
        if columns and chance.random() < 0.8:
            column = chance.choice(columns)
            values = [chance.choice(rows)[column] for _ in range(2)]
            where[column] = _filter(chance, types[column], values)
        sort = [(column, chance.random() < 0.5) for column in chance.sample(columns, min(2, len(columns)))]
        return cls(where, sort, tuple(each for each in columns if types[each] in (int, Decimal, Money)))


@dataclass(frozen=True)
class GroupQuestion:
    """A list question whose rows are grouped by some columns, and the groups sorted by these, their number or sums."""

    asked: ListQuestion
    group_by: tuple[str, ...]
    sort: list[tuple[str, bool]]

    @classmethod
    def random(cls, chance: Random, types: Mapping[str, type], rows: Sequence[Row]) -> "GroupQuestion":
        """Return a question with groups by one or two columns of these rows."""
        asked = ListQuestion.random(chance, types, rows)
        columns = [name for name in types if rows and name in rows[0] and types[name] not in (Decimal, Money)]
        months = [f"{name}.month" for name in columns if types[name] is date]
        group_by = tuple(chance.sample([*columns, *months], min(len(columns), chance.randint(1, 2))))
        order = chance.sample([*group_by, COUNT, *asked.sums], 1 + len(group_by) // 2)
        return cls(asked, group_by, [(column, chance.random() < 0.5) for column in order])


def _filter(chance: Random, kind: type, values: list[Any]) -> Any:
    if kind not in ORDERED or None in values or chance.random() < 0.3:
        return tuple(values)
    plain = [each.amount if isinstance(each, Money) and chance.random() < 0.5 else each for each in values]
    return [(operator, plain.pop()) for operator in chance.sample(("gt", "gte", "lt", "lte"), chance.randint(1, 2))]


def answer(
    rows: Sequence[Row], types: Mapping[str, type], asked: ListQuestion
) -> tuple[list[str], int, dict[str, Any]]:
    """Return the ids of the matching rows in their order, how many they are, and their sums."""
    found = [row for row in rows if all(_matches(row[column], tests) for column, tests in asked.where.items())]
    return [str(row["id"]) for row in _sorted(found, types, asked.sort)], len(found), _sums(found, types, asked.sums)


def groups(rows: Sequence[Row], types: Mapping[str, type], question: GroupQuestion) -> list[Row]:
    """Return the groups of the matching rows in their order, each with its number of rows and its sums."""
    tests, sums = question.asked.where.items(), question.asked.sums
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if all(_matches(row[column], test) for column, test in tests):
            found.setdefault(tuple(_group_value(row, name) for name in question.group_by), []).append(row)
    made = [
        {**dict(zip(question.group_by, key, strict=True)), COUNT: len(each), "sums": _sums(each, types, sums)}
        for key, each in found.items()
    ]
    last = question.sort[-1][1]
    for column, descending in reversed([*question.sort, *((each, last) for each in question.group_by)]):
        made.sort(key=partial(_group_key, column, types, descending), reverse=descending)
    return made


def _group_value(row: Row, name: str) -> Any:
    column, _, month = name.partition(".")
    return row[column] and f"{row[column]:%Y-%m}" if month else row[column]


def _group_key(name: str, types: Mapping[str, type], descending: bool, group: Row) -> tuple[Any, ...]:
    """Return a key by which groups sort: by an amount, of several the one that is met first."""
    if name in group:
        return _sort_key(name, {COUNT: int, **types}.get(name, str), group)
    total = group["sums"][name]
    if isinstance(total, list):
        total = (max if descending else min)((each.amount for each in total), default=None)
    return (False,) if total is None else (True, total)


def _matches(value: Any, tests: Any) -> bool:
    if isinstance(tests, tuple):
        return value in tests
    return value is not None and all(_compare(value, operator, limit) for operator, limit in tests)


def _compare(value: Any, operator: str, limit: Any) -> bool:
    if isinstance(value, Money):
        if isinstance(limit, Money) and value.currency != limit.currency:
            return False
        value, limit = value.amount, limit.amount if isinstance(limit, Money) else limit
    return {"gt": value > limit, "gte": value >= limit, "lt": value < limit, "lte": value <= limit}[operator]


def _sorted(rows: list[Row], types: Mapping[str, type], sort: list[tuple[str, bool]]) -> list[Row]:
    """Return the rows in order; those with equal values in order of their ids, in the direction of the last column."""
    for column, descending in reversed([*sort, ("id", sort[-1][1] if sort else False)]):
        key = partial(_sort_key, column, types.get(column, str))
        rows = sorted(rows, key=key, reverse=descending)
    return rows


def _sort_key(column: str, kind: type, row: Row) -> tuple[Any, ...]:
    """Return a key by which values sort, absent ones first, numbers in codes by their size."""
    value = row[column]
    if value is None:
        return (False,)
    if isinstance(value, Money):
        return True, value.amount, value.currency
    if kind is NaturalText:
        return True, [int(each) if each.isdigit() else each.lower() for each in re.split("([0-9]+)", value)], value
    return True, value if kind in ORDERED else str(value)


def _sums(rows: list[Row], types: Mapping[str, type], columns: Sequence[str]) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for column in columns:
        values = [row[column] for row in rows if row[column] is not None]
        if types[column] is Money:
            currencies = sorted({each.currency for each in values})
            sums[column] = [Money.sum(each for each in values if each.currency == one) for one in currencies]
        else:
            sums[column] = sum(values, types[column]())
    return sums
