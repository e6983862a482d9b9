from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cli.northwind import requests
from cli.northwind.tables import NorthwindTables
from shared import codec
from tests.small_firm import COST_OF_GOODS, INVOICED_LINES, OPEN_GOODS, STOCK_VALUE, write_tables


@pytest.fixture
def tables(tmp_path: Path) -> NorthwindTables:
    return NorthwindTables(write_tables(tmp_path))


def test_a_line_break_written_as_two_letters_becomes_a_comma(tables: NorthwindTables) -> None:
    assert tables.customers[1].address.street == "7 Hill Rd., Unit 2"


def test_cost_is_seventy_percent_of_the_list_price_half_up(tables: NorthwindTables) -> None:
    assert [str(product.cost) for product in tables.products] == ["7.00", "14.95", "70.00"]


def test_lines_are_rounded_half_up_one_by_one(tables: NorthwindTables) -> None:
    assert [str(line.net) for order in tables.shipped_orders for line in order.lines] == [
        "100.00",
        "54.44",
        "189.91",
        "38.00",
    ]
    assert sum(line.net for order in tables.shipped_orders for line in order.lines) == Decimal(INVOICED_LINES)
    assert sum(line.net for order in tables.open_orders for line in order.lines) == Decimal(OPEN_GOODS)


def test_what_falls_due_after_the_end_is_not_paid(tables: NorthwindTables) -> None:
    assert [order.paid_on for order in tables.orders] == [date(1996, 8, 9), date(1998, 5, 6), None, None]


def test_bought_is_what_was_shipped_and_what_is_left(tables: NorthwindTables) -> None:
    assert [tables.received_units(product) for product in tables.products] == [19, 6, 2]
    cost = {product.sku: product.cost for product in tables.products}
    assert sum(cost[sku] * units for sku, units in tables.shipped_units.items()) == Decimal(COST_OF_GOODS)
    assert sum(product.cost * product.in_stock for product in tables.products) == Decimal(STOCK_VALUE)


def test_the_same_row_gives_the_same_request(tables: NorthwindTables, tmp_path: Path) -> None:
    again = NorthwindTables(tmp_path)
    for first, second in zip(tables.orders, again.orders, strict=True):
        assert codec.encode(requests.sales_order(first, "x")) == codec.encode(requests.sales_order(second, "x"))


def test_an_order_is_sent_as_the_data_has_it(tables: NorthwindTables) -> None:
    sent = codec.decode_untyped(codec.encode(requests.sales_order(tables.orders[0], "acorn's id")))
    assert sent == {
        "number": "501",
        "customer_id": "acorn's id",
        "currency": "USD",
        "ordered_on": "1996-07-04",
        "required_on": "1996-08-01",
        "warehouse": "MAIN",
        "sales_rep": "4",
        "ship_to": {
            "name": "Acorn Foods",
            "street": "Eichweg 1",
            "city": "Bonn",
            "postal_code": "53111",
            "country": "Germany",
        },
        "freight": {"amount": "5.25", "currency": "USD"},
        "lines": [
            {"sku": "1", "quantity": "10", "unit_price": {"amount": "10.00", "currency": "USD"}},
            {
                "sku": "2",
                "quantity": "3",
                "unit_price": {"amount": "21.35", "currency": "USD"},
                "discount_percent": "15",
            },
        ],
    }


def test_only_what_changes_an_item_is_sent(tables: NorthwindTables) -> None:
    assert [requests.item_changes(product) for product in tables.products] == [
        {"reorder_point": "10"},
        {},
        {"discontinued": True},
    ]
