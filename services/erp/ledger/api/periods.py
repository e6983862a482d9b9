"""Accounting periods, closed month by month."""

from typing import Any

from services.erp.ledger.commands import Ledger
from services.erp.ledger.projections.periods import Periods, describe_period
from shared.web import EffectiveDateSchema, Reply, Resource, Schema, accepts, commands_getter, fields, json_reply

ledger = commands_getter(Ledger)
periods = Resource("periods", Periods)


class ReopenPeriod(Schema):
    """Request to reopen a closed accounting period, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@periods.get("/<code>", reads=())
def show_period(code: str) -> Reply:
    """Return a month by its code, such as 1997-12: open or closed, and any request to reopen it."""
    return json_reply(describe_period(code, ledger().get_periods()))


@periods.post("/<code>/close")
@accepts(EffectiveDateSchema)
def close_period(code: str) -> Reply:
    """Close a month and those before it for posting. 200 with the month; 409 if it is closed or not over yet."""
    return json_reply(describe_period(code, ledger().close_period(code)))


@periods.post("/<code>/reopen")
@accepts(ReopenPeriod)
def reopen_period(code: str, body: dict[str, Any]) -> Reply:
    """Request to reopen a closed month and those after it; a second person's request reopens them.

    200 with the month; 403 if the same person requests it again, 409 if it is open.
    """
    return json_reply(describe_period(code, ledger().reopen_period(code, body["reason"])))
