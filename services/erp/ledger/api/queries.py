"""Parameters of financial statements: as of any business date, and as known at any time."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from services.erp.ledger.commands import Ledger
from shared.domain import InvalidInput
from shared.fields import ANY_CURRENCY, UNSET, Currency, Date, KnownAt, UnsetType, given
from shared.projections import Projection, RowReader
from shared.web import commands_getter, current_service

ledger = commands_getter(Ledger)


@dataclass(frozen=True, kw_only=True)
class AsOfQuery:
    """Query of a statement as of a day: the day, the currency, and the moment as known at which it is read."""

    as_of: Date | UnsetType = UNSET
    currency: Annotated[Currency, ANY_CURRENCY] | UnsetType = UNSET
    known_at: KnownAt | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class DateRangeQuery:
    """Query of a statement from one day to another: days, currency, and the moment as known at which it is read."""

    from_: Date | UnsetType = UNSET
    to: Date | UnsetType = UNSET
    currency: Annotated[Currency, ANY_CURRENCY] | UnsetType = UNSET
    known_at: KnownAt | UnsetType = UNSET


def reader_known_at(projection: type[Projection], query: AsOfQuery | DateRangeQuery) -> RowReader:
    """Return a reader of the projection, as its rows were known at `known_at` of the query."""
    rows: RowReader = current_service().reader_for(projection, given(query.known_at, None))
    return rows


def currency_of_query(query: AsOfQuery | DateRangeQuery) -> str:
    """Return the currency of the query, by default the base currency."""
    return given(query.currency, ledger().firm.base_currency)


def as_of_date(query: AsOfQuery) -> date:
    """Return the business date of the query, by default that of the request."""
    return given(query.as_of, ledger().effective_on)


def date_range(query: DateRangeQuery) -> tuple[date | None, date]:
    """Return the first and the last day, by default today. Raises InvalidInput if the range ends before it starts."""
    since, until = given(query.from_, None), given(query.to, ledger().effective_on)
    if since and since > until:
        raise InvalidInput("from must not be after to", field="from")
    return since, until
