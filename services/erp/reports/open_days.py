"""On which day a report counts what happened."""

from datetime import date

from services.erp.domain.accounting_periods import AccountingPeriods, open_day
from shared.report import Report, Rows, on

BOOKS = "books"
"""The row that remembers up to where the books are closed; it tells nothing else."""


class ByOpenDay(Report):
    """Counts as the books do: on the day itself, or on the first open one where its period was closed already."""

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        rows[BOOKS] = {"closed_until": changed.closed_until}


def posted_on(on: date, rows: Rows) -> date:
    """The day on which what is dated so counts."""
    books = rows.get(BOOKS)
    return open_day(on, date.fromisoformat(str(books["closed_until"])) if books else None)
