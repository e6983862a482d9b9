"""The firm as every service knows it: its base currency, and the time zone in which its days begin."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.values import value_object
from shared.fields import ANY_CURRENCY, Code, Currency, Instant, Kind, Month, Text, TimeZone

MAIN_ENTITY = "main"
"""Code of the legal entity that every firm has."""
LAST_MOMENT = timedelta.resolution
"""How long before its end a time zone still holds."""
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
"""Before any instant that a firm knows, in every time zone."""


DaysAhead: TypeAlias = Annotated[int, Kind("whole_number", {"max": 366})]
"""How many days ahead of today documents may be dated."""


def entity_parts(entity: str) -> tuple[str, ...]:
    """Return what the code of a legal entity adds to derived ids and to names of series: none for the main entity."""
    return () if entity == MAIN_ENTITY else (entity,)


class FirmUnknown(Exception):
    """Raised when a service needs the firm's base currency or time zone before it has received them."""

    def __init__(self) -> None:
        super().__init__("The firm's base currency and time zone have not arrived from ERP yet. Try again soon.")


@value_object
class TimeZonePeriod:
    """A time zone of the firm, and the instant from which it holds until the next one."""

    time_zone: TimeZone
    starts_at: Instant = BEGINNING

    def local_date(self, moment: datetime) -> date:
        """Return the date of a moment in this time zone, whether or not it holds then."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


def start_of_day(time_zone: str, day: date) -> datetime:
    """Return the instant at which a day begins in a time zone."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


@value_object
class Firm:
    """A legal entity of the firm: its name, base currency, time zones in order of their start, and fiscal calendar."""

    entity: Code = MAIN_ENTITY
    name: Text | None = None
    base_currency: Annotated[Currency, ANY_CURRENCY] = "USD"
    time_zones: tuple[TimeZonePeriod, ...] = (TimeZonePeriod("UTC"),)
    fiscal_year_starts: Month = 1
    """The month in which a fiscal year starts."""
    days_ahead: DaysAhead = 1
    """How many days ahead of today documents may be dated."""

    def date_of(self, moment: datetime) -> date:
        """Return the date of a moment in the time zone that holds then; changes of the zone never lead back a day."""
        index = self._index_at(moment)
        earlier = pairwise(self.time_zones[: index + 1])
        last_days = [each.local_date(following.starts_at - LAST_MOMENT) for each, following in earlier]
        return max(self.time_zones[index].local_date(moment), *last_days, date.min)

    def first_day_of(self, period: TimeZonePeriod) -> date | None:
        """Return the first day on which a time zone of the firm holds; none if it holds from the beginning."""
        return None if period.starts_at == BEGINNING else self.date_of(period.starts_at)

    def time_zone_at(self, moment: datetime) -> str:
        """Return the time zone that holds at a moment."""
        return self.time_zones[self._index_at(moment)].time_zone

    def _index_at(self, moment: datetime) -> int:
        return bisect_right([each.starts_at for each in self.time_zones], moment) - 1


class KnowsFirm(Protocol):
    """An aggregate that knows a legal entity of the firm."""

    @property
    def firm(self) -> Firm:
        """The legal entity as this aggregate knows it."""

    @classmethod
    def id_of(cls, entity: str) -> UUID:
        """Return the id of the aggregate that knows the legal entity with this code."""
