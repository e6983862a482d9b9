"""Accounting periods, closed month by month."""

from services.erp.ledger.commands import Ledger, ReopenPeriod
from services.erp.ledger.projections.periods import SHOWN_PERIOD, Periods, describe_period
from shared.web import Reply, Resource, accepts, commands_getter, json_reply

ledger = commands_getter(Ledger)
periods = Resource("periods", Periods)


@periods.get("/<code>", reads=(), answers=SHOWN_PERIOD)
def show_period(code: str) -> Reply:
    """Return a month by its code, such as 1997-12: open or closed, and any request to close or reopen it."""
    return json_reply(describe_period(code, ledger().get_periods()))


@periods.post("/<code>/reopen", answers=SHOWN_PERIOD)
@accepts(ReopenPeriod)
def reopen_period(code: str, body: ReopenPeriod) -> Reply:
    """Request to reopen a closed month and those after it; a second person's request reopens them.

    200 with the month; 403 if the same person requests it again, 409 if it is open.
    """
    return json_reply(describe_period(code, ledger().reopen_period(code, body.reason)))
