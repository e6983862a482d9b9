"""Accounting periods."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from services.erp.entities.domain.entity_code import entity_key
from services.erp.ledger.domain.accounting_periods import AccountingPeriod, AccountingPeriods
from services.erp.ledger.domain.journal_entry import JournalEntry
from shared.domain import MAIN_ENTITY
from shared.fields import Code, FixedText, OrNone
from shared.projections import Projection, Rows, on


class Status(StrEnum):
    """The state of an accounting period: open or closed for posting."""

    OPEN = "open"
    CLOSED = "closed"


class Periods(Projection):
    """Months of each entity from its first posting to its last, open or closed."""

    version = 2
    columns = {"entity": FixedText, "code": Code, "starts_on": date, "ends_on": date, "status": Status}

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        _extend_to(rows, posted.entity, AccountingPeriod.containing(posted.posted_on))

    @on(AccountingPeriods.PeriodClosed, AccountingPeriods.PeriodReopened)
    def closed(self, changed: AccountingPeriods.PeriodClosed | AccountingPeriods.PeriodReopened, rows: Rows) -> None:
        entity = changed.entity
        _extend_to(rows, entity, AccountingPeriod.from_code(changed.period))
        for code in _period_codes(rows, entity):
            rows[entity_key(code, entity)] = _row(entity, AccountingPeriod.from_code(code), changed.closed_until)


SHOWN_PERIOD: Mapping[str, Any] = {
    "id": FixedText, **Periods.columns,
    "closing": OrNone({"period": FixedText, "reason": str, "requested_by": str, "failed_checks": [str]}),
    "reopening": OrNone({"period": FixedText, "reason": str, "requested_by": str}),
}  # fmt: skip
"""A period as `describe_period` returns it."""


def describe_period(code: str, books: AccountingPeriods | None) -> dict[str, Any]:
    """Return a period as the API shows it: days, status, requests to close it in spite of its checks or to reopen it.

    Raises NotFound for an invalid code.
    """
    requests = (books.closing_request, books.reopening_request) if books else (None, None)
    closing, reopening = (each if each and each.period == code else None for each in requests)
    return {
        "id": code,
        **_row(MAIN_ENTITY, AccountingPeriod.from_code(code), books.closed_until if books else None),
        "closing": closing,
        "reopening": reopening,
    }


def _row(entity: str, period: AccountingPeriod, closed_until: date | None) -> dict[str, Any]:
    return {
        "entity": entity,
        "code": period.code,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "status": Status.CLOSED if period.is_closed(closed_until) else Status.OPEN,
    }


def _extend_to(rows: Rows, entity: str, period: AccountingPeriod) -> None:
    """Add the period of an entity, and all between it and the others, as open."""
    if entity_key(period.code, entity) in rows:
        return
    codes = sorted([period.code, *_period_codes(rows, entity)])
    each, last = AccountingPeriod.from_code(codes[0]), AccountingPeriod.from_code(codes[-1])
    while each.code <= last.code:
        key = entity_key(each.code, entity)
        if key not in rows:
            rows[key] = _row(entity, each, None)
        each = each.next


def _period_codes(rows: Rows, entity: str) -> list[str]:
    return [row["code"] for status in Status for _, row in rows.list_where(status=status, entity=entity)]
