"""Customer invoices are numbered as the firm wants it, without gaps in each series."""

from typing import Any

import pytest

from tests.cases.desk import Desk, days_ago, pointers


@pytest.fixture
def sell(desk: Desk) -> Any:
    """Sell a lamp on a day, by default today."""
    desk.stock_up("LAMP")
    supplier, customer = desk.supplier(), desk.customer()
    bought = desk.purchase(supplier, ("LAMP", "50", "5.00"), ordered_on="2024-01-01")
    assert desk.receive(bought, ("LAMP", "50"), received_on="2024-01-01").status_code == 201

    def sell_on(day: str = days_ago(0)) -> None:
        order = desk.order(customer, ("LAMP", "1", "9.00"), ordered_on=day)
        assert desk.dispatch(order, dispatched_on=day).status_code == 200

    return sell_on


def number(desk: Desk, **settings: Any) -> Any:
    """Change how invoices are numbered; the answer."""
    version = desk.callers["erp"].client.get("/settings").headers["ETag"]
    return desk.send("PATCH", "/erp/settings", settings, **{"If-Match": version})


def numbers(desk: Desk) -> list[tuple[str, str]]:
    return [(each["number"], each["series"]) for each in desk.rows("/erp/invoices?sort=created_at")]


@pytest.mark.case("A15")
def test_invoices_are_numbered_plainly_unless_the_firm_decides_otherwise(desk: Desk, sell: Any) -> None:
    sell()
    sell()
    assert numbers(desk) == [("1", "invoices"), ("2", "invoices")]


@pytest.mark.case("A15")
def test_a_prefix_and_the_year_begin_a_series_of_each_year(desk: Desk, sell: Any) -> None:
    assert number(desk, invoice_number_prefix="INV", invoice_number_has_year=True).status_code == 200
    for day in ("2025-12-30", "2025-12-31", "2026-01-01"):
        sell(day)
    assert [each for each, _ in numbers(desk)] == ["INV-2025-00001", "INV-2025-00002", "INV-2026-00001"]
    [row] = desk.rows("/erp/invoices?number=INV-2026-00001")
    assert row["series"] == "invoices:INV-2026"


@pytest.mark.case("A15")
@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"invoice_number_prefix": "RE"}, "RE-00001"),
        ({"invoice_number_has_year": True}, "2026-00001"),
        ({"invoice_number_prefix": "SG.A", "invoice_number_has_year": True}, "SG.A-2026-00001"),
    ],
)
def test_prefix_and_year_can_be_used_alone(desk: Desk, sell: Any, settings: dict[str, Any], first: str) -> None:
    assert number(desk, **settings).status_code == 200
    sell("2026-03-01")
    assert [each for each, _ in numbers(desk)] == [first]


@pytest.mark.case("A15")
def test_a_series_that_is_used_again_continues_and_no_number_is_given_twice(desk: Desk, sell: Any) -> None:
    for prefix, has_year in (("A", True), ("A-2026", False), (None, False), ("A", True), (None, True), ("2026", False)):
        assert number(desk, invoice_number_prefix=prefix, invoice_number_has_year=has_year).status_code == 200
        sell("2026-03-01")
    given = [each for each, _ in numbers(desk)]
    assert given == ["A-2026-00001", "A-2026-00002", "1", "A-2026-00003", "2026-00001", "2026-00002"]
    assert len({*given}) == len(given)


@pytest.mark.case("A15")
def test_a_prefix_is_a_code(desk: Desk) -> None:
    assert pointers(number(desk, invoice_number_prefix="INV,1")) == ["/invoice_number_prefix"]
    assert pointers(number(desk, invoice_number_prefix="X" * 21)) == ["/invoice_number_prefix"]


@pytest.mark.case("A15")
def test_the_customer_order_and_the_journal_show_the_same_number(desk: Desk, sell: Any) -> None:
    number(desk, invoice_number_prefix="INV", invoice_number_has_year=True)
    sell("2026-03-01")
    [order] = desk.rows("/crm/sales-orders")
    [customer] = desk.rows("/crm/customers")
    shown = [each["number"] for each in desk.rows(f"/crm/customers/{customer['id']}/timeline?kind=invoice")]
    assert shown == ["INV-2026-00001"], order
    assert {each["document_number"] for each in desk.rows("/erp/journal?account=1200")} == {"INV-2026-00001"}
