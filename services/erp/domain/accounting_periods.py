"""Books: which periods are closed, and on which day a document is posted."""

import re
from datetime import date, timedelta
from typing import Self
from uuid import UUID

from shared.domain import Aggregate, InvalidInput, NeedsAnother, NotFound, Refused, WrongStatus, event, value

A_DAY = timedelta(days=1)
_CODE = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


class PeriodClosed(Refused):
    """Nothing is posted into a closed period any more."""


class PeriodNotOver(Refused):
    """A period is closed when it has ended."""


@value
class Period:
    """A calendar month, known as `1997-12`."""

    starts_on: date

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.replace(day=1))

    @classmethod
    def named(cls, code: str) -> Self:
        """NotFound where this is no code of a period."""
        if not _CODE.fullmatch(code):
            raise NotFound("period", code)
        return cls(date.fromisoformat(f"{code}-01"))

    @property
    def code(self) -> str:
        return f"{self.starts_on:%Y-%m}"

    @property
    def next(self) -> "Period":
        return Period.of(self.starts_on + 31 * A_DAY)

    @property
    def ends_on(self) -> date:
        return self.next.starts_on - A_DAY

    def is_closed(self, closed_until: date | None) -> bool:
        return closed_until is not None and self.ends_on <= closed_until


def open_day(on: date, closed_until: date | None) -> date:
    """The day itself, or the first open one when its period is closed."""
    return on if closed_until is None or on > closed_until else closed_until + A_DAY


@value
class ReopeningRequest:
    """Somebody asks to open a closed period again; somebody else has to agree."""

    period: str
    reason: str
    requested_by: str


class AccountingPeriods(Aggregate):
    """The firm's books, closed up to the end of a period: no figure of a closed period ever changes.

    What is dated in a closed period is posted on the first open day. Closing a period closes those before it.
    """

    SHARED = True

    @classmethod
    def create_id(cls) -> UUID:
        return cls.derive_id()

    @event("Opened")
    def __init__(self) -> None:
        self.closed_until: date | None = None
        self.reopening: ReopeningRequest | None = None

    def open_day(self, on: date) -> date:
        """The day a document dated `on` is posted; nobody closes its period before that is stored."""
        self._must_stay()
        return open_day(on, self.closed_until)

    def require_open(self, on: date, field: str, posted_on: date | None = None) -> None:
        """What a person posts goes into an open period, or to the first open day if the person says so.

        Refused with PeriodClosed, or InvalidInput where `posted_on` is given and is not the day.
        """
        day = self.open_day(on)
        if posted_on is None and day != on:
            raise PeriodClosed(f"{Period.of(on).code} is closed: post it on the first open day, {day}", field=field)
        if posted_on not in (None, day):
            raise InvalidInput(f"it can be posted on {day} only", field="posted_on")

    def close(self, period: Period, today: date) -> None:
        """Keep the period, and those before it, as they are. Refused with PeriodNotOver, or WrongStatus if closed."""
        if period.ends_on >= today:
            raise PeriodNotOver(f"{period.code} ends on {period.ends_on}: close it afterwards")
        if period.is_closed(self.closed_until):
            raise WrongStatus(f"{period.code} is closed", field="status")
        self._period_closed(period=period.code, closed_until=period.ends_on)

    def reopen(self, period: Period, reason: str, by: str) -> None:
        """Ask that the period, and those after it, be opened again; done when a second person asks the same.

        Refused with WrongStatus unless it is closed, with NeedsAnother if the same person asks twice.
        """
        if not period.is_closed(self.closed_until):
            raise WrongStatus(f"{period.code} is open", field="status")
        asked = self.reopening
        if asked is None or asked.period != period.code:
            self._reopening_requested(ReopeningRequest(period.code, reason, by))
        elif asked.requested_by == by:
            raise NeedsAnother(f"another person than {by} has to agree that {period.code} is opened again")
        else:
            self._period_reopened(
                period=period.code, closed_until=period.starts_on - A_DAY, reason=reason, request=asked
            )

    @event("PeriodClosed")
    def _period_closed(self, period: str, closed_until: date) -> None:
        self.closed_until = closed_until
        self.reopening = None

    @event("ReopeningRequested")
    def _reopening_requested(self, request: ReopeningRequest) -> None:
        self.reopening = request

    @event("PeriodReopened")
    def _period_reopened(self, period: str, closed_until: date, reason: str, request: ReopeningRequest) -> None:
        self.closed_until = closed_until
        self.reopening = None
