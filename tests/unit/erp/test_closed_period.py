"""Figures of a closed period never change, whatever is received later."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.ledger.domain.accounting_periods import (
    AccountingPeriod,
    AccountingPeriods,
    PeriodClosedError,
)
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, credit, debit
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.periods import Periods
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.service import Erp
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.command_context import Caller, CommandContext, GivenDate
from shared.command_runner import StoredResponse
from shared.store import ConcurrencyConflict
from shared.testing.services import catch_up, deliver, open_service
from tests.unit.erp.examples import (
    CHART,
    CUSTOMER,
    MARCH_1,
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
    stored_events,
    usd,
)

DECEMBER, MARCH, APRIL = (
    AccountingPeriod.from_code("1997-12"),
    AccountingPeriod.from_code("2026-03"),
    AccountingPeriod.from_code("2026-04"),
)


APRIL_1 = date(2026, 4, 1)


TODAY = date(2026, 4, 20)


def march(service: Erp) -> list[Any]:
    """Return every figure of March."""
    catch_up(service)
    end = MARCH.ends_on
    return [
        trial_balance(service.reader_for(Turnovers), CHART, end, "USD"),
        stock_value(service.reader_for(StockValueChanges), end, "USD"),
        aging(service.reader_for(OpenReceivables), "customer_id", end, "USD"),
        list(service.reader_for(Journal).iterate_rows({"date": [("lte", end)]})),
    ]


def a_march(folder: Path) -> Erp:
    """Ten bought on March 1, four sold on March 5; the month is closed."""
    service = an_erp(folder)
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"))
    deliver(service, order, a_shipment(order))
    service.ledger.close_period("2026-03")
    return service


def in_april(service: Erp) -> list[tuple[str, str, str, str]]:
    lines = catch_up(service).reader_for(Journal).iterate_rows({"date": [("gt", MARCH.ends_on)]})
    return [(each["account"], each["kind"], each["date"], each["dated"]) for each in lines]


def test_a_late_receipt_is_posted_on_the_first_open_day_with_its_own_date(tmp_path: Path):
    service = a_march(tmp_path)
    before = march(service)
    purchase = a_purchase(("CHAI", "10", "6.00"))
    deliver(service, purchase, a_receipt(purchase, on=date(2026, 3, 3)))
    assert march(service) == before
    assert in_april(service) == [
        ("1400", "goods_received", "2026-04-01", "2026-03-03"),
        ("2100", "goods_received", "2026-04-01", "2026-03-03"),
        ("5000", "cost_adjustment", "2026-04-01", "2026-03-05"),
        ("1400", "cost_adjustment", "2026-04-01", "2026-03-05"),
    ]
    now = stock_value(service.reader_for(StockValueChanges), None, "USD")
    assert now["totals"]["value"] == usd("144.00")


def test_a_late_shipment_is_invoiced_and_owed_on_the_first_open_day(tmp_path: Path):
    service = a_march(tmp_path)
    before = march(service)
    order = an_order(("CHAI", "2", "20.00"))
    deliver(service, order, a_shipment(order, on=MARCH_9))
    assert march(service) == before
    assert {(on, dated) for _, _, on, dated in in_april(service)} == {("2026-04-01", "2026-03-09")}
    assert aging(service.reader_for(OpenReceivables), "customer_id", APRIL_1, "USD")["totals"]["total"] == usd("120.00")


def test_a_payment_dated_in_a_closed_period_is_refused_or_posted_on_the_first_open_day(tmp_path: Path):
    service = a_march(tmp_path)
    before, (invoice,), events = march(service), invoices(service), len(stored_events(service))
    part = [allocation_of(invoice, "80.00")]
    with pytest.raises(PeriodClosedError):
        record_payment(service, "in", CUSTOMER, MARCH_9, usd("80.00"), part)
    assert len(stored_events(service)) == events
    record_payment(service, "in", CUSTOMER, MARCH_9, usd("80.00"), part, posted_on=APRIL_1)
    assert march(service) == before
    assert in_april(service) == [
        ("1000", "payment", "2026-04-01", "2026-03-09"),
        ("1200", "payment", "2026-04-01", "2026-03-09"),
    ]


def test_a_reversal_in_a_closed_period_is_refused(tmp_path: Path):
    service = a_march(tmp_path)
    (invoice,) = invoices(service)
    part = [allocation_of(invoice, "80.00")]
    payment = record_payment(service, "in", CUSTOMER, MARCH_9, usd("80.00"), part, posted_on=APRIL_1)

    def reversing() -> StoredResponse:
        service.settlement.reverse_payment(payment.id)
        return StoredResponse(200)

    with pytest.raises(PeriodClosedError):
        service.runner.execute(
            reversing, caller=Caller("anna"), key="k", request_digest="r", effective_on=GivenDate(MARCH_9)
        )
    service.runner.execute(reversing, caller=Caller("anna"), key="k", request_digest="r", effective_on=GivenDate(TODAY))


def test_a_close_during_a_posting_is_a_conflict(tmp_path: Path):
    """Two processes: one has decided to post in March when the other closes it."""
    posting, closing = an_erp(tmp_path), open_service(Erp, tmp_path)
    receive_stock(posting, ("CHAI", "1", "1.00"))
    with posting.runner.unit_of_work(CommandContext("anna", "command:t", MARCH_9)) as unit:
        day = unit.get_or_create(AccountingPeriods, entity="main").posting_day(MARCH_9)
        sides = debit("1200", usd("5.00")), credit("4000", usd("5.00"))
        unit.save(JournalEntry.post(EntryKind.INVOICE, uuid4(), MARCH_9, sides, day))
        closing.ledger.close_period("2026-03")
        with pytest.raises(ConcurrencyConflict):
            unit.finish()


def test_closing_starts_its_own_correlation(tmp_path: Path):
    service = a_march(tmp_path)
    events = stored_events(service)
    closed = events[-1]
    assert closed[0] == "AccountingPeriods.PeriodClosed"
    assert closed[1]["meta"]["correlation_id"] not in {fields["meta"]["correlation_id"] for _, fields in events[:-1]}


def test_the_periods_go_from_the_first_posting_to_the_last(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "1", "1.00"), on=date(2026, 3, 31))
    receive_stock(service, ("CHAI", "1", "1.00"), on=date(2025, 11, 30))
    service.ledger.close_period("2026-01")
    rows = catch_up(service).reader_for(Periods).list_rows()
    assert [(each["id"], each["status"]) for each in rows] == [
        ("2025-11", "closed"), ("2025-12", "closed"), ("2026-01", "closed"), ("2026-02", "open"), ("2026-03", "open"),
    ]  # fmt: skip
    assert (rows[0]["starts_on"], rows[0]["ends_on"]) == ("2025-11-01", "2025-11-30")


def test_projections_of_closed_periods_are_the_same_when_rebuilt(tmp_path: Path):
    service = a_march(tmp_path)
    receive_stock(service, ("CHAI", "3", "11.00"), on=MARCH_1)
    catch_up(service)
    assert all(each.is_equal for each in service.read_models.rebuild().values())
