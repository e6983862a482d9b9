"""Accounting periods."""

from datetime import date
from enum import StrEnum
from typing import Any

from services.erp.ledger.domain.accounting_periods import AccountingPeriod, AccountingPeriods
from services.erp.ledger.domain.journal_entry import JournalEntry
from shared.fields import Code
from shared.projections import Projection, Rows, on


class Status(StrEnum):
    """The state of an accounting period: open or closed for posting."""

    OPEN = "open"
    CLOSED = "closed"


class Periods(Projection):
    """Months from the first posting to the last, open or closed."""

    columns = {"code": Code, "starts_on": date, "ends_on": date, "status": str}

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        _extend_to(rows, AccountingPeriod.containing(posted.posted_on))

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        _extend_to(rows, AccountingPeriod.from_code(changed.period))
        for code in _period_codes(rows):
            rows[code] = _row(AccountingPeriod.from_code(code), changed.closed_until)


def describe_period(code: str, books: AccountingPeriods | None) -> dict[str, Any]:
    """Return a period as the API shows it: days, status, request to reopen. Raises NotFound for an invalid code."""
    request = books.reopening_request if books else None
    return {
        "id": code,
        **_row(AccountingPeriod.from_code(code), books.closed_until if books else None),
        "reopening": request if request and request.period == code else None,
    }


def _row(period: AccountingPeriod, closed_until: date | None) -> dict[str, Any]:
    return {
        "code": period.code,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "status": Status.CLOSED if period.is_closed(closed_until) else Status.OPEN,
    }


def _extend_to(rows: Rows, period: AccountingPeriod) -> None:
    """Add the period, and all between it and the others, as open."""
    if period.code in rows:
        return
    codes = sorted([period.code, *_period_codes(rows)])
    each, last = AccountingPeriod.from_code(codes[0]), AccountingPeriod.from_code(codes[-1])
    while each.code <= last.code:
        if each.code not in rows:
            rows[each.code] = _row(each, None)
        each = each.next


def _period_codes(rows: Rows) -> list[str]:
    return [code for status in Status for code, _ in rows.list_where(status=status)]
