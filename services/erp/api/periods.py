"""The periods of the books, closed month by month."""

from typing import Any

from services.erp.api import service
from services.erp.reports import Periods
from services.erp.reports.periods import period_shown
from shared.web import Effective, Reply, Resource, Schema, accepts, answer, fields

periods = Resource("periods", Periods)


class Reopen(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@periods.get("/<code>", reads=())
def one(code: str) -> Reply:
    """A month by its code, such as 1997-12: open or closed, and who asks for it to be opened again."""
    return answer(period_shown(code, service().books()))


@periods.post("/<code>/close")
@accepts(Effective)
def close(code: str) -> Reply:
    """Nothing is posted into the month any more, nor before it. 200 with it; 409 if closed, or not over yet."""
    return answer(period_shown(code, service().close_period(code)))


@periods.post("/<code>/reopen")
@accepts(Reopen)
def reopen(code: str, body: dict[str, Any]) -> Reply:
    """Ask for a closed month, and those after it, to be opened again; done when another person asks the same.

    200 with the month; 403 if the same person asks again, 409 if it is open.
    """
    return answer(period_shown(code, service().reopen_period(code, body["reason"])))
