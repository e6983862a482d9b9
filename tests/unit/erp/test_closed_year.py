"""Five hundred late events of a closed year change none of its figures."""

from datetime import date
from pathlib import Path
from typing import Any

from services.erp.ledger.domain.accounting_periods import AccountingPeriod
from services.erp.ledger.projections.general_ledger import general_ledger_between
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.profit_and_loss import profit_and_loss
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.service import Erp
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.testing.services import catch_up
from tests.unit.erp.examples import CHART, an_erp
from tests.unit.erp.random_business import RandomBusiness, days_from

NEW_YEAR, LAST = date(1997, 1, 1), date(1997, 12, 31)
FIRST_OPEN, IN_THE_END = date(1998, 1, 1), date(2100, 1, 1)
READ = Turnovers, OpenReceivables, OpenPayables, UninvoicedReceipts, StockValueChanges
MONTHS = [AccountingPeriod.from_code(f"1997-{month:02}").ends_on for month in range(1, 13)]
NEWS = 500
KINDS = {
    "goods_received", "cost_of_goods_sold", "invoice", "payment", "stock_counted", "receipt_reversed", "price_revised",
    "cost_adjustment", "supplier_invoice",
}  # fmt: skip


def a_year_of_business(folder: Path) -> tuple[Erp, RandomBusiness]:
    service = an_erp(folder)
    business = RandomBusiness(service, 1997, days_from(NEW_YEAR, LAST))
    for _ in range(80):
        business.step()
    service.ledger.close_period("1997-12")
    return service, business


def figures_of_1997(service: Erp) -> list[Any]:
    """Return every statement at the end of every month, and every posting."""
    catch_up(service)
    posted, items, payables, receipts, stock = map(service.reader_for, READ)
    return [
        [
            trial_balance(posted, CHART, end, "USD"),
            profit_and_loss(posted, CHART, NEW_YEAR, end, "USD"),
            general_ledger_between(posted, CHART, NEW_YEAR, end, "USD", parties=True),
            stock_value(stock, end, "USD"),
            aging(items, "customer_id", end, "USD"),
            aging(payables, "supplier_id", end, "USD"),
            goods_received_not_invoiced(receipts, end, "USD"),
        ]
        for end in MONTHS
    ] + [list(service.reader_for(Journal).iterate_rows({"date": [("lte", LAST)]}))]


def require_control_accounts(service: Erp) -> None:
    """Require that stock value, receivables, payables and uninvoiced receipts equal their accounts."""
    posted, items, payables, receipts, stock = map(service.reader_for, READ)
    rows = {row["account"]: row["debit"] - row["credit"] for row in trial_balance(posted, CHART, None, "USD")["rows"]}
    assert stock_value(stock, None, "USD")["totals"]["value"] == rows["1400"]
    assert aging(items, "customer_id", IN_THE_END, "USD")["totals"]["total"] == rows["1200"]
    assert aging(payables, "supplier_id", IN_THE_END, "USD")["totals"]["total"] == -rows["2000"]
    assert goods_received_not_invoiced(receipts, None, "USD")["totals"]["open_value"] == -rows["2100"]


def test_five_hundred_late_events_change_no_figure_of_a_closed_year(tmp_path: Path):
    service, business = a_year_of_business(tmp_path)
    before, closed_at = figures_of_1997(service), service.store.head()
    for number in range(NEWS):
        business.step()
        require_control_accounts(catch_up(service))
        if number % 50 == 0:
            assert figures_of_1997(service) == before
    assert figures_of_1997(service) == before
    late = [
        each for each in service.reader_for(Journal).iterate_rows() if int(each["id"].partition("-")[0]) > closed_at
    ]
    about_1997 = [each for each in late if each["dated"] <= LAST.isoformat()]
    assert len(about_1997) > NEWS
    assert {each["date"] for each in about_1997} == {FIRST_OPEN.isoformat()}
    assert all(each["date"] > LAST.isoformat() for each in late)
    assert all(each["source"]["event"] for each in late)
    assert {each["kind"] for each in about_1997} >= KINDS
    assert list(service.parked_messages.entries()) == []
