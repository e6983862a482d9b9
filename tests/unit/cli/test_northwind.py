from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from cli.northwind import requests
from cli.northwind.tables import NorthwindTables
from shared import codec
from tests.small_firm import COST_OF_GOODS, INVOICED_LINES, OPEN_GOODS, STOCK_VALUE, write_tables


@pytest.fixture
def tables(tmp_path: Path) -> NorthwindTables:
    return NorthwindTables(write_tables(tmp_path))


def test_an_escaped_line_break_becomes_a_comma(tables: NorthwindTables) -> None:
    assert tables.customers[1].address.street == "7 Hill Rd., Unit 2"


def test_cost_is_seventy_percent_of_the_list_price_rounded_half_up(tables: NorthwindTables) -> None:
    assert [str(product.cost) for product in tables.products] == ["7.00", "14.95", "70.00"]


def test_each_line_is_rounded_half_up(tables: NorthwindTables) -> None:
    assert [str(line.net) for order in tables.shipped_orders for line in order.lines] == [
        "100.00",
        "54.44",
        "189.91",
        "38.00",
    ]
    assert sum(line.net for order in tables.shipped_orders for line in order.lines) == Decimal(INVOICED_LINES)
    assert sum(line.net for order in tables.open_orders for line in order.lines) == Decimal(OPEN_GOODS)


def test_an_invoice_due_after_the_end_of_the_data_is_not_paid(tables: NorthwindTables) -> None:
    assert [order.paid_on for order in tables.orders] == [date(1996, 8, 9), date(1998, 5, 6), None, None]


def test_received_units_are_the_shipped_units_and_the_stock(tables: NorthwindTables) -> None:
    assert [tables.received_units(product) for product in tables.products] == [19, 6, 2]
    cost = {product.sku: product.cost for product in tables.products}
    assert sum(cost[sku] * units for sku, units in tables.shipped_units.items()) == Decimal(COST_OF_GOODS)
    assert sum(product.cost * product.in_stock for product in tables.products) == Decimal(STOCK_VALUE)


def test_the_same_row_gives_the_same_request(tables: NorthwindTables, tmp_path: Path) -> None:
    again = NorthwindTables(tmp_path)
    for first, second in zip(tables.orders, again.orders, strict=True):
        assert codec.encode(requests.sales_order(first, "x")) == codec.encode(requests.sales_order(second, "x"))


def test_the_request_of_an_order_has_the_values_of_the_data(tables: NorthwindTables) -> None:
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


def test_only_changed_fields_of_an_item_are_sent(tables: NorthwindTables) -> None:
    assert [requests.item_changes(product) for product in tables.products] == [
        {"reorder_point": "10"},
        {},
        {"discontinued": True},
    ]


@pytest.mark.case("E4")
@pytest.mark.parametrize("missing", ["folder", "orders.csv", "order_details.csv"])
def test_an_import_without_its_tables_names_the_missing_one_and_the_source(missing: str, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "firm")
    if missing == "folder":
        folder = tmp_path / "elsewhere"
    else:
        (folder / missing).unlink()
    done = CliRunner().invoke(main, ["import", "northwind", str(folder), "--key", "k"])
    named = folder / ("customers.csv" if missing == "folder" else missing)
    assert done.exit_code == 1
    assert f"Error: {named}: No such file or directory. docs/northwind.md lists" in done.output


@pytest.mark.case("E4")
def test_an_import_of_other_tables_is_refused(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "firm")
    (folder / "products.csv").write_text("ProductID,ProductName\n1,Chai\n")
    done = CliRunner().invoke(main, ["import", "northwind", str(folder), "--key", "k"])
    assert (done.exit_code, "does not contain valid Northwind tables" in done.output) == (1, True)
    assert "docs/northwind.md" in done.output


@pytest.mark.case("E4")
def test_the_page_about_the_tables_names_every_file_and_the_public_source(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/northwind.md").read_text()
    assert [each.name for each in write_tables(tmp_path).iterdir() if f"`{each.name}`" not in page] == []
    assert "https://github.com/pthom/northwind_psql" in page
    assert "https://github.com/pthom/northwind_psql" in CliRunner().invoke(main, ["import", "northwind", "-h"]).output
