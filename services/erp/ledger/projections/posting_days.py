"""Posting days of reports."""

from datetime import date

from services.erp.entities.domain.entity_code import entity_key
from services.erp.ledger.domain.accounting_periods import AccountingPeriods, first_open_day_from
from shared.domain import MAIN_ENTITY
from shared.projections import Projection, Rows, on

PERIODS_KEY = "books"
"""Key of the row that stores up to which day the periods of an entity are closed."""


class ProjectionByPostingDay(Projection):
    """Base class of projections by posting day: the business date, or the first open day if its period was closed."""

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        rows[entity_key(PERIODS_KEY, changed.entity)] = {"closed_until": changed.closed_until}


def posting_day_for(on: date, rows: Rows, entity: str = MAIN_ENTITY) -> date:
    """Return the day on which a business date is posted: itself, or the first open day if its period is closed."""
    books = rows.get(entity_key(PERIODS_KEY, entity))
    return first_open_day_from(on, date.fromisoformat(str(books["closed_until"])) if books else None)
