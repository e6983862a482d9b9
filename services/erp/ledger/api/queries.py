"""Parameters of financial statements: as of any business date, and as known at any time."""

from datetime import date
from typing import Any

from services.erp.ledger.commands import Ledger
from shared.domain import InvalidInput
from shared.projections import Projection, RowReader
from shared.web import Schema, commands_getter, current_service, fields

ledger = commands_getter(Ledger)

QueryValues = dict[str, Any]


class AsOfQuery(Schema):
    """Query of a statement as of a day: the day, the currency, and the moment as known at which it is read."""

    as_of = fields.Date()
    currency = fields.Currency()
    known_at = fields.KnownAt()


class DateRangeQuery(Schema):
    """Query of a statement from one day to another: days, currency, and the moment as known at which it is read."""

    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    currency = fields.Currency()
    known_at = fields.KnownAt()


def reader_known_at(projection: type[Projection], query: QueryValues) -> RowReader:
    """Return a reader of the projection, as its rows were known at `known_at` of the query."""
    rows: RowReader = current_service().reader_for(projection, query.get("known_at"))
    return rows


def currency_of_query(query: QueryValues) -> str:
    """Return the currency of the query, by default the base currency."""
    return query.get("currency") or ledger().settings.base_currency  # type: ignore[no-any-return]  # settings have no static type


def as_of_date(query: QueryValues) -> date:
    """Return the business date of the query, by default that of the request."""
    return query.get("as_of") or ledger().effective_on


def date_range(query: QueryValues) -> tuple[date | None, date | None]:
    """Return the first and the last day. Raises InvalidInput if the range ends before it starts."""
    since, until = query.get("since"), query.get("until")
    if since and until and since > until:
        raise InvalidInput("from must not be after to", field="from")
    return since, until
