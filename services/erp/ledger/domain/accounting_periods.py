"""AccountingPeriods: which periods are closed, and on which day a document is posted."""

import re
from datetime import date, timedelta
from typing import Self

from shared.domain import (
    MAIN_ENTITY,
    Aggregate,
    DomainError,
    FourEyesRequired,
    InvalidInput,
    NotFound,
    PerEntity,
    WrongStatus,
    event,
    value_object,
)

ONE_DAY = timedelta(days=1)
_CODE = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


class PeriodClosedError(DomainError):
    """Raised when a person posts on a day whose period is closed."""


class PeriodNotOver(DomainError):
    """Raised when a period is to be closed before it has ended."""


@value_object
class AccountingPeriod:
    """A calendar month with a code such as `1997-12`."""

    starts_on: date

    @classmethod
    def containing(cls, day: date) -> Self:
        return cls(day.replace(day=1))

    @classmethod
    def from_code(cls, code: str) -> Self:
        """Return the period with this code. Raises NotFound for an invalid code."""
        if not _CODE.fullmatch(code):
            raise NotFound("period", code)
        return cls(date.fromisoformat(f"{code}-01"))

    @property
    def code(self) -> str:
        return f"{self.starts_on:%Y-%m}"

    @property
    def next(self) -> "AccountingPeriod":
        return AccountingPeriod.containing(self.starts_on + 31 * ONE_DAY)

    @property
    def ends_on(self) -> date:
        return self.next.starts_on - ONE_DAY

    def is_closed(self, closed_until: date | None) -> bool:
        return closed_until is not None and self.ends_on <= closed_until


def first_open_day_from(on: date, closed_until: date | None) -> date:
    """Return the first day, from this one on, whose period is open."""
    return on if closed_until is None or on > closed_until else closed_until + ONE_DAY


@value_object
class ReopeningRequest:
    """A person's request to reopen a closed period; another person must confirm it."""

    period: str
    reason: str
    requested_by: str


@value_object
class ClosingRequest:
    """A person's request to close a period although checks failed; another person must confirm it."""

    period: str
    reason: str
    requested_by: str
    failed_checks: tuple[str, ...]


class AccountingPeriods(PerEntity, Aggregate):
    """Accounting periods of an entity, closed up to the end of one of them.

    Figures of a period never change while it is closed: a document dated in it is posted on the first open day.
    Closing a period closes those before it. Two people close one whose checks failed.
    """

    @event("Opened")
    def __init__(self, entity: str = MAIN_ENTITY) -> None:
        self.entity = entity
        self.closed_until: date | None = None
        self.reopening_request: ReopeningRequest | None = None
        self.closing_request: ClosingRequest | None = None

    def posting_day(self, on: date) -> date:
        """Return the posting day of a document dated `on`; closing its period at the same time is a conflict."""
        self._require_unchanged()
        return first_open_day_from(on, self.closed_until)

    def require_open(self, on: date, field: str, posted_on: date | None = None) -> None:
        """Require that a person may post on this day: its period is open, or `posted_on` is the first open day.

        Raises PeriodClosedError, or InvalidInput if `posted_on` is another day.
        """
        day = self.posting_day(on)
        if posted_on is None and day != on:
            raise PeriodClosedError(
                f"{AccountingPeriod.containing(on).code} is closed: post on the first open day, {day}", field=field
            )
        if posted_on not in (None, day):
            raise InvalidInput(f"posted_on must be {day}", field="posted_on")

    def close(self, period: AccountingPeriod, today: date) -> None:
        """Close the period and those before it. Raises PeriodNotOver, or WrongStatus if it is closed."""
        self.require_closable(period, today)
        self._period_closed(period=period.code, closed_until=period.ends_on, entity=self.entity)

    def close_in_spite_of(
        self, period: AccountingPeriod, today: date, failed_checks: tuple[str, ...], reason: str, by: str
    ) -> None:
        """Request to close a period whose checks failed; it is closed when a second person requests the same.

        Raises FourEyesRequired if the same person requests it twice, and as `close`.
        """
        self.require_closable(period, today)
        wanted, request = ClosingRequest(period.code, reason, by, failed_checks), self.closing_request
        if request is None or (request.period, request.failed_checks) != (period.code, failed_checks):
            self._closing_requested(request=wanted, entity=self.entity)
        elif request.requested_by == by:
            raise FourEyesRequired(
                f"closing {period.code} in spite of its checks must be confirmed by another person than {by}"
            )
        else:
            self._period_closed(
                period=period.code, closed_until=period.ends_on, entity=self.entity, reason=reason, request=request
            )

    def require_closable(self, period: AccountingPeriod, today: date) -> None:
        """Require that the period is over and open. Raises PeriodNotOver, or WrongStatus if it is closed."""
        if period.ends_on >= today:
            raise PeriodNotOver(f"{period.code} ends on {period.ends_on}: close it after that day")
        if period.is_closed(self.closed_until):
            raise WrongStatus(f"{period.code} is already closed", field="status")

    def reopen(self, period: AccountingPeriod, reason: str, by: str) -> None:
        """Request to reopen the period and those after it; they are reopened when a second person requests the same.

        Raises WrongStatus unless it is closed, FourEyesRequired if the same person requests it twice.
        """
        if not period.is_closed(self.closed_until):
            raise WrongStatus(f"{period.code} is not closed", field="status")
        request = self.reopening_request
        if request is None or request.period != period.code:
            self._reopening_requested(request=ReopeningRequest(period.code, reason, by), entity=self.entity)
        elif request.requested_by == by:
            raise FourEyesRequired(f"reopening {period.code} must be confirmed by another person than {by}")
        else:
            before = period.starts_on - ONE_DAY
            self._period_reopened(
                period=period.code, closed_until=before, reason=reason, request=request, entity=self.entity
            )

    @event("ClosingRequested")
    def _closing_requested(self, request: ClosingRequest, entity: str = MAIN_ENTITY) -> None:
        self.closing_request = request

    @event("PeriodClosed")
    def _period_closed(
        self,
        period: str,
        closed_until: date,
        entity: str = MAIN_ENTITY,
        reason: str | None = None,
        request: ClosingRequest | None = None,
    ) -> None:
        self.closed_until = closed_until
        self.reopening_request = self.closing_request = None

    @event("ReopeningRequested")
    def _reopening_requested(self, request: ReopeningRequest, entity: str = MAIN_ENTITY) -> None:
        self.reopening_request = request

    @event("PeriodReopened")
    def _period_reopened(
        self, period: str, closed_until: date, reason: str, request: ReopeningRequest, entity: str = MAIN_ENTITY
    ) -> None:
        self.closed_until = closed_until
        self.reopening_request = None
