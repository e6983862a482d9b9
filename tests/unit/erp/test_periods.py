"""A closed period stays as it was: nothing gets in, by any path."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.domain.accounting_periods import (
    AccountingPeriod,
    AccountingPeriods,
    PeriodClosed,
    PeriodNotOver,
    ReopeningRequest,
)
from services.erp.domain.journal_entry import EntryKind, JournalEntry, credit, debit
from services.erp.projections import Journal, OpenReceivables, Periods, StockValueChanges, StockValueItems, Turnovers
from services.erp.projections.open_items import aging
from services.erp.projections.stock_values import stock_value
from services.erp.projections.trial_balance import trial_balance
from services.erp.service import Erp
from shared.domain import FourEyesRequired, InvalidInput, NotFound, WrongStatus
from shared.service import Caller, StoredResponse
from shared.store import ConcurrencyConflict
from shared.testing import given, new_events
from shared.testing.services import deliver, open_service
from shared.unit_of_work import CommandContext
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    a_purchase,
    a_receipt,
    a_shipment,
    an_erp,
    an_order,
    invoices,
    receive_stock,
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


def books(*closed: AccountingPeriod) -> AccountingPeriods:
    return given(AccountingPeriods(), *(lambda books, each=each: books.close(each, TODAY) for each in closed))


# -- which day


def test_a_period_is_a_calendar_month():
    assert (DECEMBER.code, DECEMBER.starts_on, DECEMBER.ends_on) == ("1997-12", date(1997, 12, 1), date(1997, 12, 31))
    assert DECEMBER.next == AccountingPeriod.containing(date(1998, 1, 31))
    assert AccountingPeriod.containing(date(1996, 2, 29)).ends_on == date(1996, 2, 29)


@pytest.mark.parametrize("code", ["1997-13", "1997-00", "1997", "97-12", "1997-1", "1897-12", "1997-12 ", "१९९७-१२"])
def test_nothing_else_is_a_period(code: str):
    with pytest.raises(NotFound):
        AccountingPeriod.from_code(code)


def test_before_anything_is_closed_each_day_is_its_own():
    assert books().posting_day(MARCH_5) == MARCH_5


def test_what_is_dated_in_a_closed_period_goes_to_the_first_open_day():
    closed = books(MARCH)
    assert [closed.posting_day(on) for on in (date(1996, 7, 4), MARCH.ends_on, APRIL_1, TODAY)] == [
        APRIL_1, APRIL_1, APRIL_1, TODAY,
    ]  # fmt: skip


@for_any(st.dates(date(1990, 1, 1), date(2026, 4, 30)), st.dates(date(1990, 1, 1), date(2026, 3, 31)))
def test_an_open_day_is_never_closed_and_never_earlier(on: date, closed: date):
    day = books(AccountingPeriod.containing(closed)).posting_day(on)
    assert day >= on
    assert day > AccountingPeriod.containing(closed).ends_on
    assert day == on or day.day == 1


# -- closing


def test_closing_a_period_closes_those_before_it():
    closed = books()
    closed.close(MARCH, TODAY)
    assert new_events(closed) == [("PeriodClosed", {"period": "2026-03", "closed_until": date(2026, 3, 31)})]
    with pytest.raises(WrongStatus):
        closed.close(DECEMBER, TODAY)


def test_a_period_that_is_not_over_cannot_be_closed():
    with pytest.raises(PeriodNotOver):
        books().close(APRIL, TODAY)
    with pytest.raises(PeriodNotOver):
        books().close(APRIL, APRIL.ends_on)
    books().close(APRIL, date(2026, 5, 1))


def test_posting_into_a_closed_period_is_refused_with_the_first_open_day():
    with pytest.raises(PeriodClosed, match="2026-04-01") as refused:
        books(MARCH).require_open(MARCH_5, "paid_on")
    assert refused.value.field == "paid_on"
    books(MARCH).require_open(MARCH_5, "paid_on", APRIL_1)
    books(MARCH).require_open(APRIL_1, "paid_on")
    with pytest.raises(InvalidInput):
        books(MARCH).require_open(MARCH_5, "paid_on", TODAY)


# -- reopening


def test_two_people_reopen_a_period():
    closed = books(MARCH)
    closed.reopen(MARCH, "an invoice was forgotten", "anna")
    closed.reopen(MARCH, "agreed", "bert")
    requested = ReopeningRequest("2026-03", "an invoice was forgotten", "anna")
    assert new_events(closed) == [
        ("ReopeningRequested", {"request": requested}),
        (
            "PeriodReopened",
            {"period": "2026-03", "closed_until": date(2026, 2, 28), "reason": "agreed", "request": requested},
        ),
    ]
    assert closed.posting_day(MARCH_5) == MARCH_5


def test_a_period_is_not_reopened_by_one_person_alone():
    closed = given(books(MARCH), lambda books: books.reopen(MARCH, "please", "anna"))
    with pytest.raises(FourEyesRequired):
        closed.reopen(MARCH, "please!", "anna")
    assert new_events(closed) == []


def test_asking_for_one_period_does_not_agree_to_another():
    closed = given(books(MARCH), lambda books: books.reopen(DECEMBER, "please", "anna"))
    closed.reopen(MARCH, "please", "bert")
    assert [name for name, _ in new_events(closed)] == ["ReopeningRequested"]


def test_an_open_period_cannot_be_reopened():
    with pytest.raises(WrongStatus):
        books(DECEMBER).reopen(MARCH, "please", "anna")


# -- no figure of a closed period changes


def up_to_date(service: Erp) -> Erp:
    while service.read_models.process_batch():
        pass
    return service


def march(service: Erp) -> list[Any]:
    """Every figure of March."""
    up_to_date(service)
    end = MARCH.ends_on
    return [
        trial_balance(service.reader_for(Turnovers), end, "USD"),
        stock_value(service.reader_for(StockValueItems), service.reader_for(StockValueChanges), end, "USD"),
        aging(service.reader_for(OpenReceivables), "customer_id", end, "USD"),
        list(service.reader_for(Journal).iterate_rows({"date": [("lte", end)]})),
    ]


def a_march(folder: Path) -> Erp:
    """Ten bought on March 1, four sold on March 5; the month is closed."""
    service = an_erp(folder)
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"))
    deliver(service, order, a_shipment(order))
    service.close_period("2026-03")
    return service


def in_april(service: Erp) -> list[tuple[str, str, str, str]]:
    lines = up_to_date(service).reader_for(Journal).iterate_rows({"date": [("gt", MARCH.ends_on)]})
    return [(each["account"], each["kind"], each["date"], each["dated"]) for each in lines]


def test_a_late_receipt_is_booked_on_the_first_open_day_with_its_own_date(tmp_path: Path):
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
    now = stock_value(service.reader_for(StockValueItems), service.reader_for(StockValueChanges), None, "USD")
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
    part = [{"document_id": invoice.id, "amount": usd("80.00")}]
    with pytest.raises(PeriodClosed):
        service.record_payment("in", CUSTOMER, MARCH_9, usd("80.00"), part)
    assert len(stored_events(service)) == events
    service.record_payment("in", CUSTOMER, MARCH_9, usd("80.00"), part, posted_on=APRIL_1)
    assert march(service) == before
    assert in_april(service) == [
        ("1000", "payment", "2026-04-01", "2026-03-09"),
        ("1200", "payment", "2026-04-01", "2026-03-09"),
    ]


def test_a_reversal_in_a_closed_period_is_refused(tmp_path: Path):
    service = a_march(tmp_path)
    (invoice,) = invoices(service)
    part = [{"document_id": invoice.id, "amount": usd("80.00")}]
    payment = service.record_payment("in", CUSTOMER, APRIL_1, usd("80.00"), part)

    def reversing() -> StoredResponse:
        service.reverse_payment(payment.id)
        return StoredResponse(200)

    with pytest.raises(PeriodClosed):
        service.execute(reversing, caller=Caller("anna"), key="k", request_digest="r", effective_on=MARCH_9)
    service.execute(reversing, caller=Caller("anna"), key="k", request_digest="r", effective_on=TODAY)


def test_a_close_that_comes_between_makes_a_posting_decide_again(tmp_path: Path):
    """Two processes: one has decided to post in March when the other closes it."""
    posting, closing = an_erp(tmp_path), open_service(Erp, tmp_path)
    receive_stock(posting, ("CHAI", "1", "1.00"))
    with posting.unit_of_work(CommandContext("anna", "command:t", MARCH_9)) as unit:
        day = unit.get_or_create(AccountingPeriods).posting_day(MARCH_9)
        sides = debit("1200", usd("5.00")), credit("4000", usd("5.00"))
        unit.save(JournalEntry.post(EntryKind.INVOICE, uuid4(), MARCH_9, sides, day))
        closing.close_period("2026-03")
        with pytest.raises(ConcurrencyConflict):
            unit.finish()


def test_closing_starts_its_own_correlation(tmp_path: Path):
    service = a_march(tmp_path)
    events = stored_events(service)
    closed = events[-1]
    assert closed[0] == "AccountingPeriods.PeriodClosed"
    assert closed[1]["meta"]["correlation_id"] not in {fields["meta"]["correlation_id"] for _, fields in events[:-1]}


# -- the list of periods


def test_the_periods_go_from_the_first_posting_to_the_last(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "1", "1.00"), on=date(2026, 3, 31))
    receive_stock(service, ("CHAI", "1", "1.00"), on=date(2025, 11, 30))
    service.close_period("2026-01")
    rows = up_to_date(service).reader_for(Periods).list_rows()
    assert [(each["id"], each["status"]) for each in rows] == [
        ("2025-11", "closed"), ("2025-12", "closed"), ("2026-01", "closed"), ("2026-02", "open"), ("2026-03", "open"),
    ]  # fmt: skip
    assert (rows[0]["starts_on"], rows[0]["ends_on"]) == ("2025-11-01", "2025-11-30")


def test_reports_of_closed_books_folded_from_zero_are_the_same(tmp_path: Path):
    service = a_march(tmp_path)
    receive_stock(service, ("CHAI", "3", "11.00"), on=MARCH_1)
    up_to_date(service)
    assert all(each.is_equal for each in service.read_models.rebuild().values())
