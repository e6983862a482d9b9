"""The periods of the books."""

from datetime import date
from enum import StrEnum
from typing import Any

from services.erp.domain.accounting_periods import AccountingPeriods, Period
from services.erp.domain.journal_entry import JournalEntry
from shared.report import Report, Rows, on


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Periods(Report):
    """The months from the first posting to the last, and which of them are closed."""

    columns = {"code": str, "starts_on": date, "ends_on": date, "status": str}

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        _reach(rows, Period.of(posted.posted_on))

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        _reach(rows, Period.named(changed.period))
        for code in _known(rows):
            rows[code] = _row(Period.named(code), changed.closed_until)


def period_shown(code: str, books: AccountingPeriods | None) -> dict[str, Any]:
    """One period as the books now have it. NotFound where this is no code of one."""
    asked = books.reopening if books else None
    return {
        "id": code,
        **_row(Period.named(code), books.closed_until if books else None),
        "reopening": asked if asked and asked.period == code else None,
    }


def _row(period: Period, closed_until: date | None) -> dict[str, Any]:
    return {
        "code": period.code,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "status": Status.CLOSED if period.is_closed(closed_until) else Status.OPEN,
    }


def _reach(rows: Rows, period: Period) -> None:
    """Have the period among the rows, and those between it and the others; what is new there is open."""
    if period.code in rows:
        return
    codes = sorted([period.code, *_known(rows)])
    each, last = Period.named(codes[0]), Period.named(codes[-1])
    while each.code <= last.code:
        if each.code not in rows:
            rows[each.code] = _row(each, None)
        each = each.next


def _known(rows: Rows) -> list[str]:
    return [code for status in Status for code, _ in rows.find(status=status)]
