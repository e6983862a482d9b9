"""Checks of a period, and its closing."""

from datetime import date
from typing import Any

from services.erp.closing.commands import ClosePeriod, Closing
from services.erp.closing.projections import CHECK_ROW, CHECKED, Checks, checks_of, parked_messages_check
from services.erp.ledger.api.periods import ledger, periods
from services.erp.ledger.projections.periods import SHOWN_PERIOD, describe_period
from shared.fields import FixedText
from shared.web import Reply, accepts, commands_getter, current_service, json_reply

closing = commands_getter(Closing)


@periods.get("/<code>/checks", reads=CHECKED, answers={"period": FixedText, "as_of": date, "rows": [CHECK_ROW]})
def show_checks(code: str) -> Reply:
    """Return the checks of a month as of its last day: what must hold before it is closed."""
    period = describe_period(code, None)
    return json_reply({"period": code, "as_of": period["ends_on"], "rows": _checks(period["ends_on"])})


@periods.post("/<code>/close", undo="reopen", answers={**SHOWN_PERIOD, "checks": [CHECK_ROW]})
@accepts(ClosePeriod)
def close_period(code: str, body: ClosePeriod) -> Reply:
    """Close a month and those before it for posting. 200 with the month and its checks; 409 if one does not hold.

    With `override_reason` a month is closed in spite of its checks when a second person requests the same; the first
    request is recorded, 403 if the same person repeats it. 409 if the month is closed or not over yet.
    """
    ends_on = describe_period(code, None)["ends_on"]
    for each in CHECKED:
        current_service().wait_for_projection(each)
    checks = _checks(ends_on)
    books = closing().close_period(code, checks, body.override_reason)
    return json_reply({**describe_period(code, books), "checks": checks})


def _checks(ends_on: date) -> Checks:
    service, books = current_service(), ledger()
    currency = books.firm.base_currency
    checks = checks_of(ends_on, books.get_chart(), currency, service.reader_for)
    parked: Any = service.parked_messages.entries()
    return [*checks, parked_messages_check((each.message.source for each in parked), currency)]
