"""Reports of ERP: as of any day, equal to sums over the event log."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.erp.ledger.projections import items_by_due_date
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.receivables.projections.invoices import Invoices
from services.erp.service import Erp
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.testing.services import catch_up, deliver
from tests.unit.erp.examples import (
    CHART,
    CUSTOMER,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    a_purchase,
    a_receipt,
    a_shipment,
    allocation_of,
    an_erp,
    an_order,
    invoices,
    receive_stock,
    record_payment,
    usd,
)


def a_small_business(folder: Path) -> Erp:
    """Ten bought on March 1 for 120.00, four sold on March 5 for 80.00 + 5.00, 25.00 paid on March 9."""
    service = an_erp(folder)
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"), freight="5.00")
    deliver(service, order, a_shipment(order))
    (invoice,) = invoices(service)
    record_payment(service, "in", CUSTOMER, MARCH_9, usd("25.00"), [allocation_of(invoice, "25.00")])
    return catch_up(service)


def sides(service: Erp, as_of: date | None, currency: str = "USD") -> dict[str, tuple[str, str]]:
    """Debit and credit of the accounts that are not at zero."""
    rows = trial_balance(service.reader_for(Turnovers), CHART, as_of, currency)["rows"]
    shown = {row["account"]: (str(row["debit"].amount), str(row["credit"].amount)) for row in rows}
    return {account: both for account, both in shown.items() if both != ("0.00", "0.00")}


def stock(service: Erp, as_of: date | None = None, currency: str = "USD") -> dict[str, Any]:
    return stock_value(service.reader_for(StockValueChanges), as_of, currency)


def aging(service: Erp, as_of: date) -> dict[str, Any]:
    return items_by_due_date.aging(service.reader_for(OpenReceivables), "customer_id", as_of, "USD")


# -- trial balance


def test_the_trial_balance_shows_every_account_on_its_side(tmp_path: Path):
    service = a_small_business(tmp_path)
    assert sides(service, None) == {
        "1000": ("25.00", "0.00"),
        "1200": ("60.00", "0.00"),
        "1400": ("72.00", "0.00"),
        "2100": ("0.00", "120.00"),
        "4000": ("0.00", "80.00"),
        "4100": ("0.00", "5.00"),
        "5000": ("48.00", "0.00"),
    }
    whole = trial_balance(service.reader_for(Turnovers), CHART, None, "USD")
    assert whole["totals"] == {"debit": usd("205.00"), "credit": usd("205.00")}
    assert [row["account"] for row in whole["rows"]][:3] == ["1000", "1200", "1400"]
    assert whole["rows"][1]["name"] == "Receivables"


def test_the_trial_balance_of_an_earlier_day_excludes_later_postings(tmp_path: Path):
    service = a_small_business(tmp_path)
    assert sides(service, MARCH_1) == {"1400": ("120.00", "0.00"), "2100": ("0.00", "120.00")}
    assert sides(service, date(2026, 3, 8))["1200"] == ("85.00", "0.00")


def test_each_currency_has_a_trial_balance_of_its_own(tmp_path: Path):
    service = a_small_business(tmp_path)
    assert sides(service, None, "EUR") == {}


# -- journal


def test_the_journal_names_the_event_that_caused_a_posting(tmp_path: Path):
    service = a_small_business(tmp_path)
    lines = list(service.reader_for(Journal).iterate_rows({"account": "5000"}))
    assert [(each["date"], each["debit"], each["kind"]) for each in lines] == [
        ("2026-03-05", {"amount": "48.00", "currency": "USD"}, "cost_of_goods_sold"),
    ]
    assert lines[0]["source"]["service"] == "scm"
    assert lines[0]["source"]["event"].startswith("scm:e1e1e1e1e1e1e1e1-")


def test_a_posting_by_a_person_has_erp_as_its_source(tmp_path: Path):
    service = a_small_business(tmp_path)
    (line,) = service.reader_for(Journal).iterate_rows({"account": "1000"})
    assert line["source"]["service"] == "erp"


# -- stock value


def test_stock_is_shown_with_its_unit_cost(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "3", "10.00"), ("TOFU", "2", "5.00"))
    receive_stock(service, ("CHAI", "4", "10.01"))
    catch_up(service)
    assert stock(service) == {
        "as_of": None,
        "rows": [
            {
                "sku": "CHAI", "warehouse": "MAIN", "quantity": "7", "value": usd("70.04"),
                "unit_cost": {"amount": "10.0057", "currency": "USD"}, "unvalued": False,
            },
            {
                "sku": "TOFU", "warehouse": "MAIN", "quantity": "2", "value": usd("10.00"),
                "unit_cost": {"amount": "5.0000", "currency": "USD"}, "unvalued": False,
            },
        ],
        "totals": {"value": usd("80.04")},
        "other_currencies": [],
    }  # fmt: skip


def test_stock_of_an_earlier_day_is_what_it_was_then(tmp_path: Path):
    service = a_small_business(tmp_path)
    values = {on: stock(service, on)["totals"]["value"] for on in (date(2026, 2, 28), MARCH_1, MARCH_5)}
    assert list(values.values()) == [usd("0"), usd("120.00"), usd("72.00")]


def test_goods_issued_before_any_price_is_known_have_no_value(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "4", "20.00"))
    deliver(service, order, a_shipment(order))
    (row,) = stock(catch_up(service))["rows"]
    assert (row["quantity"], row["value"], row["unit_cost"]["amount"]) == ("-4", usd("0"), "0.0000")


def test_stock_valued_in_another_currency_is_shown_in_that_currency_only(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "2", "9.00"), currency="EUR")
    deliver(service, purchase, a_receipt(purchase))
    catch_up(service)
    assert stock(service)["rows"] == []
    assert [row["quantity"] for row in stock(service, currency="EUR")["rows"]] == ["2"]


def test_stock_in_the_ledger_equals_stock_value_on_every_day(tmp_path: Path):
    service = a_small_business(tmp_path)
    purchase = a_purchase(("CHAI", "2", "30.00"))
    deliver(service, purchase, a_receipt(purchase, on=date(2026, 3, 3)))
    catch_up(service)
    for day in range(1, 12):
        on = date(2026, 3, day)
        in_books = Decimal(sides(service, on)["1400"][0])
        assert stock(service, on)["totals"]["value"].amount == in_books


# -- receivables


@pytest.mark.parametrize(
    ("as_of", "bucket"),
    [
        (date(2026, 4, 4), "current"),
        (date(2026, 4, 5), "days_1_30"),
        (date(2026, 5, 4), "days_1_30"),
        (date(2026, 5, 5), "days_31_60"),
        (date(2026, 6, 4), "days_61_90"),
        (date(2026, 7, 3), "days_61_90"),
        (date(2026, 7, 4), "days_over_90"),
    ],
)
def test_open_amounts_are_in_the_bucket_of_their_days_overdue(tmp_path: Path, as_of: date, bucket: str):
    service = a_small_business(tmp_path)
    (row,) = aging(service, as_of)["rows"]
    assert row["customer_id"] == str(CUSTOMER)
    assert {name: amount for name, amount in row.items() if amount == usd("60.00")} == {
        bucket: usd("60.00"), "total": usd("60.00"),
    }  # fmt: skip


def test_receivables_of_an_earlier_day_do_not_know_later_payments(tmp_path: Path):
    service = a_small_business(tmp_path)
    totals = [aging(service, on)["totals"]["total"] for on in (MARCH_1, MARCH_5, MARCH_9)]
    assert totals == [usd("0"), usd("85.00"), usd("60.00")]


def test_a_paid_invoice_is_not_owed_from_the_payment_date_on(tmp_path: Path):
    service = a_small_business(tmp_path)
    (invoice,) = invoices(service)
    rest = [allocation_of(invoice, "60.00")]
    record_payment(service, "in", CUSTOMER, date(2026, 3, 20), usd("60.00"), rest)
    catch_up(service)
    totals = [aging(service, on)["totals"]["total"] for on in (date(2026, 3, 19), date(2026, 3, 20))]
    assert totals == [usd("60.00"), usd("0")]


def test_receivables_are_the_balance_of_their_account_on_every_day(tmp_path: Path):
    service = a_small_business(tmp_path)
    for day in range(1, 12):
        on = date(2026, 3, day)
        in_books = Decimal(sides(service, on).get("1200", ("0.00",))[0])
        assert aging(service, on)["totals"]["total"].amount == in_books


def test_a_zero_invoice_is_never_owed(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "1", "0.00"))
    deliver(service, order, a_shipment(order))
    assert aging(catch_up(service), MARCH_9)["rows"] == []


def test_all_rebuilt_projections_are_the_same(tmp_path: Path):
    service = a_small_business(tmp_path)
    assert service.reader_for(Invoices).count() == 1
    found = service.read_models.rebuild()
    assert {name: comparison.is_equal for name, comparison in found.items()} == dict.fromkeys(found, True)
    assert len(found) == len(service.projections)
