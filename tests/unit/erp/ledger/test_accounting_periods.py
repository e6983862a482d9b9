"""Accounting periods are closed and reopened."""

from datetime import date

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.ledger.domain.accounting_periods import (
    AccountingPeriod,
    AccountingPeriods,
    PeriodClosedError,
    PeriodNotOver,
    ReopeningRequest,
)
from shared.domain import FourEyesRequired, InvalidInput, NotFound, WrongStatus
from shared.testing import given, new_events
from tests.unit.erp.examples import (
    MARCH_5,
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


def test_a_period_is_a_calendar_month():
    assert (DECEMBER.code, DECEMBER.starts_on, DECEMBER.ends_on) == ("1997-12", date(1997, 12, 1), date(1997, 12, 31))
    assert DECEMBER.next == AccountingPeriod.containing(date(1998, 1, 31))
    assert AccountingPeriod.containing(date(1996, 2, 29)).ends_on == date(1996, 2, 29)


@pytest.mark.parametrize("code", ["1997-13", "1997-00", "1997", "97-12", "1997-1", "1897-12", "1997-12 ", "१९९७-१२"])
def test_an_invalid_period_code_is_not_found(code: str):
    with pytest.raises(NotFound):
        AccountingPeriod.from_code(code)


def test_without_a_closed_period_each_day_is_its_own_posting_day():
    assert books().posting_day(MARCH_5) == MARCH_5


def test_a_document_of_a_closed_period_is_posted_on_the_first_open_day():
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


def test_closing_a_period_closes_those_before_it():
    closed = books()
    closed.close(MARCH, TODAY)
    ((name, content),) = new_events(closed)
    assert (name, content["period"], content["closed_until"]) == ("PeriodClosed", "2026-03", date(2026, 3, 31))
    assert (content["entity"], content["reason"], content["request"]) == ("main", None, None)
    with pytest.raises(WrongStatus):
        closed.close(DECEMBER, TODAY)


def test_a_period_that_is_not_over_cannot_be_closed():
    with pytest.raises(PeriodNotOver):
        books().close(APRIL, TODAY)
    with pytest.raises(PeriodNotOver):
        books().close(APRIL, APRIL.ends_on)
    books().close(APRIL, date(2026, 5, 1))


def test_posting_into_a_closed_period_is_refused_with_the_first_open_day():
    with pytest.raises(PeriodClosedError, match="2026-04-01") as refused:
        books(MARCH).require_open(MARCH_5, "paid_on")
    assert refused.value.field == "paid_on"
    books(MARCH).require_open(MARCH_5, "paid_on", APRIL_1)
    books(MARCH).require_open(APRIL_1, "paid_on")
    with pytest.raises(InvalidInput):
        books(MARCH).require_open(MARCH_5, "paid_on", TODAY)


def test_two_people_reopen_a_period():
    closed = books(MARCH)
    closed.reopen(MARCH, "an invoice was forgotten", "anna")
    closed.reopen(MARCH, "agreed", "bert")
    requested = ReopeningRequest("2026-03", "an invoice was forgotten", "anna")
    assert new_events(closed) == [
        ("ReopeningRequested", {"request": requested, "entity": "main"}),
        (
            "PeriodReopened",
            {
                "period": "2026-03",
                "closed_until": date(2026, 2, 28),
                "reason": "agreed",
                "request": requested,
                "entity": "main",
            },
        ),
    ]
    assert closed.posting_day(MARCH_5) == MARCH_5


def test_a_period_is_not_reopened_by_one_person_alone():
    closed = given(books(MARCH), lambda books: books.reopen(MARCH, "please", "anna"))
    with pytest.raises(FourEyesRequired):
        closed.reopen(MARCH, "please!", "anna")
    assert new_events(closed) == []


def test_a_request_for_one_period_does_not_confirm_another():
    closed = given(books(MARCH), lambda books: books.reopen(DECEMBER, "please", "anna"))
    closed.reopen(MARCH, "please", "bert")
    assert [name for name, _ in new_events(closed)] == ["ReopeningRequested"]


def test_an_open_period_cannot_be_reopened():
    with pytest.raises(WrongStatus):
        books(DECEMBER).reopen(MARCH, "please", "anna")
