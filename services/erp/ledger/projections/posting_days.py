"""Posting days of reports."""

from datetime import date

from services.erp.ledger.domain.accounting_periods import AccountingPeriods, first_open_day_from
from shared.projections import Projection, Rows, on

PERIODS_KEY = "books"
"""Key of the row that stores up to which day the periods are closed."""


class ProjectionByPostingDay(Projection):
    """Base class of projections by posting day: the business date, or the first open day if its period was closed."""

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        rows[PERIODS_KEY] = {"closed_until": changed.closed_until}


def posting_day_for(on: date, rows: Rows) -> date:
    """Return the day on which a business date is posted: itself, or the first open day if its period is closed."""
    books = rows.get(PERIODS_KEY)
    return first_open_day_from(on, date.fromisoformat(str(books["closed_until"])) if books else None)
